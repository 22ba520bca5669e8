"""Magnets that would cover each other make way, and none goes far."""

import math

from tests.browser.reading import settled

ASK = "async ([discs, most]) => (await import('/static/js/apart.js')).apart(discs, most)"


def moved(page, discs, most=40):
    found = page.evaluate(ASK, [discs, most])
    return [(place["x"], place["y"]) for place in found]


def disc(x, y, **told):
    return {"x": x, "y": y, "size": 36, **told}


def test_who_is_alone_stays(desk):
    page = settled(desk.open())

    assert moved(page, [disc(0, 0), disc(50, 0), disc(0, 50)]) == [(0, 0), (50, 0), (0, 50)]
    assert moved(page, []) == []


def test_neighbours_and_those_at_one_spot_can_all_be_seen(desk):
    page = settled(desk.open())

    places = moved(page, [disc(100, 100) for _ in range(5)] + [disc(110, 104), disc(90, 99)])

    apart = [math.dist(a, b) for at, a in enumerate(places) for b in places[:at]]
    assert min(apart) > 36 * 0.8


def test_nobody_goes_farther_than_allowed(desk):
    page = settled(desk.open())

    places = moved(page, [disc(7 * at % 11, at % 5) for at in range(60)], most=20)

    assert max(math.dist(p, (7 * at % 11, at % 5)) for at, p in enumerate(places)) <= 20.001


def test_the_others_make_way_for_what_is_fixed(desk):
    page = settled(desk.open())

    chosen, other, last = moved(page, [disc(0, 0, fixed=True), disc(1, 0), disc(0, 3, fixed=True)])

    assert (chosen, last) == ((0, 0), (0, 3))
    assert math.dist(other, chosen) > 30


def test_a_pile_falls_apart_alike_whatever_else_is_drawn(desk):
    page = settled(desk.open())
    pile = [disc(100, 100), disc(100, 100), disc(100, 100)]

    assert moved(page, [disc(900, 900), *pile])[1:] == moved(page, pile)
