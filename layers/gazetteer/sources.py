"""Where names come from: for each layer one statement over its view; the names made of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.gazetteer.places import Place
from layers.gazetteer.search import Called
from layers.roles import Role

_SQL = Path(__file__).with_name("sql")
# A name that isn't the usual one, by how much it is worse.
_ALSO = 0.06
_ENGLISH = 0.1

type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """One sort of places.

    Attributes:
        layer: of the catalogue; who may read it may find its names.
        reader: a role that sees all rows of it.
        statement: SQL over the views of that role.
        call: makes a place of a row; None for a row without a name.
        by_row: whether each row is one feature, named by its id; else places are made of several
            features, and all are read again where one of them changes.
    """

    id: str
    layer: str
    reader: Role
    statement: str
    call: Callable[[Row], Called | None]
    by_row: bool = True


def _place(source: str, row: Row, kind: str, label: str, detail: str | None) -> Place:
    return Place(
        source,
        row["id"],
        f"{source}:{row['id']}",
        kind,
        label,
        detail or "",
        row["lon"],
        row["lat"],
    )


def _names(label: str, *also: str | None) -> list[tuple[str, float]]:
    seen = {label}
    names = [(label, 0.0)]
    for each in also:
        if each and each not in seen:
            seen.add(each)
            names.append((each, _ALSO))
    return names


def _premises(row: Row) -> Called:
    name, address = row["name"], row["address"] or ""
    where = f"{address} {row['entrance'] or ''}{_floor(row['floor'])}".strip()
    place = _place("premises", row, "premises", name, where)
    return place, _names(name, f"{address}{name}" if address else None)


def _floor(floor: str | None) -> str:
    return f"{floor}楼" if floor and floor.isdecimal() else floor or ""


def _building(row: Row) -> Called | None:
    name, address = row["name"], row["address"]
    if name:
        return _place("buildings", row, "building", name, address), _names(name, address)
    if address:
        return _place("buildings", row, "address", address, None), _names(address)
    return None


def _named(layer: str, kind: str) -> Callable[[Row], Called | None]:
    def call(row: Row) -> Called | None:
        name = row["name"]
        if not name:
            return None
        place = _place(layer, row, kind, name, row["detail"])
        names = _names(name, row["also"])
        english = row["name_en"]
        return place, names + ([(english, _ENGLISH)] if english and english != name else [])

    return call


def _lamp_post(row: Row) -> Called:
    number, street = row["number"], row["street"] or ""
    label = f"{street}{number}号灯杆"
    place = _place("lamp-posts", row, "lamp-post", label, None)
    return place, _names(label, f"灯杆{number}{street}", number)


def _crossing(row: Row) -> Called:
    one, other = row["one"], row["other"]
    label = f"{one}与{other}交叉口"
    place = Place("streets", None, f"crossing:{row['id']}:{one}:{other}", "crossing", label, "",
                  row["lon"], row["lat"])  # fmt: skip
    return place, [(label, 0.0), (f"{other}与{one}交叉口", 0.0)]


def _street(row: Row) -> Called:
    name = row["name"]
    place = Place(
        "streets", None, f"street:{row['id']}", "street", name, row["detail"] or "",
        row["lon"], row["lat"],
    )  # fmt: skip
    return place, _names(name)


def _entrance(row: Row) -> Called:
    label = f"{row['building']}{row['entrance']}"
    place = Place("premises", None, f"entrance:{row['id']}:{row['entrance']}", "entrance", label,
                  row["address"] or "", row["lon"], row["lat"])  # fmt: skip
    return place, _names(label, f"{row['address']}{row['entrance']}" if row["address"] else None)


def _sql(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def _source(
    id_: str,
    call: Callable[[Row], Called | None],
    *,
    layer: str | None = None,
    reader: Role = Role.ANONYMOUS,
    by_row: bool = True,
) -> Source:
    return Source(id_, layer or id_, reader, _sql(id_), call, by_row)


SOURCES = (
    _source("premises", _premises),
    _source("buildings", _building),
    _source("places", _named("places", "place")),
    _source("villages", _named("villages", "village")),
    _source("grids", _named("grids", "grid")),
    _source("micro-grids", _named("micro-grids", "micro-grid")),
    _source("micro-grid-shares", _named("micro-grid-shares", "micro-grid")),
    _source("sensors", _named("sensors", "sensor")),
    _source("water", _named("water", "water")),
    _source("lamp-posts", _lamp_post),
    _source("place-aliases", _named("place-aliases", "alias"), reader=Role.DISPATCHER),
    _source("streets", _street, by_row=False),
    _source("crossings", _crossing, layer="streets", by_row=False),
    _source("entrances", _entrance, layer="premises", by_row=False),
)
