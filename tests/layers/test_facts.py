"""The facts that travel with the program."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from layers.facts import all_villages, categories, departments, villages_of
from spatial.errors import NotFoundError


@pytest.mark.parametrize(("town", "number"), [("330782100", 61), ("330421111", 25)])
def test_each_town_has_all_its_villages(town: str, number: int) -> None:
    assert len(villages_of(town)) == number


@pytest.mark.parametrize("town", ["330782", "110101001", "", "33078210"])
def test_an_unknown_town_is_named_with_the_known_ones(town: str) -> None:
    with pytest.raises(NotFoundError, match="330421111, 330782100"):
        villages_of(town)


def test_codes_are_the_official_ones(shared_data: Path) -> None:
    with (shared_data / "admin" / "villages_fotang_yaozhuang.csv").open(encoding="utf-8") as file:
        official = {row["code"]: row["name"] for row in csv.DictReader(file)}
    assert {fact.code for fact in all_villages()} == set(official)
    for fact in all_villages():
        stem = fact.name.removesuffix("社区").removesuffix("村")
        assert official[fact.code].startswith(stem)


def test_names_are_those_of_places_not_of_committees() -> None:
    for fact in all_villages():
        suffix = {"community": ("社区", " Community"), "village": ("村", " Village")}[fact.kind]
        assert fact.name.endswith(suffix[0])
        assert fact.name_en.endswith(suffix[1])
        assert "委" not in fact.name
        assert fact.name_en.isascii()


def test_rare_characters_survive() -> None:
    assert "桃源新邨社区" in {fact.name for fact in all_villages()}
    assert "剡溪村" in {fact.name for fact in all_villages()}


def test_every_category_has_a_department() -> None:
    known = {fact.code for fact in departments()}
    assert {fact.department for fact in categories()} <= known
    assert 12 <= len(categories()) <= 16
