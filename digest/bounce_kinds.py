"""Tells from its fields whether a mail came back, or is an automatic reply (RFC 3834). It reads nothing it says."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final

from digest.bounce_parts import header_of

DAEMON: Final = re.compile(
    r"mailer-?daemon|post_?master|mail delivery|mdaemon|delivery (?:subsystem|system)|mail system", re.IGNORECASE
)
_BOUNCE_SUBJECT: Final = re.compile(
    r"undeliver|returned|failure notice|mail (?:system )?(?:error|failure)|could ?n[o']t be delivered|not delivered"
    r"|failed|rejected|bounce|warning: |delivery|unzustellbar|nicht zustellbar|non remis|échec de"
    r"|no (?:se )?(?:puede )?entrega|entregar|mancat[ao] (?:consegna|recapito)|non recapitabile|onbestelbaar"
    r"|niet bezorgd|недоставлен|не (?:доставлен|удается)"
    r"|配信|エラー|退信|[投傳传][递遞]失[败敗]|无法投递|無法傳遞|반송|배달",
    re.IGNORECASE,
)
_AUTO_SUBJECT: Final = re.compile(
    r"^(?:re: ?)?(?:auto(?:matic|mated)?[ :_-]?(?:reply|response)?:?|out of (?:the )?office|vacation|i am away|abwesen"
    r"|automatische antwort|abwesenheit|réponse automatique|absence du bureau|respuesta automática|resposta automática"
    r"|risposta automatica|automatisch antwoord|autosvar|автоответ|автоматический ответ|自動返信|自动回复|자동 ?회신)",
    re.IGNORECASE,
)


def is_auto_reply(message: Message) -> bool:
    """Whether somebody's mail program answered by itself."""
    submitted = header_of(message, "auto-submitted").lower()
    sender = header_of(message, "from")
    if message.get_content_type() == "multipart/report" or (
        DAEMON.search(sender) and _BOUNCE_SUBJECT.search(header_of(message, "subject"))
    ):
        return False
    marked = submitted.startswith("auto-replied") or any(
        name in message for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-autoresponder")
    )
    precedence = header_of(message, "precedence").lower()
    return (
        (marked and not DAEMON.search(sender))
        or "auto_reply" in precedence
        or bool(_AUTO_SUBJECT.search(header_of(message, "subject")))
    )


def looks_returned(message: Message) -> bool:
    """Whether it looks like a notice of a mail server."""
    sender = f"{header_of(message, 'from')} {header_of(message, 'return-path')}"
    if message.get_content_type() == "multipart/report" or header_of(message, "return-path").strip() == "<>":
        return True
    return bool(
        DAEMON.search(sender)
        or "x-failed-recipients" in message
        or _BOUNCE_SUBJECT.search(header_of(message, "subject"))
    )
