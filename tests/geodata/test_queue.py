"""The queue of an area: the same whether few wait there or very many."""

import pytest

from geodata import areas, proposals
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact
from geodata.store import open_store, records
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, square

NEIGHBOUR = Actor("neighbour", Role.WORKER, "210103007")


@pytest.fixture
def store(store_url):
    opened = open_store(store_url)
    lon, lat = CENTRE
    here = ("210103006000", "万莲街道", square(lon, lat))
    there = ("210103007000", "隔壁街道", square(lon + 0.1, lat))
    with opened.writing() as tx:
        areas.merge(tx, areas_frame(here, there), actor=ADMIN)
        for n in range(12):
            told = entry(f"店{n}", lon=lon + 0.1 * (n % 3 == 0))
            proposals.register(tx, told, Contact(), actor=RESIDENT)
    yield opened
    opened.close()


@pytest.mark.parametrize("few", [3, 1000])
def test_each_sees_what_waits_in_the_own_area_in_pages(store, monkeypatch, few):
    monkeypatch.setattr(records, "_FEW", few)
    with store.reading() as tx:
        first = proposals.queue(tx, actor=WORKER, limit=5)
        after = (first[-1]["at"], first[-1]["id"])
        rest = proposals.queue(tx, actor=WORKER, after=after, limit=5)
        others = proposals.queue(tx, actor=NEIGHBOUR)
        counts = [proposals.waiting(tx, actor=actor) for actor in (WORKER, NEIGHBOUR, ADMIN)]
    assert counts == [8, 4, 12]
    assert {one["shop"]["name"] for one in others} == {"店0", "店3", "店6", "店9"}
    both = [(one["at"], one["id"]) for one in first + rest]
    assert both == sorted(both)
    assert len(set(both)) == 8
