"""Which column of a file fills which field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from layers.importing.targets import Field
from spatial.errors import InputError

_DBF_NAME_BYTES = 10


def plain(name: str) -> str:
    """`name` without case, spaces, underscores and units in brackets."""
    return re.sub(r"[\s_\-]|[(（\[].*[)）\]]$", "", name).lower()


def find_column(columns: Iterable[str], names: Sequence[str]) -> str | None:
    """The column that goes by the first possible of `names`, whole or as a Shapefile cuts it."""
    by_plain_name: dict[str, str] = {}
    for column in columns:
        by_plain_name.setdefault(plain(column), column)
    spellings = [plain(name) for name in names] + [plain(_cut(name)) for name in names]
    return next((by_plain_name[name] for name in spellings if name in by_plain_name), None)


def _cut(name: str) -> str:
    """`name` in the ten bytes that a .dbf leaves for it."""
    return name.encode()[:_DBF_NAME_BYTES].decode(errors="ignore")


def stated_column(columns: Sequence[str], name: str, option: str, file_name: str) -> str:
    """The column that a person named.

    Raises:
        InputError: there is no such column.
    """
    if name in columns:
        return name
    found = find_column(columns, [name])
    if found is None:
        raise InputError(
            f"{file_name}: no column {name} ({option})", remedy=f"columns: {listed(columns)}"
        )
    return found


def listed(columns: Iterable[str]) -> str:
    """Column names for a message."""
    return ", ".join(columns)[:300]


def map_columns(
    columns: Sequence[str],
    fields: Sequence[Field],
    stated: Mapping[str, str],
    constants: Mapping[str, str],
    file_name: str,
) -> dict[str, str]:
    """Field → column: stated ones first, then by name; a column is found for one field only.

    Raises:
        InputError: an unknown field or column is stated, or a required field has none.
    """
    known = {field.name for field in fields}
    for name in (*stated, *constants):
        if name not in known:
            raise InputError(f"no field is called {name}", remedy=f"fields: {listed(known)}")
    chosen = {
        name: stated_column(columns, column, f"--map {name}=…", file_name)
        for name, column in stated.items()
    }
    for field in fields:
        if field.name in chosen or field.name in constants:
            continue
        free = [column for column in columns if column not in chosen.values()]
        found = find_column(free, (field.name, *field.names))
        if found is not None:
            chosen[field.name] = found
        elif field.required:
            raise InputError(
                f"{file_name}: no column for {field.name} / 缺少列",
                remedy=f"--map {field.name}=COLUMN or --set {field.name}=VALUE; "
                f"columns: {listed(columns)}",
            )
    return chosen
