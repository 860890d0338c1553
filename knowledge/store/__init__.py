"""The store: everything that is kept in a database, and the only place that speaks SQLAlchemy.

`db` opens engines and upgrades schemas, `tables` says what is kept, `sync` writes the curated content, `queries` reads
the snapshot, `rigs` and `digest_store` hold people's and the digest's own rows. Nothing here computes an answer.
"""
