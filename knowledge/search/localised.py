"""Puts the messages of operating systems in other languages back into English, so that signatures find them.

Systems translate their own messages ("Zugriff verweigert", "Aucun fichier ou dossier de ce type"), programs seldom do.
A line that holds such a message is repeated in English behind the text. It knows no error classes.
"""

from __future__ import annotations

from typing import Final

import re2

MAX_LINES: Final = 40
"""So many lines are put into English; the cause stands on one of the first or is repeated."""
MAX_LINE_BYTES: Final = 400

MESSAGES: Final[dict[str, str]] = {
    "No such file or directory": (
        "Datei oder Verzeichnis nicht gefunden|Das System kann die angegebene Datei nicht finden|"
        "Das System kann den angegebenen Pfad nicht finden|Aucun fichier ou dossier de ce (?:type|nom)|"
        "Le fichier spécifié est introuvable|Le chemin d.accès spécifié est introuvable|"
        "No existe el (?:archivo|fichero) o el directorio|El sistema no puede encontrar (?:el archivo|la ruta)|"
        "(?:Arquivo|Ficheiro) ou diretório (?:não encontrado|inexistente)|"
        "O sistema não pode encontrar o (?:arquivo|caminho)|Нет такого файла или каталога|"
        "Не удается найти указанный (?:файл|путь)|没有那个文件或目录|系统找不到指定的(?:文件|路径)|"
        "そのようなファイルやディレクトリはありません|指定された(?:ファイル|パス)が見つかりません|"
        "그런 파일이나 디렉터리가 없습니다|지정된 (?:파일|경로)을 찾을 수 없습니다"
    ),
    "Permission denied": (
        "Keine Berechtigung|Zugriff verweigert|Permission non accordée|Accès refusé|Permiso denegado|Acceso denegado|"
        "Permissão negada|Acesso negado|Отказано в доступе|权限不够|拒绝访问|許可がありません|アクセスが拒否されました|"
        "허가 거부|액세스가 거부되었습니다"
    ),
    "not enough memory": (
        "Nicht genügend (?:Arbeitsspeicher|Speicher|Hauptspeicher)|Nicht genug (?:Arbeitss|S)peicher|"
        "Mémoire insuffisante|Impossible d.allouer de la mémoire|Ressources mémoire insuffisantes|"
        "No hay (?:suficiente memoria|memoria suficiente)|No se pudo asignar memoria|Memoria insuficiente|"
        "Memória insuficiente|Não foi possível alocar memória|Недостаточно памяти|Невозможно выделить память|"
        "Не удалось выделить память|内存不足|无法分配内存|メモリ(?:が不足|不足)|メモリを確保できません|"
        "메모리가? 부족|메모리를 할당할 수 없습니다"
    ),
    "No space left on device": (
        "Auf dem Gerät ist kein Speicherplatz mehr verfügbar|Es steht nicht genug Speicherplatz|"
        "Aucun espace disponible sur le périphérique|Espace (?:disque )?insuffisant|"
        "No queda espacio en el dispositivo|Espacio en disco insuficiente|Não há espaço disponível no dispositivo|"
        "Espaço insuficiente no disco|На устройстве не осталось свободного места|Недостаточно места на диске|"
        "设备上没有空间|磁盘空间不足|デバイスに空き領域がありません|ディスクの空き領域が不足|"
        "장치에 남은 공간이 없음|디스크 공간이 부족"
    ),
    "Connection refused": (
        "Verbindungsaufbau abgelehnt|Verbindung (?:wurde )?(?:verweigert|abgelehnt)|"
        "da der Zielcomputer die Verbindung verweigerte|Connexion refusée|"
        "l.ordinateur cible l.a expressément refusée|Conexión rehusada|Conexión rechazada|"
        "el equipo de destino denegó expresamente|Conexão recusada|"
        "a máquina de destino as recusou ativamente|В соединении отказано|конечный компьютер отверг запрос|"
        "拒绝连接|"
        "目标计算机积极拒绝|接続を拒否されました|"
        "対象のコンピューターによって拒否|연결이 거부|대상 컴퓨터에서 연결을 거부"
    ),
    "Address already in use": (
        "Die Adresse wird bereits verwendet|"
        "Normalerweise darf jede Socketadresse .{0,60}nur jeweils einmal verwendet werden|Adresse déjà utilisée|"
        "Une seule utilisation de chaque adresse de socket|La dirección ya se está usando|"
        "Solo se permite un uso de cada dirección de socket|Endereço já em uso|Адрес уже используется|"
        "Обычно разрешается только одно использование адреса сокета|地址已在使用|通常每个套接字地址|"
        "アドレスは既に使用中|"
        "通常、各ソケット アドレス|주소가 이미 사용 중|각 소켓 주소"
    ),
    "paging file is too small": (
        "Auslagerungsdatei ist zu klein|fichier de pagination est insuffisant|"
        "archivo de paginación es demasiado pequeño|arquivo de paginação é muito pequeno|"
        "Файл подкачки слишком мал|页面文件太小|ページング ?ファイルが小さすぎ|페이징 파일이 너무 작"
    ),
    "Connection timed out": (
        "Zeitüberschreitung (?:der|bei der) Verbindung|Die Wartezeit für die Verbindung ist abgelaufen|"
        "Connexion terminée par expiration du délai|Se agotó el tiempo de espera|Expiró el tiempo de conexión|"
        "Tempo esgotado para conexão|Время ожидания соединения истекло|"
        "连接超时|接続がタイムアウト|연결 시간 초과"
    ),
    "Segmentation fault": (
        "Speicherzugriffsfehler|Erreur de segmentation|Violación de segmento|Falha de segmentação|"
        "Ошибка сегментирования|段错误|セグメンテーション違反|세그멘테이션 오류"
    ),
    "Illegal instruction": (
        "Ungültiger Maschinenbefehl|Instruction (?:illégale|non permise)|Instrucción ilegal|Instrução ilegal|"
        "Недопустимая инструкция|Недопустимая операция|非法指令|不正な命令|잘못된 명령어"
    ),
    "Killed": "^Getötet$|^Processus arrêté$|^Terminado \\(killed\\)$|^Убито$|^已杀死$|^已终止$|^強制終了$|^죽었음$",
}
"""The English message → the ways other languages say it, patterns separated by `|`."""

_EACH: Final = tuple((english.encode(), re2.compile(f"(?im){ways}".encode())) for english, ways in MESSAGES.items())
_SOME: Final = re2.compile(("(?im)" + "|".join(MESSAGES.values())).encode())


def in_english(data: bytes) -> bytes:
    """The lines of `data` that hold a message in another language, with that in English; empty where there are none."""
    found: list[bytes] = []
    at = 0
    while len(found) < MAX_LINES and (match := _SOME.search(data, at)) is not None:
        start = max(data.rfind(b"\n", 0, match.start()) + 1, match.start() - MAX_LINE_BYTES)
        end = data.find(b"\n", match.end(), match.end() + MAX_LINE_BYTES)
        at = end if end >= 0 else min(len(data), match.end() + MAX_LINE_BYTES)
        line = data[start:at]
        for english, pattern in _EACH:
            line = pattern.sub(english, line)
        found.append(line)
    return b"\n".join(found)
