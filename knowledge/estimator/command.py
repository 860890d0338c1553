"""The exact command that realises an answer, for the engine that was asked about. Text only: it places nothing.

Flags are those of llama.cpp b11434, Ollama 0.2x, vLLM, mlx-lm, ExLlamaV3/TabbyAPI and transformers as documented.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from itertools import groupby

from knowledge.catalog import Model
from knowledge.estimator.device import default_backend
from knowledge.estimator.engines import Engine
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.layers import layer_ffns
from knowledge.estimator.offload import Placement
from knowledge.estimator.request import DraftAsk, Extras, FitRequest
from knowledge.estimator.weights import weights

_DEVICE_NAMES = {"cuda": "CUDA", "rocm": "ROCm", "vulkan": "Vulkan", "sycl": "SYCL", "metal": "MTL"}
"""How llama.cpp names a backend's devices, a number behind (`--list-devices`)."""


_PARTS = {"attn": "(gate|up|gate_up|down).*", "up": "(gate|gate_up|down).*", "gate": "down.*"}
"""What a device leaves out of a layer of which it holds a part, as `--fit` writes it (common/fit.cpp)."""


def command_text(request: FitRequest, engine: Engine, placement: Placement | None, n_layer: int) -> str:
    """One shell line that starts `request.model` as the answer assumes; empty where no published file is known."""
    builders = {
        "llama.cpp": _llama_server,
        "ollama": _ollama,
        "lm-studio": _lm_studio,
        "vllm": _vllm,
        "mlx": _mlx,
        "exllamav3": _exllama,
        "transformers": _transformers,
    }
    return builders[engine.id](request, placement, n_layer)


def _repo(model: Model) -> str:
    return model.repos[0] if model.repos else model.name


def _gguf_name(request: FitRequest) -> str:
    if request.model.gguf_repo:
        return f"-hf {shlex.quote(_published(request))}"
    return f"-m {shlex.quote(f'{request.model.name}-{request.quant}.gguf')}"


def _published(request: FitRequest) -> str:
    """The repository with the model's GGUF files and the part of the file's name that says its type.

    llama.cpp looks for that part with a dot or a dash behind it, in either case (find_best_model in
    common/download.cpp). ggml-org's files of gpt-oss end in "-mxfp4.gguf", and it has them in no other type: those
    are another uploader's.
    """
    model, quant = request.model, request.quant
    repo = model.gguf_repo or ""
    if model.shape is not None and native_quant(model.shape) and repo.startswith("ggml-org/"):
        others = [name for name in model.repos if name.endswith("-GGUF") and name != repo]
        if quant == native_quant(model.shape):
            quant = "MXFP4"
        elif others:
            repo = others[0]
    return f"{repo}:{quant}"


def _llama_server(request: FitRequest, placement: Placement | None, n_layer: int) -> str:
    context = request.context
    words = ["llama-server", _gguf_name(request), f"-c {context.n_ctx}", f"-np {context.n_parallel}"]
    if placement is not None:
        n_gpu_layers = placement.n_gpu_layers
        words.append(f"-ngl {99 if n_gpu_layers > n_layer else n_gpu_layers}")
        words.extend(_split_words(request, placement))
        words.extend(_partial_words(request, placement, n_layer))
    words.append(f"-fa {'on' if context.flash_attn else 'off'}")
    if context.type_k != "f16":
        words.append(f"-ctk {context.type_k}")
    if context.type_v != "f16":
        words.append(f"-ctv {context.type_v}")
    if context.n_ubatch != 512:
        words.append(f"-ub {min(context.n_ubatch, context.n_batch)}")  # the engine cuts it to the batch, as we count it
    if context.n_batch != 2048:
        words.append(f"-b {context.n_batch}")
    if context.kv_unified:
        words.append("-kvu")
    words.extend(_rope_words(request))
    words.extend(_beside_words(request))
    if not request.model.writes_text:
        words.append("--reranking" if "rerank" in request.model.id else "--embeddings")
    return " ".join(words)


def _split_words(request: FitRequest, placement: Placement) -> list[str]:
    """Which devices the engine may use, where it is to leave some out, and how many layers each gets."""
    used = [number for number, load in enumerate(placement.loads) if load.n_layer]
    words: list[str] = []
    if placement.by_hand and used and len(used) < len(placement.loads):
        words.append("-dev " + ",".join(_device_name(request, number) for number in used))
    else:
        used = list(range(len(placement.loads)))
    if len(used) > 1:
        words.append("-ts " + ",".join(str(placement.loads[number].n_layer) for number in used))
    return words


def _device_name(request: FitRequest, number: int) -> str:
    return f"{_DEVICE_NAMES.get(request.backend or default_backend(request.devices[0].device), 'CUDA')}{number}"


def _partial_words(request: FitRequest, placement: Placement, n_layer: int) -> list[str]:
    """What of the layers lies elsewhere than the rest of them: experts in RAM, one layer's rest there or further on.

    `--fit` leaves those of each device's last layers in RAM. On one device, or as asked, one word leaves those of the
    first layers, which nobody need understand a pattern for: where that is no less.
    """
    if request.n_cpu_moe is not None:
        return [f"--n-cpu-moe {request.n_cpu_moe}"] if request.n_cpu_moe else []
    if len(placement.loads) == 1 and (not placement.n_cpu_moe or _as_much_in_front(request, placement)):
        return [f"--n-cpu-moe {_front_layers(request, placement.n_cpu_moe)}"] if placement.n_cpu_moe else []
    on_host: list[int] = []
    patterns: list[str] = []
    stop = n_layer + 1 - placement.n_gpu_layers
    for number, load in enumerate(placement.loads):
        stop += load.n_layer
        partial = range(stop - load.n_part, min(stop, n_layer))
        if partial and load.fraction != "moe":
            place = _device_name(request, number + 1) if load.spills else "CPU"
            patterns.append(rf"blk\.{partial[0]}\.ffn_{_PARTS[load.fraction]}={place}")
            partial = partial[1:]
        on_host.extend(partial)
    if on_host:
        patterns.append(rf"blk\.({_any_of(on_host)})\.ffn_(up|down|gate_up|gate)_(ch|)exps=CPU")
    return [f"-ot {shlex.quote(','.join(patterns))}"] if patterns else []


def _as_much_in_front(request: FitRequest, placement: Placement) -> bool:
    """Whether as many of the first layers leave no less in RAM than the last layers of the placement do."""
    shape, load = request.model.shape, placement.loads[0]
    if shape is None or load.fraction != "moe":
        return False
    experts = weights(shape, request.quant).per_layer_expert_bytes
    return sum(experts[: _front_layers(request, placement.n_cpu_moe)]) >= sum(experts[-placement.n_cpu_moe :])


def _front_layers(request: FitRequest, n_experts: int) -> int:
    """How many layers from the front have `n_experts` layers with experts among them."""
    shape = request.model.shape
    holding = [layer for layer, kind in enumerate(layer_ffns(shape)) if kind == "e"] if shape is not None else []
    return holding[min(n_experts, len(holding)) - 1] + 1 if holding else n_experts


def _any_of(numbers: Sequence[int]) -> str:
    """A pattern for these numbers, given in order: `2[7-9]|3[0-5]`."""
    out: list[str] = []
    for tens, group in groupby(numbers, key=lambda number: number // 10):
        ends = [number % 10 for number in group]
        begins = str(tens or "")
        unbroken = ends == list(range(ends[0], ends[-1] + 1))
        last = str(ends[0]) if len(ends) == 1 else f"[{ends[0]}-{ends[-1]}]" if unbroken else _one_of(ends)
        out.append(begins + last)
    return "|".join(out)


def _one_of(digits: Sequence[int]) -> str:
    return f"[{''.join(map(str, digits))}]"


def _beside_words(request: FitRequest) -> list[str]:
    """Projector, draft and adapters. With `-hf` the engine fetches a projector by itself unless told not to."""
    extras, model = request.extras or Extras(), request.model
    words: list[str] = []
    if extras.vision:
        if not model.gguf_repo:
            words.append("--mmproj " + shlex.quote(f"mmproj-{model.name}-{extras.projector_type}.gguf"))
        if extras.projector_on_host:
            words.append("--no-mmproj-offload")
    elif model.gguf_repo and (model.kind == "vlm" or model.n_params_vision):
        words.append("--no-mmproj")
    words.extend(_draft_words(extras.draft) if extras.draft is not None else ())
    words.extend(f"--lora adapter-{number}.gguf" for number in range(1, len(extras.loras) + 1))
    return words


def _draft_words(draft: DraftAsk) -> list[str]:
    if draft.shape is None:
        which = "--spec-type draft-mtp"
    elif draft.gguf_repo:
        which = f"--spec-type draft-simple -hfd {shlex.quote(f'{draft.gguf_repo}:{draft.quant}')}"
    else:
        which = f"--spec-type draft-simple -md {shlex.quote(f'{draft.name}-{draft.quant}.gguf')}"
    return [which, f"--spec-draft-n-max {draft.n_max}"]


def _rope_words(request: FitRequest) -> list[str]:
    """What turns rope scaling on where the context is longer than the model was trained for.

    The server caps a slot at the context length the file states, so that is overridden too (server-context.cpp).
    """
    shape = request.model.shape
    if shape is None or request.context.n_ctx <= shape.n_ctx_train:
        return []
    original = min(shape.n_ctx_train, 32768)
    scale = -(-request.context.n_ctx // original)
    override = f"--override-kv {shape.arch}.context_length=int:{request.context.n_ctx}"
    return [f"--rope-scaling yarn --rope-scale {scale} --yarn-orig-ctx {original}", override]


def _ollama(request: FitRequest, _placement: Placement | None, _n_layer: int) -> str:
    env = [f"OLLAMA_CONTEXT_LENGTH={request.context.n_ctx}"]
    if request.context.n_parallel > 1:
        env.append(f"OLLAMA_NUM_PARALLEL={request.context.n_parallel}")
    if request.context.type_k != "f16":
        env.append(f"OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE={request.context.type_k}")
    name = f"hf.co/{_published(request)}" if request.model.gguf_repo else request.model.id
    verb = "run" if request.model.writes_text else "pull"  # embeddings are asked for over HTTP alone
    return f"{' '.join(env)} ollama serve &  ollama {verb} {shlex.quote(name)}"


def _lm_studio(request: FitRequest, placement: Placement | None, n_layer: int) -> str:
    share = (
        "max"
        if placement is None or placement.n_gpu_layers > n_layer
        else f"{placement.n_gpu_layers / (n_layer + 1):.2f}"
    )
    return f"lms load {shlex.quote(request.model.id)} --context-length {request.context.n_ctx} --gpu {share}"


def _vllm(request: FitRequest, _placement: Placement | None, _n_layer: int) -> str:
    n_devices = sum(ask.count for ask in request.devices) or 1
    words = [f"vllm serve {_vllm_model(request)}", f"--max-model-len {request.context.n_ctx}"]
    shape = request.model.shape
    if n_devices > 1 and shape is not None and shape.n_head % n_devices == 0:
        words.append(f"--tensor-parallel-size {n_devices}")
    elif n_devices > 1:  # heads that do not divide evenly can only be split by layers
        words.append(f"--pipeline-parallel-size {n_devices}")
    if request.quant.lower() == "fp8":
        words.append("--quantization fp8")
    elif request.quant.startswith("bnb"):
        words.append("--quantization bitsandbytes")
    if request.context.type_k != "f16":
        words.append("--kv-cache-dtype fp8")
    draft = request.extras.draft if request.extras else None
    if draft is not None:
        drafts = {"method": "mtp"} if draft.shape is None else {"model": draft.name}
        config = json.dumps({**drafts, "num_speculative_tokens": draft.n_max})
        words.append(f"--speculative-config {shlex.quote(config)}")
    if request.extras and request.extras.loras:
        words.append("--enable-lora --lora-modules adapter=<its folder>")
    return " ".join(words)


def _vllm_model(request: FitRequest) -> str:
    """What vLLM loads: the repository, a GGUF file of it, or a copy in another format that must be found first."""
    repo, quant = shlex.quote(_repo(request.model)), request.quant
    if quant.lower() in {"bf16", "f16", "hf-16bit", "fp8", "mxfp4-hf", "mxfp4-fp8", "int4-experts"} or quant.startswith(
        "bnb"
    ):
        return repo
    if quant[:1].isupper() and request.model.gguf_repo:
        return f"{shlex.quote(_published(request))} --tokenizer {repo}"
    return _copy_in(quant, repo)


def _mlx(request: FitRequest, _placement: Placement | None, _n_layer: int) -> str:
    bits = "".join(ch for ch in request.quant if ch.isdigit()) or "4"
    return f"mlx_lm.server --model mlx-community/{shlex.quote(request.model.name)}-{bits}bit"


def _exllama(request: FitRequest, _placement: Placement | None, _n_layer: int) -> str:
    cache = {"q8_0": "8,8", "q4_0": "4,4"}.get(request.context.type_k, "16,16")
    name = shlex.quote(request.model.name)
    return f"python main.py --model-name {name} --max-seq-len {request.context.n_ctx} --cache-mode {cache}"


def _transformers(request: FitRequest, _placement: Placement | None, _n_layer: int) -> str:
    repo, quant = shlex.quote(_repo(request.model)), request.quant.lower()
    if quant.startswith("bnb"):
        return f"transformers serve {repo} --quantization {'bnb-8bit' if '8' in quant else 'bnb-4bit'}"
    if quant.startswith(("awq", "gptq")):
        return f"transformers serve {_copy_in(request.quant, repo)}"
    return f"transformers serve {repo}"


def _copy_in(quant: str, repo: str) -> str:
    """What must be found first: a copy in a format that is made beforehand."""
    return f"<a copy of {repo} in {quant}>"
