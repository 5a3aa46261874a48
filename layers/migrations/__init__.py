"""Bringing a database up to date: tables by Alembic, then the functions and views of layers/sql."""
