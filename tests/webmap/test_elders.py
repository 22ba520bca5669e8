"""The desk of elders living alone: numbers for all its staff, a name by a press of its own."""

import csv
import re

import pytest

from geodata import elders
from geodata.elders import Elder
from geodata.vault import Vault, new_key
from tests import people
from tests.factories import ADMIN, HOSTILE
from webmap import create_app
from webmap.config import Settings

KEY, OTHER = new_key(), new_key()
WHO = {"name": "獬豸秀英", "address": "2单元301", "phone": "13987650123", "note": "敲门要重"}


@pytest.fixture
def offices(instance):
    """Open the same office with any key, or none."""
    opened = []

    def office(key=KEY):
        opened.append(create_app(Settings(instance=instance, elders_key=key)))
        return opened[-1]

    yield office
    for app in opened:
        app.extensions["linju_store"].close()


@pytest.fixture
def app(offices):
    return offices()


@pytest.fixture
def tower(store):
    """Return a building that the worker looks after, of which the office tells a number."""
    with store.reading() as tx:
        return next(row for row in tx.rows("home", inside="210103006") if row["elders_alone"])


class Staff:
    def __init__(self, app, name="worker"):
        self.client = people.signed_in(app, name)
        self.headers = people.csrf(self.client)

    def post(self, path, accept="", **form):
        headers = self.headers | ({"Accept": accept} if accept else {})
        return self.client.post(path, data=form, headers=headers)

    def page(self, **asked):
        return self.client.get("/elders", query_string=asked).text


@pytest.fixture
def worker(app):
    return Staff(app)


@pytest.fixture
def entry(worker, tower, store):
    """Enter somebody by the form, and return the entry's id."""
    assert worker.post("/elders/new", home=tower["id"], **WHO).status_code == 303
    with store.reading() as tx:
        (row,) = tx.records("elder")
    return row["id"]


def noted(store):
    with store.reading() as tx:
        lines = tx.records("log", order=("seq",))
    return [line["what"] for line in lines if line["what"].startswith("elder")]


def is_private(answer):
    return "no-store" in answer.headers["Cache-Control"]


class TestTheList:
    def test_both_numbers_are_told_and_no_name(self, worker, entry, tower):
        page = worker.page(home=tower["id"])
        assert "已登记 1 位" in page
        assert f"楼栋表上是 {tower['elders_alone']} 位" in page or tower["elders_alone"] == 1
        assert not any(word in page for word in WHO.values())
        assert entry in page

    def test_a_building_is_found_by_its_name_and_the_address_does_not_tell_it(self, worker, tower):
        answer = worker.post("/elders", q=tower["name"])
        assert f"<bdi>{tower['name']}</bdi>" in answer.text
        assert is_private(answer)
        assert not re.search(r'href="[^"]*q=', answer.text)

    def test_those_with_entries_are_found_among_many(self, worker, entry):
        assert worker.page().count('class="block elder-home"') == 50
        assert worker.page(entered="1").count('class="block elder-home"') == 1
        assert entry

    def test_the_next_part_goes_on_where_the_first_ends(self, worker):
        first, second = worker.page(area="210103006"), worker.page(area="210103006", part="2")
        homes = [set(re.findall(r'id="home-(\w+)"', page)) for page in (first, second)]
        assert (len(homes[0]), homes[0] & homes[1]) == (50, set())
        assert "part=2" in first

    def test_nothing_of_it_is_public(self, client, entry):
        assert people.led_to_the_door(client.get("/elders"))
        assert client.get(f"/elders/{entry}").status_code == 303

    def test_others_do_not_even_see_the_building(self, app, entry, tower):
        stranger = Staff(app, "stranger")
        assert entry not in stranger.page()
        assert tower["name"] not in stranger.page(home=tower["id"])
        assert stranger.post("/elders", q=tower["name"]).text.count("elder-home") == 1

    @pytest.mark.parametrize(
        "asked",
        [{"part": "0"}, {"area": "x"}, {"entered": "yes"}, {"home": "x" * 21}, {"home": "\0"}],
    )
    def test_what_is_no_part_of_it_is_refused(self, worker, asked):
        assert worker.client.get("/elders", query_string=asked).status_code == 422


class TestWhoItIs:
    def test_it_is_shown_by_a_press_and_recorded_and_kept_by_no_cache(self, worker, entry, store):
        answer = worker.post(f"/elders/{entry}")
        assert all(word in answer.text for word in WHO.values())
        assert 'href="tel:13987650123"' in answer.text
        assert is_private(answer)
        title = re.search("<title>(.*?)</title>", answer.text)[1]
        assert WHO["name"] not in title
        assert noted(store) == ["elder_add", "elder_read"]

    def test_a_script_is_told_the_same(self, worker, entry, store):
        answer = worker.post(f"/elders/{entry}", accept="application/json")
        assert answer.get_json() == {
            "name": WHO["name"],
            "address": WHO["address"],
            "phones": [{"said": WHO["phone"], "dialled": WHO["phone"]}],
            "note": WHO["note"],
        }
        assert is_private(answer)
        assert noted(store)[-1] == "elder_read"

    def test_its_address_alone_leads_to_the_building_and_shows_nothing(self, worker, entry, tower):
        answer = worker.client.get(f"/elders/{entry}")
        assert answer.location == f"/elders?home={tower['id']}"

    def test_the_log_says_who_looked_where_and_not_at_whom(self, app, worker, entry, tower):
        worker.post(f"/elders/{entry}")
        page = Staff(app, "admin").client.get("/accounts/log").text
        assert f"查看了独居老人资料：{tower['name']} ({entry})" in page
        assert WHO["name"] not in page

    def test_nothing_of_it_is_logged(self, worker, entry, caplog):
        with caplog.at_level(0):
            worker.post(f"/elders/{entry}")
            worker.post(f"/elders/{entry}/edit", seen="x", **WHO)
        assert not any(word in caplog.text for word in WHO.values())

    @pytest.mark.parametrize("text", HOSTILE)
    def test_it_is_shown_as_written(self, worker, tower, store, text):
        told = {"name": text[:200], "address": text, "phone": text[:200], "note": text}
        assert worker.post("/elders/new", home=tower["id"], **told).status_code == 303
        with store.reading() as tx:
            (row,) = tx.records("elder")
        page = worker.post(f"/elders/{row['id']}").text
        assert "<img src=x" not in page
        assert "<svg onload" not in page
        assert "49" not in page.partition("elder-told")[2].partition("</dl>")[0]


class TestEntering:
    def test_a_refused_form_keeps_what_was_typed(self, worker, tower):
        answer = worker.post("/elders/new", home=tower["id"], **WHO | {"name": " "})
        assert answer.status_code == 422
        assert "请填写姓名。" in answer.text
        assert WHO["address"] in answer.text
        assert is_private(answer)

    def test_the_same_person_twice_is_told_beside_the_name(self, worker, tower, entry):
        answer = worker.post("/elders/new", home=tower["id"], **WHO)
        assert answer.status_code == 409
        assert "这一户已经登记过同名的老人。" in answer.text
        assert entry

    def test_what_is_changed_is_so(self, worker, entry, store):
        seen = re.search(r'name="seen" value="([^"]+)"', worker.post(f"/elders/{entry}").text)[1]
        told = WHO | {"phone": "024-1"}
        assert worker.post(f"/elders/{entry}/edit", seen=seen, **told).status_code == 303
        assert "024-1" in worker.post(f"/elders/{entry}").text
        assert noted(store).count("elder_edit") == 1

    def test_the_second_of_two_is_told_and_decides(self, worker, entry):
        answer = worker.post(f"/elders/{entry}/edit", seen="x", **WHO | {"name": "另名"})
        assert answer.status_code == 409
        assert 'value="另名"' in answer.text
        seen = re.search(r'name="seen" value="([^"]+)"', answer.text)[1]
        answer = worker.post(f"/elders/{entry}/edit", seen=seen, **WHO | {"name": "另名"})
        assert answer.status_code == 303

    def test_somebody_is_taken_off_the_list(self, worker, entry, store, tower):
        answer = worker.post(f"/elders/{entry}/remove")
        assert answer.location == f"/elders?home={tower['id']}"
        assert worker.post(f"/elders/{entry}").status_code == 404
        with store.reading() as tx:
            assert tx.record_count("elder") == 0

    def test_where_nobody_of_ours_lives_nobody_is_entered(self, app, tower):
        stranger = Staff(app, "stranger")
        assert stranger.client.get(f"/elders/new?home={tower['id']}").status_code == 403
        assert stranger.post("/elders/new", home=tower["id"], **WHO).status_code == 403
        assert stranger.client.get("/elders/new?home=nowhere").status_code == 404


class TestTheKey:
    @pytest.mark.parametrize(
        "key, said",
        [("", "服务器还没有设置密钥"), (OTHER, "用另一把密钥加密的")],
        ids=["none", "another"],
    )
    def test_without_the_right_one_all_pages_say_so_and_nothing_is_lost(
        self, offices, entry, worker, tower, key, said
    ):
        office = offices(key)
        other = Staff(office)
        page = other.page(home=tower["id"])
        assert said in page
        assert "已登记 1 位" in page
        assert "elder-show" not in page
        fresh = other.client.get(f"/elders/new?home={tower['id']}").text
        assert said in fresh
        assert "field-name" not in fresh
        for path in (f"/elders/{entry}", f"/elders/{entry}/remove"):
            answer = other.post(path)
            assert (answer.status_code, said in answer.text) == (503, True)
        for path in ("/elders/new", f"/elders/{entry}/edit"):
            answer = other.post(path, home=tower["id"], **WHO | {"name": "另名"})
            assert (answer.status_code, said in answer.text) == (503, True)
            assert 'value="另名"' in answer.text
        assert all(word in worker.post(f"/elders/{entry}").text for word in WHO.values())

    def test_an_administrator_is_told_what_to_do(self, offices):
        office = offices("")
        assert "elders new-key" in Staff(office, "admin").page()
        assert "elders new-key" not in Staff(office).page()

    def test_it_stands_in_no_answer(self, app, worker, entry):
        admin = Staff(app, "admin")
        for path in ("/elders", "/healthz", "/readyz", "/api/openapi.json", "/session", "/"):
            assert KEY not in admin.client.get(path).text
        assert KEY not in worker.post(f"/elders/{entry}").text
        assert KEY not in repr(app.extensions["linju_settings"])
        assert KEY not in str(vars(app.extensions["linju_settings"]))


class TestCommands:
    @pytest.fixture
    def run(self, offices):
        def told(*words, key=KEY, **more):
            return offices(key).test_cli_runner().invoke(args=["elders", *words], **more)

        return told

    @staticmethod
    def enter(store, home, *names):
        with store.writing() as tx:
            for name in names:
                elders.add(tx, home["id"], Elder(name), Vault([KEY]), actor=ADMIN)

    def test_a_new_key_is_printed_alone(self, run):
        first, second = (run("new-key", key="").stdout.strip() for _ in "ab")
        assert first != second
        assert Vault([first]).ready

    def test_the_key_is_changed(self, run, store, tower):
        self.enter(store, tower, "甲", "乙")
        assert "有 2 条登记用现有的密钥都打不开" in run("status", key=OTHER).output
        both = f"{OTHER},{KEY}"
        assert "elders reseal" in run("status", key=both).output
        done = run("reseal", key=both)
        assert (done.exit_code, "重新加密：2 条" in done.output) == (0, True)
        assert "用第一把密钥加密的：2 条" in run("status", key=OTHER).output

    def test_a_wrong_key_changes_nothing_and_says_so(self, run, store, tower):
        self.enter(store, tower, "甲")
        done = run("reseal", key=OTHER)
        assert (done.exit_code, "用另一把密钥加密的" in done.output) == (1, True)

    def test_what_no_key_opens_is_told(self, run, store, tower):
        self.enter(store, tower, "甲", "乙")
        with store.writing() as tx:
            tx.revise("elder", {"sealed": "x"}, id=tx.records("elder")[0]["id"])
        assert "有 1 条登记" in run("reseal").output

    def test_erasing_asks_first_and_needs_no_key(self, run, store, tower):
        self.enter(store, tower, "甲", "乙")

        def left():
            with store.reading() as tx:
                return tx.record_count("elder")

        refused = run("erase", "--home", tower["id"], key="", input="n\n")
        assert (refused.exit_code, "登记：2 条" in refused.output, left()) == (1, True, 2)
        with store.reading() as tx:
            one = tx.records("elder")[0]["id"]
        assert "已删除 1 条" in run("erase", one, "--yes", key="").output
        assert "已删除 1 条" in run("erase", "--area", tower["area"], key="", input="y\n").output
        self.enter(store, tower, "丙")
        assert run("erase", "--everywhere", "--yes", key=OTHER).exit_code == 0
        assert left() == 0

    @pytest.mark.parametrize(
        "words", [(), ("X", "--everywhere"), ("--home", "x", "--area", "2101")]
    )
    def test_erasing_wants_to_know_what(self, run, words):
        done = run("erase", *words, "--yes")
        assert (done.exit_code, "只写一样" in done.output) == (2, True)

    @pytest.mark.parametrize(
        "words, code", [(("NOWHERE",), "没有"), (("--home", "x"), "楼"), (("--area", "x"), "区划")]
    )
    def test_what_is_not_there_is_told(self, run, words, code):
        done = run("erase", *words, "--yes")
        assert (done.exit_code, code in done.output, "Traceback" in done.output) == (1, True, False)

    def test_a_table_is_brought_in_row_by_row(self, run, store, tower, tmp_path):
        path, report = tmp_path / "elders.csv", tmp_path / "report.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = [["楼栋", "姓名", "电话"], [tower["name"], WHO["name"], WHO["phone"]]]
            rows += [["没有这栋", WHO["name"], ""], [tower["name"], WHO["name"], ""]]
            csv.writer(file).writerows(rows)
        refused = run("import", str(path))
        assert (refused.exit_code, "演示数据" in refused.output) == (1, True)
        with store.writing() as tx:
            tx.set_meta("demo", "removed")
        tried = run("import", str(path), "--dry-run")
        assert "1 行" in tried.output or "新增 1" in tried.output
        with store.reading() as tx:
            assert tx.record_count("elder") == 0
        done = run("import", str(path), "--report", str(report))
        assert done.exit_code == 0, done.output
        told = done.output + report.read_text("utf-8-sig")
        assert "没有这个楼栋" in told
        assert "前面已有同一位老人" in told
        assert not any(word in told for word in WHO.values())
        with store.reading() as tx:
            assert tx.record_count("elder") == 1
        wrong = run("import", str(path), key=OTHER)
        assert (wrong.exit_code, "用另一把密钥加密的" in wrong.output) == (1, True)
