"""What a file of units says of high-rises: which micro-grids share a polygon, and how."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from grids.highrise import Floors
from grids.storeys import MicroGrids
from layers.boundaries.codes.given import owners_of_codes
from layers.boundaries.coverage import Connection
from layers.boundaries.highrises.shares import (
    read_buildings,
    refuse_taken_codes,
    share_problems,
)
from layers.boundaries.parameters import check_code
from layers.boundaries.redraw import Coverage, Redraw
from layers.gridfiles.dxf_names import SHARE, values_of_share
from layers.gridfiles.share_rows import (
    SHARES_LAYER,
    SHARES_TITLE,
    ShareRow,
    is_same_division,
    micro_grids_of,
)
from layers.importing.source import Source, column_texts
from spatial.errors import InputError

_NUMBER = re.compile(r"-?\d{1,18}(?:\.0*)?")
_FLOORS = re.compile(r"(-?\d{1,3})(?:\s*[-–—~至]\s*(-?\d{1,3}))?")
_HIGHEST = 300
_ENTRANCES = re.compile(r"[,，、;；]")
_TEXTS = ("code", "name", "parent", "building", "entrances", "floors")


@dataclass(frozen=True)
class StatedShares:
    """What a file says.

    Attributes:
        of_polygon: code of a micro-grid → those that share its polygon.
        lines: the same → the first row about it, counted among the rows of high-rises.
    """

    of_polygon: Mapping[str, MicroGrids]
    lines: Mapping[str, int]


def is_of_highrises(layer: str) -> bool:
    """Whether a layer of a file is called as that of the micro-grids of high-rises."""
    plain = re.sub(r"[\s_]", "-", layer.lower())
    return SHARES_LAYER in plain or SHARES_TITLE.zh in plain


def split_shares(source: Source, file_name: str) -> tuple[Source, StatedShares | None]:
    """The units of a file, and what it says of high-rises; None where it says nothing.

    Raises:
        InputError: what it says can't be read; names the line.
    """
    if SHARE in source.rows.columns:
        stated = _of_drawing(source)
        return source, _stated(stated, file_name) if stated else None
    if "level" not in source.rows.columns:
        return source, None
    is_share = (column_texts(source.rows, "level") == SHARES_LAYER).to_numpy()
    if not is_share.any():
        return source, None
    units = replace(source, rows=source.rows[~is_share], geometries=source.geometries[~is_share])
    return units, _stated(_of_table(source.rows[is_share]), file_name)


def _of_drawing(source: Source) -> list[dict[str, str | None]]:
    texts, polygons = column_texts(source.rows, SHARE), column_texts(source.rows, "code")
    written = source.rows[SHARE].tolist()  # with the ends of its lines
    return [
        values_of_share(each) | {"parent": polygons[line]}
        for line, text, whole in zip(source.rows.index, texts, written, strict=True)
        if text
        for each in str(whole).split("\n")
    ]


def _of_table(rows: pd.DataFrame) -> list[dict[str, str | None]]:
    columns = {name: column_texts(rows, name) for name in _TEXTS if name in rows.columns}
    return [{name: texts[line] for name, texts in columns.items()} for line in rows.index]


def _stated(rows: list[dict[str, str | None]], file_name: str) -> StatedShares:
    of_polygon: dict[str, list[ShareRow]] = defaultdict(list)
    lines: dict[str, int] = {}
    for line, values in enumerate(rows, start=1):
        try:
            row = _row(values)
        except InputError as error:
            raise InputError(
                f"{file_name}: nothing loaded: {SHARES_LAYER}, row {line}: {error.message}",
                remedy=error.remedy,
            ) from error
        of_polygon[row.parent].append(row)
        lines.setdefault(row.parent, line)
    return StatedShares({code: micro_grids_of(own) for code, own in of_polygon.items()}, lines)


def _row(values: Mapping[str, str | None]) -> ShareRow:
    missing = [name for name in ("code", "parent", "building") if not values.get(name)]
    if missing:
        raise InputError(
            f"no {missing[0]} / 缺少 {missing[0]}", remedy="see what grids export writes"
        )
    code, building = check_code(values["code"] or ""), values["building"] or ""
    if not _NUMBER.fullmatch(building):
        raise InputError(
            f"building {building[:40]} is no number / 建筑标识不是数字",
            remedy="the id that the building has in layer buildings",
        )
    entrances = [each.strip() for each in _ENTRANCES.split(values.get("entrances") or "")]
    named = tuple(sorted({each for each in entrances if each}))
    return ShareRow(
        code,
        values.get("name") or code,
        values["parent"] or "",
        int(building.partition(".")[0]),
        None,
        named or None,
        _floors(values.get("floors")),
    )


def _floors(text: str | None) -> Floors | None:
    if not text:
        return None
    found = _FLOORS.fullmatch(text.strip())
    lowest = int(found[1]) if found else 1
    highest = int(found[2]) if found and found[2] else lowest
    if found is None or not -_HIGHEST <= lowest <= highest <= _HIGHEST:
        raise InputError(
            f"floors {text[:40]} aren't lowest-highest / 楼层应为 1-9", remedy="e.g. 1-9"
        )
    return Floors(lowest, highest)


def shares_after(
    coverage: Coverage, stated: StatedShares | None, unit_of: Mapping[str, int], in_file: set[int]
) -> dict[int, tuple[MicroGrids | None, MicroGrids | None]]:
    """What a file changes of the shares of a coverage, by unit: before and after.

    Args:
        unit_of: units of the lowest level as they will be, by code.
        in_file: those of which the file has a polygon; where it has any shares at all, those of
            them without are shared by nobody.

    Raises:
        InputError: a polygon that isn't there would be shared.
    """
    if stated is None:
        return {}
    after: dict[int, MicroGrids | None] = {
        unit: own for unit, own in coverage.shares.items() if unit in unit_of.values()
    }
    after |= dict.fromkeys(in_file & after.keys())
    for code, own in stated.of_polygon.items():
        if code not in unit_of:
            raise InputError(
                f"nothing loaded: {SHARES_LAYER}, row {stated.lines[code]}: there is no"
                f" micro-grid {code} / 没有这个微网格",
                remedy="parent is the code of the micro-grid whose polygon is shared",
            )
        after[unit_of[code]] = own
    pairs = {unit: (coverage.shares.get(unit), after.get(unit))
             for unit in coverage.shares.keys() | after.keys()}  # fmt: skip
    return {
        unit: (before, then)
        for unit, (before, then) in pairs.items()
        if before != then and not (before and then and is_same_division(before, then))
    }


def refuse_unsound_shares(connection: Connection, base: Coverage, redraw: Redraw) -> None:
    """Refuse what a file says of high-rises where it can't be.

    Args:
        connection: in a transaction of somebody who drafts.
        redraw: what the file changes of `base`.

    Raises:
        InputError: floors are nobody's or two have them, a building isn't on the polygon.
        ConflictError: a code is or was another unit's.
    """
    if not redraw.shares:
        return
    now = base.after(redraw)
    problem = next(share_problems(base, now, partial(read_buildings, connection)), None)
    if problem is not None:
        text, unit = problem
        code = now.attributes[unit].code if unit in now.attributes else unit
        raise InputError(f"nothing loaded: {SHARES_LAYER} of {code}: {text}")
    for unit, (_, after) in redraw.shares.items():
        refuse_taken_codes(now, unit, after or (), partial(owners_of_codes, connection))


def note_of(stated: StatedShares | None) -> tuple[str, ...]:
    """What to tell of shares where they aren't taken."""
    if stated is None:
        return ()
    number = sum(map(len, stated.of_polygon.values()))
    text = f"{number} micro-grids of high-rises were left as they are; --draft takes them"
    return (f"{text} / 高层微网格未变更",)
