"""What maintainers ask of the digest: a request in the store, served by a digest process, its result posted when done.

Every ask is checked here against the maintainers named in the settings and written to the audit log, whatever Discord
let through. No digest code: the two processes may run on different machines.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from bot import cards, components, guard, respond
from bot.layout import Component, File, Reply
from bot.respond import Interaction, Manner
from bot.say import Say, say_in
from bot.text import label, markdown, plain
from knowledge.errors import StoreError
from knowledge.store.issue_rows import IssueFile
from knowledge.store.request_store import RequestRow

APPROVE = "A"
WAIT_S = 600.0
"""So long a result is waited for; an interaction's token lives 15 minutes."""

FIRST_S, MOST_S = 0.3, 4.0
MOST_FILES = 8
MOST_BYTES = 8_000_000


async def refused(interaction: Interaction, action: str) -> bool:
    """Whether this person is none of the maintainers; then they are told, and it is written down."""
    if guard.is_maintainer(interaction.user.id, interaction.client.settings.maintainers):
        return False
    people = interaction.client.people
    await people.record(interaction.user.id, action, {}, "refused", interaction.guild_id)
    await respond.answer(interaction, not_allowed, private=True)
    return True


def not_allowed(say: Say) -> Reply:
    """That it is for maintainers."""
    return cards.note_reply(say("maintain.not_allowed_title"), say("maintain.not_allowed"))


async def ask_digest(interaction: Interaction, kind: str, month: str, args: dict[str, Any]) -> None:
    """Queue a request, say so, and post its result in the same message when it is there."""
    if await refused(interaction, f"digest {kind}"):
        return
    app, user_id = interaction.client, interaction.user.id
    how = Manner(say_in(interaction.locale.value), True, user_id)
    said = {"month": month, **args}
    await app.people.record(
        user_id, f"digest {kind}", said, "asked", interaction.guild_id
    )  # nothing unrecorded is done
    number = await app.people.ask_digest(kind, month, args, user_id)
    await app.people.record(user_id, f"digest {kind}", said, f"request {number}", interaction.guild_id)
    asked = cards.done_reply(f"🗞️ {plain(kind)}", how.say("maintain.asked", kind=kind, n=number))
    await respond.send(interaction, asked, how)
    app.spawn(_post_result(interaction, kind, number, how))


async def _post_result(interaction: Interaction, kind: str, number: int, how: Manner) -> None:
    app = interaction.client
    found = await _settled(interaction, number)
    if found is None:
        reply = cards.note_reply(f"🗞️ {plain(kind)}", how.say("maintain.waiting", n=number))
    else:
        files = await app.people.request_files(number)
        reply = result_reply(found, files, how.say, _approve(interaction, found, how))
        await app.people.record(how.user_id, f"digest {kind} result", {"request": number}, found.state, None)
    view = respond.Layout(respond.rendered(reply, app.desk.signer, how))
    await interaction.edit_original_response(view=view, attachments=respond.files_of(reply.files))


async def _settled(interaction: Interaction, number: int) -> RequestRow | None:
    """The request once it is done or failed; None where nobody served it in time."""
    until_s, pause_s = time.monotonic() + WAIT_S, FIRST_S
    while time.monotonic() < until_s:
        with contextlib.suppress(StoreError):  # a store that is away for a moment is asked again
            found = await interaction.client.people.request(number)
            if found is not None and found.state in {"done", "failed"}:
                return found
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 1.5, MOST_S)
    return None


def _approve(interaction: Interaction, found: RequestRow, how: Manner) -> tuple[Component, ...]:
    """A button under a preview that approves exactly the revision shown, for the maintainer who looked at it."""
    revision = str(found.result.get("revision") or "")
    if found.kind != "preview" or found.state != "done" or not revision:
        return ()
    custom_id = interaction.client.desk.signer.sign(APPROVE, f"{found.month}:{revision[:64]}", how.user_id)
    return (components.row(components.button(how.say("button.approve"), custom_id, style=components.SUCCESS)),)


def result_reply(found: RequestRow, files: list[IssueFile], say: Say, controls: tuple[Component, ...] = ()) -> Reply:
    """The card of a settled request: its text, its figures, its files."""
    text = markdown(str(found.result.get("text") or found.result.get("error") or ""), 3000)
    figures = [
        f"{plain(str(name), 60)}: **{plain(str(value), 120)}**"
        for name, value in found.result.items()
        if name not in {"text", "error"} and isinstance(value, str | int | float)
    ]
    key = "maintain.done" if found.state == "done" else "maintain.failed"
    title = f"{'✅' if found.state == 'done' else '⚠️'} {say(key, kind=found.kind)}"
    body = "\n".join(part for part in (text, *figures[:15]) if part)
    make = cards.done_reply if found.state == "done" else cards.note_reply
    reply = make(title, body, controls=controls)
    return Reply(cards=reply.cards, controls=controls, shareable=False, files=tuple(kept_files(files)))


def kept_files(files: list[IssueFile]) -> list[File]:
    """The files Discord takes: eight, 8 MB together, plain names."""
    kept: list[File] = []
    for file in files[:MOST_FILES]:
        name = "".join(char if char.isalnum() or char in "._-" else "-" for char in label(file.name, 80)) or "file"
        if sum(len(one.body) for one in kept) + len(file.body) <= MOST_BYTES:
            kept.append(File(name=name, body=bytes(file.body), alt=name))
    return kept
