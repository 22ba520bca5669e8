"""The history of a merchant as a page: readable, and taken back with one press."""

import re
from pathlib import Path

import pytest
from markupsafe import escape

import geodata
from geodata import merchants, proposals
from geodata.policy import RESIDENT
from geodata.proposals import Contact
from tests.factories import ADMIN, HOSTILE, WORKER, entry
from tests.people import holding, led_to_the_door, signed_in
from webmap import changes
from webmap.changes import in_words


def published(store, name="测试超市", **told):
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **told), actor=ADMIN)


def edited(store, merchant_id, version, **told):
    with store.writing() as tx:
        merchants.edit(tx, merchant_id, told, version=version, actor=WORKER, why="店主打电话来")


def page(client, merchant_id):
    return client.get(f"/merchants/{merchant_id}/history")


def press(client, merchant_id, act, version):
    token = client.get("/session").get_json()["csrf"]
    form = {"version": version, "csrf_token": token}
    return client.post(f"/merchants/{merchant_id}/history/{act}", data=form)


@pytest.fixture
def worker(app):
    return signed_in(app, "worker")


def test_it_says_who_did_what_and_why_old_and_new(store, worker):
    known = published(store, address="旧路1号", hours="8:00-20:00")
    edited(store, known, 1, address="新路2号", hours="9:00-18:00")
    text = page(worker, known).get_data(as_text=True)
    for said in ("worker", "店主打电话来", "旧路1号", "新路2号", "每天 08:00–20:00", "录入"):
        assert said in text


def test_one_press_takes_a_version_back(store, worker):
    known = published(store, address="旧路1号")
    edited(store, known, 1, address="新路2号")
    answer = press(worker, known, "undo", 2)
    assert (answer.status_code, "done=undone" in answer.location) == (303, True)
    assert "已撤销" in worker.get(answer.location).get_data(as_text=True)
    with store.reading() as tx:
        assert tx.row("merchant", known)["address"] == "旧路1号"


def test_what_was_changed_again_has_no_button_and_is_not_overwritten(store, worker):
    known = published(store, address="旧路1号")
    edited(store, known, 1, address="新路2号")
    edited(store, known, 2, address="新路3号")
    text = page(worker, known).get_data(as_text=True)
    assert text.count("撤销这一步") == 1
    assert "后来又改过" in text
    answer = press(worker, known, "undo", 2)
    assert answer.status_code == 409
    assert "（地址）" in answer.get_data(as_text=True)
    with store.reading() as tx:
        assert tx.row("merchant", known)["address"] == "新路3号"


def test_the_retired_is_brought_back(store, worker):
    known = published(store)
    edited(store, known, 1, status="retired")
    assert "恢复上图" in page(worker, known).get_data(as_text=True)
    assert press(worker, known, "restore", 2).status_code == 303
    with store.reading() as tx:
        assert tx.row("merchant", known)["status"] == "published"


def test_what_was_merged_away_is_brought_back_once_the_other_is_off_the_map(app, store, worker):
    into = published(store)
    with store.writing() as tx:
        made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
        (one,) = tx.records("proposal")
        proposals.merge_into(tx, one["id"], into, version=1, merchant_version=1, actor=WORKER)
    owner = holding(app, made.token)
    assert "恢复上图" not in page(worker, made.merchant).get_data(as_text=True)
    assert f"sel={into}" in owner.get("/mine").get_data(as_text=True)
    edited(store, into, 1, status="retired")
    assert "恢复上图" in page(worker, made.merchant).get_data(as_text=True)
    assert f"sel={into}" not in owner.get("/mine").get_data(as_text=True)
    press(worker, made.merchant, "restore", 2)
    with store.reading() as tx:
        row = tx.row("merchant", made.merchant)
    assert (row["status"], row["merged"]) == ("published", "")


def test_a_publication_taken_back_is_before_the_reviewers_again(store, worker):
    with store.writing() as tx:
        made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
        (one,) = tx.records("proposal")
        proposals.publish(tx, one["id"], version=1, merchant_version=1, actor=WORKER)
    press(worker, made.merchant, "undo", 2)
    (line,) = worker.get("/review/queue").get_json()["items"]
    assert line["id"] == one["id"]


def test_an_owner_reads_and_takes_nothing_back(app, store):
    with store.writing() as tx:
        made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
    owner = holding(app, made.token)
    text = page(owner, made.merchant).get_data(as_text=True)
    assert "居民" in text
    assert "<button" not in text
    assert press(owner, made.merchant, "undo", 1).status_code == 403
    assert press(owner, made.merchant, "restore", 1).status_code == 403


def test_nobody_else_reads_it(app, store, client):
    known = published(store)
    assert led_to_the_door(page(client, known))
    for who in (signed_in(app, "stranger"), signed_in(app, "shop")):
        assert page(who, known).status_code == 403
    for who in (client, signed_in(app, "stranger"), signed_in(app, "shop")):
        assert press(who, known, "undo", 1).status_code == 403


def test_an_import_is_marked_with_its_batch(store, worker):
    known = published(store, note="a")
    with store.writing() as tx:
        tx.batch = "MIJ8"
        merchants.edit(tx, known, {"note": "b"}, version=1, actor=ADMIN)
    assert "批量导入 MIJ8" in page(worker, known).get_data(as_text=True)


def test_every_state_has_words():
    assert changes.STATUSES.keys() == set(map(str, merchants.Status))
    assert changes.STATES.keys() == set(map(str, proposals.State))


def test_every_act_that_is_kept_has_words():
    written = {
        act
        for place in ("merchants/*.py", "proposals/*.py", "merging.py")
        for source in Path(geodata.__file__).parent.glob(place)
        for act in re.findall(r'\baction"?[:=] ?"(\w+)"', source.read_text("utf-8"))
    }
    assert {"import", "withdraw", "undo"} <= written <= changes.ACTIONS.keys()


@pytest.mark.parametrize("text", HOSTILE[:6])
def test_a_hostile_shop_is_written_and_runs_nowhere(store, worker, text):
    known = published(store, text, note=text)
    edited(store, known, 1, note="普通", name="普通")
    html = page(worker, known).get_data(as_text=True)
    assert "<img" not in html
    assert "<svg onload" not in html
    assert html.count(f"<bdi>{escape(text)}</bdi>") == 2


@pytest.mark.parametrize(
    "written, said",
    [
        ("Mo-Su 08:00-20:00", "every day 08:00–20:00"),
        ("24/7", "open day and night"),
        ("Mo-Fr 08:00-12:00,13:00-17:00", "Monday to Friday 08:00–12:00, 13:00–17:00"),
        ("电话预约", "电话预约"),
        ("", ""),
    ],
)
def test_hours_are_told_by_the_days_of_the_week(app, written, said):
    with app.test_request_context("/?lang=en"):
        assert in_words(written).startswith(said)


def test_what_is_more_than_a_week_is_told_as_written(app):
    with app.test_request_context("/?lang=en"):
        assert "PH off" in in_words("Mo-Fr 08:00-17:00; PH off")
