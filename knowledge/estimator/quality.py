"""What a file type costs in quality, as published: KL divergence and perplexity, and what a quantised cache adds.

Figures of one model are no promise for another: larger models lose less, mixtures of experts and models trained on
more text lose more, and importance matrices help below 4 bits. `words` sorts a loss into four steps. Nothing is
estimated here: a type without a published figure has none.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.estimator.request import Quality
from knowledge.said import worded

SOURCE = "Llama 3 8B on WikiText-2, llama.cpp tools/perplexity/README.md; larger models lose less"
MEASURED_ON = "on Llama 3 8B; larger models lose less"
KV_SOURCE = "Qwen3.6 to Gemma 4, localbench.substack.com/p/kv-cache-quantization-benchmark (2026)"

LOSS: dict[str, tuple[float, float]] = {
    "F16": (0.000551, 0.02),
    "Q8_0": (0.001355, 0.04),
    "Q6_K": (0.005452, 0.35),
    "Q5_K_M": (0.010762, 0.91),
    "Q5_K_S": (0.016595, 1.68),
    "Q5_1": (0.018045, 1.7),
    "Q5_0": (0.022239, 2.11),
    "Q4_K_M": (0.031273, 2.82),
    "IQ4_NL": (0.035742, 3.59),
    "IQ4_XS": (0.036334, 3.66),
    "Q4_K_S": (0.043136, 4.31),
    "Q4_1": (0.071683, 7.24),
    "Q4_0": (0.07194, 7.52),
    "Q3_K_L": (0.087176, 8.93),
    "Q3_K_M": (0.101913, 10.54),
    "IQ3_M": (0.102534, 10.7),
    "IQ3_S": (0.111278, 11.78),
    "IQ3_XS": (0.138693, 14.95),
    "IQ3_XXS": (0.183625, 19.69),
    "Q3_K_S": (0.228217, 26.19),
    "IQ2_M": (0.325989, 38.02),
    "Q2_K_S": (0.40336, 49.62),
    "IQ2_S": (0.439197, 54.87),
    "Q2_K": (0.445132, 56.48),
    "IQ2_XS": (0.54629, 72.69),
    "IQ2_XXS": (0.812022, 126.13),
    "IQ1_M": (1.39308, 309.1),
    "IQ1_S": (2.25455, 873.98),
}
"""Mean KL divergence (nats) and rise in perplexity (%) of a file type against 16 bits; quants.yaml states the same."""

KV_LOSS: dict[str, tuple[float, float] | None] = {
    "f32": (0.0, 0.0),
    "bf16": (0.0, 0.0),
    "f16": (0.0, 0.0),
    "q8_0": (0.0016, 0.377),
    "q4_0": (0.087, 1.088),
}
"""KL divergence a cache type adds, least and most of the models published: Qwen3.6 hardly notices, Gemma 4 does."""

STEPS = (
    (0.01, worded("loss_none", "near lossless")),
    (0.05, worded("loss_small", "small loss")),
    (0.15, worded("loss_visible", "visible loss")),
    (1.0, worded("loss_heavy", "heavy loss")),
)
"""Mean KL divergences and the words for losses up to them."""
WORST = worded("loss_worst", "breaks down")
SMALL_LOSS = STEPS[1][0]
"""Up to this a file is as good as the full one for most uses."""
VISIBLE_LOSS = STEPS[2][0]
"""Beyond this a smaller model at more bits answers better."""


def words_of(kl_divergence: float) -> str:
    """How a loss reads in words."""
    return next((words for limit, words in STEPS if kl_divergence <= limit), WORST)


@lru_cache(maxsize=512)
def quality_of(quant: str, type_k: str = "f16", type_v: str = "f16") -> Quality:
    """The published loss of a file type and cache types; what is not published is None and said to be so."""
    found = LOSS.get(quant.removeprefix("i1-"))
    keys, values = KV_LOSS.get(type_k), KV_LOSS.get(type_v)
    known = keys is not None and values is not None
    low = max(keys[0], values[0]) if keys is not None and values is not None else None
    high = max(keys[1], values[1]) if keys is not None and values is not None else None
    sources = [SOURCE] if found else []
    if known and high:
        sources.append(KV_SOURCE)
    full = quant.upper() in {"BF16", "F32", "HF-16BIT", "MLX-BF16"}
    unknown = worded("loss_unknown", "no published figure")
    words = worded("loss_full", "as published") if full else words_of(found[0]) if found else unknown
    return Quality(
        quant=quant,
        words=words,
        kl_divergence=0.0 if full else found[0] if found else None,
        perplexity_delta_pct=0.0 if full else found[1] if found else None,
        kv_kl_low=low,
        kv_kl_high=high,
        source="; ".join(sources),
    )


def change_text(from_quant: str, to_quant: str) -> str:
    """What going from one file type to another costs, in words; "" where the new one has no published figure."""
    if to_quant not in LOSS:
        return ""
    after, before = LOSS[to_quant][0], LOSS.get(_PUBLISHED_AS.get(from_quant, from_quant))
    words = words_of(after)
    if before is None:
        return worded("loss_after", "{words}: KL divergence {after}", words=words, after=f"{after:.2g}")
    text = "{words}: KL divergence {after}, was {before}"
    return worded("loss_change", text, words=words, after=f"{after:.2g}", before=f"{before[0]:.2g}")


_PUBLISHED_AS = {"BF16": "F16"}
"""Types whose loss is that of another: no weight that matters is beyond what 16 bits of either hold."""


def kv_loss_text(kind: str) -> str:
    """What a cache type costs, in words."""
    found = KV_LOSS.get(kind)
    if not found:
        return worded("kv_loss_unknown", "no published loss")
    text = "adds {low} to {high} KL divergence by model"
    return worded("kv_loss", text, low=f"{found[0]:.2g}", high=f"{found[1]:.2g}")


def loss_text(quality: Quality) -> str:
    """The loss in one line: words, KL divergence, perplexity, and the cache's part."""
    parts = [quality.words]
    if quality.kl_divergence:
        perplexity = f"perplexity +{quality.perplexity_delta_pct:.3g} %"
        parts.append(f"KL divergence {quality.kl_divergence:.3g}, {perplexity} ({MEASURED_ON})")
    if quality.kv_kl_high is None:
        parts.append("no published figure for this KV cache type")
    elif quality.kv_kl_high:
        parts.append(f"the KV cache adds {quality.kv_kl_low:.2g} to {quality.kv_kl_high:.2g} by model")
    return "; ".join(parts)
