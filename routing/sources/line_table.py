"""What the columns of road centre lines say: class, name, one-way, level, and more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from routing.modes import MODES_BY_NAME, Mode
from routing.network.speeds import FALLBACK_CLASS, SPEED_KPH_BY_CLASS
from routing.sources.osm_rules import Properties, properties_of
from spatial.errors import InputError

# What streets are called in Chinese road tables (CJJ 37 and JTG B01), as OSM classes.
_CHINESE_CLASSES = {
    "高速公路": "motorway",
    "高速": "motorway",
    "快速路": "trunk",
    "快速公路": "trunk",
    "国道": "primary",
    "主干路": "primary",
    "主干道": "primary",
    "省道": "secondary",
    "次干路": "secondary",
    "次干道": "secondary",
    "县道": "tertiary",
    "支路": "tertiary",
    "乡道": "unclassified",
    "村道": "residential",
    "街巷": "residential",
    "巷道": "residential",
    "内部道路": "service",
    "步行街": "pedestrian",
    "人行道": "footway",
    "人行天桥": "footway",
    "自行车道": "cycleway",
    "非机动车道": "cycleway",
    "匝道": "primary_link",
}
_ONEWAY = {"yes", "true", "1", "1.0", "是", "单行", "单向", "ft", "along", "forward"}
_AGAINST = {"-1", "-1.0", "reverse", "tf", "against", "backward", "逆向"}
_TWO_WAY = {"no", "false", "0", "0.0", "b", "n", "否", "双行", "双向", "both", "", "none", "nan"}
_TRUE = {"yes", "true", "1", "1.0", "是", "t", "viaduct"}
_INSTEAD = {
    "class": f"count as {FALLBACK_CLASS}",
    "oneway": "count as two-way",
    "level": "count as on the ground",
}
_Unknown = dict[str, Counter[str]]


@dataclass(frozen=True)
class LineColumns:
    """Which columns say what; None looks for the usual names."""

    klass: str | None = None
    name: str | None = None
    oneway: str | None = None
    level: str | None = None


@dataclass(frozen=True)
class _Role:
    option: str
    usual: tuple[str, ...]


_ROLES = {
    "klass": _Role("--class-column", ("class", "highway", "fclass", "等级", "道路等级", "类型")),
    "name": _Role("--name-column", ("name", "road_name", "名称", "路名", "道路名称")),
    "oneway": _Role("--oneway-column", ("oneway", "one_way", "单行", "单行道", "通行方向")),
    "level": _Role("--level-column", ("level", "layer", "bridge_level", "层级", "桥梁层级")),
}
_FURTHER = ("ref", "bridge", "tunnel", "maxspeed", "speed_kph", "modes", "modes_back", "osm_ids")


@dataclass(frozen=True)
class LineTable:
    """What is true of each line, and what a person should know of the reading.

    Attributes:
        properties: None for a line that is no street.
        osm_ids: of each line.
        notes: values that weren't understood, and what was done.
    """

    properties: list[Properties | None]
    osm_ids: list[str | None]
    notes: list[str]


def read_line_table(table: pd.DataFrame, wanted: LineColumns, source: str) -> LineTable:
    """Read the columns.

    Args:
        table: one row a line.
        wanted: columns by name.
        source: what to call the file.

    Raises:
        InputError: a column that was asked for isn't there.
    """
    columns = {role: _find(table, getattr(wanted, role), role, source) for role in _ROLES}
    columns |= {name: _by_name(table, (name,)) for name in _FURTHER}
    rows = _texts(table, columns)
    unknown: _Unknown = {"class": Counter(), "oneway": Counter(), "level": Counter()}
    geofabrik = {"b", "f"} <= {row["oneway"].lower() for row in rows}
    properties = [_properties(row, unknown, geofabrik=geofabrik) for row in rows]
    return LineTable(properties, [row["osm_ids"] or None for row in rows], _notes(unknown))


def _find(table: pd.DataFrame, wanted: str | None, role: str, source: str) -> Hashable | None:
    if wanted is None:
        return _by_name(table, _ROLES[role].usual)
    found = _by_name(table, (wanted,))
    if found is None:
        there = ", ".join(str(column) for column in table.columns if column != "geometry")
        raise InputError(
            f"{source}: there is no column '{wanted}' / 没有这一列",
            remedy=f"{_ROLES[role].option} takes one of: {there}",
        )
    return found


def _by_name(table: pd.DataFrame, names: Iterable[str]) -> Hashable | None:
    by_lower = {str(column).lower(): column for column in reversed(table.columns)}
    return next((by_lower[name.lower()] for name in names if name.lower() in by_lower), None)


def _texts(table: pd.DataFrame, columns: dict[str, Hashable | None]) -> list[dict[str, str]]:
    """Rows of stripped texts by role; what is missing is empty."""
    by_role = {
        role: [""] * len(table) if column is None else [_text(value) for value in table[column]]
        for role, column in columns.items()
    }
    return [dict(zip(by_role, row, strict=True)) for row in zip(*by_role.values(), strict=True)]


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()


def _properties(row: dict[str, str], unknown: _Unknown, *, geofabrik: bool) -> Properties | None:
    level = _level_of(row["level"], unknown["level"])
    bridge, tunnel = row["bridge"].lower() in _TRUE, row["tunnel"].lower() in _TRUE
    tags = {
        "highway": _class_of(row["klass"], unknown["class"]),
        "oneway": _oneway_of(row["oneway"], unknown["oneway"], geofabrik=geofabrik),
        "bridge": "yes" if bridge or (not row["bridge"] and (level or 0) > 0) else "no",
        "tunnel": "yes" if tunnel or (not row["tunnel"] and (level or 0) < 0) else "no",
        "layer": "" if level is None else str(level),
        "maxspeed": row["maxspeed"],
    }
    tags |= {name: row[name] for name in ("name", "ref") if row[name]}
    if row["modes"] or row["modes_back"]:
        tags["oneway"] = "no"
    properties = properties_of(tags)
    return _with_stated(properties, row) if properties else None


def _with_stated(properties: Properties, row: dict[str, str]) -> Properties:
    """Speed and modes as `streets export` writes them, where the file has them."""
    speed_kph = pd.to_numeric(row["speed_kph"], errors="coerce")
    if speed_kph > 0:
        properties = properties._replace(speed_kph=float(speed_kph))
    if row["modes"] or row["modes_back"]:
        forward, backward = modes_from_text(row["modes"]), modes_from_text(row["modes_back"])
        properties = properties._replace(forward_modes=int(forward), backward_modes=int(backward))
    return properties


def _class_of(text: str, unknown: Counter[str]) -> str:
    klass = _CHINESE_CLASSES.get(text, text.lower())
    if klass in SPEED_KPH_BY_CLASS:
        return klass
    if text:
        unknown[text] += 1
    return FALLBACK_CLASS


def _oneway_of(text: str, unknown: Counter[str], *, geofabrik: bool) -> str:
    """`yes`, `no` or `-1`. Geofabrik writes F(orward), T(o) and B(oth); else T and F are truth."""
    value = text.lower()
    if value in {"f", "t"}:
        along, against = ("f", "t") if geofabrik else ("t", None)
        return "yes" if value == along else "-1" if value == against else "no"
    if value in _ONEWAY:
        return "yes"
    if value in _AGAINST:
        return "-1"
    if value not in _TWO_WAY:
        unknown[text] += 1
    return "no"


def _level_of(text: str, unknown: Counter[str]) -> int | None:
    try:
        return int(float(text)) if text else None
    except ValueError:
        unknown[text] += 1
        return None


def modes_to_text(modes: int) -> str:
    """Modes as a table says them: `foot,ebike,car`."""
    return ",".join(mode.label for mode in Mode if modes & mode)


def modes_from_text(text: str) -> Mode:
    """The inverse of `modes_to_text`."""
    modes = Mode(0)
    for name in text.split(","):
        modes |= MODES_BY_NAME.get(name.strip(), Mode(0))
    return modes


def _notes(unknown: _Unknown) -> list[str]:
    notes = []
    for role, done in _INSTEAD.items():
        if unknown[role]:
            values = ", ".join(value for value, _ in unknown[role].most_common(5))
            lines = unknown[role].total()
            notes.append(f"{role}: {lines} lines whose value isn't known ({values}) {done}")
    return notes
