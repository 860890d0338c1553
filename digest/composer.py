"""Turns claimed rows of the outbox into mails: links, return path, Message-ID, the part about the reader's machine.

A machine's part is made once an issue, kept in the store for all workers, and its encoding is kept here.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from digest.frame import in_language
from digest.frame_subject import subject_in
from digest.mailer import Envelope
from digest.message import Identity, MailTemplate, Reader, dot_free, encoded
from digest.placeholders import for_sections
from digest.tokens import Links, Tokens, message_id
from knowledge.errors import KnowledgeError
from knowledge.store.delivery_rows import Claimed, Run
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.digest_rows import IssueRow
from knowledge.store.subscriber_rows import SavedRig

log = logging.getLogger(__name__)

PartMaker = Callable[[SavedRig], tuple[str, str]]
"""Makes an issue's part for a machine: (HTML, text). Raises KnowledgeError where it cannot."""

KEPT_PARTS: Final = 4096
"""Encoded parts kept in memory, a few kB each."""

KEPT_TEMPLATES: Final = 64
"""Choices of sections and languages kept in memory, an issue's size each."""

_AT_A_TIME: Final = 8


class Composer:
    """Composes the mails of one issue."""

    def __init__(
        self,
        issue: IssueRow,
        run: Run,
        *,
        identity: Identity,
        links: Links,
        tokens: Tokens,
        bounces: str,
        shuffle: Callable[[list[str]], None],
        part_of: PartMaker | None = None,
    ) -> None:
        self._month = issue.month
        self._run = run
        self._identity = identity
        self._links, self._tokens, self._bounces = links, tokens, bounces
        self._part_of = part_of
        self._shuffle = shuffle
        self._parts: OrderedDict[tuple[str, str], tuple[bytes, bytes, bool]] = OrderedDict()
        self._issue = issue
        self._templates: OrderedDict[tuple[tuple[str, ...] | None, str], MailTemplate] = OrderedDict()

    def _template(self, sections: tuple[str, ...] | None, language: str) -> MailTemplate:
        """Return the issue with the sections and the frame a reader wants, encoded once for all who want the same."""
        wanted = (sections, language)
        made = self._templates.get(wanted)
        if made is None:
            html, text = in_language(*for_sections(self._issue.html, self._issue.text, sections), language)
            made = self._templates[wanted] = MailTemplate(
                subject=subject_in(self._issue.subject, language),
                html=html,
                text=text,
                identity=self._identity,
                feedback=f"{self._month}:digest:monthly:{self._identity.domain}",
            )
            if len(self._templates) > KEPT_TEMPLATES:
                self._templates.popitem(last=False)
        self._templates.move_to_end(wanted)
        return made

    def prepare(self, claimed: Sequence[Claimed], store: DeliveryStore) -> None:
        """Have the parts for these readers' machines ready: from memory, from the store, or newly made and stored."""
        wanted = {(mail.rig_key, mail.language): mail.rig for mail in claimed if mail.rig}
        rigs = {key: rig for (key, language), rig in wanted.items() if (key, language) not in self._parts}
        if self._part_of is None:
            return
        parts = store.rig_parts(self._month, list(rigs))
        missing = [key for key in rigs if key not in parts]
        self._shuffle(missing)  # workers that begin together then make different ones, and find the others' made
        for start in range(0, len(missing), _AT_A_TIME):
            some = missing[start : start + _AT_A_TIME]
            found = store.rig_parts(self._month, some)
            store.keep_rig_parts(
                self._month, {key: self._made(rigs[key], self._part_of) for key in some if key not in found}
            )
        parts |= store.rig_parts(self._month, missing)
        for key, language in wanted:
            if key in parts:
                html, text = map(encoded, in_language(*parts[key], language))
                self._parts[key, language] = (html, text, dot_free(html) and dot_free(text))
            if (key, language) in self._parts:
                self._parts.move_to_end((key, language))
        while len(self._parts) > KEPT_PARTS:
            self._parts.popitem(last=False)

    def _made(self, rig: SavedRig, part_of: PartMaker) -> tuple[str, str]:
        try:
            return part_of(rig)
        except KnowledgeError as error:
            log.warning("The part for a reader's machine was left out: %s", error)
            return "", ""

    def mail(self, claimed: Claimed, *, now: datetime) -> tuple[Envelope, bytes]:
        """Return envelope and bytes of one mail; `prepare` has seen it. Raises HeaderError for an unusable address."""
        sid, version = claimed.subscriber_id, claimed.token_version
        mail_id = message_id(self._run.message_key, self._month, sid, self._identity.domain)
        html, text, undotted = self._parts.get((claimed.rig_key, claimed.language), (b"", b"", True))
        template = self._template(claimed.sections, claimed.language)
        reader = Reader(
            address=claimed.address,
            message_id=mail_id,
            unsubscribe_url=self._links.to("unsubscribe", sid, version),
            preferences_url=self._links.to("preferences", sid, version),
            rig_html=html,
            rig_text=text,
        )
        envelope = Envelope(
            sender=self._tokens.return_path(self._bounces, self._month, sid),
            recipient=claimed.address,
            message_id=mail_id,
            dot_free=undotted and template.dot_free,
        )
        return envelope, template.compose(reader, now=now)
