"""What is typed about visits through HTTP and commands: sealed, shut, erased."""

import shutil

import pytest

from geodata import elders, rounds
from geodata.elders import Elder
from geodata.rounds import Label, Status
from geodata.vault import Vault, new_key
from tests import people
from tests.factories import ADMIN
from tests.webmap.rounds.asking import (
    KEPT,
    fresh_key,
    kept,
    link,
    refusal,
    send,
    tick,
    told,
)
from webmap import create_app
from webmap.config import Settings

KEY, OTHER = new_key(), new_key()
NAME, NOTE, REMARK = "獬豸麒麟饕餮", "貔貅狻猊之备注", "鸱吻蒲牢在家"


@pytest.fixture
def opened(instance):
    """Return a way to open the office with a key, or another one."""
    apps = []

    def begin(key="", **more):
        apps.append(create_app(Settings(instance=instance, elders_key=key, **more)))
        return apps[-1]

    yield begin
    for app in apps:
        app.extensions["linju_store"].close()


def store_of(app):
    return app.extensions["linju_store"]


def worded(app, key=KEY, **more):
    """Keep a round with words about a visit, and a remark of its worker's."""
    labels = more.pop("labels", {"a": Label(NAME, NOTE)})
    one = kept(store_of(app), vault=Vault([key] if key else ()), labels=labels, **more)
    client = people.signed_in(app, "worker")
    answer = send(client, "POST", f"{KEPT}/{one.id}/ticks", {"ticks": [tick(note=REMARK)]})
    assert answer.status_code == 200, answer.text
    return client, one


def bytes_of(instance):
    return b"".join(one.read_bytes() for one in instance.glob("linju.gpkg*"))


def run(app, *words):
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    return done.output


class TestSealed:
    def test_no_byte_of_what_is_typed_is_in_the_file(self, opened, instance, demonstration_streets):
        shutil.copytree(demonstration_streets, instance / "roads")
        app = opened(KEY)
        client = people.signed_in(app, "worker")
        labels = {"a": {"title": NAME, "note": NOTE}}
        made = send(client, "POST", KEPT, told(labels=labels), key=fresh_key()).get_json()
        address = f"{KEPT}/{made['id']}"
        again = send(client, "PATCH", f"{address}/plan", told(labels=labels), seen=1)
        assert again.status_code == 200, again.text
        send(client, "PATCH", address, {"status": "accepted"}, seen=2)
        urgent = {"visit": told()["visits"][0] | {"id": "急"}, "keep": True}
        urgent |= {"label": {"title": NAME, "note": ""}}
        assert send(client, "POST", f"{address}/urgent", urgent).status_code == 200
        ticked = send(client, "POST", f"{address}/ticks", {"ticks": [tick(note=REMARK)]})
        assert ticked.get_json()["told"]["a"]["note"] == REMARK
        shown = client.get(address).get_json()
        assert shown["asked"]["labels"]["a"] == {"title": NAME, "note": NOTE}
        assert shown["asked"]["labels"]["急"]["title"] == NAME
        store_of(app).close()
        found = bytes_of(instance)
        assert [word for word in (NAME, NOTE, REMARK) if word.encode() in found] == []

    @pytest.mark.parametrize("key", ["", OTHER], ids=["none", "another"])
    def test_without_its_key_all_pages_open_and_say_so(self, opened, key):
        client, one = worded(opened(KEY))
        token = link(store_of(opened(KEY)), one).token
        app = opened(key)
        client = people.signed_in(app, "worker")
        shown = client.get(f"{KEPT}/{one.id}").get_json()
        assert "LINJU_ELDERS_KEY" in shown["trouble"]
        assert shown["asked"]["labels"]["a"] == {"title": "第 1 处", "note": "（已加密，打不开）"}
        assert shown["told"]["a"]["note"] == "（已加密，打不开）"
        for page in (f"/rounds/{one.id}", f"/rounds/{one.id}/1/sheet"):
            answer = client.get(page)
            assert (answer.status_code, "LINJU_ELDERS_KEY" in answer.text) == (200, True)
        assert client.get(f"/rounds/{one.id}/1/gpx").status_code == 200
        walked = send(app.test_client(), "POST", "/api/round", {"token": token})
        assert "LINJU_ELDERS_KEY" in walked.get_json()["trouble"]
        ticked = send(client, "POST", f"{KEPT}/{one.id}/ticks", {"ticks": [tick("b")]})
        assert ticked.status_code == 200

    def test_nothing_is_written_over_it(self, opened, instance, demonstration_streets):
        shutil.copytree(demonstration_streets, instance / "roads")
        one = kept(store_of(opened(KEY)), Status.DRAFT, vault=Vault([KEY]))
        client = people.signed_in(opened(OTHER), "worker")
        answer = send(client, "PATCH", f"{KEPT}/{one.id}/plan", told(), seen=1)
        assert refusal(answer) == (503, "round_sealed")

    def test_the_page_says_whether_what_is_typed_will_be_sealed(self, opened):
        assert "没有设密钥" in people.signed_in(opened(), "worker").get("/rounds/new").text
        assert "会加密保存" in people.signed_in(opened(KEY), "worker").get("/rounds/new").text

    def test_a_change_of_the_key_takes_rounds_along(self, opened):
        _, one = worded(opened(KEY))
        both = opened(f"{OTHER},{KEY}")
        assert "走访里的文字：2" in run(both, "elders", "reseal")
        client = people.signed_in(opened(OTHER), "worker")
        shown = client.get(f"{KEPT}/{one.id}").get_json()
        assert (shown["trouble"], shown["asked"]["labels"]["a"]["title"]) == ("", NAME)
        assert shown["told"]["a"]["note"] == REMARK


class TestErased:
    def test_a_round_is_deleted_with_every_byte(self, opened, instance):
        app = opened()
        client, one = worded(app, key="")
        assert NAME.encode() in bytes_of(instance)
        answer = send(client, "DELETE", f"{KEPT}/{one.id}")
        people.conforms(answer, f"{KEPT}/{{round_id}}", "delete")
        assert answer.get_json() == {"id": one.id}
        assert refusal(client.get(f"{KEPT}/{one.id}")) == (404, "round_not_found")
        found = bytes_of(instance)
        assert [word for word in (NAME, NOTE, REMARK) if word.encode() in found] == []

    def test_a_form_of_its_page_deletes_it(self, opened):
        client, one = worded(opened())
        assert f"/rounds/{one.id}/erase" in client.get(f"/rounds/{one.id}").text
        answer = client.post(f"/rounds/{one.id}/erase", headers=people.csrf(client))
        assert (answer.status_code, answer.location) == (303, "/rounds")
        assert "这次走访已删除" in client.get("/rounds").text
        assert client.get(f"/rounds/{one.id}").status_code == 404

    def test_so_does_a_command(self, opened):
        app = opened()
        client, one = worded(app)
        assert "已删除" in run(app, "rounds", "erase", one.id, "--yes")
        assert client.get(f"/rounds/{one.id}").status_code == 404

    def aged(self, app, one):
        with store_of(app).writing() as tx:
            tx.update("round", one.id, {"day": "2020-01-01"}, version=None, by=ADMIN)

    def test_old_words_go_when_somebody_writes_of_rounds(self, opened):
        app = opened(rounds_days=10)
        client, one = worded(app)
        with store_of(app).writing() as tx:
            rounds.again(tx)
        self.aged(app, one)
        fresh = kept(store_of(app))
        send(client, "POST", f"{KEPT}/{fresh.id}/ticks", {"ticks": []})
        shown = client.get(f"{KEPT}/{one.id}").get_json()
        assert (shown["forgotten"], shown["told"]["a"]["note"]) == (True, "")
        assert shown["asked"]["labels"]["a"] == {"title": "第 1 处", "note": ""}
        assert "已经删除" in client.get(f"/rounds/{one.id}").text
        assert not client.get(f"{KEPT}/{fresh.id}").get_json()["forgotten"]

    def test_a_command_erases_what_is_overdue_however_much_it_is(self, opened, monkeypatch):
        monkeypatch.setattr(rounds.forgetting, "_AT_ONCE", 1)
        app = opened()
        for _ in range(3):
            self.aged(app, worded(app)[1])
        assert "满 30 天、文字已删除的走访：3" in run(app, "rounds", "erase")
        assert "满 30 天、文字已删除的走访：0" in run(app, "rounds", "erase")

    def test_an_elder_that_is_erased_goes_out_of_rounds_too(self, opened):
        app = opened(KEY)
        with store_of(app).writing() as tx:
            home = tx.rows("home", inside="210103006")[0]
            elder = elders.add(tx, home["id"], Elder(NAME), Vault([KEY]), actor=ADMIN)
        labels = {"a": Label("三楼", f"问{NAME}"), "b": Label("四楼", "有狗")}
        client, one = worded(app, labels=labels)
        done = run(app, "elders", "erase", elder, "--yes")
        assert f"走访“{one.name}”（{one.id}）里 1 处的文字也已删除" in done
        shown = client.get(f"{KEPT}/{one.id}").get_json()
        assert shown["asked"]["labels"]["b"] == {"title": "四楼", "note": "有狗"}
        assert (NAME in str(shown), shown["told"]["a"]["note"]) == (False, "")
