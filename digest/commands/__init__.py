"""The commands of `python -m digest`, one module each with `register` and `run`. They hold no logic of their own."""
