"""Reads a model it does not know from its published header or config. Not part of answering a question."""
