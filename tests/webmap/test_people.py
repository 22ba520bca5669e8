"""People are shown by what colleagues call them, and whoever looks after accounts sees both."""

import re

import pytest

from geodata import accounts, merchants, proposals
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact
from tests import people
from tests.factories import ADMIN, entry
from webmap.cli.common import operator


@pytest.fixture
def named(store):
    """Give the worker and the administrator titles of their own."""
    for name, title in {"worker": "王芳，三网格", "admin": "李主任"}.items():
        people.hire(store, name)
        with store.writing() as tx:
            tx.revise("account", {"title": title}, name=name)


def decided(app, store) -> str:
    with store.writing() as tx:
        made = proposals.register(tx, entry("新来的店"), Contact(), actor=RESIDENT)
        (one,) = tx.records("proposal", merchant=made.merchant)
    client = people.signed_in(app, "worker")
    told = {"version": 1, "merchant_version": 1}
    done = client.post(f"/review/items/{one['id']}/publish", json=told, headers=people.csrf(client))
    assert done.status_code == 200, done.text
    return one["id"]


@pytest.mark.usefixtures("named")
def test_a_second_reviewer_reads_the_title_of_the_first(app, store):
    item = decided(app, store)
    client = people.signed_in(app, "admin")
    told = client.get(f"/review/items/{item}").get_json()
    assert told["proposal"]["decided_by"] == "王芳，三网格"
    assert told["history"][0]["by"] == "王芳，三网格"
    seen = {"version": 1, "merchant_version": 1}
    headers = people.csrf(client) | {"Accept": "application/json"}
    late = client.post(f"/review/items/{item}/publish", json=seen, headers=headers)
    assert "王芳，三网格" in late.get_json(force=True)["detail"]


@pytest.mark.usefixtures("named")
def test_a_history_names_people_programs_and_the_command_line(app, store):
    worker = Actor("worker", Role.WORKER, "210103006")
    with store.writing() as tx:
        shop = merchants.add(tx, entry(), actor=operator())
        for n, by in enumerate((worker, Actor("token:大屏", Role.WORKER)), start=1):
            merchants.edit(tx, shop, {"note": str(n)}, version=n, actor=by)
    page = people.signed_in(app, "admin").get(f"/merchants/{shop}/history").text
    found = re.findall(r"</strong> · <bdi>([^<]*)</bdi>", page)
    user = operator().name.partition(":")[2]
    assert found == ["程序“大屏”", "王芳，三网格", f"命令行（{user}）"]
    english = people.signed_in(app, "admin").get(f"/merchants/{shop}/history?lang=en").text
    assert f"Command line ({user})" in english


@pytest.mark.usefixtures("named")
def test_the_log_has_the_name_to_sign_in_with_too(app, store):
    with store.writing() as tx:
        tx.note("export", by=Actor("worker", Role.WORKER), target="csv")
        tx.note("export", by=Actor("token:大屏", Role.WORKER), target="csv")
        tx.note("password_set", by=operator(), target=accounts.named(tx, "worker")["id"])
        tx.note("sign_in_failed", by=Actor("", Role.RESIDENT))
    page = people.signed_in(app, "admin").get("/accounts/log").text
    lines = re.findall(r"<b><bdi>([^<]*)</bdi></b>(?: <span class=\"quiet\"><bdi>([^<]*)<)?", page)
    user = operator().name.partition(":")[2]
    assert lines[1:5] == [
        ("有人", ""),
        (f"命令行（{user}）", ""),
        ("程序“大屏”", ""),
        ("王芳，三网格", "worker"),
    ]
    assert "王芳，三网格" in page.partition("命令行")[2].partition("</li>")[0]
    said = app.test_cli_runner().invoke(args=["accounts", "log"]).output
    assert "王芳，三网格 (worker)" in said
    assert f"命令行（{user}）" in said


@pytest.mark.usefixtures("named")
def test_imports_are_told_by_title(app, store):
    told = {"scope": "", "file": "a.csv", "added": 1, "changed": 0, "unchanged": 0, "left_out": 0}
    told |= {"undone": "", "undone_by": "", "taken_back": 0, "kept": 0}
    with store.writing() as tx:
        at = "2026-11-01T08:00:00.000Z"
        tx.put("batch", told | {"id": "B" * 10, "at": at, "by": "worker", "role": "worker"})
    assert "<bdi>王芳，三网格</bdi>" in people.signed_in(app, "admin").get("/files").text


@pytest.mark.usefixtures("named")
def test_whoever_takes_anothers_title_is_told_apart(store):
    with store.writing() as tx:
        told = {"role": Role.WORKER, "scope": "", "title": "李主任", "actor": ADMIN}
        accounts.create(tx, "mask", accounts.NewPassword(people.PASSWORD), **told)
        found = accounts.titles(tx, ["mask", "admin", "worker", "nobody"])
    assert found == {"mask": "李主任 · mask", "admin": "李主任 · admin", "worker": "王芳，三网格"}
