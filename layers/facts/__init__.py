"""Facts that travel with the program: official villages, departments, incident categories."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from spatial.errors import NotFoundError


@dataclass(frozen=True)
class VillageFact:
    """An official community or village.

    Attributes:
        code: twelve digits: county, town, community.
        kind: community or village.
    """

    code: str
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True)
class DepartmentFact:
    """A department that responders belong to."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class CategoryFact:
    """A category of incidents and the department that answers for it."""

    code: str
    name: str
    name_en: str
    department: str


@dataclass(frozen=True)
class SkillFact:
    """What a responder may be able to do, or carry.

    Attributes:
        kind: licence, training, language or equipment.
    """

    code: str
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True)
class DispatchRuleFact:
    """Whose an incident is; None: of any category, premises or source.

    Attributes:
        ordinal: the first rule that fits holds.
        skills: that a responder should have.
        severity: 1 is the most urgent, 4 the least.
    """

    ordinal: int
    category: str | None
    premises_kind: str | None
    source: str | None
    department: str
    co_departments: tuple[str, ...]
    skills: tuple[str, ...]
    severity: int
    reason: str


def _rows(file_name: str) -> list[dict[str, str]]:
    with (files(__name__) / file_name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def all_villages() -> tuple[VillageFact, ...]:
    """Every village that the program carries, by code."""
    return tuple(VillageFact(**row) for row in _rows("villages.csv"))


def villages_of(town_code: str) -> tuple[VillageFact, ...]:
    """The official villages of the town with the nine-digit code.

    Raises:
        NotFoundError: the program carries no villages of that town.
    """
    villages = tuple(village for village in all_villages() if village.code.startswith(town_code))
    if not villages or len(town_code) != 9:
        known = ", ".join(sorted({village.code[:9] for village in all_villages()}))
        raise NotFoundError(
            f"no official villages of town {town_code} are carried here / 没有该镇街的村社名录",
            remedy=f"known town codes: {known}",
        )
    return villages


@cache
def departments() -> tuple[DepartmentFact, ...]:
    """The departments."""
    return tuple(DepartmentFact(**row) for row in _rows("departments.csv"))


@cache
def categories() -> tuple[CategoryFact, ...]:
    """The categories of incidents."""
    return tuple(CategoryFact(**row) for row in _rows("categories.csv"))


@cache
def skills() -> tuple[SkillFact, ...]:
    """What responders may be able to do, or carry."""
    return tuple(SkillFact(**row) for row in _rows("skills.csv"))


@cache
def dispatch_rules() -> tuple[DispatchRuleFact, ...]:
    """Whose incidents are, in the order in which the rules are tried."""
    return tuple(
        DispatchRuleFact(
            int(row["ordinal"]),
            row["category"] or None,
            row["premises_kind"] or None,
            row["source"] or None,
            row["department"],
            tuple(row["co_departments"].split()),
            tuple(row["skills"].split()),
            int(row["severity"]),
            row["reason"],
        )
        for row in _rows("dispatch_rules.csv")
    )
