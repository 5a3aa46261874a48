"""Codes in a question that the town doesn't know are refused.

With one of them nobody would fit, and the answer would be "nobody" where a letter was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import psycopg

from layers.dispatch.asked import RankRequest
from spatial.errors import InputError

# So many known codes are named; there are some twenty of each kind.
_NAMED = 30
_KNOWN: Final = {
    "department": "SELECT code FROM layers.department ORDER BY code",
    "skill": "SELECT code FROM layers.skill ORDER BY code",
}
_IN_CHINESE = {"department": "部门", "skill": "技能"}


def refuse_unknown_codes(connection: psycopg.Connection[Any], request: RankRequest) -> None:
    """Look whether the departments and skills that are asked for, or supposed, are known.

    Args:
        connection: of the web's own login or the owner.
        request: what is asked.

    Raises:
        InputError: one of them isn't; those that are known are named.
    """
    added = request.supposed.added if request.supposed else ()
    supposed = {each.department for each in added if each.department}
    _refuse(connection, "department", supposed.union(request.departments))
    _refuse(connection, "skill", set(request.skills).union(*(each.skills for each in added)))


def _refuse(connection: psycopg.Connection[Any], what: str, codes: Iterable[str]) -> None:
    asked = sorted(codes)
    if not asked:
        return
    known = [code for (code,) in connection.execute(_KNOWN[what].encode())]
    unknown = next((code for code in asked if code not in known), None)
    if unknown is not None:
        raise InputError(
            f"there is no {what} {unknown[:60]} / 没有这个{_IN_CHINESE[what]}",
            remedy=f"known: {', '.join(known[:_NAMED])}",
        )
