"""The desk of closures, in words that its tests share."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import shapely
from playwright.sync_api import expect

from geodata import closures
from geodata.demo.sketch import CENTRE
from geodata.store import open_store
from tests.factories import ADMIN, drawing

LON, LAT = CENTRE
AREA = shapely.box(LON, LAT, LON + 1e-3, LAT + 1e-3)
TWO_HOURS = timedelta(hours=2)


class Office:
    """The store of the running server, in the hands of a test."""

    def __init__(self, store):
        self.store = store

    @classmethod
    @contextmanager
    def of(cls, server):
        """Give the office of a server, without the closures of other tests."""
        office = cls(open_store(server.instance / "linju.gpkg"))
        for one in office.listed():
            office.lift(one)
        yield office
        office.store.close()

    def close(self, geometry=AREA, actor=ADMIN, **told):
        with self.store.writing() as tx:
            return closures.draw(tx, drawing(geometry, **told), actor=actor)

    def change(self, one, actor=ADMIN, **told):
        with self.store.writing() as tx:
            return closures.change(tx, one.id, told, version=one.version, actor=actor)

    def lift(self, one):
        with self.store.writing() as tx:
            return closures.lift(tx, one.id, actor=ADMIN)

    def listed(self):
        with self.store.reading() as tx:
            return closures.listed(tx, datetime.now(UTC), actor=ADMIN)

    def one(self):
        (one,) = self.listed()
        return one

    def get(self, one):
        with self.store.reading() as tx:
            return closures.get(tx, one.id, actor=ADMIN)


def opened(visitor, who="worker", **asked):
    visitor.sign_in(who)
    page = visitor.open("/closures", **({"c": f"{LON},{LAT}", "z": "17"} | asked))
    page.locator("html[data-ready]").wait_for()
    return page


def middle(page):
    box = page.locator(".neighbour-map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pressed(page, *steps, tap=False):
    """Press the map at pixels from its middle."""
    x, y = middle(page)
    for dx, dy in steps:
        (page.touchscreen.tap if tap else page.mouse.click)(x + dx, y + dy)


def drawn(page, kind, *steps):
    page.locator(f"[data-draw={kind}]").click()
    pressed(page, *steps)


def field(page, name):
    return page.locator(f"#field-{name}")


def notice(page):
    return page.locator("#closures-notice")


def trouble(page):
    return page.locator("#closure-trouble")


def rows(page):
    return page.locator("#closures-list > li")


def sent(page):
    page.locator("#closure-send").click()
    expect(notice(page)).to_contain_text("已封控")


SQUARE = ((-120, -60), (60, -60), (60, 60), (-120, 60))
"""Corners for :func:`pressed`."""
