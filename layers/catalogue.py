"""The spine: what a published layer is. The entries themselves are in layers/entries.

From an entry come its view and grants, its OGC collection with queryables and schema, its tiles,
and its place in the map page's legend. Adding a layer is one entry and a migration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from spatial.database import RightsClass
from spatial.errors import NotFoundError


class Release(StrEnum):
    """Who may see a layer at all."""

    PUBLIC = "public"
    INTERNAL = "internal"

    def readable_by(self, rights: RightsClass) -> bool:
        """Whether a principal with `rights` may read a layer of this release."""
        return self is Release.PUBLIC or rights is RightsClass.INTERNAL


class FieldType(StrEnum):
    """JSON Schema's names for what a property holds."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "date-time"


@dataclass(frozen=True)
class Text:
    """A text in the two languages of the house, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True)
class Field:
    """One public property.

    Attributes:
        name: the column of the view.
        unit: UCUM code, where the value is a quantity.
        codes: the meaning of each code of a code list.
    """

    name: str
    title: Text
    type: FieldType = FieldType.STRING
    unit: str | None = None
    codes: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One layer.

    Attributes:
        id: collection id and name of the view in schema `published`.
        source: the table whose import batches tell where the layer's data come from.
        select: SELECT with the columns id, town_id, those of `fields`, and geom (EPSG:4326).
        geometry: what the geometries are, GeoJSON's names without "Multi".
        precision: how exact the published positions are, in words.
        time_field: the property that `datetime=` filters; None where a layer has no time.
        min_zoom: from which tile zoom on the map shows it.
        visible: whether the map page shows it from the start.
    """

    id: str
    title: Text
    description: Text
    geometry: Literal["Point", "LineString", "Polygon", "Geometry"]
    release: Release
    precision: Text
    fields: tuple[Field, ...]
    source: str
    select: str
    time_field: str | None = None
    min_zoom: int = 8
    max_zoom: int = 18
    visible: bool = True

    def field(self, name: str) -> Field | None:
        """The field called `name`, if there is one."""
        return next((each for each in self.fields if each.name == name), None)


@dataclass(frozen=True)
class Catalogue:
    """All layers, in the order of the legend."""

    entries: tuple[Entry, ...]

    def entry(self, layer_id: str) -> Entry:
        """The entry called `layer_id`.

        Raises:
            NotFoundError: there is none.
        """
        for entry in self.entries:
            if entry.id == layer_id:
                return entry
        raise NotFoundError(f"there is no layer called {layer_id} / 没有这个图层")

    def readable_by(self, rights: RightsClass) -> Iterable[Entry]:
        """The layers that a principal with `rights` may read."""
        return (entry for entry in self.entries if entry.release.readable_by(rights))
