"""Who answers for the micro-grids of high-rises: one of their grid's members, if one is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import psycopg

from grids.storeys import micro_grids_to_json
from layers.boundaries.coverage import Connection
from layers.boundaries.redraw import Coverage
from spatial.errors import InputError, NotFoundError
from spatial.town import Town

type Json = dict[str, Any]

_MEMBERS = "SELECT code, account_id, display_name FROM grids.members_of_shares(%s) ORDER BY code"
_OF_GRIDS = """
SELECT account_id, display_name, grid_id FROM grids.members_of_grids(%s)
ORDER BY display_name, account_id
"""
_HAND_OVER = """
UPDATE layers.share_member SET share_id = heir.id
FROM grids.share, grids.share AS heir
WHERE share_member.share_id = share.id AND heir.town_id = share.town_id AND heir.code = %s
  AND share.town_id = %s AND share.code = %s
"""
_GRID_LEVEL = 3


class Member(NamedTuple):
    """A grid member's account."""

    account: int
    name: str


def members_of(connection: Connection, codes: Collection[str]) -> dict[str, Member]:
    """Who answers for micro-grids of high-rises, by their codes; as somebody who drafts."""
    if not codes:
        return {}
    rows = connection.execute(_MEMBERS, (sorted(codes),)).fetchall()
    return {code: Member(account, name) for code, account, name in rows}


def may_answer(connection: Connection, coverage: Coverage) -> dict[int, list[Member]]:
    """The members of the grids that have shared polygons, by the polygon's unit."""
    units = coverage.topology.units
    grid_of = {
        unit: units.at_level(unit, _GRID_LEVEL) for unit in coverage.shares if unit in units.by_id
    }
    rows = connection.execute(_OF_GRIDS, (sorted({g for g in grid_of.values() if g}),)).fetchall()
    return {
        unit: [Member(account, name) for account, name, of in rows if of == grid]
        for unit, grid in grid_of.items()
    }


def set_member(connection: Connection, town: Town, code: str, account: int | None) -> None:
    """Name who answers for a micro-grid of a high-rise; None: nobody but the grid's members.

    Raises:
        NotFoundError: there is no such micro-grid today.
        InputError: the account is no member of its grid.
    """
    try:
        connection.execute("SELECT grids.set_share_member(%s, %s, %s)", (code, account, town.now()))
    except psycopg.errors.NoDataFound as error:
        raise NotFoundError(error.diag.message_primary or code) from error
    except psycopg.errors.CheckViolation as error:
        raise InputError(
            error.diag.message_primary or code, remedy="name one of those, or none"
        ) from error


def pass_members_on(connection: Connection, town: Town, new_codes: Mapping[str, str]) -> None:
    """Let those who answer for renumbered micro-grids answer for them still; as the owner."""
    with connection.cursor() as cursor:
        cursor.executemany(_HAND_OVER, [(new, town.id, old) for old, new in new_codes.items()])


class DescribedShare(NamedTuple):
    """A micro-grid of a high-rise in words, and the id of its grid."""

    document: Json
    grid: int | None


def changed_members(
    connection: Connection, before: Coverage, after: Coverage, heirs: Mapping[int, int]
) -> list[Json]:
    """Those who answer for a micro-grid of a high-rise that a redraw changes, moves or ends.

    Args:
        heirs: of each grid that goes, the one whose its members become.

    Returns:
        {"account", "name", "grid", "after"} as of the members of grids; "grid" is the micro-grid
        before, "after" what it becomes, None where it goes or lies in another grid from then on.
    """
    was, now = described_shares(before), described_shares(after)
    new_codes = renumbered_shares(before, after)
    changed = [code for code, said in was.items() if now.get(code) != said]
    found = []
    for code, member in members_of(connection, changed).items():
        same, there = was[code], now.get(new_codes.get(code, code))
        grid = None if same.grid is None else heirs.get(same.grid, same.grid)
        kept = there.document if there is not None and there.grid == grid else None
        names = {"account": member.account, "name": member.name}
        found.append(names | {"grid": same.document, "after": kept})
    return found


def renumbered_shares(before: Coverage, after: Coverage) -> dict[str, str]:
    """Old and new codes of micro-grids that have the same floors under another code."""
    found = {}
    for unit, own in before.shares.items():
        there = after.shares.get(unit, ())
        kept = {each.code for each in there} & {each.code for each in own}
        new_code_of = {each.parts: each.code for each in there if each.code not in kept}
        for each in own:
            if each.code not in kept and each.parts in new_code_of:
                found[each.code] = new_code_of[each.parts]
    return found


def described_shares(coverage: Coverage) -> dict[str, DescribedShare]:
    """The micro-grids of high-rises by their codes."""
    found = {}
    for unit, own in coverage.shares.items():
        if unit not in coverage.attributes:
            continue
        grid = coverage.topology.units.at_level(unit, _GRID_LEVEL)
        parent = coverage.attributes[grid].code if grid in coverage.attributes else None
        where = {"parent": parent, "polygon": coverage.attributes[unit].code}
        for document in micro_grids_to_json(own):
            found[document["code"]] = DescribedShare(document | where, grid)
    return found
