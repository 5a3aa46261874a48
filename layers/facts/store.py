"""The facts in the database: every town has the same departments and categories."""

from __future__ import annotations

import psycopg

from layers.facts import categories, departments


def save_facts(connection: psycopg.Connection) -> None:
    """Departments and categories; those that are there stay as they are."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.department (code, name, name_en) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [(fact.code, fact.name, fact.name_en) for fact in departments()],
        )
        cursor.executemany(
            "INSERT INTO layers.category (code, name, name_en, department) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(fact.code, fact.name, fact.name_en, fact.department) for fact in categories()],
        )
