"""Who can be there first, of whom and why: the answer, and that it can be given again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from layers.dispatch.answer import Answer, Holds
from layers.dispatch.asked import Known, RankRequest, Supposed, inputs_from_json
from layers.dispatch.current_engine import CurrentEngine
from layers.dispatch.decisions import canonical
from layers.dispatch.nearest import answer_to, rank
from layers.streets import StreetSource, import_streets
from layers.towns import TownPlan, make_town
from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.measures import Measure
from spatial.town import Town, read_town

# A street of 3 km to the east with a way about its middle, and an island in the north.
OSM = """<osm version="0.6">
<node id="1" version="1" lon="120" lat="29"/><node id="2" version="1" lon="120.01" lat="29"/>
<node id="3" version="1" lon="120.02" lat="29"/><node id="4" version="1" lon="120.03" lat="29"/>
<node id="5" version="1" lon="120.01" lat="29.004"/>
<node id="6" version="1" lon="120.02" lat="29.004"/>
<node id="7" version="1" lon="120" lat="29.03"/><node id="8" version="1" lon="120.004" lat="29.03"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="2" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="3" version="1"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/></way>
<way id="4" version="1"><nd ref="2"/><nd ref="5"/><nd ref="6"/><nd ref="3"/>
  <tag k="highway" v="residential"/></way>
<way id="5" version="1"><nd ref="7"/><nd ref="8"/><tag k="highway" v="residential"/></way>
</osm>"""
HERE = (120.001, 29.0)


@pytest.fixture(scope="module")
def town_with_streets(
    new_database: Callable[[], AbstractContextManager[str]], tmp_path_factory: Any
) -> Iterator[str]:
    """Conninfo of the town; tests roll back what they do to it."""
    path = tmp_path_factory.mktemp("streets") / "town.osm"
    path.write_text(OSM, encoding="utf-8")
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            make_town(connection, TownPlan("t", "试验镇", "Trial", "Asia/Shanghai"))
            import_streets(connection, read_town(connection), StreetSource(path))
        yield conninfo


@pytest.fixture
def connection(town_with_streets: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(town_with_streets) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return read_town(connection)


@pytest.fixture
def engine(connection: psycopg.Connection, town: Town) -> Engine:
    return CurrentEngine(town).get(connection)


@pytest.fixture
def post(connection: psycopg.Connection, town: Town) -> Any:
    """`post(key, lon, lat, **columns)`: a responder on duty."""

    def add(key: str, lon: float, lat: float, **columns: Any) -> int:
        values = {"label": key.upper(), "mode": "car", "on_duty": True, **columns}
        names = ", ".join(values)
        row = connection.execute(
            f"INSERT INTO layers.responder (town_id, key, geom, inside, {names}) VALUES "
            f"(%s, %s, ST_SetSRID(ST_Point(%s, %s), 4326), true, {', '.join(['%s'] * len(values))})"
            " RETURNING id",
            (town.id, key, lon, lat, *values.values()),
        ).fetchone()
        assert row is not None
        return int(row[0])

    return add


@pytest.fixture
def ask(connection: psycopg.Connection, town: Town, engine: Engine) -> Any:
    def run(lon: float = HERE[0], lat: float = HERE[1], **asked: Any) -> Answer:
        return rank(connection, town, engine, RankRequest(lon, lat, **asked))

    return run


def reasons(answer: Answer) -> dict[str, str]:
    return {told.left_out.known.key: told.left_out.why.value for told in answer.left_out}


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def test_the_first_and_why(post: Any, ask: Any) -> None:
    post("near", 120.004, 29.0, fix_at=ago(1), accuracy_m=5)
    post("walker", 120.002, 29.0, mode="foot", fix_at=ago(1))
    post("far", 120.015, 29.0, fix_at=ago(100))
    answer = ask()
    near, walker, far = said = answer.as_json()["responders"]
    assert [each["key"] for each in said] == ["near", "walker", "far"]
    assert near["eta_s"] == near["turnout_s"] + near["travel_time_s"]
    assert near["turnout_s"] == 10
    assert near["eta_low_s"] < near["eta_s"] < near["eta_high_s"]
    assert 1 >= near["hold_probability"] > far["hold_probability"]
    assert near["why"]["zh"].startswith("最快:出动 10 秒 + 路上")
    assert "直线最近(100 米)" in walker["why"]["zh"]
    assert "nearest as the crow flies" in walker["why"]["en"]
    assert "定位是 1 分" in far["why"]["zh"]
    assert answer.holds is Holds.HOLDS
    assert "NEAR" in answer.verdict.zh
    assert answer.neighbours == ()


def test_who_is_left_out_and_why(
    connection: psycopg.Connection, town: Town, post: Any, ask: Any
) -> None:
    for code in ("fire", "p"):
        connection.execute(
            "INSERT INTO layers.department VALUES (%s, '部门', 'department')", (code,)
        )
    able = {"department": "fire", "skills": ["aed"]}
    post("a-good", 120.004, 29.0, **able)
    post("b-off", 120.004, 29.0, **able | {"on_duty": False})
    post("c-stale", 120.004, 29.0, **able, fix_at=ago(1000))
    post("d-unable", 120.004, 29.0, department="fire")
    post("e-police", 120.004, 29.0, **able | {"department": "p"})
    post("f-island", 120.001, 29.03, **able)
    post("g-nowhere", 121.0, 29.0, **able)
    post("h-not-now", 120.004, 29.0, **able)
    post("i-walker", 120.004, 29.0, **able, mode="foot")
    answer = ask(skills=("aed",), departments=("fire",), exclude=("h-not-now",), mode=Mode.CAR)
    assert [each.known.key for each in answer.candidates] == ["a-good"]
    assert reasons(answer) == {
        "b-off": "off_duty",
        "c-stale": "stale_fix",
        "d-unable": "lacks_skill",
        "e-police": "other_department",
        "f-island": "no_way",
        "g-nowhere": "off_street",
        "h-not-now": "excluded",
        "i-walker": "other_mode",
    }
    told = {each["key"]: each["words"] for each in answer.as_json()["left_out"]}
    assert told["c-stale"]["zh"].startswith("定位是 16 分 ")
    assert told["c-stale"]["en"].endswith("more than 5 min isn't used")
    assert told["d-unable"]["zh"] == "缺少技能:AED除颤仪"
    assert "97" in told["g-nowhere"]["zh"]
    assert {each["key"] for each in answer.as_json()["unreachable"]} == {"f-island", "g-nowhere"}


@pytest.fixture
def settle_breaks(connection: psycopg.Connection, town: Town) -> Any:
    query = "INSERT INTO layers.dispatch_setting (town_id, break_rule) VALUES (%s, %s)"
    return lambda rule: connection.execute(query, (town.id, rule))


def an_hour_on() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def test_who_is_on_a_break_is_suggested_last_where_nobody_else_is_in_time(
    post: Any, ask: Any, engine: Engine
) -> None:
    post("resting", 120.002, 29.0, break_until=an_hour_on())
    post("rested", 120.0025, 29.0, break_until=ago(60))
    in_time = ask()
    assert [each.known.key for each in in_time.candidates] == ["rested"]
    assert reasons(in_time) == {"resting": "on_break"}
    late = ask(exclude=("rested",))
    assert [each.known.key for each in late.candidates] == ["resting"]
    assert late.candidates[0].turnout_s == 120.0
    post("far", 120.0299, 29.0)
    post("farther", 120.02995, 29.0)
    both = ask(exclude=("rested",))
    said = both.as_json()
    assert [each["key"] for each in said["responders"]] == ["far", "farther", "resting"]
    assert said["responders"][-1]["eta_s"] < 180 < said["responders"][0]["eta_s"]
    assert "无他人能按时到场" in said["responders"][-1]["why"]["zh"]
    assert "before the first" in said["responders"][-1]["why"]["en"]
    assert said["verdict"]["code"] == "nobody_within"
    assert "休息中的 RESTING 预计" in said["verdict"]["words"]["zh"]
    assert [each.known.key for each in both.sendable] == ["far", "farther"]
    assert [c.known.key for c in ask(exclude=("rested",), k=2).candidates] == ["far", "resting"]
    assert [c.known.key for c in ask(exclude=("rested",), k=1).candidates] == ["far"]
    again = answer_to(engine, inputs_from_json(both.inputs.as_json()))
    assert canonical(again.as_json()) == canonical(said)


@pytest.mark.parametrize(
    ("rule", "named"), [("never", ["ready"]), ("as_others", ["ready", "rest"])]
)
def test_breaks_are_the_towns_to_settle(
    settle_breaks: Any, post: Any, ask: Any, rule: str, named: list[str]
) -> None:
    settle_breaks(rule)
    post("rest", 120.002, 29.0, break_until=an_hour_on())
    post("ready", 120.004, 29.0)
    answer = ask()
    assert [each.known.key for each in answer.candidates] == named
    assert reasons(answer) == ({} if rule == "as_others" else {"rest": "on_break"})
    if rule == "as_others":
        second = answer.candidates[1]
        assert (second.turnout_s, second.known.state) == (120.0, "break")
        assert "休息中" in second.why.zh
        assert "sets off 1 min 50 s later" in second.why.en
        assert "less on the road" in second.why.en
        former = answer.inputs.as_json()
        del former["settings"]["break_rule"]
        assert inputs_from_json(former).settings.break_rule == "as_others"
    assert [each.known.key for each in ask(exclude=("ready",)).candidates] == named[1:]


def test_who_is_seen_to_drive_the_other_way_turns_round_first(
    post: Any, ask: Any, engine: Engine
) -> None:
    graph = engine.graph
    here = next(
        s for s, ends in enumerate(graph.node_xy[graph.ends].tolist())
        if sorted(ends) == [[120.0, 29.0], [120.01, 29.0]]
    )  # fmt: skip
    eastward = bool(graph.node_xy[graph.ends[here, 0], 0] == 120.0)
    drives = {
        "street_id": int(graph.street_ids[here]),
        "fraction": 0.4 if eastward else 0.6,
        "forward": eastward,
        "speed_mps": 8.0,
    }
    post("fresh", 120.004, 29.0, fix_at=ago(1), **drives)
    post("stale", 120.004, 29.0, fix_at=ago(50), **drives)
    post("stands", 120.004, 29.0, fix_at=ago(1), **drives | {"speed_mps": 0.0})
    said = {each["key"]: each for each in ask().as_json()["responders"]}
    assert {key: each["turn_s"] for key, each in said.items()} == {
        "fresh": 20.0,
        "stale": 0.0,
        "stands": 0.0,
    }
    assert said["fresh"]["eta_s"] == pytest.approx(said["stands"]["eta_s"] + 20.0, abs=0.05)
    assert "须先掉头(20 秒,已计入)" in said["fresh"]["why"]["zh"]
    assert "turns round first" in said["fresh"]["why"]["en"]
    moved = ask(supposed=Supposed(moved={"fresh": (120.004, 29.0)})).as_json()["responders"]
    assert {each["turn_s"] for each in moved} == {0.0}


def test_whom_a_dispatcher_chooses_is_named_whatever_speaks_against_it(post: Any, ask: Any) -> None:
    for n in range(3):
        post(f"near-{n}", 120.002 + n * 1e-4, 29.0)
    post("resting", 120.009, 29.0, break_until=an_hour_on())
    post("off", 120.002, 29.0, on_duty=False)
    post("lost", 120.002, 29.0, fix_at=ago(1000))
    keys = [c.known.key for c in ask(k=2, chosen="resting", skills=("aed",)).candidates]
    assert keys == ["resting"]
    answer = ask(k=2, chosen="resting")
    assert [c.known.key for c in answer.candidates] == ["near-0", "near-1", "resting"]
    assert answer.further == 1
    assert [c.known.key for c in ask(k=2, chosen="near-1").candidates] == ["near-0", "near-1"]
    for chosen, reason in (("off", "off_duty"), ("lost", "stale_fix")):
        found = ask(k=2, chosen=chosen)
        assert [c.known.key for c in found.candidates] == ["near-0", "near-1"]
        assert reasons(found)[chosen] == reason


def test_nobody_in_time(connection: psycopg.Connection, town: Town, post: Any, ask: Any) -> None:
    post("far", 120.0299, 29.0)
    for key, lon in (("east", 120.01), ("nowhere", 121.0)):
        connection.execute(
            "INSERT INTO layers.neighbour_post"
            " (town_id, key, neighbour, name, desk_phone, geom, inside)"
            " VALUES (%s, %s, '邻镇', %s, '0579-1', ST_SetSRID(ST_Point(%s, 29), 4326), false)",
            (town.id, key, key, lon),
        )
    answer = ask()
    assert answer.holds is Holds.NOBODY_WITHIN
    assert "最近的是 FAR" in answer.verdict.zh
    east, nowhere = answer.as_json()["neighbours"]
    assert (east["name"], east["phone"], east["turnout_s"]) == ("east", "0579-1", 70.0)
    assert east["eta_s"] < answer.candidates[0].arrival.eta_s
    assert nowhere["eta_s"] is None
    assert "路网不通" in nowhere["why"]["zh"]


def test_a_doubtful_position_puts_the_promise_at_risk(post: Any, ask: Any) -> None:
    post("doubtful", 120.0105, 29.0, fix_at=ago(280), speed_mps=12.0)
    answer = ask()
    assert answer.candidates[0].arrival.eta_s < 180
    assert answer.holds is Holds.AT_RISK
    assert "可能赶不上" in answer.verdict.zh


@pytest.mark.parametrize(("lon", "lat"), [(125.0, 20.0), (-60.0, -40.0), (0.0, 89.9)])
def test_a_point_in_the_sea(post: Any, ask: Any, lon: float, lat: float) -> None:
    post("near", 120.004, 29.0)
    answer = ask(lon, lat)
    assert answer.candidates == ()
    assert answer.holds is Holds.NOBODY_WITHIN
    assert "离任何道路都太远" in answer.verdict.zh
    assert reasons(answer) == {"near": "incident_off_street"}
    json.dumps(answer.as_json(), allow_nan=False)


def test_nobody_at_all(ask: Any) -> None:
    assert ask().verdict.zh == "没有处置力量"
    assert ask(k=1).as_json()["responders"] == []


def test_closed_everywhere_is_said_and_what_if_changes_nothing(
    post: Any, ask: Any, engine: Engine
) -> None:
    post("near", 120.025, 29.0)
    post("island", 120.001, 29.03)
    ids = engine.graph.street_ids.tolist()
    closed = {"all": Measure(tuple(step for i in ids for step in (i, -i)))}
    plain = ask()
    supposed = ask(supposed=Supposed(measures=closed))
    assert reasons(supposed) == {"near": "cut_off", "island": "no_way"}
    assert "1 支被封路隔断" in supposed.verdict.zh
    assert supposed.as_json()["unreachable"][1]["reason"] == "no_way"
    assert supposed.inputs.what_if
    again = ask()
    assert [c.arrival for c in again.candidates] == [c.arrival for c in plain.candidates]


def test_what_if_somebody_stood_elsewhere(post: Any, ask: Any) -> None:
    post("a", 120.02, 29.0)
    post("b", 120.015, 29.0)
    new = Known("c", "新", None, "ebike", None, (), 120.002, 29.0, on_duty=True)
    answer = ask(supposed=Supposed({"a": (120.0015, 29.0)}, (new,), frozenset({"b"})))
    assert [each.known.key for each in answer.candidates] == ["a", "c"]
    assert [each.known.key for each in ask().candidates] == ["b", "a"]


@pytest.fixture
def busy_town(post: Any) -> Iterator[None]:
    for n in range(30):
        mode = ("car", "foot", "ebike")[n % 3]
        at = (120.0 + n * 0.001, 29.0 + (n % 5) * 0.0007)
        post(f"r{n:02}", *at, mode=mode, fix_at=ago(n * 12), on_duty=n % 7 > 0)
    return


@pytest.mark.usefixtures("busy_town")
def test_the_same_inputs_give_the_same_bytes(
    connection: psycopg.Connection, ask: Any, engine: Engine
) -> None:
    (first, *_) = engine.graph.street_ids.tolist()
    engine.measures.put("works", Measure((first,), 0.3))
    for place in (HERE, (120.0213, 29.0011)):
        answer = ask(*place, k=8)
        row = connection.execute(
            "SELECT %s::jsonb, %s::jsonb",
            (json.dumps(answer.inputs.as_json()), json.dumps(answer.as_json())),
        ).fetchone()
        assert row is not None
        inputs = inputs_from_json(row[0])
        assert canonical(inputs.as_json()) == canonical(answer.inputs.as_json())
        again = answer_to(engine.under(inputs.measures), inputs)
        assert canonical(again.as_json()) == canonical(row[1]) == canonical(answer.as_json())
    assert canonical(ask(k=8).as_json()) != canonical(row[1])
