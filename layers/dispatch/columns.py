"""Columns and checks that the tables of dispatching have in common."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity


def row_id() -> Column[int]:
    """The key of a table whose rows are numbered as they come."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def moment(name: str, **options: Any) -> Column[Any]:
    """A moment, with its offset."""
    return Column(name, DateTime(timezone=True), **options)


def one_of(column: str, codes: tuple[str, ...]) -> CheckConstraint:
    """That a column has one of some codes."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
