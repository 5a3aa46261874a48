"""Codes of departments and categories, by code or name; new names become new codes."""

from __future__ import annotations

import re

import pandas as pd
import psycopg
from psycopg import sql

from layers.importing.values import each


def codes_of_names(connection: psycopg.Connection, table: str, names: pd.Series) -> pd.Series:
    """The codes that `names` stand for; an unknown one is added under a code made of it.

    Args:
        table: department or category.
        names: a code, a Chinese or an English name, or None.
    """
    codes = _known_codes(connection, table)
    for name in names.dropna().unique():
        if name.lower() not in codes:
            codes[name.lower()] = _add(connection, table, name, set(codes.values()))
    return each(names, lambda name: None if name is None else codes[name.lower()])


def _known_codes(connection: psycopg.Connection, table: str) -> dict[str, str]:
    rows = connection.execute(
        sql.SQL("SELECT code, name, name_en FROM layers.{}").format(sql.Identifier(table))
    ).fetchall()
    named = {name.lower(): code for code, *names in rows for name in names}
    return named | {code.lower(): code for code, *_ in rows}


def _add(connection: psycopg.Connection, table: str, name: str, taken: set[str]) -> str:
    code = re.sub(r"[\W_]+", "_", name.lower()).strip("_") or "unnamed"
    while code in taken:
        code += "_"
    connection.execute(
        sql.SQL("INSERT INTO layers.{} (code, name, name_en) VALUES (%s, %s, %s)").format(
            sql.Identifier(table)
        ),
        (code, name, name),
    )
    return code
