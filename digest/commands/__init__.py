"""The commands of `python -m digest`, one module each with `register` and `run`. They call; the rest of the package does."""
