"""The spine: what a published layer is. The entries themselves are in layers/entries.

From an entry come its views and grants, its OGC collection with queryables and schema, its tiles,
its change feed, and its place in the map page's legend. Adding a layer is one entry and a
migration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from layers.roles import Role
from spatial.errors import NotFoundError


class Release(StrEnum):
    """Who may see a layer at all: everybody, or the entry's readers."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Rows(StrEnum):
    """Which rows of a layer a role sees."""

    ALL = "all"
    OWN_DEPARTMENT = "own department"
    OWN_GRID = "own grid"
    GRANTED = "all, where the account is granted the layer"


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

    def as_json(self) -> dict[str, str]:
        """As it is told to programs."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class Field:
    """One property.

    Attributes:
        name: the column of the view.
        unit: UCUM code, where the value is a quantity.
        codes: the meaning of each code of a code list.
        expression: SQL over the entry's relation; None: the column of the same name.
        readers: the roles that see it; None: all that see the layer.
        editable: whether the layer's editors may write it.
        required: whether a row can't be without it.
        live: whether it changes by itself all the time: the log of changes leaves it out.
    """

    name: str
    title: Text
    type: FieldType = FieldType.STRING
    unit: str | None = None
    codes: Mapping[str, Text] = field(default_factory=dict)
    expression: str | None = None
    readers: frozenset[Role] | None = None
    editable: bool = False
    required: bool = False
    live: bool = False

    def readable_by(self, role: Role) -> bool:
        """Whether `role` sees this property, where it sees the layer."""
        return self.readers is None or role in self.readers


# What every feature has beside its properties.
ID = Field("id", Text("标识", "identifier"), FieldType.INTEGER)


@dataclass(frozen=True)
class Entry:
    """One layer.

    Attributes:
        id: collection id and name of the views.
        source: the driving table: its changes are the layer's.
        relation: what the views select from, beginning with `source`; joins add to a row and never
            multiply it.
        condition: SQL; the rows that belong to the layer.
        id_column: SQL; the feature's id.
        town_column: SQL; the row's town.
        geometry: what the geometries are, GeoJSON's names without "Multi".
        geometry_column: SQL; EPSG:4326.
        made_from: the table whose import batches tell who made the data; None: `source`.
        cell: whether the rows carry their H3 cell of resolution 11 in a column of that name.
        readers: which rows each role sees of an internal layer; a role that isn't named sees none.
        department: SQL; the department that a row belongs to.
        grid: SQL; the id of the grid (level 3) that a row lies in.
        editors: the roles that may write.
        drafters: the roles whose writing goes into a draft of boundaries, not into the layer.
        level: of the units that it shows, where it has drafters.
        precision: how exact the published positions are, in words.
        time_field: the property that `datetime=` filters; None where a layer has no time.
        moves_with_time: whether rows come and go by the clock alone.
        keeps_versions: whether `datetime=` asks for the rows that held at a past moment.
        told_every_deg: where features move all the time, how far apart the places are of which
            the log of changes is told; None: of each.
        timeout_ms: how long a query of this layer may take.
        min_zoom: from which tile zoom the map shows every feature by itself.
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
    relation: str
    condition: str | None = None
    id_column: str = "id"
    town_column: str = "town_id"
    geometry_column: str = "geom"
    made_from: str | None = None
    cell: bool = False
    readers: Mapping[Role, Rows] = field(default_factory=dict)
    department: str | None = None
    grid: str | None = None
    editors: frozenset[Role] = frozenset()
    drafters: frozenset[Role] = frozenset()
    level: int | None = None
    time_field: str | None = None
    moves_with_time: bool = False
    keeps_versions: bool = False
    told_every_deg: float | None = None
    timeout_ms: int = 10_000
    min_zoom: int = 8
    max_zoom: int = 18
    visible: bool = True

    @property
    def writers(self) -> frozenset[Role]:
        """The roles that may send changes, wherever these go."""
        return self.editors | self.drafters

    def rows_for(self, role: Role) -> Rows | None:
        """Which rows `role` sees; None where it doesn't see the layer."""
        return Rows.ALL if self.release is Release.PUBLIC else self.readers.get(role)

    def readable_by(self, role: Role) -> bool:
        """Whether `role` sees the layer at all."""
        return self.rows_for(role) is not None

    def fields_for(self, role: Role) -> tuple[Field, ...]:
        """The properties that `role` sees."""
        return tuple(each for each in self.fields if each.readable_by(role))

    def queryables_for(self, role: Role) -> tuple[Field, ...]:
        """What `role` may filter by: the id and the properties that it sees."""
        return (ID, *self.fields_for(role))

    def is_public_to(self, role: Role) -> bool:
        """Whether `role` sees exactly what everybody may see."""
        everybody = self.fields_for(Role.ANONYMOUS)
        return self.release is Release.PUBLIC and self.fields_for(role) == everybody

    def field_for(self, role: Role, name: str) -> Field | None:
        """The field called `name`, if there is one that `role` sees."""
        return next((each for each in self.fields_for(role) if each.name == name), None)


@dataclass(frozen=True)
class Catalogue:
    """All layers, in the order of the legend."""

    entries: tuple[Entry, ...]

    def entry(self, layer_id: str) -> Entry:
        """The entry called `layer_id`.

        Raises:
            NotFoundError: there is none.
        """
        if layer_id not in self._by_id:
            raise NotFoundError(f"there is no layer called {layer_id} / 没有这个图层")
        return self._by_id[layer_id]

    def __contains__(self, layer_id: object) -> bool:
        return layer_id in self._by_id

    @cached_property
    def _by_id(self) -> Mapping[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def readable_by(self, role: Role) -> Iterable[Entry]:
        """The layers that `role` may read."""
        return (entry for entry in self.entries if entry.readable_by(role))
