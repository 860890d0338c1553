"""The knowledge core: catalogue, fit estimator, glossary and error matching, and the store that holds them.

It answers questions. It does not speak Discord, send mail or fetch feeds: `bot` and `digest` do, and both ask here.
"""
