"""Names and free text read as questions."""
