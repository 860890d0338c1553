"""Settings: what is taken, what is refused and how the refusal helps."""

from __future__ import annotations

import pytest

from bot.settings import Settings
from bot.standin import TOKEN
from knowledge.errors import BadInput

GOOD = {"DISCORD_TOKEN": TOKEN}


def test_defaults() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.token == TOKEN
    assert settings.shard_count is None
    assert settings.api_url == ""
    assert TOKEN not in repr(settings)


def test_shards_and_loopback() -> None:
    settings = Settings.from_env(
        {
            **GOOD,
            "RUNLOCALAI_SHARD_COUNT": "8",
            "RUNLOCALAI_SHARD_IDS": "0-2, 5",
            "RUNLOCALAI_DISCORD_API": "http://127.0.0.1:9/api/v10/",
            "RUNLOCALAI_DISCORD_GATEWAY": "ws://[::1]:9/gw",
        }
    )
    assert settings.shard_ids == (0, 1, 2, 5)
    assert settings.api_url == "http://127.0.0.1:9/api/v10"
    assert settings.gateway_url == "ws://[::1]:9/gw"


@pytest.mark.parametrize(
    ("env", "subject"),
    [
        ({"DISCORD_TOKEN": ""}, "DISCORD_TOKEN"),
        ({"DISCORD_TOKEN": "short"}, "DISCORD_TOKEN"),
        ({"DISCORD_TOKEN": f"Bot {TOKEN}"}, "DISCORD_TOKEN"),
        ({"DISCORD_TOKEN": f"{TOKEN}\r\nX-Evil: 1"}, "DISCORD_TOKEN"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"RUNLOCALAI_SHARD_COUNT": "0"}, "RUNLOCALAI_SHARD_COUNT"),
        ({"RUNLOCALAI_SHARD_COUNT": "²"}, "RUNLOCALAI_SHARD_COUNT"),
        ({"RUNLOCALAI_SHARD_IDS": "0"}, "RUNLOCALAI_SHARD_IDS"),
        ({"RUNLOCALAI_SHARD_COUNT": "2", "RUNLOCALAI_SHARD_IDS": "0-2"}, "RUNLOCALAI_SHARD_IDS"),
        ({"RUNLOCALAI_SHARD_COUNT": "2", "RUNLOCALAI_SHARD_IDS": "a"}, "RUNLOCALAI_SHARD_IDS"),
        ({"RUNLOCALAI_SHARD_COUNT": "2", "RUNLOCALAI_SHARD_IDS": "1-0"}, "RUNLOCALAI_SHARD_IDS"),
        ({"RUNLOCALAI_RELOAD_S": "-1"}, "RUNLOCALAI_RELOAD_S"),
        ({"RUNLOCALAI_DISCORD_API": "https://evil.example/api"}, "RUNLOCALAI_DISCORD_API"),
        ({"RUNLOCALAI_DISCORD_API": "http://127.0.0.1.evil.example/"}, "RUNLOCALAI_DISCORD_API"),
        ({"RUNLOCALAI_DISCORD_API": "http://127.0.0.1@evil.example/"}, "RUNLOCALAI_DISCORD_API"),
        ({"RUNLOCALAI_DISCORD_API": "http://192.168.0.1/"}, "RUNLOCALAI_DISCORD_API"),
        ({"RUNLOCALAI_DISCORD_GATEWAY": "http://127.0.0.1/"}, "RUNLOCALAI_DISCORD_GATEWAY"),
    ],
)
def test_refused(env: dict[str, str], subject: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settings.from_env({**GOOD, **env})
    assert refused.value.subject == subject
    assert refused.value.hint
    assert TOKEN not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once_and_no_secret() -> None:
    env = {
        "DISCORD_TOKEN": f"{TOKEN} and more",
        "DATABASE_URL": "mysql://someone:s3cret@db/x",
        "RUNLOCALAI_SHARD_COUNT": "many",
        "RUNLOCALAI_SHARD_IDS": "0-2",
        "BOT_HEALTH_PORT": "70000",
        "BOT_MAINTAINERS": "me",
    }
    with pytest.raises(BadInput) as refused:
        Settings.from_env(env)
    wrong = ["DATABASE_URL", "DISCORD_TOKEN", "RUNLOCALAI_SHARD_COUNT", "BOT_MAINTAINERS", "BOT_HEALTH_PORT"]
    assert refused.value.subject.split(", ") == wrong  # the shards' numbers are fine for all one knows
    lines = str(refused.value).splitlines()
    assert len(lines) == 1 + len(wrong)
    assert all(name in line for name, line in zip(wrong, lines[1:], strict=True))
    assert TOKEN not in str(refused.value)
    assert "s3cret" not in str(refused.value)
