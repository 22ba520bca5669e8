"""The pages of those whose shop it is: the private link, changes, a day off; and staff's form."""

import html
import re

import pytest

from geodata import accounts, keys, merchants, proposals
from geodata.policy import Actor, Role
from tests import people
from tests.factories import ADMIN, CENTRE, HOSTILE, entry

OFFICE = Actor("office", Role.ADMIN)
TOKEN = re.compile(r"/mine#([\w-]+)")


@pytest.fixture
def receipt(store):
    """Register a shop and give its number and token."""
    with store.writing() as tx:
        contact = proposals.Contact("王店主", "13800000000")
        return proposals.register(tx, entry("修鞋老王", category="repair"), contact, actor=ADMIN)


@pytest.fixture
def owner(app, receipt):
    """Return a client that holds the private link of the shop."""
    return people.holding(app, receipt.token)


def row_of(store, receipt):
    with store.reading() as tx:
        return tx.row("merchant", receipt.merchant)


def asked(store, receipt):
    with store.reading() as tx:
        return proposals.followed(tx, receipt.merchant, actor=OFFICE)[1]


def publish(store, receipt, **told):
    with store.writing() as tx:
        row = tx.row("merchant", receipt.merchant)
        tx.update_many("merchant", [(row, {"status": "published"} | told)], by=ADMIN)
        tx.revise("proposal", {"state": "accepted"}, merchant=receipt.merchant)


def form_of(client, receipt, **more):
    """Return what a browser would send of the form as it stands."""
    page = client.get(f"/merchants/{receipt.merchant}/edit").text
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    form = {"name": "修鞋老王", "category": "repair", "datum": "wgs84", "version": version}
    form |= {"lon": str(CENTRE[0]), "lat": str(CENTRE[1]), "phones": [""]}
    return form | more


def change(client, receipt, form, path="edit"):
    address = f"/merchants/{receipt.merchant}/{path}"
    return client.post(address, data=form, headers=people.csrf(client))


class TestThePage:
    def test_it_tells_that_a_registration_waits(self, owner):
        assert "等待社区审核" in owner.get("/mine").text

    def test_it_tells_why_a_registration_was_returned(self, owner, store, receipt):
        (one,) = asked(store, receipt)
        with store.writing() as tx:
            proposals.send_back(
                tx, one["id"], version=1, merchant_version=1, actor=OFFICE, why="请补上电话"
            )
        page = owner.get("/mine").text
        assert "请补上电话" in page
        assert "去修改" in page

    def test_it_tells_that_a_shop_was_refused_and_why(self, owner, store, receipt):
        (one,) = asked(store, receipt)
        with store.writing() as tx:
            proposals.dismiss(
                tx, one["id"], version=1, merchant_version=1, actor=OFFICE, why="不在本社区"
            )
        page = owner.get("/mine").text
        assert "未通过审核" in page
        assert "不在本社区" in page

    def test_a_shop_that_was_merged_leads_to_where_it_lives_on(self, owner, store, receipt):
        with store.writing() as tx:
            into = merchants.add(tx, entry("修鞋王"), actor=ADMIN)
            row = tx.row("merchant", receipt.merchant)
            told = {"status": "retired", "merged": into}
            tx.update_many("merchant", [(row, told)], by=ADMIN)
        page = owner.get("/mine").text
        assert f"sel={into}" in page
        assert owner.get(f"/merchants/{into}/edit").status_code in {403, 404}

    def test_a_registration_that_was_merged_into_one_that_waits_tells_so(
        self, owner, store, receipt
    ):
        with store.writing() as tx:
            other = proposals.register(tx, entry("修鞋王"), proposals.Contact(), actor=ADMIN)
            (one,) = tx.records("proposal", merchant=receipt.merchant)
            told = {"version": 1, "merchant_version": 1, "actor": OFFICE}
            proposals.merge_into(tx, one["id"], other.merchant, **told)
        assert "正在等待审核。" in owner.get("/mine").text

    def test_what_strangers_reported_is_not_for_the_owner(self, owner, store, receipt):
        publish(store, receipt)
        with store.writing() as tx:
            report = proposals.Report.CLOSED
            proposals.report(tx, receipt.merchant, report, "隔壁说的", actor=OFFICE)
        assert "隔壁说的" not in owner.get("/mine").text

    def test_a_stranger_sees_no_shop_and_a_field_for_the_link(self, client):
        page = client.get("/mine")
        assert 'name="token"' in page.text
        assert page.headers["Cache-Control"] == "no-store"

    def test_the_browser_forgets_the_link_when_told_to(self, owner):
        owner.post("/mine/leave", headers=people.csrf(owner))
        assert owner.get("/session").get_json()["owns"] == []

    def test_what_waits_can_be_taken_back(self, owner, store, receipt):
        path = f"/mine/{receipt.merchant}/withdraw"
        owner.post(path, headers=people.csrf(owner))
        assert row_of(store, receipt)["status"] == "retired"
        page = owner.get("/mine").text
        assert "您已撤回" in page
        assert re.search(r'class="main-button" href="/merchants/new">重新登记', page)

    def test_taking_back_and_a_new_link_are_asked_for_once_more(self, owner, receipt):
        page = owner.get("/mine").text
        sure = re.findall(r'<details class="sure">.*?</details>', page, re.DOTALL)
        within = [re.search(r'action="([^"]+)"', one).group(1) for one in sure]
        assert within == [f"/mine/{receipt.merchant}/{last}" for last in ("withdraw", "link")]
        assert "不会出现在地图上" in sure[0]
        assert "立刻失效" in sure[1]
        for path in within:
            assert page.count(f'action="{path}"') == 1

    def test_what_waits_is_told_with_its_moment_and_asked_for_no_second_time(
        self, owner, store, receipt
    ):
        publish(store, receipt)
        assert "等待审核（" not in owner.get("/mine").text
        today = re.search(r'name="until" value="([\d-]+)"', owner.get("/mine").text).group(1)
        change(owner, receipt, {"until": today}, "closed")
        change(owner, receipt, form_of(owner, receipt, address="文富路 8 号"))

        page = owner.get("/mine").text
        wish = re.search(r'<section class="notice wish".*?</section>', page, re.DOTALL).group()
        told = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", wish)
        assert [(label, re.sub("<[^>]+>", "", new)) for label, new in told] == [
            ("地址", "文富路 8 号"),
            ("暂停营业至", today),
        ]
        assert re.search(r"正在等待审核（\d{4}年\d+月\d+日 \d\d:\d\d 提交）", wish)
        assert "今日休息</button>" not in page
        assert "确定撤回改动" in page

        owner.post(f"/mine/{receipt.merchant}/withdraw", headers=people.csrf(owner))
        page = owner.get("/mine").text
        assert 'class="notice wish"' not in page
        assert "今日休息</button>" in page

    def test_a_registration_is_published_and_a_change_accepted(self, owner, store, receipt):
        publish(store, receipt)
        change(owner, receipt, form_of(owner, receipt, address="文富路 8 号"))
        one = asked(store, receipt)[0]
        with store.writing() as tx:
            seen = tx.row("merchant", receipt.merchant)["version"]
            proposals.publish(tx, one["id"], version=1, merchant_version=seen, actor=OFFICE)
        said = re.findall(r": <strong>(.*?)</strong>", owner.get("/mine").text)
        assert said == ["已采纳", "已发布"]


class TestTheLink:
    def test_a_new_one_ends_the_former_and_this_browser_goes_on(self, owner, store, receipt):
        answer = owner.post(f"/mine/{receipt.merchant}/link", headers=people.csrf(owner))
        assert (answer.status_code, answer.location) == (303, "/mine/link")
        fresh = TOKEN.search(owner.get("/mine/link").text).group(1)
        with store.reading() as tx:
            assert keys.find(tx, receipt.token, keys.Kind.LINK) is None
            assert keys.find(tx, fresh, keys.Kind.LINK)
        assert "修鞋老王" in owner.get("/mine").text

    def test_staff_hand_a_new_one_out_and_the_log_tells_that_it_shows_the_contact(
        self, app, store, receipt
    ):
        worker = people.signed_in(app, "worker")
        edit = worker.get(f"/merchants/{receipt.merchant}/edit").text
        assert f'action="/mine/{receipt.merchant}/link"' in edit
        answer = worker.post(f"/mine/{receipt.merchant}/link", headers=people.csrf(worker))
        assert (answer.status_code, answer.location) == (303, "/mine/link")
        page = worker.get("/mine/link").text
        assert f'href="/merchants/{receipt.merchant}/edit"' in page
        owner = people.holding(app, TOKEN.search(page).group(1))
        assert "13800000000" in owner.get(f"/merchants/{receipt.merchant}/edit").text
        with store.reading() as tx:
            found = tx.records("log", target=receipt.merchant, by="worker")
        assert {line["what"] for line in found} == {"link_hand_out", "contact_read"}

    def test_an_owner_who_makes_one_is_said_to_renew_it_and_to_read_nothing(
        self, owner, store, receipt
    ):
        owner.post(f"/mine/{receipt.merchant}/link", headers=people.csrf(owner))
        assert 'href="/mine"' in owner.get("/mine/link").text
        with store.reading() as tx:
            found = tx.records("log", target=receipt.merchant)
        assert [line["what"] for line in found] == ["link_renew"]

    @pytest.mark.parametrize("path", ["link", "withdraw"])
    def test_a_stranger_can_neither_renew_nor_withdraw(self, client, store, receipt, path):
        answer = client.post(f"/mine/{receipt.merchant}/{path}", headers=people.csrf(client))
        assert answer.status_code == 403
        assert row_of(store, receipt)["status"] == "pending"


class TestChanging:
    def test_a_registration_that_waits_is_changed_at_once_and_waits_on(self, owner, store, receipt):
        form = form_of(owner, receipt, address="文富路 8 号", contact_phone="139")
        answer = change(owner, receipt, form)
        assert answer.location == "/mine?done=waits"
        assert row_of(store, receipt)["address"] == "文富路 8 号"
        with store.writing() as tx:
            assert proposals.contact(tx, receipt.merchant, actor=OFFICE).phone == "139"

    def test_what_is_on_the_map_waits_for_a_review(self, owner, store, receipt):
        publish(store, receipt)
        change(owner, receipt, form_of(owner, receipt, address="文富路 8 号"))
        assert row_of(store, receipt)["address"] == ""
        assert asked(store, receipt)[0]["changes"] == {"address": "文富路 8 号"}
        assert "文富路 8 号" in owner.get(f"/merchants/{receipt.merchant}/edit").text

    def test_who_wants_it_as_it_was_wants_nothing_any_more(self, owner, store, receipt):
        publish(store, receipt)
        change(owner, receipt, form_of(owner, receipt, address="文富路 8 号", note="修鞋"))
        change(owner, receipt, form_of(owner, receipt, note="修鞋"))
        assert asked(store, receipt)[0]["changes"] == {"note": "修鞋"}
        change(owner, receipt, form_of(owner, receipt))
        assert asked(store, receipt)[0]["state"] == "withdrawn"

    def test_a_form_that_changes_nothing_asks_for_nothing(self, owner, store, receipt):
        publish(store, receipt)
        before = row_of(store, receipt)["version"]
        change(owner, receipt, form_of(owner, receipt))
        assert row_of(store, receipt)["version"] == before
        assert len(asked(store, receipt)) == 1

    def test_hours_of_a_trusted_owner_stand_at_once(self, owner, store, receipt):
        publish(store, receipt, trusted=True)
        answer = change(owner, receipt, form_of(owner, receipt, hours="08:00-20:00"))
        assert answer.location == "/mine?done=live"
        assert row_of(store, receipt)["hours"] == "08:00-20:00"

    def test_closed_today_is_one_press_and_so_is_open_again(self, owner, store, receipt):
        publish(store, receipt, trusted=True)
        today = re.search(r'name="until" value="([\d-]+)"', owner.get("/mine").text).group(1)
        change(owner, receipt, {"until": today}, "closed")
        assert (row_of(store, receipt)["status"], row_of(store, receipt)["closed_until"]) == (
            "closed",
            today,
        )
        change(owner, receipt, {"until": ""}, "closed")
        assert row_of(store, receipt)["status"] == "published"

    @pytest.mark.parametrize("until", ["gestern", "2026-13-01", "99999-01-01"])
    def test_no_day_is_told_so(self, owner, store, receipt, until):
        publish(store, receipt, trusted=True)
        answer = change(owner, receipt, {"until": until}, "closed")
        assert answer.status_code == 422
        assert row_of(store, receipt)["status"] == "published"

    @pytest.mark.parametrize("field", ["status", "owner", "area", "trusted", "merged"])
    def test_an_owner_cannot_say_what_is_for_others_to_say(self, owner, store, receipt, field):
        publish(store, receipt)
        before = row_of(store, receipt)
        form = form_of(owner, receipt, **{field: "retired"})
        assert change(owner, receipt, form).status_code == 422
        assert row_of(store, receipt) == before

    @pytest.mark.parametrize("path", ["edit", "closed", "entrust"])
    @pytest.mark.parametrize("who", ["", "stranger", "shop"])
    def test_nobody_else_changes_it(self, app, store, receipt, who, path):
        publish(store, receipt)
        client = people.signed_in(app, who) if who else app.test_client()
        refused = client.get(f"/merchants/{receipt.merchant}/edit")
        assert refused.status_code == 403 if who else people.led_to_the_door(refused)
        form = {"name": "x", "category": "repair", "lon": "123.47", "lat": "41.775", "version": "2"}
        sent = {"edit": form, "closed": {"until": ""}, "entrust": {"owner": "", "version": "2"}}
        answer = change(client, receipt, sent[path], path)
        assert answer.status_code == 403
        assert row_of(store, receipt)["name"] == "修鞋老王"


class TestTwoAtOnce:
    def test_the_second_sees_what_the_first_did_and_keeps_what_was_typed(self, app, store, receipt):
        publish(store, receipt)
        worker = people.signed_in(app, "worker")
        form = form_of(worker, receipt, address="文富路 9 号")
        with store.writing() as tx:
            version = tx.row("merchant", receipt.merchant)["version"]
            told = {"address": "文富路 8 号", "phones": ("024-7",)}
            merchants.edit(tx, receipt.merchant, told, version=version, actor=ADMIN)
        page = change(worker, receipt, form)
        assert page.status_code == 409
        assert row_of(store, receipt)["address"] == "文富路 8 号"
        told = re.search(r'id="met".*?</section>', page.text, re.DOTALL).group()
        assert "文富路 8 号" in told
        assert "024-7" in told
        assert 'value="文富路 9 号"' in page.text
        assert 'value="024-7"' in page.text
        version = re.search(r'name="version" value="(\d+)"', page.text).group(1)
        again = form | {"phones": ["024-7"], "version": version}
        assert change(worker, receipt, again).status_code == 303
        row = row_of(store, receipt)
        assert (row["address"], row["phones"]) == ("文富路 9 号", "024-7")

    def test_what_another_took_off_the_map_does_not_come_back_by_the_way(self, app, store, receipt):
        publish(store, receipt)
        worker = people.signed_in(app, "worker")
        form = form_of(worker, receipt, address="文富路 9 号", status="published")
        with store.writing() as tx:
            version = tx.row("merchant", receipt.merchant)["version"]
            told = {"status": "retired"}
            merchants.edit(tx, receipt.merchant, told, version=version, actor=ADMIN)
        page = change(worker, receipt, form)
        assert page.status_code == 409
        assert '<option value="retired" selected>' in page.text

    def test_a_form_of_no_version_at_all_changes_nothing(self, app, store, receipt):
        publish(store, receipt)
        worker = people.signed_in(app, "worker")
        for version in ("", "x", "-1", "9" * 30):
            form = form_of(worker, receipt, address="文富路 9 号", version=version)
            assert change(worker, receipt, form).status_code == 409
        assert row_of(store, receipt)["address"] == ""


class TestStaff:
    def test_a_change_stands_at_once_with_its_reason(self, app, store, receipt):
        publish(store, receipt)
        worker = people.signed_in(app, "worker")
        change(worker, receipt, form_of(worker, receipt, address="文富路 8 号", why="去看过"))
        assert row_of(store, receipt)["address"] == "文富路 8 号"
        with store.reading() as tx:
            assert merchants.history(tx, receipt.merchant, actor=OFFICE)[0]["why"] == "去看过"

    def test_a_shop_retires_and_comes_back(self, app, store, receipt):
        publish(store, receipt)
        worker = people.signed_in(app, "worker")
        for status in ("retired", "published"):
            change(worker, receipt, form_of(worker, receipt, status=status))
            assert row_of(store, receipt)["status"] == status

    def test_the_contact_is_neither_shown_nor_lost(self, app, store, receipt):
        worker = people.signed_in(app, "worker")
        assert "13800000000" not in worker.get(f"/merchants/{receipt.merchant}/edit").text
        change(worker, receipt, form_of(worker, receipt, note="修鞋"))
        with store.writing() as tx:
            assert proposals.contact(tx, receipt.merchant, actor=OFFICE).phone == "13800000000"

    def test_whose_a_shop_is_can_be_said(self, app, store, receipt):
        publish(store, receipt)
        account = people.hire(store, "shop")
        worker = people.signed_in(app, "worker")
        version = str(row_of(store, receipt)["version"])
        form = {"owner": "shop", "trusted": "yes", "version": version}
        assert change(worker, receipt, form, "entrust").status_code == 303
        row = row_of(store, receipt)
        assert (row["owner"], bool(row["trusted"])) == (account, True)
        assert "修鞋老王" in people.signed_in(app, "shop").get("/mine").text

    @pytest.mark.parametrize("who", ["worker", "shop"])
    def test_neither_staff_nor_who_is_disabled_comes_to_own_a_shop(self, app, store, receipt, who):
        account = people.hire(store, who)
        worker = people.signed_in(app, "worker")
        if who == "shop":
            with store.writing() as tx:
                accounts.disable(tx, account, actor=ADMIN)
        version = str(row_of(store, receipt)["version"])
        page = change(worker, receipt, {"owner": who, "version": version}, "entrust")
        assert page.status_code == 422
        assert '<p class="field-wrong" id="wrong-owner">' in page.text
        assert f'value="{who}"' in page.text
        told = worker.post(
            f"/merchants/{receipt.merchant}/entrust",
            data={"owner": who, "version": version},
            headers=people.csrf(worker) | {"Accept": "application/json"},
        ).get_json()
        assert "owner" in told["details"]["fields"]
        assert row_of(store, receipt)["owner"] == ""

    def test_an_owner_that_nobody_knows_is_told_so(self, app, store, receipt):
        worker = people.signed_in(app, "worker")
        version = str(row_of(store, receipt)["version"])
        page = change(worker, receipt, {"owner": "nobody", "version": version}, "entrust")
        assert page.status_code == 404
        assert 'value="nobody"' in page.text
        assert 'value="修鞋老王"' in page.text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_shown_as_written_on_every_page(app, store, text):
    with store.writing() as tx:
        told = {"address": text, "hours": text, "note": text, "phones": (text,)}
        made = proposals.register(
            tx,
            merchants.MerchantEntry.typed(**_fields(text, **told)),
            proposals.Contact(text[:50]),
            actor=ADMIN,
        )
    owner = people.holding(app, made.token)
    (one,) = asked(store, made)
    with store.writing() as tx:
        proposals.send_back(tx, one["id"], version=1, merchant_version=1, actor=OFFICE, why=text)
    kept = row_of(store, made)["name"]
    for path in ("/mine", f"/merchants/{made.merchant}/edit"):
        page = owner.get(path)
        assert page.status_code == 200
        assert kept in html.unescape(page.text)
        assert "<img src=x" not in page.text
        assert "<svg onload" not in page.text


def _fields(name, **told):
    return {"name": name, "category": "repair", "lon": CENTRE[0], "lat": CENTRE[1]} | told


class TestAfterStaffSaved:
    def saved(self, app, receipt):
        """Return the page that follows when somebody of the staff has saved the form."""
        worker = people.signed_in(app, "worker")
        form = form_of(worker, receipt, address="新路2号")
        answer = change(worker, receipt, form)
        assert answer.status_code == 303
        return worker.get(answer.location).text

    def test_there_are_ways_to_the_map_the_history_and_on(self, app, store, receipt):
        publish(store, receipt)
        page = self.saved(app, receipt)
        for way in (f"/?sel={receipt.merchant}", f"/merchants/{receipt.merchant}/history"):
            assert f'href="{way}"' in page
        assert page.count('href="/review"') == 2  # beside the way that stands on every page

    def test_what_staff_publish_in_the_form_waits_no_more(self, app, owner, receipt):
        worker = people.signed_in(app, "worker")
        answer = change(worker, receipt, form_of(worker, receipt, status="published"))
        assert answer.location == f"/merchants/{receipt.merchant}/edit?done=live"
        assert "等待社区审核" not in owner.get("/mine").text

    def test_a_publication_taken_back_in_the_history_waits_again(self, app, owner, receipt):
        worker = people.signed_in(app, "worker")
        change(worker, receipt, form_of(worker, receipt, status="published"))
        change(worker, receipt, {"version": 2}, "history/undo")
        (line,) = worker.get("/review/queue").get_json()["items"]
        assert line["merchant"] == receipt.merchant
        assert "等待社区审核" in owner.get("/mine").text

    def test_what_waits_leads_back_to_its_review(self, app, store, receipt):
        page = self.saved(app, receipt)
        (one,) = asked(store, receipt)
        assert f'href="/review?item={one["id"]}"' in page
        assert f'href="/?sel={receipt.merchant}"' not in page.split("<form")[0]
