"""What is kept: so much and no more, the last used longest, and of one ground alone."""

import numpy as np
import pytest

from geodata.matrix.keeping import Kept


def made(n=0):
    return lambda: np.full(100, float(n))


def again():
    pytest.fail("made once more")


def test_the_least_recently_used_go_where_there_is_no_more_room():
    kept, ground = Kept(most=3_000), object()
    for n in (1, 2, 1, 3):
        kept.get(ground, n, made(n))

    assert kept.size <= 3_000
    for n in (1, 3):
        assert kept.get(ground, n, again)[0] == n
    assert kept.get(ground, 2, made(7))[0] == 7


def test_what_is_larger_than_all_room_is_kept_alone():
    kept, ground = Kept(most=10), object()
    for n in (1, 2):
        kept.get(ground, n, made(n))

    assert kept.get(ground, 2, again)[0] == 2
    assert kept.get(ground, 1, made(7))[0] == 7


def test_of_another_ground_nothing_is_known():
    kept = Kept()
    kept.get(object(), 1, made(1))

    assert kept.get(object(), 1, made(2))[0] == 2
