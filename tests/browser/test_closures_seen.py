"""What residents see of closures: those that are public, calmly, and as they stand now."""

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from playwright.sync_api import expect

from geodata import closures
from geodata.demo.sketch import CENTRE
from geodata.store import open_store
from tests.browser.reading import settled
from tests.factories import ADMIN, HOSTILE, drawing

LON, LAT = CENTRE
AREA = shapely.box(LON, LAT, LON + 1e-3, LAT + 1e-3)
STRETCH = shapely.LineString([(LON, LAT), (LON + 1e-3, LAT)])


@pytest.fixture
def store(live_server):
    """Give the store of the running server, without the closures of other tests."""
    opened = open_store(live_server.instance / "linju.gpkg")
    with opened.writing() as tx:
        for one in closures.listed(tx, datetime.now(UTC), actor=ADMIN):
            closures.lift(tx, one.id, actor=ADMIN)
    yield opened
    opened.close()


def close(store, geometry=AREA, **told):
    with store.writing() as tx:
        return closures.draw(tx, drawing(geometry, **({"public": True} | told)), actor=ADMIN)


def told(page):
    return page.locator("#closures-told")


def signs(page):
    return page.locator(".leaflet-marks-pane .closure-pin")


def test_a_resident_sees_what_is_public_and_nothing_else(desk, store):
    close(store, reason="管道抢修", ends=datetime.now(UTC) + timedelta(hours=2, seconds=-1))
    close(store, STRETCH, reason="内部演练", public=False)
    page = settled(desk.open())
    expect(told(page).locator("summary")).to_have_text("1 处封控")
    told(page).locator("summary").click()
    expect(told(page).locator("li")).to_have_count(1)
    for words in ("管道抢修", "今天", "还剩 2 小时"):
        expect(told(page).locator("li")).to_contain_text(words)
    expect(signs(page)).to_have_count(1)
    assert "内部演练" not in page.content()


def test_staff_see_on_the_same_map_what_is_theirs_alone(desk, store):
    desk.sign_in("worker")
    close(store, STRETCH, reason="内部演练", public=False)
    page = settled(desk.open())
    told(page).locator("summary").click()
    expect(told(page).locator("li")).to_contain_text("仅工作人员可见")


def test_a_press_brings_it_into_view_and_says_it_there(anyone, store):
    close(store, reason="道路施工")
    page = settled(anyone.open(c=f"{LON + 0.01},{LAT + 0.01}", z="16"))
    told(page).locator("summary").click()
    told(page).locator(".closure-row").click()
    popup = page.locator(".closure-popup")
    expect(popup).to_contain_text("道路施工")
    expect(popup).to_be_in_viewport(ratio=1)
    expect(signs(page)).to_be_in_viewport()
    assert anyone.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    popup.get_by_role("button", name="关闭").click()
    expect(popup).to_have_count(0)


def test_what_begins_later_is_told_as_coming(desk, store):
    tomorrow = datetime.now(UTC) + timedelta(days=1, hours=1)
    close(store, reason="活动封路", starts=tomorrow, ends=tomorrow + timedelta(days=1))
    page = settled(desk.open())
    expect(told(page).locator("summary")).to_have_text("1 处即将封控")
    told(page).locator("summary").click()
    expect(told(page).locator("li")).to_contain_text("1 天 1 小时后开始")


@pytest.mark.usefixtures("store")
def test_nothing_is_said_where_nothing_is_closed(desk):
    desk.page.clock.install()
    with desk.page.expect_response("**/api/closures"):
        page = settled(desk.open())
    expect(told(page)).to_be_hidden()
    # Nothing new is no more than that.
    with page.expect_response("**/api/closures") as again:
        page.clock.fast_forward("00:31")
    assert again.value.status == 304


def test_what_is_lifted_goes_from_an_open_map_and_its_words_with_it(desk, store):
    one = close(store, reason="火情警戒")
    desk.page.clock.install()
    page = settled(desk.open())
    expect(signs(page)).to_have_count(1)
    signs(page).click(force=True)
    expect(page.locator(".closure-popup")).to_contain_text("火情警戒")
    with store.writing() as tx:
        closures.lift(tx, one.id, actor=ADMIN)
    page.clock.fast_forward("00:31")
    expect(signs(page)).to_have_count(0)
    expect(page.locator(".closure-popup")).to_have_count(0)
    expect(told(page)).to_be_hidden()


def test_the_map_goes_on_asking_when_the_server_was_away(desk, store):
    desk.forgive("Failed to load")
    desk.page.clock.install()
    page = settled(desk.open())
    page.route("**/api/closures", lambda route: route.abort())
    with page.expect_request("**/api/closures"):
        page.clock.fast_forward("00:31")
    page.unroute("**/api/closures")
    close(store)
    with page.expect_response("**/api/closures"):
        page.clock.fast_forward("01:01")
    expect(signs(page)).to_have_count(1)


def test_a_hostile_reason_is_shown_as_written_and_runs_nowhere(desk, store):
    ends = datetime.now(UTC) + timedelta(days=1)
    for n, text in enumerate(HOSTILE):
        close(store, reason=text, ends=ends + timedelta(minutes=n))
    page = settled(desk.open())
    told(page).locator("summary").click()
    shown = told(page).locator(".closure-reason").all_text_contents()
    with store.reading() as tx:
        kept = [one.reason for one in closures.listed(tx, datetime.now(UTC), actor=ADMIN)]
    assert shown == kept
    for n in range(len(HOSTILE)):
        told(page).locator(".closure-row").nth(n).click()
        expect(page.locator(".closure-popup .closure-reason")).to_have_text(kept[n])
    assert page.locator("img:not(.leaflet-tile)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
