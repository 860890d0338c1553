"""The fit estimator: memory, speed and placement of a model on named hardware, as the engine itself would do it.

Pure functions over catalog dataclasses. Nothing here resolves names, reads files or knows who asks.
"""
