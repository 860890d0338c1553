"""Benchmarks: one script a figure, each with a smoke test so that it cannot rot. Nothing here is imported by the product."""
