"""Names in the measured rows that the catalogue does not know as they stand, resolved for evaluation only.

People's benchmark files name models by file, devices by marketing name and CPUs by brand string. This is not the name
index that answers use (knowledge.question); it only has to cover the rows of one file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.catalog import Device, Model
from knowledge.errors import UnknownName
from knowledge.estimator.mixes import find_quant
from knowledge.evaluate.speed_cpus import cores_of

_SUFFIX = re.compile(
    r"(-gguf|-mlx|-mtp|-fp8.*|-awq.*|-[2468]bit.*|-bf16|-nvfp4|[-_. ](ud-)?(i?q\d\w*|f16|bf16|mxfp4)|\.gguf)$"
)
_PREFIX = re.compile(
    r"^(meta-|google_|qwen_|microsoft_|ibm-granite_|baidu_|deepseek-ai_|meta |huggingfacetb_|arcee-ai_|liquidai_|"
    r"mistralai_|thudm_|nousresearch_|lgai-exaone_)"
)

_MODELS: tuple[tuple[str, str], ...] = (
    (r"llama-?2-7b|llama 7b q4_0|llama ?2 7b", "llama-2-7b-chat"),
    (r"llama ?2 13b", "llama-2-13b-chat"),
    (r"llama2 70b", "llama-2-70b-chat"),
    (r"mixtral-8x7b", "mixtral-8x7b-instruct-v0.1"),
    (r"btl-4|tess-4-35b|qwopus3.6-35b|ornstein3.6-35b|ornith-1.0-35b", "qwen3.6-35b-a3b"),
    (r"btl-3|qwopus3.[56]-27b|qwen3\.[68]-27b", "qwen3.6-27b"),
    (r"trinity-mini", "trinity-mini"),
    (r"tinyllama", "tinyllama-1.1b-chat-v1.0"),
    (r"deepseek2 671b|deepseek-r1:671b", "deepseek-r1"),
    (r"^mistral instruct 7b|llm_models.mistralai", "mistral-7b-instruct-v0.2"),
    (r"^phi3$", "phi-3-mini-4k-instruct"),
    (r"codestral-22b", "codestral-22b-v0.1"),
    (r"qwen3-coder-next", "qwen3-coder-next"),
    (
        r"mistral-small-3.2|magistral-small|devstral-small|mistral-small-3.1|mistral-small-24b",
        "mistral-small-24b-instruct-2501",
    ),
    (r"glm-z1-32b", "glm-4-32b-0414"),
    (r"phi4:14b", "phi-4"),
    (r"ministral-3-3b", "ministral-3-3b-instruct-2512"),
    (r"granite3.1-moe:3b", "granite-3.1-3b-a800m-instruct"),
    (r"falcon-h1-3b", "falcon-h1-3b-instruct"),
    (r"falcon-h1-1.5b", "falcon-h1-1.5b-instruct"),
    (r"carnice-9b", "qwen3.5-9b"),
    (r"arch agent 7b|areal boba", "qwen2.5-7b-instruct"),
    (r"cogito v1 preview qwen 14b", "qwen2.5-14b-instruct"),
    (r"llama-?3\.1-8b|llama 3\.1 8b|llama-3-8b|^8b ", "llama-3.1-8b"),
)

_DEVICES = {
    "A10": "nvidia-a10-pcie",
    "A40": "nvidia-a40-pcie",
    "H100 NVL": "nvidia-h100-nvl-94-gb",
    "H100 PCIe": "nvidia-h100-pcie-80-gb",
    "H100 SXM": "nvidia-h100-sxm5-80-gb",
    "P100": "nvidia-tesla-p100-pcie-16-gb",
    "V100": "nvidia-tesla-v100-pcie-16-gb",
    "RTX 3500 Ada Laptop": "nvidia-rtx-3500-mobile-ada-generation",
    "RTX 4000 Ada": "nvidia-rtx-4000-ada-generation",
    "RTX 4000 SFF Ada": "nvidia-rtx-4000-sff-ada-generation",
    "RTX 5000 Ada": "nvidia-rtx-5000-ada-generation",
    "RTX 6000 Ada": "nvidia-rtx-6000-ada-generation",
    "RTX 4060 Ti": "nvidia-geforce-rtx-4060-ti-16-gb",
    "RTX 5060 Ti": "nvidia-geforce-rtx-5060-ti-16-gb",
    "Apple M1": "apple-m1-8c-gpu",
    "Apple M1 Pro": "apple-m1-pro-16c-gpu",
    "Apple M1 Max": "apple-m1-max-32c-gpu",
    "Apple M1 Ultra": "apple-m1-ultra-64c-gpu",
    "Apple M2 Max": "apple-m2-max-38c-gpu",
    "Apple M3": "apple-m3-10c-gpu",
    "Apple M3 Pro": "apple-m3-pro-18c-gpu",
    "Apple M3 Ultra": "apple-m3-ultra-80c-gpu",
    "Apple M4": "apple-m4-10c-gpu",
    "Apple M4 Max": "apple-m4-max-40c-gpu",
    "Apple M4 Max (410GB/s)": "apple-m4-max-32c-gpu",
    "Apple M5 Pro": "apple-m5-pro-20c-gpu",
    "Ryzen AI Max+ 395 (Strix Halo)": "amd-ryzen-ai-max-plus-395",
    "NVIDIA GeForce RTX 2050": "nvidia-geforce-rtx-2050-laptop",
    "NVIDIA T1200 Laptop GPU": "nvidia-quadro-t1200-mobile",
    "AMD Ryzen 7 8745H CPU": "amd-ryzen-7-8845hs",
    "Radeon 780M iGPU": "amd-ryzen-7-8845hs",
    "Radeon 840M/860M iGPU": "amd-ryzen-ai-7-350",
    "Snapdragon X Elite Adreno X1-85": "qualcomm-snapdragon-x-elite-x1e-80-100",
}

_QUANTS = {
    "4BIT": "mlx-4bit",
    "6BIT": "mlx-6bit",
    "INT4": "awq-int4",
    "IQ4_K_R4": "IQ4_K",
    "IQ4_XS_R8": "IQ4_XS",
    "MQ4": "Q4_0",
    "EXL3-6.0BPW-MCG": "exl3-6bpw",
    "EXL3-6.0BPW-MUL1": "exl3-6bpw",
}


def _plain(name: str) -> str:
    text = name.lower().rsplit("/", 1)[-1].strip()
    for _ in range(3):
        text = _SUFFIX.sub("", text)
    text = re.sub(r"[^a-z0-9.]", "", _PREFIX.sub("", text))
    return text.replace("instruct", "").replace("chat", "").removesuffix("it")


class ModelNames:
    """Finds a model with a known shape by a benchmark's name for it."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._index: dict[str, str] = {}
        self._found: dict[tuple[str, str], Model | None] = {}
        for model in models.values():
            if model.shape is not None:
                for name in (model.id, model.name, *model.repos):
                    self._index.setdefault(_plain(name), model.id)

    def find(self, name: str, family_name: str) -> Model | None:
        """Return the model, first by its own name, then by patterns, then by the row's normalised name."""
        key = (name, family_name)
        if key not in self._found:
            self._found[key] = self._look_up(name, family_name)
        return self._found[key]

    def _look_up(self, name: str, family_name: str) -> Model | None:
        for text in (name, family_name):
            hit = self._index.get(_plain(text))
            if hit is not None:
                return self._models[hit]
            for pattern, model_id in _MODELS:
                if re.search(pattern, text.lower()):
                    return self._nearest(model_id)
        return None

    def _nearest(self, model_id: str) -> Model | None:
        if model_id in self._models:
            return self._models[model_id]
        hit = self._index.get(_plain(model_id))
        return self._models[hit] if hit else None


class DeviceNames:
    """Finds a device by a benchmark's name; CPUs become a device of their own with the bandwidth the row assumes."""

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self._devices = devices
        self._index: dict[str, str] = {}
        for device in devices.values():
            self._index.setdefault(self._plain(device.name), device.id)

    @staticmethod
    def _plain(name: str) -> str:
        return re.sub(r"[^a-z0-9]", "", re.sub(r"nvidia|geforce|amd |radeon|laptop gpu|apple", "", name.lower()))

    def find(self, row: Mapping[str, str]) -> Device | None:
        """Return the device of a row."""
        if row["hw_class"] == "cpu" and row["backend"] != "vulkan":
            return self._cpu(row)
        apple = re.search(r"Apple (M\d)( Pro| Max| Ultra)? .*?(\d+)GPU", row["hardware"])
        if apple:
            chip = f"{apple[1]}{apple[2] or ''}".lower().replace(" ", "-")
            exact = self._devices.get(f"apple-{chip}-{apple[3]}c-gpu")
            if exact is not None:
                return exact
        name = row["hardware_norm"]
        return self._devices.get(_DEVICES.get(name, "") or self._index.get(self._plain(name), ""))

    @staticmethod
    def _cpu(row: Mapping[str, str]) -> Device | None:
        if not row["mem_bw_gbps"]:
            return None
        return Device(
            id=f"cpu:{row['hardware_norm']}",
            name=row["hardware_norm"],
            vendor=row["hw_vendor"],
            kind="cpu",
            segment="",
            sources=(),
            bandwidth_bytes_per_s=float(row["mem_bw_gbps"]) * 1e9,
            **cores_of(row["hardware_norm"]),
        )


def quant_name(text: str) -> str | None:
    """Return the quants.yaml id of a row's quant, or None."""
    name = text.upper()
    if name.startswith("MLX-"):
        name = text.lower()
    try:
        return find_quant(_QUANTS.get(name, name)) or None
    except UnknownName:
        return None
