"""`q`: words anywhere in a layer's texts, in Chinese and English.

Chinese writes no spaces, so a word is found wherever its characters stand together, of whatever
length: in names and addresses as they are, and in the titles of codes (网格 finds the code whose
title holds it). Case, accents and width make no difference. Words are all wanted; a comma stands
between alternatives: `q=公园 健身,学校` finds what has 公园 and 健身, or 学校.

Every row is read. A trigram index would serve words of three characters or more, and the usual
Chinese word has two: asked for one, it gave back every row and took longer than reading them
(300,000 rows: 2.4 s beside 1.7 s). Behind a barrier's conditions no index of texts is used at all.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from layers.catalogue import Entry, Field, FieldType
from layers.roles import Role
from spatial.errors import InputError

MAX_WORDS = 20
_COMMAS = str.maketrans("\uff0c\u3001", ",,")


@dataclass(frozen=True)
class Search:
    """Alternatives of words that are all wanted, each folded."""

    alternatives: tuple[tuple[str, ...], ...]


def fold(text: str) -> str:
    """Without difference of case, accent and width, as layers.search_folded in the database."""
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return "".join(each for each in decomposed if not "\u0300" <= each <= "\u036f")


def parse_search(entry: Entry, role: Role, text: str) -> Search:
    """The words of `q`.

    Raises:
        InputError: there is none, or too many, or the layer has no texts.
    """
    alternatives = tuple(
        tuple(fold(part).split()) for part in text.translate(_COMMAS).split(",") if part.strip()
    )
    count = sum(map(len, alternatives))
    if not 1 <= count <= MAX_WORDS or "\0" in text:
        raise InputError(f"q has to be 1 to {MAX_WORDS} words")
    if not _texts(entry, role):
        raise InputError(f"{entry.id} has no texts to search in")
    return Search(alternatives)


def search_condition(entry: Entry, role: Role, search: Search) -> sql.Composable:
    """The rows that a search finds; its words are bound as word0, codes0, …"""
    number = 0
    alternatives: list[sql.Composable] = []
    for words in search.alternatives:
        tests = []
        for _ in words:
            tests.append(_word_condition(entry, role, number))
            number += 1
        alternatives.append(sql.SQL("({})").format(sql.SQL(" AND ").join(tests)))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(alternatives))


def search_values(entry: Entry, role: Role, search: Search) -> dict[str, Any]:
    """What `search_condition` binds."""
    coded = [each for each in _texts(entry, role) if each.codes]
    values: dict[str, Any] = {}
    for number, word in enumerate(word for words in search.alternatives for word in words):
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values[f"word{number}"] = f"%{escaped}%"
        values |= {f"codes{number}_{each.name}": _codes(each, word) for each in coded}
    return values


def _texts(entry: Entry, role: Role) -> list[Field]:
    return [each for each in entry.fields_for(role) if each.type is FieldType.STRING]


def _word_condition(entry: Entry, role: Role, number: int) -> sql.Composable:
    tests = [
        sql.SQL("{} = ANY ({}::text[])").format(
            sql.Identifier(each.name), sql.Placeholder(f"codes{number}_{each.name}")
        )
        if each.codes
        else sql.SQL("layers.search_folded({}) LIKE {}").format(
            sql.Identifier(each.name), sql.Placeholder(f"word{number}")
        )
        for each in _texts(entry, role)
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(tests))


def _codes(field: Field, word: str) -> list[str]:
    """The codes whose name or title holds the word."""
    return [
        code
        for code, title in field.codes.items()
        if any(word in fold(text) for text in (code, title.zh, title.en))
    ]
