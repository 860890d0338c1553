"""Tests of the bot: pure parts by themselves, the client over the wire with the real process."""
