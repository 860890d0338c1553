"""One module a schema change, oldest first. Each is written once and never edited after it was released."""
