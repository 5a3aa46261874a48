"""Links by which a village reads a draft without an account, and the comments pinned on drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from grids.arcs.model import Node
from layers.accounts.tokens import new_token, sha256
from layers.boundaries.coverage import Connection
from layers.boundaries.draft_rows import Draft, find_draft
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.errors import InputError, LimitError, NotFoundError
from spatial.town import Town

type Json = dict[str, Any]

MOST_DAYS = 365
_LONGEST_COMMENT = 1000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_COMMENTS = """
SELECT id, ST_X(geom), ST_Y(geom), text, nickname, at, account IS NULL
FROM grids.draft_comment WHERE draft_id = %s ORDER BY id
"""
_COMMENT = """
INSERT INTO grids.draft_comment (draft_id, geom, text, nickname)
VALUES (%s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s)
RETURNING id, ST_X(geom), ST_Y(geom), text, nickname, at, account IS NULL
"""


@dataclass(frozen=True)
class Link:
    """A link as its maker lists it."""

    id: int
    label: str
    created: datetime
    expires: datetime


def make_link(connection: Connection, draft: Draft, label: str, days: float) -> tuple[Link, str]:
    """A new link, and its token, of which only the hash is kept.

    Raises:
        InputError: it would last too long.
    """
    if not 0 < days <= MOST_DAYS:
        raise InputError(f"days is at most {MOST_DAYS} / 有效天数过长")
    token = new_token()
    row = connection.execute(
        "INSERT INTO grids.draft_link (draft_id, token_sha256, label, expires)"
        " VALUES (%s, %s, %s, now() + %s) RETURNING id, label, created, expires",
        (draft.id, sha256(token), label, timedelta(days=days)),
    ).fetchone()
    assert row is not None  # INSERT … RETURNING gives one row
    return Link(*row), token


def list_links(connection: Connection, draft: Draft) -> list[Link]:
    """The links of a draft."""
    rows = connection.execute(
        "SELECT id, label, created, expires FROM grids.draft_link WHERE draft_id = %s ORDER BY id",
        (draft.id,),
    ).fetchall()
    return [Link(*row) for row in rows]


def remove_link(connection: Connection, draft: Draft, link_id: int) -> None:
    """Make a link dead.

    Raises:
        NotFoundError: there is none.
    """
    query = "DELETE FROM grids.draft_link WHERE draft_id = %s AND id = %s"
    if connection.execute(query, (draft.id, link_id)).rowcount == 0:
        raise NotFoundError(f"there is no link {link_id} / 没有这个链接")


@contextmanager
def linked(
    pool: ConnectionPool[Any], principal: Principal, town: Town, token: str
) -> Iterator[tuple[Connection, Draft]]:
    """A transaction of whoever holds a link: as anonymous, who sees that draft alone.

    Raises:
        NotFoundError: the link is none, or has run out.
    """
    # Whoever is signed in has no more rights by a link than its other holders.
    visitor = Principal(
        Role.ANONYMOUS, town.id, may_write=principal.may_write, time_zone=town.time_zone
    )
    with transaction(pool, visitor) as connection:
        yield connection, _linked_draft(connection, town, token)


def _linked_draft(connection: Connection, town: Town, token: str) -> Draft:
    gone = NotFoundError("this link leads nowhere, or has run out / 链接无效或已过期")
    if not _TOKEN.fullmatch(token):
        raise gone
    connection.execute(
        "SELECT set_config('gridwhistle.draft_link', %s, true)", (sha256(token).hex(),)
    )
    row = connection.execute("SELECT grids.linked_draft()").fetchone()
    if row is None or row[0] is None:
        raise gone
    return find_draft(connection, town, row[0])


def list_comments(connection: Connection, draft: Draft) -> list[Json]:
    """The comments of a draft as GeoJSON features, in the order in which they came."""
    return [_feature(row) for row in connection.execute(_COMMENTS, (draft.id,)).fetchall()]


def add_comment(
    connection: Connection, draft: Draft, place: Node, text: str, nickname: str
) -> Json:
    """Pin a comment on a draft.

    Raises:
        InputError: text or nickname are empty or too long.
        LimitError: the draft is full of comments.
    """
    lines = text.strip().splitlines()
    if not lines or len(text) > _LONGEST_COMMENT or not all(map(_is_printable, lines)):
        raise InputError("a comment has 1 to 1000 characters / 意见须 1 至 1000 字")
    if not 1 <= len(nickname.strip()) <= 40 or not nickname.isprintable():
        raise InputError("a nickname has 1 to 40 characters / 称呼须 1 至 40 字")
    values = (draft.id, *place, text.strip(), nickname.strip())
    try:
        row = connection.execute(_COMMENT, values).fetchone()
    except psycopg.errors.ConfigurationLimitExceeded as error:
        raise LimitError("the draft has too many comments already / 意见已满") from error
    assert row is not None  # INSERT … RETURNING gives one row
    return _feature(row)


def _is_printable(line: str) -> bool:
    return line.replace("\t", " ").isprintable()


def remove_comment(connection: Connection, draft: Draft, comment_id: int) -> None:
    """Take a comment away.

    Raises:
        NotFoundError: there is none.
    """
    query = "DELETE FROM grids.draft_comment WHERE draft_id = %s AND id = %s"
    if connection.execute(query, (draft.id, comment_id)).rowcount == 0:
        raise NotFoundError(f"there is no comment {comment_id} / 没有这条意见")


def _feature(row: tuple[Any, ...]) -> Json:
    number, lon, lat, text, nickname, at, by_link = row
    return {
        "type": "Feature",
        "id": number,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "text": text, "nickname": nickname, "at": at.isoformat(), "by_link": by_link,
        },
    }  # fmt: skip
