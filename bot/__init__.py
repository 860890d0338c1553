"""The Discord bot: slash commands, cards and choices over `knowledge`. It computes no answers of its own."""
