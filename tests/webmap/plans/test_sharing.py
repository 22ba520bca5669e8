"""A link to a plan: made by staff, followed without an account, ended."""

import re

import pytest
import shapely

from geodata import accounts, closures
from tests import people
from tests.factories import ADMIN, CENTRE
from tests.webmap.plans.asking import asked, changed, chosen, close, saved

ASIDE = shapely.Point(CENTRE[0] + 5e-4, CENTRE[1])
JSON = {"Accept": "application/json"}


@pytest.fixture
def plan(worker):
    return saved(worker, helpers=chosen(asked(worker)), notes="总阀在地下室", checklist=[True])


@pytest.fixture
def visitor(app_with_streets):
    return app_with_streets.test_client()


def shared(client, plan, **told):
    """Make a link, and return its token."""
    path = f"/plans/{plan['id']}/links"
    form = {"hours": "24", "title": "李师傅"} | told
    answer = client.post(path, data=form, headers=people.csrf(client))
    assert answer.status_code == 303, answer.text
    assert "#" not in answer.location
    page = client.get(answer.location)
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="(http://localhost/plan#([\w-]{43}))"', page.text)
    assert found
    assert "data:image/svg+xml" in page.text
    return found[2]


def opened(client, token, seen=0):
    told = {"token": token, "seen": seen}
    return client.post("/plan/open", json=told, headers=people.csrf(client) | JSON)


def key_of(client, plan):
    page = client.get(f"/plans/{plan['id']}").text
    (key_id,) = re.findall(r"/links/(\w+)/end", page)
    return key_id


def test_who_has_the_link_sees_what_is_to_be_done_without_an_account(worker, visitor, plan):
    answer = opened(visitor, shared(worker, plan))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_json()
    assert (told["name"], told["notes"], told["status"]) == (plan["name"], plan["notes"], "open")
    assert told["answer"]["helpers"] == plan["answer"]["helpers"]
    assert [line["done"] for line in told["checklist"]][:2] == [True, False]


def test_neither_who_did_something_nor_who_lives_near_by_is_told(worker, visitor, store):
    close(store, ASIDE, public=True)
    plan = saved(worker)
    assert plan["answer"]["homes"]["elders_alone"] is not None
    assert [one["by"] for one in plan["answer"]["closures"]] == ["admin"]
    told = opened(visitor, shared(worker, plan)).get_json()
    assert told["answer"]["homes"] is None
    assert not any("by" in one for one in (*told["checklist"], *told["steps"]))
    assert [one["by"] for one in told["answer"]["closures"]] == [""]


def test_closures_that_residents_do_not_see_are_not_told_at_all(worker, visitor, store):
    around = shapely.Point(CENTRE).buffer(2e-4)
    seen = close(store, around, reason="管道维修", public=True)
    unseen = close(store, around, reason="三号楼张家隔离", public=False)
    plan = saved(worker)
    assert {*plan["answer"]["inside"]} == {seen.id, unseen.id}
    token = shared(worker, plan)
    answer = opened(visitor, token)
    told = answer.get_json()["answer"]
    assert [one["reason"] for one in told["closures"]] == ["管道维修"]
    assert told["inside"] == [seen.id]
    assert unseen.id not in answer.text
    assert "隔离" not in str(answer.get_json())

    with store.writing() as tx:
        closures.change(tx, seen.id, {"public": False}, version=1, actor=ADMIN)
        # What is public since then, in other words, was not when the plan kept it.
        closures.change(tx, unseen.id, {"public": True, "reason": "施工"}, version=1, actor=ADMIN)
    told = opened(visitor, token).get_json()["answer"]
    assert (told["closures"], told["inside"]) == ([], [])


def test_it_follows_the_plan_and_is_told_when_nothing_is_different(worker, visitor, plan):
    token = shared(worker, plan)
    assert opened(visitor, token, seen=1).get_json() == {"version": 1}
    changed(worker, plan, status="under_way")
    told = opened(visitor, token, seen=1).get_json()
    assert (told["status"], told["version"]) == ("under_way", 2)


def test_an_ended_one_says_so(worker, visitor, plan):
    token = shared(worker, plan)
    path = f"/plans/{plan['id']}/links/{key_of(worker, plan)}/end"
    assert worker.post(path, headers=people.csrf(worker)).status_code == 303
    answer = opened(visitor, token)
    assert (answer.status_code, answer.get_json()["title"]) == (404, "share_ended")
    assert "李师傅" in worker.get(f"/plans/{plan['id']}").text
    again = worker.get(f"/plans/{plan['id']}/links/new").text
    assert token not in again


def test_an_expired_one_says_so(worker, visitor, store, plan):
    token = shared(worker, plan, hours="1")
    with store.writing() as tx:
        tx.revise("key", {"expires": "2020-01-01T00:00:00.000Z"}, kind="share")
    assert opened(visitor, token).get_json()["title"] == "share_expired"
    assert token not in worker.get(f"/plans/{plan['id']}/links/new").text


def test_one_of_a_disabled_account_opens_nothing(worker, visitor, store, plan):
    token = shared(worker, plan)
    with store.writing() as tx:
        account = tx.records("account", name="worker")[0]["id"]
        accounts.disable(tx, account, actor=ADMIN)
    assert opened(visitor, token).status_code == 404


def test_guesses_are_slowed(visitor):
    told = [opened(visitor, "x" * 43).status_code for _ in range(21)]
    assert told == [404] * 20 + [429]


@pytest.mark.parametrize("hours", ["", "0", "25", "-1", "99999", "abc"])
def test_only_lifetimes_that_are_offered_are_taken(worker, plan, hours):
    path = f"/plans/{plan['id']}/links"
    answer = worker.post(path, data={"hours": hours}, headers=people.csrf(worker) | JSON)
    assert (answer.status_code, answer.get_json()["title"]) == (422, "share_invalid")


def test_the_access_log_says_who_shared_what(worker, app_with_streets, plan):
    shared(worker, plan)
    worker.post(
        f"/plans/{plan['id']}/links/{key_of(worker, plan)}/end", headers=people.csrf(worker)
    )
    log = people.signed_in(app_with_streets, "admin").get("/accounts/log").text
    assert f"用链接分享了预案“{plan['name']}”" in log
    assert f"停用了预案“{plan['name']}”的分享链接" in log


def test_the_sheet_has_the_code_of_a_link_that_was_made_just_now(worker, colleague, plan):
    path = f"/plans/{plan['id']}/print"
    assert "data:image/svg+xml" not in worker.get(path).text
    shared(worker, plan)
    assert "data:image/svg+xml" in worker.get(path).text
    assert "data:image/svg+xml" not in colleague.get(path).text


def test_what_a_browser_keeps_of_a_link_is_not_another_plans(worker, plan):
    other = saved(worker)
    shared(worker, plan)
    assert "data:image/svg+xml" not in worker.get(f"/plans/{other['id']}/links/new").text
