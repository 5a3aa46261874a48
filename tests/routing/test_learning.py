"""Speeds that are known are learned from what was driven; what is no driving teaches nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.matching.learning import Samples, learn
from routing.matching.match import Matched
from routing.matching.traversals import traversals

STREETS = 60
CLASSES = 3


def driven(seed: int, n: int = 3000, noise: float = 0.25) -> tuple[Samples, np.ndarray, np.ndarray]:
    """Samples of streets whose true share is known; by street, and by hour of a class."""
    chance = np.random.default_rng(seed)
    klass_of = np.arange(STREETS) % CLASSES
    hour_share = chance.uniform(0.5, 0.95, (CLASSES, 4))
    own = np.exp(chance.normal(0, 0.2, STREETS))
    own /= np.exp(np.log(own).mean())
    street = chance.integers(0, STREETS, n)
    hour = chance.integers(0, 4, n)
    klass = klass_of[street]
    share = hour_share[klass, hour] * own[street] * np.exp(chance.normal(0, noise, n))
    samples = Samples(street, klass * 4 + hour, klass, share, np.full(n, 0.9))
    return samples, hour_share.ravel(), own


@pytest.mark.parametrize("seed", range(3))
def test_known_speeds_are_recovered(seed: int):
    samples, hour_share, own = driven(seed)
    learned = learn(samples)
    # what nobody knows is how a class and its streets share what they have in common
    found = learned.hours.share[samples.group] * learned.streets.share[samples.street]
    true = hour_share[samples.group] * own[samples.street]
    error = np.abs(np.log(found / true))
    assert np.median(error) < 0.06
    assert error.mean() < np.abs(np.log(0.9 / true)).mean() / 4
    assert np.abs(np.log(learned.streets.measured)).max() < 2


def test_shrinking_beats_means_and_silence_where_samples_are_few():
    samples, hour_share, own = driven(7, n=400, noise=0.4)
    learned = learn(samples, least_samples=1)
    true = own - 0
    mean = np.array([samples.share[samples.street == s].mean() for s in learned.streets.number])
    usual = hour_share.mean()
    of_means = np.abs(np.log(mean / usual / true[learned.streets.number])).mean()
    of_learned = np.abs(np.log(learned.streets.share / true[learned.streets.number])).mean()
    assert of_learned < of_means


def test_few_samples_of_a_street_change_nothing():
    samples, _, _ = driven(1)
    few = Samples(*(np.append(values, values[:3]) for values in vars(samples).values()))
    few.street[-3:] = 999
    few.share[-3:] = 0.2
    learned = learn(few, least_samples=5)
    assert learned.streets.share[learned.streets.number == 999] == [1.0]
    assert learned.streets.samples[learned.streets.number == 999] == [3]


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_samples_means_nothing(seed: int):
    samples, _, _ = driven(0, n=200)
    order = np.random.default_rng(seed).permutation(200)
    shuffled = Samples(*(values[order] for values in vars(samples).values()))
    one, other = learn(samples), learn(shuffled)
    np.testing.assert_allclose(one.streets.share, other.streets.share, rtol=1e-9)
    np.testing.assert_allclose(one.hours.share, other.hours.share, rtol=1e-9)


@given(st.floats(0.0001, 0.07) | st.floats(2, 1000), st.integers(1, 300))
def test_what_is_no_driving_teaches_nothing(share: float, n: int):
    samples, _, _ = driven(3, n=500)
    wild = Samples(*(np.append(values, values[:n]) for values in vars(samples).values()))
    wild.share[500:] = share
    plain, spoilt = learn(samples), learn(wild)
    np.testing.assert_allclose(plain.streets.share, spoilt.streets.share)
    assert not spoilt.used[500:].any()


def test_a_few_far_off_hardly_move_what_many_say():
    samples, _, _ = driven(5)
    samples.share[::40] = 1.7
    plain = learn(driven(5)[0])
    moved = np.abs(np.log(learn(samples).hours.share / plain.hours.share))
    assert moved.max() < 0.05


def test_nothing_teaches_nothing():
    none = Samples(*(np.zeros(0, np.int64) for _ in range(3)), np.zeros(0), np.zeros(0))
    learned = learn(none)
    assert len(learned.streets.number) == len(learned.hours.number) == 0


def track(metres: list[float], seconds: list[float], street_m: float = 1000.0) -> tuple:
    at = np.array(seconds, float)
    n = len(at)
    matched = Matched(
        np.zeros(n, np.int32), np.array(metres) / street_m, np.ones(n, bool), np.ones(n, bool)
    )
    return matched, at, np.array([street_m])


def test_a_stretch_is_as_long_and_takes_as_long_as_it_was_driven():
    found = traversals(*track([0, 50, 100, 150], [0, 5, 10, 15]))
    assert found.length_m.tolist() == pytest.approx([150])
    assert found.taken_s.tolist() == [15]


def test_against_the_geometry_is_told_apart():
    matched, at, street_m = track([150, 100, 50, 0], [0, 5, 10, 15])
    against = Matched(matched.street, matched.fraction, ~matched.forward, matched.confident)
    assert traversals(against, at, street_m).length_m.tolist() == pytest.approx([150])
    assert not traversals(against, at, street_m).forward.any()
    # the same fixes taken as driven along it go backwards: that is no driving
    assert len(traversals(matched, at, street_m).street) == 0


def test_a_red_light_counts_and_a_stop_does_not():
    waits = traversals(*track([0, 60, 60, 60, 120], [0, 6, 26, 46, 52]))
    assert waits.taken_s.tolist() == [52]
    stops = traversals(*track([0, 60, 60, 60, 60, 120], [0, 6, 66, 126, 186, 192]))
    assert stops.length_m.tolist() == pytest.approx([60, 60])
    assert stops.taken_s.tolist() == [6, 6]


def test_what_is_doubtful_or_at_an_order_does_not_count():
    matched, at, street_m = track([0, 50, 100, 150], [0, 5, 10, 15])
    doubtful = Matched(matched.street, matched.fraction, matched.forward, np.zeros(4, bool))
    assert len(traversals(doubtful, at, street_m).street) == 0
    assert len(traversals(matched, at, street_m, np.ones(4, bool)).street) == 0
    assert len(traversals(matched, at * 20, street_m).street) == 0  # gaps of 100 s
