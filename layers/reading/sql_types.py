"""PostgreSQL's types of the properties."""

from __future__ import annotations

from collections.abc import Mapping

from layers.catalogue import FieldType

SQL_TYPES: Mapping[FieldType, str] = {
    FieldType.STRING: "text",
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "float8",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATE_TIME: "timestamptz",
}
