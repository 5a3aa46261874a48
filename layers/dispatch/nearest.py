"""Use case: who of the town's responders can be at a point first, and whether that is in time.

An answer is made of its inputs alone (`answer_to`), so a decision that was kept can be made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.catalogue import Text
from layers.dispatch import nearest_words as words
from layers.dispatch.answer import Answer, Candidate, Holds, Neighbour, Told
from layers.dispatch.asked import Inputs, Known, NeighbourPost, RankRequest
from layers.dispatch.origins import origin_of
from layers.dispatch.reading import OWN_TABLES, Connection, Sources, read_inputs
from layers.dispatch.sifting import LeftOut, Why, sift
from routing.lengths import segment_lengths_m
from routing.modes import MODES_BY_NAME
from routing.nearest.answers import Arrival, Origin, Ranking
from routing.nearest.engine import Engine, OffStreetError
from routing.nearest.eta_spread import TRAVEL_LOG_SD, Spread, slack_s, spread_of
from spatial.town import Town

# So many neighbours are named.
_NEIGHBOURS = 3


def rank(
    connection: Connection,
    town: Town,
    engine: Engine,
    request: RankRequest,
    sources: Sources = OWN_TABLES,
) -> Answer:
    """Who can be at a point first now; or, if something is supposed, who could.

    Args:
        connection: to where the responders are.
        town: whose responders.
        engine: of the town's present streets.
        request: what is asked.
        sources: where responders are found: the tables, or what a role sees.

    Raises:
        InputError: a street of what is supposed isn't known.
    """
    while True:
        version, speeds = engine.measures.version, engine.speeds
        inputs = read_inputs(connection, town, engine, request, sources)
        supposes = request.supposed is not None and request.supposed.measures
        answer = answer_to(engine.under(inputs.measures) if supposes else engine, inputs)
        # What came in between may be in the times and not in the inputs.
        if engine.measures.version == version and engine.speeds is speeds:
            return answer


def answer_to(engine: Engine, inputs: Inputs) -> Answer:
    """The answer that follows from `inputs`, on an engine on which their measures are in force."""
    sifted = sift(inputs)
    ranked = _ask(engine, inputs, sifted.candidates)
    left_out = sifted.left_out
    if sifted.resting and _is_in_time(ranked.arrivals, inputs):
        left_out = [*left_out, *(LeftOut(known, Why.ON_BREAK) for known in sifted.resting)]
    elif sifted.resting:
        ranked = ranked.with_last(_ask(engine, inputs, sifted.resting), inputs.request.k)
    ranked = _with_chosen(engine, inputs, ranked)
    candidates = _candidates(inputs, ranked.known, ranked.arrivals)
    holds = _holds(candidates, inputs)
    everybody_out = sorted((*left_out, *ranked.lost), key=lambda each: each.known.key)
    return Answer(
        inputs=inputs,
        ranking=ranked.ranking,
        candidates=candidates,
        further=len(ranked.known) - len(ranked.lost) - len(candidates),
        left_out=_told(everybody_out, inputs),
        holds=holds,
        verdict=_verdict(candidates, everybody_out, inputs, off_street=ranked.ranking is None),
        neighbours=() if holds is Holds.HOLDS else _neighbours(engine, inputs),
    )


@dataclass(frozen=True)
class _Ranked:
    """Who was asked, and what the streets say.

    Attributes:
        ranking: None where the place lies off all of them.
        lost: who can't come.
    """

    known: list[Known]
    ranking: Ranking | None
    lost: list[LeftOut]

    @property
    def arrivals(self) -> list[Arrival]:
        """The first, first."""
        return self.ranking.arrivals if self.ranking else []

    def with_last(self, others: _Ranked, k: int) -> _Ranked:
        """At most k of both: others come last, and one at least is named if there is room for two.

        However soon they would be there: that they come last is the town's rule.
        """
        room = max(k - len(self.arrivals), min(k - 1, 1))
        last = others.arrivals[:room]
        ranking = None
        if self.ranking and others.ranking:
            ranking = Ranking(
                self.ranking.incident_snaps | others.ranking.incident_snaps,
                [*self.arrivals[: k - len(last)], *last],
                [*self.ranking.unreachable, *others.ranking.unreachable],
            )
        return _Ranked([*self.known, *others.known], ranking, [*self.lost, *others.lost])


def _ask(engine: Engine, inputs: Inputs, known: list[Known]) -> _Ranked:
    """The first of some, and who of them can't come."""
    asked = inputs.request
    origins = [origin_of(each, inputs.settings) for each in known]
    try:
        ranking = engine.nearest(asked.lon, asked.lat, origins, asked.k, inputs.at)
    except OffStreetError:
        ranking = None
    return _Ranked(known, ranking, _lost(engine, inputs, known, origins, ranking))


def _with_chosen(engine: Engine, inputs: Inputs, ranked: _Ranked) -> _Ranked:
    """Who is named in any case comes after the first, if not among them."""
    known = [each for each in ranked.known if each.key == inputs.request.chosen]
    named = {arrival.origin.key for arrival in ranked.arrivals}
    if not known or known[0].key in named or ranked.ranking is None:
        return ranked
    arrivals = [*ranked.arrivals, *_ask(engine, inputs, known).arrivals[:1]]
    return replace(ranked, ranking=replace(ranked.ranking, arrivals=arrivals))


def _is_in_time(arrivals: Sequence[Arrival], inputs: Inputs) -> bool:
    return bool(arrivals) and arrivals[0].eta_s <= inputs.settings.hold_s


def _lost(
    engine: Engine,
    inputs: Inputs,
    candidates: Sequence[Known],
    origins: Sequence[Origin],
    ranking: Ranking | None,
) -> list[LeftOut]:
    """Who may be asked and can't come; whether closures are the cause is tried without them."""
    if ranking is None:
        return [LeftOut(known, Why.INCIDENT_OFF_STREET) for known in candidates]
    reasons = {each.origin.key: Why(each.reason.value) for each in ranking.unreachable}
    if inputs.measures and Why.NO_WAY in reasons.values():
        asked = inputs.request
        stuck = [origin for origin in origins if reasons.get(origin.key) is Why.NO_WAY]
        free = engine.under({}).nearest(asked.lon, asked.lat, stuck, 0, inputs.at)
        still = {each.origin.key for each in free.unreachable}
        reasons |= {each.key: Why.CUT_OFF for each in stuck if each.key not in still}
    return [LeftOut(known, reasons[known.key]) for known in candidates if known.key in reasons]


def _candidates(
    inputs: Inputs, candidates: Sequence[Known], arrivals: Sequence[Arrival]
) -> tuple[Candidate, ...]:
    """The first, with how sure each is, and why in words."""
    if not arrivals:
        return ()
    by_key = {each.key: each for each in candidates}
    known = [by_key[arrival.origin.key] for arrival in arrivals]
    spread = _spread(inputs, known, arrivals)
    air_m = _air_m(inputs, known)
    nearest_m = _air_m(inputs, candidates).min()
    return tuple(
        Candidate(
            known=each,
            arrival=arrival,
            turnout_s=arrival.origin.delay_s,
            eta_low_s=float(spread.low_s[i]),
            eta_high_s=float(spread.high_s[i]),
            hold_probability=float(spread.in_time[i]),
            air_m=float(air_m[i]),
            why=words.why_later(
                arrival,
                arrivals[0],
                each,
                float(air_m[i]),
                inputs,
                nearest_by_air=bool(air_m[i] == nearest_m),
            )
            if i
            else words.why_first(arrival, each, float(air_m[i]), inputs),
        )
        for i, (each, arrival) in enumerate(zip(known, arrivals, strict=True))
    )


def _spread(inputs: Inputs, known: Sequence[Known], arrivals: Sequence[Arrival]) -> Spread:
    modes = [arrival.origin.mode for arrival in arrivals]
    settings = inputs.settings
    # Of whom nobody said when it was seen, it is taken to be as long ago as may be without a word.
    ages = [settings.stale_fix_age_s if k.fix_age_s is None else k.fix_age_s for k in known]
    slacks = [
        slack_s(mode, age_s, each.accuracy_m, each.speed_mps)
        for mode, age_s, each in zip(modes, ages, known, strict=True)
    ]
    return spread_of(
        [arrival.origin.delay_s for arrival in arrivals],
        [arrival.travel_time_s for arrival in arrivals],
        slacks,
        [TRAVEL_LOG_SD[mode] for mode in modes],
        settings.hold_s,
    )


def _air_m(inputs: Inputs, places: Sequence[Known | NeighbourPost]) -> NDArray[np.float64]:
    """(n,) metres as the crow flies to the place asked for."""
    asked = inputs.request
    lonlat = np.array([(each.lon, each.lat) for each in places], np.float64).reshape(-1, 2)
    there = np.broadcast_to((asked.lon, asked.lat), lonlat.shape)
    both = np.stack([lonlat, there], axis=1).reshape(-1, 2)
    return segment_lengths_m(both[:, 0], both[:, 1])[::2] if len(both) else np.zeros(0)


def _told(left_out: Sequence[LeftOut], inputs: Inputs) -> tuple[Told, ...]:
    air_m = _air_m(inputs, [each.known for each in left_out]).tolist()
    return tuple(
        Told(each, words.why_left_out(each, inputs, metres))
        for each, metres in zip(left_out, air_m, strict=True)
    )


def _holds(candidates: Sequence[Candidate], inputs: Inputs) -> Holds:
    settings = inputs.settings
    if not candidates or candidates[0].arrival.eta_s > settings.hold_s:
        return Holds.NOBODY_WITHIN
    sure = candidates[0].hold_probability >= settings.sure_share
    return Holds.HOLDS if sure else Holds.AT_RISK


def _verdict(
    candidates: Sequence[Candidate],
    left_out: list[LeftOut],
    inputs: Inputs,
    *,
    off_street: bool,
) -> Text:
    if not candidates:
        return words.verdict_nobody(left_out, inputs, off_street=off_street)
    first = candidates[0]
    if first.arrival.eta_s > inputs.settings.hold_s:
        verdict = words.verdict_late(first.known.label, first.arrival, inputs)
    else:
        verdict = words.verdict_in_time(
            first.known.label, first.arrival, first.hold_probability, inputs
        )
    resting = min(
        (each for each in candidates if each.known.state == "break"),
        key=lambda each: each.arrival.eta_s,
        default=None,
    )
    return words.with_resting(verdict, resting.known, resting.arrival) if resting else verdict


def _neighbours(engine: Engine, inputs: Inputs) -> tuple[Neighbour, ...]:
    """Who of other towns could come, over our streets; after them who only is near by air."""
    asked, posts = inputs.request, inputs.posts
    delay_s = float(inputs.settings.neighbour_call_s + inputs.settings.turnout_free_s)
    origins = [
        Origin(post.key, post.lon, post.lat, MODES_BY_NAME[post.mode], delay_s) for post in posts
    ]
    try:
        found = engine.nearest(asked.lon, asked.lat, origins, len(posts), inputs.at).arrivals
    except OffStreetError:
        found = []
    by_key = {arrival.origin.key: arrival for arrival in found}
    named = [
        (post, by_key.get(post.key), metres)
        for post, metres in zip(posts, _air_m(inputs, posts).tolist(), strict=True)
    ]
    named.sort(key=lambda each: (each[1].eta_s if each[1] else np.inf, each[2]))
    return tuple(
        Neighbour(post, arrival, metres, words.why_neighbour(arrival, metres))
        for post, arrival, metres in named[:_NEIGHBOURS]
    )
