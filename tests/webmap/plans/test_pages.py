"""The pages of plans, and how it stands with one."""

import html
import json
import re

import pytest

from tests.factories import HOSTILE
from tests.webmap.plans.asking import changed, patch, saved


def state(client, plan, tag="", **how):
    headers = {"If-None-Match": tag} if tag else {}
    return client.get(f"/plans/{plan['id']}/state", headers=headers, query_string=how)


def test_they_are_listed_what_goes_on_first(worker):
    begun, ended, waiting = (saved(worker, name=name) for name in ("甲事", "乙事", "丙事"))
    changed(worker, begun, status="under_way")
    changed(worker, changed(worker, ended, status="under_way"), status="done")
    page = worker.get("/plans").text
    places = [page.index(one["id"]) for one in (begun, waiting, ended)]
    assert places == sorted(places)
    assert "没有预案" not in page


def test_an_empty_list_says_where_plans_come_from(worker):
    assert "还没有预案" in worker.get("/plans").text


def test_who_asks_again_hears_only_what_is_different(worker, colleague):
    plan = saved(worker)
    tag = state(worker, plan).headers["ETag"]
    assert state(worker, plan, tag).status_code == 304
    changed(colleague, plan, checklist=[{"item": 1, "done": True}])
    answer = state(worker, plan, tag)
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (told["version"], told["checklist"][1]["by"]) == (2, "admin")
    assert "answer" not in told
    assert state(worker, plan, answer.headers["ETag"], lang="en").status_code == 200


def test_history_tells_in_words_who_did_what(worker, colleague):
    plan = saved(worker)
    one = changed(worker, plan, checklist=[{"item": 0, "done": True}])
    one = changed(colleague, one, status="under_way")
    one = changed(worker, one, name="大跑水", notes="新的备注")
    one = changed(colleague, one, checklist=[{"item": 0, "done": False}])
    changed(worker, one, status="open", why="按错了")
    told = state(worker, plan).get_json()["events"]
    line = plan["checklist"][0]["text"]
    assert [(one["by"], one["what"], one["why"]) for one in told] == [
        ("worker", "状态改为“待处理”", "按错了"),
        ("admin", f"取消勾选：{line}", ""),
        ("worker", f"改名为“大跑水”，原名“{plan['name']}”；改了备注", ""),
        ("admin", "状态改为“进行中”", ""),
        ("worker", f"勾选：{line}", ""),
        ("worker", "保存了预案", ""),
    ]


@pytest.mark.parametrize("path", ["", "/print", "/state", ".gpx", ".geojson", "/links/new"])
def test_what_is_no_plan_is_not_found(worker, path):
    for plan_id in ("NOTAPLANXX", "%00", "map.js"):
        assert worker.get(f"/plans/{plan_id}{path}").status_code == 404


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_write_stays_text(worker, words):
    plan = saved(worker, name=words[:60], notes=words, place=words[:100])
    for path in ("", "/print"):
        page = worker.get(f"/plans/{plan['id']}{path}").text
        assert "<img src=x" not in page
        assert "<svg onload" not in page
    page = worker.get(f"/plans/{plan['id']}").text
    told = json.loads(html.unescape(re.search(r"data-told='([^']*)'", page)[1]))
    assert told["notes"] == plan["notes"]
    assert patch(worker, plan, notes="甲").status_code == 200
