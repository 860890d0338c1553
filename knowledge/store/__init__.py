"""The store: tables, sync, migrations and the queries that build a Knowledge snapshot. The only home of SQLAlchemy."""
