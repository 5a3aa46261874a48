"""Where names come from: for each layer one statement over its view; the names made of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.gazetteer.search import Place
from layers.roles import Role

_SQL = Path(__file__).with_name("sql")
# A name that isn't the usual one, by how much it is worse.
_ALSO = 0.06
_ENGLISH = 0.1

# A place and what it is called: texts, and what each is worse than the usual one.
type Called = tuple[Place, list[tuple[str, float]]]
type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """One sort of places.

    Attributes:
        layer: of the catalogue; who may read it may find its names.
        reader: a role that sees all rows of it.
        statement: SQL over the views of that role, with %(since)s where `grows`.
        call: makes a place of a row; None for a row without a name.
        kinds: the layers whose changes change it.
        grows: whether rows changed since a moment can be asked for; else all are read again.
    """

    id: str
    layer: str
    reader: Role
    statement: str
    call: Callable[[Row], Called | None]
    touched_by: frozenset[str]
    grows: bool = True


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


def _source(  # noqa: PLR0913 - a table of them stands below
    id_: str,
    call: Callable[[Row], Called | None],
    *,
    layer: str | None = None,
    reader: Role = Role.ANONYMOUS,
    touched_by: Sequence[str] = (),
    grows: bool = True,
) -> Source:
    layer = layer or id_
    touched = frozenset((layer, *touched_by))
    return Source(id_, layer, reader, _sql(id_), call, touched, grows)


def sources() -> Iterator[Source]:
    """All of them."""
    yield _source("premises", _premises)
    yield _source("buildings", _building)
    yield _source("places", _named("places", "place"))
    yield _source("villages", _named("villages", "village"), grows=False)
    yield _source("grids", _named("grids", "grid"), grows=False)
    yield _source("micro-grids", _named("micro-grids", "micro-grid"), grows=False)
    yield _source("micro-grid-shares", _named("micro-grid-shares", "micro-grid"), grows=False)
    yield _source("sensors", _named("sensors", "sensor"))
    yield _source("water", _named("water", "water"))
    yield _source("lamp-posts", _lamp_post)
    yield _source("place-aliases", _named("place-aliases", "alias"), reader=Role.DISPATCHER)
    yield _source("streets", _street, grows=False)
    yield _source("crossings", _crossing, layer="streets", grows=False)
    yield _source("entrances", _entrance, layer="premises", touched_by=["buildings"], grows=False)
