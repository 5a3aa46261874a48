"""What a person says about a file to be imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ImportOptions:
    """What to read, and how.

    Attributes:
        path: the file.
        rejects_path: where rejected rows go.
        crs: of the coordinates; overrides what the file says.
        layer: a layer or sheet of several.
        encoding: of the text.
        key: the column that identifies a row; else the row's content does.
        columns: field → column, for names that are not found by themselves.
        constants: field → value for all rows.
        lon, lat: columns of the coordinates.
        time_format: strptime format of times that are not ISO 8601.
        category_until: a category is the text before this, e.g. ':'.
        strict: any reject loads nothing.
        attribution: who made the data, under which licence.
    """

    path: Path
    rejects_path: Path
    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    key: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    lon: str | None = None
    lat: str | None = None
    time_format: str | None = None
    category_until: str | None = None
    strict: bool = False
    attribution: str | None = None
