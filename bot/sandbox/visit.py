"""One browser page open on the sandbox: what it asks done in front of Discord, and what it is shown.

A page sends `{"id", "op", …}` and gets `{"id", "ok", …}`; besides it is pushed every change to a message it may see.
Who the person is and where they are is the page's to say: this is a sandbox on one's own machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.listing import languages, offered
from bot.standin import StandIn, interact
from bot.standin.exchange import Exchange
from bot.standin.payloads import GUILD_ID, IN_BOT_DM, IN_GUILD, IN_PRIVATE, USER_ID, Json
from bot.standin.server import Where
from bot.standin.world import Place, Posted

MOST_SHOWN = 60
FAILED = "The application did not respond"


class CannotDo(Exception):
    """What the page asked is not possible; the message is for the person."""


class Visit:
    """One page's connection. `bot_state` tells how the bot's process is."""

    def __init__(self, discord: StandIn, socket: web.WebSocketResponse, bot_state: Callable[[], str]) -> None:
        self.discord, self.socket, self.bot_state = discord, socket, bot_state
        self.user_id = USER_ID
        self.place = discord.world.place(GUILD_ID, USER_ID)
        self.locale = "en-US"
        self._modals: dict[str, Exchange] = {}
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._ops: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "enter": self._enter,
            "slash": self._slash,
            "autocomplete": self._autocomplete,
            "press": self._press,
            "choose": self._choose,
            "submit": self._submit,
            "menu": self._menu,
            "say": self._say,
            "dismiss": self._dismiss,
        }

    # the connection

    async def serve(self) -> None:
        """Take what the page asks until it goes; what takes long does not hold up the next."""
        self.discord.world.told.append(self._told)
        sender = asyncio.create_task(self._send_all())
        working: set[asyncio.Task[None]] = set()
        try:
            async for frame in self.socket:
                if frame.type is web.WSMsgType.TEXT:
                    task = asyncio.create_task(self._answer(frame.data))
                    working.add(task)
                    task.add_done_callback(working.discard)
        finally:
            self.discord.world.told.remove(self._told)
            for task in (sender, *working):
                task.cancel()

    async def _send_all(self) -> None:
        while True:
            await self.socket.send_bytes(await self._out.get())

    async def _answer(self, raw: str) -> None:
        number: object = None
        try:
            asked = orjson.loads(raw)
            number = asked.get("id")
            said = {"ok": True, **await self._ops[asked["op"]](asked)}
        except CannotDo as cannot:
            said = {"ok": False, "error": str(cannot)}
        except TimeoutError:
            said = {"ok": False, "error": FAILED}
        except LookupError as missing:
            said = {"ok": False, "error": f"{missing}"}
        except (ValueError, TypeError, AttributeError):
            said = {"ok": False, "error": "That is not something the sandbox understands."}
        self.push({"id": number, **said})

    def push(self, what: Json) -> None:
        """Send something to the page."""
        self._out.put_nowait(orjson.dumps(what))

    def _told(self, what: str, posted: Posted) -> None:
        if posted.channel_id == self.place.id and posted.only_for in {None, self.user_id}:
            self.push({"push": what, "message": posted.json})

    # what it asks

    async def _enter(self, asked: Json) -> Json:
        """Be somebody, somewhere, in a language: all there is to see."""
        self.user_id = int(asked.get("user_id") or USER_ID)
        self.locale = str(asked.get("locale") or "en-US")
        self.place = self._place(str(asked.get("place") or ""))
        return self.scene()

    def _place(self, wanted: str) -> Place:
        return next((place for place in self.places() if str(place.id) == wanted), self.places()[0])

    def places(self) -> list[Place]:
        """The channels this person has: the guild's, then direct messages, then a group without the bot."""
        world = self.discord.world
        guild = [place for place in world.places.values() if place.context == IN_GUILD]
        return [*guild, world.place(None, self.user_id), world.place(None, self.user_id, private=True)]

    def scene(self) -> Json:
        """All that the page shows."""
        world = self.discord.world
        person = world.person(self.user_id)
        seen = [
            posted.json
            for posted in world.messages.values()
            if posted.channel_id == self.place.id and posted.only_for in {None, self.user_id}
        ]
        return {
            "me": person.user,
            "people": [one.user for one in world.people.values()],
            "place": str(self.place.id),
            "places": [_shown(place) for place in self.places()],
            "guild": str(GUILD_ID),
            "locale": self.locale,
            "locales": languages(self.discord.commands),
            "commands": offered(self.discord.commands, person, self.place, self.locale),
            "messages": seen[-MOST_SHOWN:],
            "bot": self.bot_state(),
        }

    def _where(self) -> Where:
        return {
            "user_id": self.user_id,
            "channel_id": self.place.id,
            "locale": self.locale,
            "user_install": self.place.context == IN_PRIVATE,
            "timeout_s": self.discord.rules.deadline_s + 0.2,
        }

    def _outcome(self, exchange: Exchange) -> Json:
        """What an exchange came to, as far as no message shows it."""
        modal = exchange.modal
        if modal is None:
            return {}
        self._modals[exchange.token] = exchange
        return {"modal": modal, "token": exchange.token}

    async def _slash(self, asked: Json) -> Json:
        options = self._options(asked)
        command, way = interact.find(self.discord.commands, asked["name"])
        problems = interact.option_problems(way[-1] if way else command, options)
        if problems:
            raise CannotDo(" ".join(problems))
        return self._outcome(await self.discord.slash(asked["name"], options, **self._where()))

    def _options(self, asked: Json) -> Json:
        """The options given; a file is named by its id, as the upload answered it."""
        given = dict(asked.get("options") or {})
        return {key: self._file(value["file"]) if isinstance(value, dict) else value for key, value in given.items()}

    def _file(self, file_id: str) -> Json:
        if int(file_id) not in self.discord.world.files:
            raise CannotDo("That file is no longer here. Attach it again.")
        return self.discord.attachment(int(file_id))

    async def _autocomplete(self, asked: Json) -> Json:
        options, typing = self._options(asked), asked["typing"]
        text = str(options.pop(typing, ""))
        return {
            "choices": (await self.discord.autocomplete(asked["name"], typing, text, options, **self._where())).choices
        }

    def _message(self, asked: Json) -> Json:
        posted = self.discord.world.messages.get(int(asked["message"]))
        if posted is None or posted.only_for not in {None, self.user_id}:
            raise CannotDo("That message is gone.")
        return posted.json

    async def _press(self, asked: Json) -> Json:
        message = self._message(asked)
        interact.component(message, asked["custom_id"])
        return self._outcome(await self.discord.press(asked["custom_id"], message, **self._where()))

    async def _choose(self, asked: Json) -> Json:
        values = [str(value) for value in asked["values"]]
        message = self._message(asked)
        return self._outcome(await self.discord.choose(asked["custom_id"], message, *values, **self._where()))

    async def _submit(self, asked: Json) -> Json:
        opened = self._modals.pop(asked["token"], None)
        if opened is None:
            raise CannotDo("This form was sent already.")
        values = {
            key: [self._file(one["file"]) for one in value] if _files(value) else value
            for key, value in asked["values"].items()
        }
        return self._outcome(await self.discord.submit(opened, values, **self._where()))

    async def _menu(self, asked: Json) -> Json:
        if asked.get("user"):
            return self._outcome(await self.discord.use_on_user(asked["name"], int(asked["user"]), **self._where()))
        return self._outcome(await self.discord.use_on_message(asked["name"], self._message(asked), **self._where()))

    async def _say(self, asked: Json) -> Json:
        files = [self._file(one) for one in asked.get("files") or []]
        text = str(asked["text"]).strip()[:2000]
        if not text and not files:
            raise CannotDo("There is nothing to send.")
        self.discord.say(text, user_id=self.user_id, channel_id=self.place.id, files=files)
        return {}

    async def _dismiss(self, asked: Json) -> Json:
        """Put a private message away."""
        posted = self.discord.world.messages.get(int(asked["message"]))
        if posted is not None and posted.only_for == self.user_id:
            self.discord.world.delete(posted.id)
        return {}


def _files(value: Any) -> bool:  # noqa: ANN401 -- what a page sends
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "file" in one for one in value)


def _shown(place: Place) -> Json:
    names = {IN_BOT_DM: "RUNLOCALAI", IN_PRIVATE: "Ada & Grace"}
    name = names.get(place.context) or place.channel["name"]
    return {"id": str(place.id), "name": name, "context": place.context, "type": place.channel["type"]}
