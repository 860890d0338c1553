"""Benchmarks: one module a figure, each comparing within one run.

Run them all with `python -m bench`. Nothing here asserts a time.
"""
