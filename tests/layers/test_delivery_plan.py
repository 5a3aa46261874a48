"""What happens next with an order: a table of cases, and any course of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.delivery.plan import (
    DESK,
    WAITING_STATES,
    Message,
    Nothing,
    Order,
    PassOn,
    Patience,
    Tell,
    Wait,
    next_step,
    parse_ladder,
    reachable_rungs,
)
from spatial.errors import InputError

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
PATIENCE = Patience(timedelta(seconds=20))
LADDER = (("page",), ("sms", "dingtalk"), ("voice",))
ORDER = Order(1, "sent", NOON)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(channel: str, queued_s: float, failed_s: float | None = None) -> Message:
    return Message(channel, at(queued_s), failed_at=None if failed_s is None else at(failed_s))


PAGE = told("page", 0)
TEXTS = [told("sms", 20), told("dingtalk", 20)]
ALL = [PAGE, *TEXTS, told("voice", 40)]


@pytest.mark.parametrize(
    ("state", "messages", "now_s", "expected"),
    [
        ("sent", [], 0, Tell(("page",))),
        ("sent", [PAGE], 0, Wait(at(20))),
        ("sent", [PAGE], 19.9, Wait(at(20))),
        ("sent", [PAGE], 20, Tell(("sms", "dingtalk"))),
        ("delivered", [PAGE], 20, Tell(("sms", "dingtalk"))),
        ("seen", [PAGE], 20, Tell(("sms", "dingtalk"))),
        ("sent", [PAGE], 5000, Tell(("sms", "dingtalk"))),
        # what can't be delivered is not waited for
        ("sent", [told("page", 0, 1)], 1, Tell(("sms", "dingtalk"))),
        ("sent", [PAGE, told("sms", 20, 21), TEXTS[1]], 22, Wait(at(40))),
        ("sent", [PAGE, told("sms", 20, 21), told("dingtalk", 20, 22)], 22, Tell(("voice",))),
        # a rung is told as a whole; half of one, by a worker that died, is not told again
        ("sent", [PAGE, TEXTS[0]], 30, Wait(at(40))),
        ("sent", [PAGE, *TEXTS], 40, Tell(("voice",))),
        ("sent", ALL, 59, Wait(at(60))),
        ("seen", ALL, 60, PassOn()),
        ("sent", list(reversed(ALL)), 60, PassOn()),
        # nobody is told of what was accepted or has ended
        ("accepted", [PAGE], 30, Nothing()),
        ("arrived", [], 30, Nothing()),
        ("lapsed", ALL, 90, Nothing()),
        ("withdrawn", [], 0, Nothing()),
        # declined: the next one's turn, at once
        ("declined", [PAGE], 3, PassOn()),
        # the dispatchers know: theirs
        ("sent", [*ALL, told(DESK, 60)], 999, Nothing()),
        ("declined", [PAGE, told(DESK, 60)], 999, Nothing()),
        # a clock put back by an hour: at once, not in an hour
        ("sent", [PAGE], -3600, Tell(("sms", "dingtalk"))),
        # a channel that is no longer on the ladder neither counts nor is told
        ("sent", [told("pager", 0)], 1, Tell(("page",))),
    ],
)
def test_what_happens_next(state, messages, now_s, expected):
    order = replace(ORDER, state=state)
    assert next_step(order, messages, at(now_s), PATIENCE, LADDER) == expected


def test_whom_no_channel_reaches_the_dispatchers_call():
    assert next_step(ORDER, [], NOON, PATIENCE, ()) == Tell((DESK,))


@pytest.mark.parametrize(
    ("delivered_s", "now_s", "expected"),
    [
        (None, 4, Wait(at(5))),
        (None, 5, Tell(("sms", "dingtalk"))),
        (3, 5, Wait(at(20))),
        (3, 20, Tell(("sms", "dingtalk"))),
    ],
)
def test_a_page_that_says_nothing_is_open_nowhere(delivered_s, now_s, expected):
    patience = replace(PATIENCE, receipt_within={"page": timedelta(seconds=5)})
    delivered = None if delivered_s is None else at(delivered_s)
    page = replace(PAGE, delivered_at=delivered)
    assert next_step(ORDER, [page], at(now_s), patience, LADDER) == expected


def test_a_ladder_is_read_and_cut_to_what_reaches_a_responder():
    assert parse_ladder(" page  sms+dingtalk voice ") == LADDER
    assert reachable_rungs(LADDER, frozenset({"dingtalk", "voice"})) == (("dingtalk",), ("voice",))
    with pytest.raises(InputError, match="sms"):
        parse_ladder("page sms voice+sms")


looks = st.lists(
    st.tuples(
        st.floats(0, 30),  # seconds since the look before
        st.sampled_from(["look", "fail", "deliver", "see"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@given(looks, st.floats(0, 200))
def test_accepted_or_lapsed_in_time_and_told_by_nothing_twice(events, accepted_s):
    """Whoever looks when, whatever fails: each channel once, in the ladder's order, and an end."""
    order, messages, now = ORDER, [], NOON
    for pause_s, event, which in events:
        now += timedelta(seconds=pause_s)
        if now >= at(accepted_s) and order.state != "lapsed":
            order = replace(order, state="accepted")
        if order.state == "sent" and event in {"deliver", "see"}:
            order = replace(order, state={"deliver": "delivered", "see": "seen"}[event])
        if event == "fail" and which < len(messages):
            messages[which] = replace(messages[which], failed_at=now)
        match next_step(order, messages, now, PATIENCE, LADDER):
            case Tell(channels):
                assert order.state not in {"accepted", "lapsed"}
                messages += [Message(each, now) for each in channels]
            case PassOn():
                assert order.state in WAITING_STATES
                order = replace(order, state="lapsed")
            case Wait(until):
                assert now < until <= now + PATIENCE.accept_within
    channels = [each.channel for each in messages]
    assert channels == ["page", "sms", "dingtalk", "voice"][: len(channels)]


@settings(max_examples=20)
@given(st.lists(st.floats(0.01, 1.0), min_size=130, max_size=130))
def test_with_a_sweep_each_second_the_bound_holds(pauses):
    """Three rungs of 20 s, each begun at most a second late."""
    messages, now = [], NOON
    for pause in pauses:
        step = next_step(ORDER, messages, now, PATIENCE, LADDER)
        if isinstance(step, Tell):
            messages += [Message(each, now) for each in step.channels]
        if isinstance(step, PassOn):
            break
        now += timedelta(seconds=pause)
    else:
        assert now < at(63)
    assert now < at(63)
