"""Random small towns for hypothesis: streets between nine corners, and turns that are forbidden."""

from __future__ import annotations

from hypothesis import strategies as st

from routing.modes import ALL_MODES
from routing.streets import Streets, Turn

UNIT_DEG = 0.0009
NODES = {n: (float(n % 3), float(n // 3)) for n in range(9)}

# From node, to node, modes forward, modes backward, speed in km/h.
street = st.tuples(
    st.integers(0, 8),
    st.integers(0, 8),
    st.sampled_from([4, 12, 15]),
    st.sampled_from([0, 0, 8, 15, 15]),
    st.sampled_from([10.0, 30.0, 50.0]),
)
number = st.integers(0, 10_000)


def forbidden_turns(streets: Streets, picks: list[list[int]]) -> tuple[Turn, ...]:
    """Walks over the streets, each as a forbidden turn of two to four steps."""
    rows = streets.streets
    ends = {
        sign * i: (u, v) if sign > 0 else (v, u)
        for i, u, v in zip(rows["id"], rows["from_node"], rows["to_node"], strict=True)
        for sign in (1, -1)
    }
    leaving: dict[int, list[int]] = {}
    for step, (u, _) in ends.items():
        leaving.setdefault(u, []).append(step)
    turns = []
    for first, *others in picks:
        steps = [sorted(ends)[first % len(ends)]]
        for other in others:
            choice = leaving[ends[steps[-1]][1]]
            steps.append(choice[other % len(choice)])
        turns.append(Turn(tuple(int(step) for step in steps), int(ALL_MODES), "no_turn"))
    return tuple(turns)
