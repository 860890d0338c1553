"""A small content folder that is sound in every respect, for tests to load, sync and break."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MODELS: Final = """\
family: Small
models:
  - id: small-1b
    name: Small-1B
    org: Example
    kind: chat
    released: 2025-04-27
    params_b: 0.098574848
    license: apache-2.0
    downloads: 120
    repos: [example/Small-1B]
    base: small-1b-base
    shape: {arch: llama, n_layer: 8, n_embd: 512, n_vocab: 131072, n_ctx_train: 8192, n_head: 8, n_head_kv: 4,
      n_embd_head_k: 64, n_embd_head_v: 64, n_ff: 2048, tie_embeddings: true}
    shape_check: ok
    sources: ["https://example.org/small-1b"]
  - id: small-1b-base
    name: Small-1B-Base
    org: Example
    kind: base
    params_b: 0.1
    sources: ["https://example.org/small-1b-base"]
"""
HARDWARE: Final = """\
vendor: NVIDIA
devices:
  - {id: card-8-gb, name: Card 8 GB, kind: gpu, segment: desktop, arch: Ampere, year: 2021, memory_gib: 8,
     memory_options_gib: [8], memory_type: GDDR6, bandwidth_gb_s: 448.0, fp16_tflops: 40, fp16_basis: data sheet,
     compute_cap: "8.6", backends: [cuda, vulkan], price_usd: 329, price_basis: launch, sources: [data sheet]}
  - {id: card-12-gb, name: Card 12 GB, kind: gpu, segment: desktop, memory_gib: 12, memory_type: GDDR6,
     bandwidth_gb_s: 360, compute_cap: "8.6", backends: [cuda], sources: [data sheet]}
"""
ALIASES: Final = """\
- {text: card, id: card-12-gb, evidence: "seen:4", also: [card-8-gb]}
- {text: Card 8, id: card-8-gb, evidence: curated}
"""
QUANTS: Final = """\
file_types:
  - {id: Q4_K_M, name: Q4_K_M, format: gguf, bpw: 4.83, aliases: [q4km], sources: [engine source]}
  - {id: Q8_0, name: Q8_0, format: gguf, bpw: 8.5, sources: [engine source]}
"""
TOOLS: Final = """\
tools:
  - {id: runner, name: Runner, what: Runs models., default_port: 8080,
     sources: ["https://example.org/runner"], reviewed: 2026-11-23 by author}
"""
TERM: Final = """\
---
id: {id}
term: {term}
category: Memory
aliases: [{alias}]
cues: [how much of it do I have]
related: [{related}]
errors: [out_of_memory]
sources:
  - https://example.org/{id}
reviewed: {{date: 2026-11-23, by: author}}
---

{term} is what a model's weights and its cache have to share on a card; when it is full, layers move to RAM.

## Deeper dive

A driver takes its part first, then come the weights, then the cache that grows with every token of context, and last
the buffers an engine computes in. Only what is left over can hold more context.

## Practical example

Weights of a small model need {{{{ weights_gib("small-1b", "Q4_K_M") }}}} in this form: a common card holds them.

## Workflow example

Open the engine's settings, lower the context until it starts, then raise it step by step while watching the card's use.
"""
ERROR: Final = """\
---
id: out_of_memory
title: The card's memory is full
category: Out of memory
tools: [llama.cpp]
platforms: [cuda]
rank: 1
confirmed: docs
signatures:
  - {pattern: 'cudaMalloc failed: out of memory'}
cues:
  - the card has no memory left
  - it stops while the model is loading
related: []
sources:
  - https://example.org/out-of-memory
verified: {date: 2026-11-23, by: author}
---

## Example

```text
allocating 9410.55 MiB on device 0: cudaMalloc failed: out of memory
```

## Cause

The weights, the cache and the buffers together are larger than what the card has left beside other programs.

## Fixes

1. Load fewer layers onto the card: `llama-server -m model.gguf -ngl 20`.
2. Ask for a shorter context, because its cache grows with it: `llama-server -m model.gguf -c 4096`.

## Verify

Start it again and look for the line that names the buffer's size.
"""


def write_content(root: Path) -> Path:
    """Write the sound sample into `root` and give `root` back."""
    files = {
        "models/small.yaml": MODELS,
        "hardware/nvidia.yaml": HARDWARE,
        "aliases/hardware.yaml": ALIASES,
        "quants.yaml": QUANTS,
        "tools/runners.yaml": TOOLS,
        "glossary/vram.md": TERM.format(id="vram", term="VRAM", alias="video memory", related="offloading"),
        "glossary/offloading.md": TERM.format(id="offloading", term="Offloading", alias="offload", related="vram"),
        "errors/out_of_memory.md": ERROR,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
