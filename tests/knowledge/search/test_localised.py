"""System messages in other languages reach the signatures in English, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.diagnose import ErrorIndex
from knowledge.search.localised import MAX_LINES, in_english


@pytest.mark.parametrize(
    ("line", "english"),
    [
        ("open /x: Datei oder Verzeichnis nicht gefunden", "open /x: No such file or directory"),
        ("mkdir /x: Permission non accordée", "mkdir /x: Permission denied"),
        ("el sistema no puede encontrar el archivo", "No such file or directory"),
        ("connect: В соединении отказано", "connect: Connection refused"),
        ("メモリが不足しています", "not enough memoryしています"),
        ("设备上没有空间", "No space left on device"),
        ("Getötet", "Killed"),
        ("页面文件太小,无法完成操作。", "paging file is too small,无法完成操作。"),
        ("연결이 거부되었습니다", "Connection refused되었습니다"),
    ],
)
def test_messages_are_put_into_english(line: str, english: str) -> None:
    assert in_english(f"before\n{line}\nafter".encode()).decode() == english


@pytest.mark.parametrize("text", ["", "Permission denied", "getötet wurde niemand", "all went well\n" * 50])
def test_other_text_is_left_alone(text: str) -> None:
    assert in_english(text.encode()) == b""


def test_only_so_many_lines_are_read() -> None:
    assert in_english(b"Zugriff verweigert\n" * 500).count(b"\n") == MAX_LINES - 1


@given(st.binary(max_size=400))
def test_any_bytes_are_accepted(data: bytes) -> None:
    assert in_english(data).count(b"\n") < MAX_LINES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Error: mkdir /usr/share/ollama/.ollama/models: Keine Berechtigung", "ollama_permission"),
        ("OSError: [Errno 28] Auf dem Gerät ist kein Speicherplatz mehr verfügbar", "disk_full"),
        ("dial tcp 127.0.0.1:11434: connect: Connexion refusée", "ollama_conn_refused"),
        ("failed to open GGUF file 'm.gguf' (Нет такого файла или каталога)", "model_file_not_found"),
        ("OSError: [WinError 1455] Die Auslagerungsdatei ist zu klein", "windows_paging_file"),
        ('[WinError 126] 找不到指定的模块。 Error loading "C:\\torch\\lib\\shm.dll"', "torch_dll_load"),
        ("ggml_cuda_init: failed to initialize ROCm: no ROCm-capable device is detected", "rocm_no_device"),
        ("./llama-server: Ungültiger Maschinenbefehl (Speicherabzug geschrieben)", "illegal_instruction"),
    ],
)
def test_localised_messages_are_diagnosed(error_index: ErrorIndex, text: str, expected: str) -> None:
    assert [hit.id for hit in error_index.diagnose(text)][:1] == [expected]
