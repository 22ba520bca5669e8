"""Every reading is what its formula says, worked out slowly, on streets drawn at random."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.matrix import formulas, measuring
from tests.geodata.matrix import plain
from tests.geodata.matrix.neighbourhood import neighbourhoods

KINDS = (0, 1)


def nearest(place, minutes, kind):
    """Return each home's minutes to the nearest merchant of a kind, infinite without a way."""
    columns = [n for n, one in enumerate(place.kinds) if one == kind]
    return [min((row[n] for n in columns), default=math.inf) for row in minutes]


def told(values):
    """Return numbers as the plain formulas give them."""
    return [None if np.isnan(one) else pytest.approx(one, rel=1e-9) for one in values.tolist()]


def on_network(place, group):
    off = place.ground.off_network
    return [n for n in range(len(place.homes)) if place.group[n] == group and not off[n]]


@settings(max_examples=60, deadline=None)
@given(neighbourhoods())
def test_walks_are_those_of_a_search_over_everything(place):
    ground = place.ground
    slow = plain.minutes_between(place.graph, place.homes, place.merchants, place.closed)

    for kind in KINDS:
        fast = np.nan_to_num(measuring.minutes(ground)[kind], nan=np.inf)
        assert fast.tolist() == pytest.approx(nearest(place, slow, kind), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(neighbourhoods(), st.integers(1, 12))
def test_medians_and_shares_are_those_of_the_formulas(place, within_min):
    ground = place.ground
    slow = plain.minutes_between(place.graph, place.homes, place.merchants, place.closed)
    weight = np.where(ground.off_network, np.nan, ground.homes.households)

    for kind in KINDS:
        far, found = nearest(place, slow, kind), measuring.minutes(ground)[kind]
        medians = formulas.medians(place.group, found, weight, 2)
        shares = formulas.shares(place.group, found, weight, 2, within_min)
        rows = [on_network(place, group) for group in (0, 1)]
        households = [[place.households[n] for n in some] for some in rows]
        minutes = [[far[n] for n in some] for some in rows]
        assert [*map(plain.median, minutes, households)] == told(medians)
        limits = [within_min] * 2
        assert [*map(plain.share, minutes, households, limits)] == told(shares)


@settings(max_examples=60, deadline=None)
@given(neighbourhoods(), st.integers(1, 12))
def test_scores_are_those_of_both_steps(place, within_min):
    ground = place.ground
    slow = plain.minutes_between(place.graph, place.homes, place.merchants, place.closed)

    for kind, fast in zip(KINDS, measuring.scores(ground, within_min), strict=True):
        columns = [n for n, one in enumerate(place.kinds) if one == kind]
        far = [[row[n] for n in columns] for row in slow]
        found = plain.scores(far, place.residents, within_min)
        assert fast.tolist() == pytest.approx(found, rel=1e-9)

        weight = np.where(ground.off_network, np.nan, ground.homes.residents)
        means = [
            plain.mean([found[n] for n in rows], [place.residents[n] for n in rows])
            for rows in (on_network(place, group) for group in (0, 1))
        ]
        assert means == told(formulas.means(place.group, fast, weight, 2))


@settings(max_examples=40, deadline=None)
@given(neighbourhoods(), st.data())
def test_a_new_merchant_makes_no_walk_longer(place, data):
    more = data.draw(st.sampled_from(place.homes))
    richer = place.but(merchants=[*place.merchants, more], kinds=[*place.kinds, 0])

    before, after = (measuring.minutes(one.ground)[0] for one in (place, richer))
    assert (np.nan_to_num(after, nan=np.inf) <= np.nan_to_num(before, nan=np.inf)).all()
    same = [measuring.minutes(one.ground)[1].tolist() for one in (place, richer)]
    assert same[0] == pytest.approx(same[1], nan_ok=True, abs=0)


@settings(max_examples=40, deadline=None)
@given(neighbourhoods(), st.data())
def test_closing_a_street_makes_no_walk_shorter(place, data):
    shut = place.closed.copy()
    shut[data.draw(st.integers(0, len(shut) - 1))] = True
    ended = place.but(closed=shut)

    for kind in KINDS:
        before, after = (
            np.nan_to_num(measuring.minutes(one.ground)[kind], nan=np.inf) for one in (place, ended)
        )
        assert (after >= before - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(neighbourhoods(), st.integers(1, 12))
def test_what_all_residents_gain_is_what_is_there(place, within_min):
    """The mean score by residents is the merchants in anybody's reach for each 1,000 residents."""
    ground = place.ground
    slow = plain.minutes_between(place.graph, place.homes, place.merchants, place.closed)

    for kind, score in zip(KINDS, measuring.scores(ground, within_min), strict=True):
        reached = [
            any(
                row[n] <= within_min and people
                for row, people in zip(slow, place.residents, strict=True)
            )
            for n, one in enumerate(place.kinds)
            if one == kind
        ]
        people = np.array(place.residents)
        assert (score * people).sum() / 1000 == pytest.approx(sum(reached))


@settings(max_examples=40, deadline=None)
@given(neighbourhoods(), st.data())
def test_a_home_that_changes_its_area_changes_those_two_alone(place, data):
    ground, areas = place.ground, 4
    group = np.array(data.draw(_groups(place, areas)))
    home = data.draw(st.integers(0, len(group) - 1))
    moved = group.copy()
    moved[home] = data.draw(st.integers(0, areas - 1))
    others = [n for n in range(areas) if n not in {group[home], moved[home]}]

    for told in _all_readings(ground, areas):
        before, after = told(group), told(moved)
        assert before[others].tolist() == pytest.approx(after[others].tolist(), abs=0, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(neighbourhoods(), st.data())
def test_shares_of_areas_sum_up_to_that_of_all(place, data):
    ground, areas = place.ground, 3
    group = np.array(data.draw(_groups(place, areas)))
    weight = ground.homes.households
    total = formulas.sums(group, weight, areas)
    whole = formulas.sums(np.zeros_like(group), weight, 1)

    for far in measuring.minutes(ground):
        shares = formulas.shares(group, far, weight, areas, 5)
        alone = formulas.shares(np.zeros_like(group), far, weight, 1, 5)
        assert np.nansum(shares * total) == pytest.approx(np.nansum(alone * whole))


def _groups(place, areas):
    size = len(place.homes)
    return st.lists(st.integers(0, areas - 1), min_size=size, max_size=size)


def _all_readings(ground, areas):
    """Return each reading of each kind as a function of the areas of the homes."""
    homes = ground.homes
    for far, score in zip(measuring.minutes(ground), measuring.scores(ground, 5), strict=True):
        yield lambda group, far=far: formulas.medians(group, far, homes.households, areas)
        yield lambda group, far=far: formulas.shares(group, far, homes.households, areas, 5)
        yield lambda group, score=score: formulas.means(group, score, homes.residents, areas)
