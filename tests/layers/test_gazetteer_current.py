"""Arrays made once and kept, what changes lies over them: an edit is found by the next query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from layers.changes.log import number_changes_now
from layers.gazetteer.building import build_gazetteer
from layers.gazetteer.gazetteer import Gazetteer, Query
from layers.gazetteer.stored import Standing
from layers.roles import Role
from spatial.database import Principal, open_pool
from spatial.town import read_town
from spatial.web_login import web_conninfo

ADD = """
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)
SELECT 1, name, 'shop', name, 'SRID=4326;POINT(120.02 29.03)', true, 1
FROM unnest(%s::text[]) AS name
"""


class Town:
    """A small town, its owner and the web's own view of its names."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.owner = psycopg.connect(conninfo, autocommit=True)
        self.town = read_town(self.owner)
        self.pool = open_pool(web_conninfo(conninfo), max_size=2)
        build_gazetteer(conninfo, 1)
        self.gazetteer = self.another()

    def another(self) -> Gazetteer:
        gazetteer = Gazetteer(1)
        gazetteer.load(self.pool)
        return gazetteer

    def add(self, *names: str) -> None:
        self.owner.execute(ADD, (list(names),))

    def find(self, text: str, gazetteer: Gazetteer | None = None) -> list[str]:
        who = Principal(Role.ANONYMOUS, 1)
        found = (gazetteer or self.gazetteer).propose(self.pool, self.town, who, Query(text))
        return [each.place.label for each in found]

    def versions(self) -> list[int]:
        return [v for (v,) in self.owner.execute("SELECT version FROM layers.gazetteer")]


@pytest.fixture
def town(small_town: Callable[..., AbstractContextManager[str]]) -> Iterator[Town]:
    with small_town() as conninfo:
        town = Town(conninfo)
        yield town
        town.pool.close()
        town.owner.close()


def test_whatever_was_committed_is_found_by_the_next_query(town: Town) -> None:
    town.add("欻欻餐厅")
    assert town.find("欻欻餐厅") == ["欻欻餐厅"]
    number_changes_now(town.owner)
    assert town.find("欻欻餐厅") == ["欻欻餐厅"]
    town.owner.execute("UPDATE layers.premises SET name = '囍囍面馆'")
    assert town.find("囍囍面馆") == ["囍囍面馆"]
    assert town.find("欻欻餐厅") == []
    town.owner.execute("DELETE FROM layers.premises")
    assert town.find("囍囍面馆") == []


def test_what_a_long_transaction_wrote_is_found_when_it_has_ended(town: Town) -> None:
    with psycopg.connect(town.conninfo) as late:
        late.execute(ADD, (["欻欻餐厅"],))
        town.add("囍囍面馆")
        number_changes_now(town.owner)
        assert town.find("囍囍面馆") == ["囍囍面馆"]
        assert town.find("欻欻餐厅") == []
    assert town.find("欻欻餐厅") == ["欻欻餐厅"]


def test_an_edit_after_a_bulk_load_is_found_at_once_and_all_of_it_soon(town: Town) -> None:
    town.add(*(f"欻{chr(0x4E00 + 7 * number)}餐厅" for number in range(1_500)))
    town.add("囍囍面馆")
    assert town.find("囍囍面馆") == ["囍囍面馆"]
    number_changes_now(town.owner)
    assert build_gazetteer(town.conninfo, 1)
    town.gazetteer.load(town.pool)
    assert len(town.gazetteer.places) == 1_501
    town.owner.execute("DELETE FROM layers.premises WHERE name = '囍囍面馆'")
    assert town.find("囍囍面馆") == []


def test_arrays_are_made_once_for_all_processes_and_only_when_due(town: Town) -> None:
    assert not build_gazetteer(town.conninfo, 1)
    before = town.versions()
    other = town.another()
    town.add("欻欻餐厅")
    assert town.find("欻欻餐厅", other) == town.find("欻欻餐厅") == ["欻欻餐厅"]
    number_changes_now(town.owner)
    assert not build_gazetteer(town.conninfo, 1)
    town.owner.execute("UPDATE layers.gazetteer SET made_at = now() - interval '1 hour'")
    assert build_gazetteer(town.conninfo, 1)
    assert len(town.versions()) == 1
    assert town.versions() != before
    other.load(town.pool)
    assert town.find("欻欻餐厅", other) == town.find("欻欻餐厅") == ["欻欻餐厅"]


LITTLE, MUCH = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("standing", "due"),
    [
        (Standing(None, None, 9, 0, 0, 0), True),
        (Standing(9, MUCH, 9, 0, 0, 0), False),
        (Standing(5, LITTLE, 9, 0, 4, 0), False),
        (Standing(5, MUCH, 9, 0, 4, 0), True),
        (Standing(5, LITTLE, 9, 0, 1, 1), True),
        (Standing(5, LITTLE, 900, 0, 501, 0), True),
        (Standing(5, LITTLE, 9, 6, 0, 0), True),
        (Standing(12, LITTLE, 9, 0, 0, 0), True),
    ],
    ids=["none yet", "old and whole", "few changes", "few but old", "streets", "many changes",
         "the log has forgotten", "another log"],
)  # fmt: skip
def test_when_arrays_are_due(standing: Standing, due: Any) -> None:
    assert standing.is_due is due
