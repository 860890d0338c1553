"""What Alembic runs: the connection comes from `knowledge.store.db.upgrade`, each migration is one transaction.

There is no offline mode and no configuration file.
"""

from __future__ import annotations

from alembic import context

from knowledge.store.tables.every import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    transactional_ddl=True,
    compare_server_default=True,
)

with context.begin_transaction():
    context.run_migrations()
