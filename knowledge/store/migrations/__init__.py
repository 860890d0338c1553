"""The schema's history for Alembic: one module a step under `versions`. No table definitions in use: see `tables`."""
