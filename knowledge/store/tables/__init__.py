"""The tables of the store, a module for each part: whoever needs one loads that one. All together are in `every`.

Curated content is in `catalogue` and `meta` (written by `sync` alone), run-time rows are in `digest`, `proposals`,
`delivery`, `subscribers`, `bot` and `shared`.
No queries here.
"""
