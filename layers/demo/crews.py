"""Teams and skills of the demo's responders, which follow from who they are, by no chance; and what
skills its incidents want.

They are given when the town is stored; what a town is made of, and its digest, know nothing of
them.
"""

from __future__ import annotations

import pandas as pd
import psycopg

_TEAMS = ("一组", "二组", "三组")
# By department, what everybody can, and what every second, third, … of them can.
_EVERYBODY = {
    "enforcement": ("enforcement_licence", "body_camera"),
    "police": ("enforcement_licence", "body_camera", "traffic_control"),
    "market": ("enforcement_licence",),
    "emergency": ("first_aid", "extinguisher"),
    "traffic": ("traffic_control",),
    "governance": ("mediation", "dialect"),
    "environment": (),
}
_SOME = {
    "enforcement": ((2, "dialect"), (3, "mediation"), (5, "drone")),
    "police": ((2, "first_aid"), (3, "aed"), (4, "english"), (5, "mediation")),
    "market": ((2, "food_inspection"), (3, "english")),
    "emergency": (
        (2, "firefighting"),
        (2, "aed"),
        (3, "hazmat"),
        (3, "water_rescue"),
        (4, "water_pump"),
    ),
    "traffic": ((2, "enforcement_licence"), (4, "tow_truck")),
    "governance": ((2, "first_aid"), (5, "sign_language")),
    "environment": ((2, "chainsaw"), (3, "water_pump")),
}
# By category. A real town says so when it knows what its responders can: a rule that wants what
# nobody has would leave everybody out.
_WANTED = {
    "gas_safety": ["hazmat"],
    "fire_hazard": ["extinguisher"],
    "traffic_accident": ["first_aid"],
    "wage_dispute": ["mediation"],
    "food_safety": ["food_inspection"],
}


def want_skills(connection: psycopg.Connection) -> None:
    """Let the rules of the demo want what some of its responders can."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE layers.dispatch_rule SET skills = %s WHERE category = %s",
            [(skills, category) for category, skills in _WANTED.items()],
        )


def with_crews(responders: pd.DataFrame) -> pd.DataFrame:
    """The table of responders with `team` and `skills`, the latter as PostgreSQL writes arrays."""
    ordinal = responders.groupby("department").cumcount()
    rows = list(zip(responders["department"], responders["mode"], ordinal.tolist(), strict=True))
    teams = [_TEAMS[number % len(_TEAMS)] for *_, number in rows]
    return responders.assign(
        team=teams, skills=["{" + ",".join(_skills(*row)) + "}" for row in rows]
    )


def _skills(department: str, mode: str, number: int) -> list[str]:
    driving = ["driving_c1"] if mode == "car" else []
    some = [skill for every, skill in _SOME.get(department, ()) if number % every == 0]
    return [*_EVERYBODY.get(department, ()), *driving, *some]
