"""Decisions: answers kept with all that they were made of, so that they can be made again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import orjson
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from layers.catalogue import Text
from layers.dispatch.answer import Answer
from layers.dispatch.asked import Inputs, Json, inputs_from_json
from layers.dispatch.nearest import answer_to
from layers.dispatch.reading import Connection
from routing.nearest.engine import Engine
from routing.stored.graph_store import load_graph
from routing.stored.speed_store import load_speeds
from spatial.errors import ConflictError, NotFoundError
from spatial.town import Town

_KEEP = "SELECT layers.keep_decision(%s, %s, %s, %s, %s, %s)"
_READ = "SELECT * FROM layers.kept_decision(%s)"

# Of two who are nearer to each other than this, the same is said.
_SAME_WITHIN_S = 0.001

_SAME = Text("与当时逐字节一致", "the same as then, byte for byte")
_SAME_RANKING = Text(
    "排名与当时一致(到毫秒);其余写法因程序更新而不同",
    "the same ranking as then, to the millisecond; the program tells the rest otherwise by now",
)
# Streets, closures, speeds, positions and settings are those of then: what else an answer hangs
# on is the program.
_OTHER = Text("与当时不同:程序已更新", "other than then: the program is another")
_SPEEDS_UNKNOWN = Text(
    "此决策留存时尚未记录车速版本,以现在的车速重算",
    "which speeds counted wasn't noted when this was kept: made again with those of now",
)


@dataclass(frozen=True)
class Decision:
    """A kept answer.

    Attributes:
        places_forgotten_at: since when it isn't known any more where responders were.
        inputs: all that it was made of, as it is stored.
        answer: as it was given.
    """

    id: int
    incident_id: int | None
    made_at: datetime
    graph_version: int | None
    measure_revision: int | None
    places_forgotten_at: datetime | None
    inputs: Json
    answer: Json

    def as_json(self) -> Json:
        """As it is told."""
        forgotten = self.places_forgotten_at
        return {
            "id": self.id,
            "incident": self.incident_id,
            "made_at": self.made_at.isoformat(),
            "graph_version": self.graph_version,
            "measure_revision": self.measure_revision,
            "places_forgotten_at": forgotten and forgotten.isoformat(),
            "inputs": self.inputs,
            "answer": self.answer,
        }


@dataclass(frozen=True)
class Replay:
    """A decision made again.

    Attributes:
        answer: as it comes out now.
        missing: what isn't known of then; None where all of it is.
    """

    decision: Decision
    answer: Json
    missing: Text | None = None

    @property
    def same(self) -> bool:
        """Whether it came out as then, to the byte."""
        return canonical(self.answer) == canonical(self.decision.answer)

    @property
    def same_ranking(self) -> bool:
        """Whether the same are named in the same order, each there at the same millisecond."""
        then, now = (answer["responders"] for answer in (self.decision.answer, self.answer))
        return len(then) == len(now) and all(
            one["key"] == other["key"] and abs(one["eta_s"] - other["eta_s"]) <= _SAME_WITHIN_S
            for one, other in zip(then, now, strict=True)
        )

    @property
    def words(self) -> Text:
        """Whether it is the same, and if not, why."""
        if self.same:
            return _SAME
        return _SAME_RANKING if self.same_ranking else self.missing or _OTHER

    def as_json(self) -> Json:
        """As it is told."""
        return {
            "decision": self.decision.id,
            "made_at": self.decision.made_at.isoformat(),
            "graph_version": self.decision.graph_version,
            "measure_revision": self.decision.measure_revision,
            "same": self.same,
            "same_ranking": self.same_ranking,
            "words": self.words.as_json(),
            "missing": self.missing.as_json() if self.missing else None,
            "sha256_then": _digest(self.decision.answer),
            "sha256_now": _digest(self.answer),
            "answer": self.answer,
        }


def keep_decision(
    connection: Connection,
    answer: Answer,
    incident_id: int | None = None,
    *,
    told: Json | None = None,
) -> int:
    """Keep an answer in the caller's transaction, which is of somebody who dispatches.

    Args:
        connection: in that transaction.
        answer: with all that it was made of.
        incident_id: whose; None: somebody only asked.
        told: the answer as JSON, by whoever has made that already.

    Returns:
        The decision's id.

    Raises:
        ConflictError: something was only supposed.
    """
    inputs = answer.inputs
    if inputs.what_if:
        raise ConflictError("what was only supposed is no decision / 推演结果不能作为决策")
    row = connection.execute(
        _KEEP,
        (
            incident_id,
            inputs.graph_version,
            inputs.measure_revision,
            inputs.request.k,
            Jsonb(inputs.as_json(), dumps=orjson.dumps),
            Jsonb(told or answer.as_json(), dumps=orjson.dumps),
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def read_decision(connection: Connection, decision_id: int) -> Decision:
    """A decision, in a transaction of somebody who may see all that is in it.

    Raises:
        NotFoundError: there is none that the asker may see.
    """
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        found = cursor.execute(_READ, (decision_id,)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no decision {decision_id} / 没有这条决策记录")
    return found


def replay(connection: Connection, town: Town, engine: Engine, decision: Decision) -> Replay:
    """Make a decision again from what it was made of.

    Args:
        connection: to where former streets are kept.
        town: whose.
        engine: of the present streets.
        decision: which.

    Raises:
        NotFoundError: the streets, the speeds or the positions of that time aren't kept any more.
    """
    if decision.places_forgotten_at is not None:
        raise _places_forgotten(decision.id, decision.places_forgotten_at)
    inputs = inputs_from_json(decision.inputs)
    then = _engine_of(connection, town, engine, inputs).under(inputs.measures)
    if inputs.speed_revision is not None:
        streets = then.graph, then.version
        then.learn(load_speeds(connection, town.id, streets, inputs.speed_revision))
    answer = _plain(answer_to(then, inputs).as_json())
    return Replay(decision, answer, _SPEEDS_UNKNOWN if inputs.speed_revision is None else None)


def canonical(answer: Json) -> bytes:
    """The bytes by which two answers are compared: names in order, no blanks."""
    text = json.dumps(_plain(answer), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _engine_of(connection: Connection, town: Town, engine: Engine, inputs: Inputs) -> Engine:
    if engine.version == inputs.graph_version:
        return engine
    graph = load_graph(connection, town.id, inputs.graph_version)
    return Engine(graph, version=inputs.graph_version)


def _places_forgotten(decision_id: int, at: datetime) -> NotFoundError:
    return NotFoundError(
        f"where responders were at decision {decision_id} was forgotten on {at:%Y-%m-%d}"
        " / 当时的定位已到期删除",
        remedy="the setting positions_kept_days says how long it is kept;"
        " ranks, times and reasons stay",
    )


def _plain(answer: Json) -> Json:
    """As JSON that has been through PostgreSQL, which knows no negative zero."""
    found: Json = json.loads(json.dumps(answer), parse_float=lambda text: float(text) + 0.0)
    return found


def _digest(answer: Json) -> str:
    return hashlib.sha256(canonical(answer)).hexdigest()
