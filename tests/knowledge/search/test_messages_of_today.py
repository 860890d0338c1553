"""Messages as engines of late 2026 word them: each leads to its class, and look-alikes stay apart.

The lines are ours, after what the programs print (the sources stand in the entries); no report is quoted.
"""

from __future__ import annotations

import pytest

from knowledge.search.diagnose import ErrorIndex

MESSAGES = (
    (
        "torch_sm_incompat",
        "RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.",
    ),
    ("nvcc_arch_unsupported", "nvcc fatal   : Unsupported gpu architecture 'compute_121a'"),
    ("ptxas_sm_unknown", "ptxas fatal   : Value 'sm_121a' is not defined for option 'gpu-name'"),
    ("rocm_no_device", "rocBLAS error: Could not initialize Tensile host: No devices found"),
    (
        "rocm_gfx_unsupported",
        "rocBLAS error: Cannot read library/TensileLibrary.dat: Illegal seek for GPU arch : gfx1201",
    ),
    ("vulkan_device_lost", "terminate called after throwing an instance of 'vk::DeviceLostError'"),
    (
        "fit_params_failed",
        "llama_params_fit: failed to fit params to free device memory: tensor_split already set by user",
    ),
    ("chat_template_missing", 'error: "Value is not callable: null at row 1, column 72:"'),
    (
        "chat_template_missing",
        '{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}',
    ),
    ("template_role_error", "raise_exception: System message must be at the beginning. at row 85, column 35"),
    ("lmstudio_jinja", 'Error rendering prompt with jinja template: "Unknown filter: safe".'),
    ("tool_call_parse", "Failed to parse input at pos 121: <tool_call>"),
    ("tool_call_parse", "[ERROR] You did not use a tool in your previous response! Please retry with a tool use."),
    (
        "mmproj_mismatch",
        "mtmd_init_from_file: error: mismatch between text model (n_embd = 4096) and mmproj (n_embd = 2560)",
    ),
    (
        "mmproj_mismatch",
        "clip_init: failed to load model 'mmproj-F16.gguf': load_hparams: unknown projector type: newmerger",
    ),
    ("ollama_vision_missing", "image input is not supported - hint: you may need to provide the mmproj"),
    ("mtp_layers_missing", "llama_init_from_model: context type MTP requested but model doesn't contain MTP layers"),
    ("gguf_split_missing", "gguf_init_from_file: failed to open GGUF file 'Big-Q3_K_XL-00002-of-00005.gguf'"),
    ("model_file_not_found", "gguf_init_from_file: failed to open GGUF file 'Big-Q3_K_XL.gguf'"),
    ("ollama_sharded_gguf", 'Error: pull model manifest: 400: {"error":"The specified tag is a sharded GGUF."}'),
    ("ollama_pull_manifest", "Error: pull model manifest: file does not exist"),
    ("hf_xet_download", "RuntimeError: Data processing error: CAS service error : Request failed after 5 retries"),
    ("docker_no_gpu", "docker: Error response from daemon: failed to discover GPU vendor from CDI"),
    ("litellm_provider", "litellm.BadRequestError: LLM Provider NOT provided. You passed model=qwen3-coder"),
    ("ollama_conn_refused", "litellm.APIConnectionError: OllamaException - [Errno 111] Connection refused"),
    ("client_timeout", "Ollama request timed out after 30 seconds"),
    ("ollama_think_unsupported", 'Error: 400 Bad Request: "gemma3:12b" does not support thinking'),
    ("ollama_tools_unsupported", "Error: registry.ollama.ai/library/gemma3:4b does not support tools"),
    ("server_loading_model", '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}'),
    ("embeddings_not_enabled", "This server does not support embeddings. Start it with `--embeddings`"),
    ("package_version_clash", "AttributeError: Qwen2Tokenizer has no attribute all_special_tokens_extended."),
    ("binary_renamed", "Warning: `huggingface-cli` is deprecated and no longer works. Use `hf` instead."),
    ("unknown_option", "error: unknown value for --flash-attn: '-ngl'"),
    ("nvidia_open_modules", "NVRM: installed in this system requires use of the NVIDIA open kernel modules."),
    ("gpu_lost", "NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus."),
    ("comfy_gguf_arch", "ValueError: Unexpected architecture type in GGUF file: 'qwen_image'"),
    ("shape_mismatch", "expected input[2, 16, 128, 128] to have 4 channels, but got 16 channels instead"),
    (
        "metal_buffer_too_large",
        "requires 42123 MB which is close to the maximum recommended size of 49152 MB. This can be slow.",
    ),
    ("lora_error", "ValueError: Target modules {'q_proj', 'v_proj'} not found in the base model."),
    ("intel_sycl", "The number of work-items in each dimension of a work-group cannot exceed {512, 512, 512}"),
    ("llama_hf_download", "common_download_get_hf_plan: no GGUF files found in repository ggml-org/gpt-oss-20b-GGUF"),
    ("llama_hf_download", "Download 'https://huggingface.co/a/b/resolve/main/c.gguf' failed with status code: 404"),
    ("server_feature_off", "This server does not support metrics endpoint. Start it with `--metrics`"),
    (
        "ollama_vision_missing",
        "audio input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
    ),
    (
        "vulkan_device_lost",
        "ggml_vulkan: device lost on Vulkan0, likely caused by previous submission (nodes 12 to 30):",
    ),
    ("vulkan_no_device", "ggml_vulkan: Invalid device index 3 in GGML_VK_VISIBLE_DEVICES."),
    ("missing_backend_dl", "load_backend: failed to find ggml_backend_init in libggml-cuda.so"),
    ("cache_type_unsupported", "K cache type q8_0 with block size 32 does not divide n_embd_head_k=80"),
    ("crash_multi_gpu", "llama_init_from_model: SPLIT_MODE_TENSOR requires flash_attn to be enabled"),
    ("gguf_truncated", "llama_model_load: error loading model: corrupted model: 579 tensors expected but 400 found"),
    ("lora_error", "llama_adapter_lora_init: failed to apply lora adapter: adapter.gguf"),
    ("rpc_backend", "HELLO request size mismatch (24 vs 8): client needs upgrade to protocol v4.x"),
    ("tool_call_parse", "The model produced output that does not match the expected peg-native format"),
    ("chat_template_missing", "Unable to generate parser for this template. Automatic parser generation failed:"),
    ("template_role_error", "Cannot have 2 or more assistant messages at the end of the list."),
    ("grammar_json_fail", "Cannot specify grammar with tools"),
    ("spec_decode_fail", "srv load_model: failed to initialize speculative decoding context: unknown type"),
    ("metal_no_device_vm", "ggml_metal_library_init: error: failed to initialize the Metal library"),
    ("ollama_chat_unsupported", 'Error: 400 Bad Request: "nomic-embed-text:latest" does not support chat'),
    ("ollama_mlx_missing", "Error: this model requires MLX support, but the MLX runtime is not available"),
    ("ollama_503_queue", "no slots available after 10 retries"),
    ("template_role_error", "Error: 500 Internal Server Error: no user query found in messages"),
    ("ollama_modelfile_err", "Error: specified Modelfile wasn't found"),
    ("ollama_cloud_signin", "you are not currently signed in"),
    ("fa_unsupported", "No operator found for `memory_efficient_attention_forward` with inputs:"),
)


@pytest.mark.parametrize(("id_", "message"), MESSAGES)
def test_a_message_of_today_leads_to_its_class(id_: str, message: str, error_index: ErrorIndex) -> None:
    assert [hit.id for hit in error_index.diagnose(message)][:1] == [id_]
