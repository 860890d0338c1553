"""Diagnosis over the shipped entries: examples find themselves, causes win over symptoms, strangers get no answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ErrorClass
from knowledge.search.diagnose import ErrorIndex

STARTUP = """build: 6710 (abc1234) with cc (Ubuntu 13.3.0) for x86_64-linux-gnu
main: loading model
load_tensors: offloaded 33/33 layers to GPU
load_tensors:   CPU_Mapped model buffer size =   281.81 MiB
load_tensors:        CUDA0 model buffer size =  4403.49 MiB
llama_kv_cache:      CUDA0 KV buffer size =  1024.00 MiB
llama_context:      CUDA0 compute buffer size =   560.00 MiB
main: server is listening on http://127.0.0.1:8080 - starting the main loop
"""


def test_there_are_at_least_212_classes(errors: tuple[ErrorClass, ...]) -> None:
    assert len(errors) >= 212


def test_every_example_finds_its_own_class_first(errors: tuple[ErrorClass, ...], error_index: ErrorIndex) -> None:
    wrong = {e.id: [h.id for h in error_index.diagnose(e.example)] for e in errors}
    assert {id_: found for id_, found in wrong.items() if found[:1] != [id_]} == {}


def test_links_between_errors_lead_somewhere(errors: tuple[ErrorClass, ...]) -> None:
    known = {error.id for error in errors}
    assert {(e.id, other) for e in errors for other in e.related if other not in known or other == e.id} == set()


def test_the_cause_wins_over_the_symptom(error_index: ErrorIndex) -> None:
    log = (
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9410.55 MiB on device 0: "
        "cudaMalloc failed: out of memory\n"
        "llama_model_load: error loading model: unable to allocate CUDA0 buffer\n"
        "Error: llama runner process has terminated: exit status 2\n"
    )
    found = error_index.diagnose(log)
    assert found[0].id == "cuda_oom_ggml"
    assert "ollama_runner_terminated" in {hit.id for hit in found}


def test_one_string_in_two_classes_is_told_apart_by_context(error_index: ErrorIndex) -> None:
    capture = "Exception: Capture cuda graph failed: CUDA out of memory. Tried to allocate 2.00 GiB. sglang"
    plain = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
    assert error_index.diagnose(capture)[0].id == "sglang_mem_fraction"
    assert error_index.diagnose(plain)[0].id == "torch_oom_cuda"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "hello, how are you today?",
        "where shall we eat tonight",
        "Please add support for dark mode in the settings dialog",
        STARTUP,
        "\x00" * 500,
        "\u202e" * 50,
    ],
)
def test_what_no_class_covers_gets_no_answer(error_index: ErrorIndex, text: str) -> None:
    assert error_index.diagnose(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "since I updated ollama it only runs on the cpu, my graphics card is not used any more",
            "ollama_gpu_not_used",
        ),
        ("the model repeats the same sentence again and again", "repetition_loop"),
        ("my answer stops in the middle of a sentence all the time", "output_cut_short"),
        ("i have two cards but vllm only loads onto the first one, second gpu stays idle", "multi_gpu_not_used"),
        ("it only writes random words and symbols, complete nonsense", "gibberish_output"),
        ("open webui in docker cannot reach ollama on the host", "ollama_conn_refused"),
        ("Mein Ollama benutzt die Grafikkarte nicht", "ollama_gpu_not_used"),
        ("ollama no usa mi GPU, todo va por el procesador", "ollama_gpu_not_used"),
        ("ollama n'utilise pas la carte graphique", "ollama_gpu_not_used"),
        ("o ollama não está usando a placa de vídeo", "ollama_gpu_not_used"),
        ("ollama не использует видеокарту", "ollama_gpu_not_used"),
        ("ollama 不用显卡，一直用CPU", "ollama_gpu_not_used"),
        ("ollamaがグラボを使わない", "ollama_gpu_not_used"),
        ("nach dem Update ist Ollama viel langsamer geworden", "perf_regression_update"),
        ("the card drops out after ten minutes, nvidia-smi says GPU is lost", "gpu_lost"),
        ("llama-server does not start, it cannot parse the jinja template in the gguf", "chat_template_missing"),
        ("Torch wurde ohne CUDA installiert: AssertionError: Torch not compiled with CUDA enabled", "torch_not_cuda"),
    ],
)
def test_descriptions_without_a_log(error_index: ErrorIndex, text: str, expected: str) -> None:
    assert expected in {hit.id for hit in error_index.diagnose(text)}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            "[ 812.1] NVRM: Xid (PCI:0000:0a:00): 79, pid=4711, name=llama-server, GPU has fallen off the bus.",
            "gpu_lost",
        ),
        (
            "Unable to determine the device handle for GPU0000:01:00.0: GPU is lost.  Reboot the system to recover",
            "gpu_lost",
        ),
        ("srv  init: chat template parsing error: Expected identifier at row 3, column 9:", "chat_template_missing"),
        ("main.cpp:12:5: error: 'foo' was not declared in this scope", "compile_error"),
        ('{"error":{"message":"File Not Found","type":"not_found_error","code":404}}', "api_path_not_found"),
        ("bash: llama-server: command not found", "command_not_found"),
        ("standard_init_linux.go:228: exec user process caused: exec format error", "wrong_cpu_arch"),
        ("error: externally-managed-environment", "pip_externally_managed"),
        ('{"message":"The model `llama3` does not exist.","type":"NotFoundError"}', "model_name_unknown"),
        ("load_model: error loading 'x': (os error 1455)", "windows_paging_file"),
    ],
)
def test_messages_are_known_in_other_surroundings(error_index: ErrorIndex, log: str, expected: str) -> None:
    assert error_index.diagnose(log)[0].id == expected


def test_a_log_that_shows_all_layers_on_the_gpu_rules_the_cpu_out(error_index: ErrorIndex) -> None:
    text = "load_tensors: offloaded 41/41 layers to GPU\nollama answers slowly, is my GPU not used?"
    assert "ollama_gpu_not_used" not in {hit.id for hit in error_index.nearest(text)}


def test_the_matched_words_carry_no_secrets(error_index: ErrorIndex) -> None:
    text = "gguf_init_from_file: failed to open GGUF file '/home/alice/m.gguf' (No such file or directory)"
    assert "alice" not in error_index.diagnose(text)[0].matched


def test_nearest_names_something_where_diagnose_does_not(error_index: ErrorIndex) -> None:
    text = "my program for pictures has a problem with the colour of the window"
    assert error_index.diagnose(text) == ()
    assert len(error_index.nearest(text)) <= 3


@given(st.text(max_size=2000))
def test_confidences_are_probabilities_in_order(text: str) -> None:
    index = _shared_index()
    hits = index.nearest(text, 5)
    values = [hit.confidence for hit in hits]
    assert values == sorted(values, reverse=True)
    assert all(0.0 <= value <= 1.0 for value in values)
    assert sum(values) <= 1.001


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_noise_before_a_log_does_not_hide_it(noise: str) -> None:
    log = "CUDA error: no kernel image is available for execution on the device"
    assert "no_kernel_image" in {hit.id for hit in _shared_index().nearest(f"{noise}\n{log}")}


def test_the_end_of_a_huge_paste_is_read(error_index: ErrorIndex) -> None:
    text = "print_info: nothing of interest here\n" * 40_000 + "cudaMalloc failed: out of memory\n"
    assert len(text) > 1_000_000
    assert error_index.diagnose(text)[0].id == "cuda_oom_ggml"


_INDEX: list[ErrorIndex] = []


def _shared_index() -> ErrorIndex:
    """Build the index once for the property tests, which cannot take session fixtures."""
    if not _INDEX:
        from tests.knowledge.search.conftest import read_errors

        _INDEX.append(ErrorIndex.build(read_errors()))
    return _INDEX[0]
