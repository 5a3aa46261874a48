"""The facts in the database: every town has the same departments and categories."""

from __future__ import annotations

import psycopg

from layers.facts import categories, departments, dispatch_rules, skills


def save_facts(connection: psycopg.Connection) -> None:
    """Departments, categories, skills, rules; those that are there stay as they are."""
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
        cursor.executemany(
            "INSERT INTO layers.skill (code, name, name_en, kind) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [(fact.code, fact.name, fact.name_en, fact.kind) for fact in skills()],
        )
        cursor.executemany(
            "INSERT INTO layers.dispatch_rule (ordinal, category, premises_kind, source,"
            " department, co_departments, skills, severity, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (
                    fact.ordinal,
                    fact.category,
                    fact.premises_kind,
                    fact.source,
                    fact.department,
                    list(fact.co_departments),
                    list(fact.skills),
                    fact.severity,
                    fact.reason,
                )
                for fact in dispatch_rules()
            ],
        )
