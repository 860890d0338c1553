"""A test mail: an issue as one reader would get it, signed and sent as all would be. No row is made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from digest.addresses import Address
from digest.drafts import parts_for
from digest.mailer import Envelope, Mailer, Outcome, send_one
from digest.message import MailTemplate, Reader, encoded
from digest.outgoing import identity_of, utc_now
from digest.settings import Settings
from knowledge.errors import BadInput
from knowledge.store.stores import Stores
from knowledge.store.subscriber_rows import SavedRig


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One test mail, ready to leave."""

    envelope: Envelope
    mail: bytes


def trial_of(stores: Stores, settings: Settings, month: str, to: Address, *, rig: str = "") -> Trial:
    """Compose a test mail. Raises BadInput where there is no issue or mail is not set up, UnknownName for a rig."""
    identity, issue = identity_of(settings), stores.digest.issue(month)
    if issue is None:
        raise BadInput(f"There is no issue of {month}.", subject="month", hint="Make it with `digest preview --month`.")
    html, text = parts_for(stores, settings, month)(SavedRig(name=rig)) if rig else ("", "")
    template = MailTemplate(
        subject=f"[Test] {issue.subject}", html=issue.html, text=issue.text, identity=identity, feedback=""
    )
    mail_id = f"test.{secrets.token_hex(12)}@{identity.domain}"
    nowhere = f"{settings.public_url}/digest"  # a test mail must not carry a link that unsubscribes anybody
    reader = Reader(
        address=to.address,
        message_id=mail_id,
        unsubscribe_url=nowhere,
        preferences_url=nowhere,
        rig_html=encoded(html),
        rig_text=encoded(text),
    )
    envelope = Envelope(sender=settings.mail.bounces, recipient=to.address, message_id=mail_id)
    return Trial(envelope=envelope, mail=template.compose(reader, now=utc_now()))


async def send_trial(mailer: Mailer, trial: Trial) -> Outcome:
    """Send it. Raises MailerError where there is no connection to be had."""
    return await send_one(mailer, trial.envelope, trial.mail)
