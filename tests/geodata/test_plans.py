"""Plans: kept as they were, worked on by several at once, shown by a link that ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from geodata import accounts, areas, keys, merchants, plans
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.keys import Kind
from geodata.plans import Changes, Status
from geodata.policy import RESIDENT, Actor, Role
from geodata.store import open_store
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, plan, square

COMMUNITY = "210103006012"
COLLEAGUE = Actor("colleague", Role.WORKER, COMMUNITY)
STRANGER = Actor("stranger", Role.WORKER, "210106")
HOUR = timedelta(hours=1)
LINES = plan().checklist


@pytest.fixture
def office(store):
    """Return a store with a community in it."""
    with store.writing() as tx:
        told = areas_frame((COMMUNITY, "泉富社区", square(*CENTRE)))
        areas.merge(tx, told, actor=ADMIN)
    return store


def saved(store, actor=WORKER, key="", request="", **told):
    with store.writing() as tx:
        return plans.save(tx, plan(**told), actor=actor, key=key, request=request)


def changed(store, one, actor=WORKER, version=None, **told):
    with store.writing() as tx:
        seen = one.version if version is None else version
        return plans.change(tx, one.id, Changes(**told), version=seen, actor=actor)


def got(store, plan_id, actor=WORKER):
    with store.reading() as tx:
        return plans.get(tx, plan_id, actor=actor)


def done(one):
    return [item.done for item in one.checklist]


class TestSaving:
    def test_it_stands_as_it_was_shown(self, office):
        told = {"closures": [{"id": "C"}], "place": "泉园路 12 号"}
        one = saved(office, ticked=(True,), notes=" 甲\r\n乙 ", **told)
        assert got(office, one.id) == one
        assert (one.name, one.status, one.area) == ("泉园路跑水", Status.OPEN, COMMUNITY)
        assert (one.answer, one.closures) == (plan().answer, [{"id": "C"}])
        assert (one.at, one.place, one.notes) == (CENTRE, "泉园路 12 号", "甲\n乙")
        assert [(item.text, item.by) for item in one.checklist] == [
            (LINES[0], "worker"),
            (LINES[1], ""),
            (LINES[2], ""),
        ]
        assert [(step.status, step.by) for step in one.steps] == [(Status.OPEN, "worker")]

    @pytest.mark.parametrize(
        "told, field, reason",
        [
            ({"name": " \u3000"}, "name", "missing"),
            ({"name": "长" * 61}, "name", "too_long"),
            ({"notes": "长" * 2_001}, "notes", "too_long"),
            ({"place": "长" * 101}, "place", "too_long"),
            ({"checklist": ["一"] * 21}, "checklist", "too_many"),
            ({"checklist": ["长" * 121]}, "checklist", "too_long"),
            ({"ticked": [True] * 4}, "ticked", "unknown"),
            ({"answer": {"helpers": "x" * plans.LARGEST}}, "answer", "too_large"),
        ],
    )
    def test_what_is_too_much_is_refused_by_its_field(self, office, told, field, reason):
        with pytest.raises(Invalid, match="plan_invalid") as refused:
            saved(office, **told)
        assert refused.value.details == {field: reason}

    def test_a_place_that_is_not_on_the_globe_is_refused(self, office):
        with pytest.raises(Invalid):
            saved(office, ADMIN, at=(CENTRE[0], 91.0))

    @pytest.mark.parametrize("actor", [RESIDENT, STRANGER, Actor("m", Role.MERCHANT)])
    def test_it_is_for_staff_in_whose_scope_the_place_lies(self, office, actor):
        one = saved(office)
        with pytest.raises(Forbidden):
            saved(office, actor)
        with pytest.raises(Forbidden):
            changed(office, one, actor, ticks={0: True})
        with pytest.raises(Forbidden):
            got(office, one.id, actor)
        with office.reading() as tx, pytest.raises(Forbidden):
            plans.history(tx, one.id, actor=actor)

    def test_the_same_request_twice_is_one_plan(self, office):
        first = saved(office, key="k" * 16, request="R")
        assert saved(office, key="k" * 16, request="R").id == first.id
        assert saved(office, key="l" * 16, request="R").id != first.id
        with pytest.raises(Conflict, match="idempotency_key_reused"):
            saved(office, key="k" * 16, request="S")


class TestListing:
    def test_what_goes_on_comes_first_and_only_of_the_own_area(self, office):
        ended, waiting, going = (saved(office, name=name) for name in "甲乙丙")
        for one, times in ((ended, 2), (going, 1)):
            for version, status in enumerate((Status.UNDER_WAY, Status.DONE)[:times], start=1):
                changed(office, one, version=version, status=status)
        with office.reading() as tx:
            found = plans.listed(tx, actor=COLLEAGUE)
            assert [one.id for one in found] == [going.id, waiting.id, ended.id]
            assert all(one.answer is None and one.closures is None for one in found)
            assert plans.listed(tx, actor=STRANGER) == []
            with pytest.raises(Forbidden):
                plans.listed(tx, actor=RESIDENT)


class TestChanging:
    def test_two_who_tick_different_lines_lose_nothing(self, office):
        one = saved(office)
        changed(office, one, ticks={0: True})
        two = changed(office, one, COLLEAGUE, ticks={2: True})
        assert done(two) == [True, False, True]
        assert [item.by for item in two.checklist] == ["worker", "", "colleague"]

    def test_ticks_at_the_very_same_moment_lose_nothing_either(self, office, store_url):
        one = saved(office, checklist=[f"第 {n} 项" for n in range(8)])

        def tick(n):
            with store.writing() as tx:
                plans.change(tx, one.id, Changes(ticks={n: True}), version=1, actor=WORKER)

        store = open_store(store_url)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(tick, range(8)))
        store.close()
        assert all(done(got(office, one.id)))

    def test_who_ticked_a_line_first_stays(self, office):
        one = saved(office)
        first = changed(office, one, ticks={0: True})
        assert changed(office, one, COLLEAGUE, ticks={0: True}) == first

    def test_a_tick_is_taken_back(self, office):
        one = changed(office, saved(office), ticks={0: True})
        assert done(changed(office, one, ticks={0: False})) == [False, False, False]

    def test_a_tick_that_was_taken_back_by_somebody_else_is_not_taken_back_unseen(self, office):
        one = saved(office, ticked=(True,))
        two = changed(office, one, COLLEAGUE, ticks={0: False})
        changed(office, two, COLLEAGUE, ticks={0: True})
        assert done(changed(office, one, ticks={0: False})) == [False, False, False]
        three = saved(office)
        changed(office, three, COLLEAGUE, ticks={0: True})
        with pytest.raises(Conflict, match="version_stale") as refused:
            changed(office, three, ticks={0: False})
        assert refused.value.details["fields"] == ["checklist"]

    def test_what_two_write_otherwise_is_told_and_nothing_is_overwritten(self, office):
        one = saved(office)
        changed(office, one, COLLEAGUE, notes="水还在流")
        with pytest.raises(Conflict, match="version_stale") as refused:
            changed(office, one, notes="已关总阀", ticks={0: True})
        assert refused.value.details["fields"] == ["notes"]
        here = got(office, one.id)
        assert (here.notes, done(here)[0]) == ("水还在流", False)

    def test_two_who_write_different_things_are_no_hindrance_to_each_other(self, office):
        one = saved(office)
        changed(office, one, COLLEAGUE, notes="水还在流")
        two = changed(office, one, name="泉园路大跑水", ticks={1: True})
        assert (two.name, two.notes, done(two)[1]) == ("泉园路大跑水", "水还在流", True)

    def test_the_answer_never_changes(self, office):
        one = saved(office)
        two = changed(office, one, name="别的", notes="别的", ticks={0: True})
        assert (two.answer, two.closures, two.incident) == (
            one.answer,
            one.closures,
            one.incident,
        )

    @pytest.mark.parametrize(
        "told, field",
        [
            ({"name": ""}, "name"),
            ({"notes": "长" * 2_001}, "notes"),
            ({"ticks": {3: True}}, "checklist"),
            ({"ticks": {-1: True}}, "checklist"),
            ({"status": Status.UNDER_WAY, "why": "长" * 201}, "why"),
        ],
    )
    def test_what_means_nothing_is_refused_by_its_field(self, office, told, field):
        with pytest.raises(Invalid, match="plan_invalid") as refused:
            changed(office, saved(office), **told)
        assert list(refused.value.details) == [field]

    def test_a_version_that_never_was_is_stale(self, office):
        one = saved(office)
        for version in (0, 2):
            with pytest.raises(Conflict, match="version_stale"):
                changed(office, one, version=version, ticks={0: True})

    @pytest.mark.parametrize("plan_id", ["ABCDEFGHJK", "\x00", "' OR 1=1"])
    def test_what_is_no_plan_is_not_found(self, office, plan_id):
        with office.writing() as tx, pytest.raises(NotFound, match="plan_not_found"):
            plans.change(tx, plan_id, Changes(), version=1, actor=WORKER)


class TestStatus:
    def test_it_goes_on_step_by_step_with_moment_and_name(self, office):
        one = changed(office, saved(office), status=Status.UNDER_WAY)
        one = changed(office, one, COLLEAGUE, status=Status.DONE)
        assert [(step.status, step.by) for step in one.steps] == [
            (Status.OPEN, "worker"),
            (Status.UNDER_WAY, "worker"),
            (Status.DONE, "colleague"),
        ]
        moments = [step.at for step in one.steps]
        assert moments == sorted(moments)

    def test_no_step_is_left_out(self, office):
        with pytest.raises(Invalid, match="plan_step"):
            changed(office, saved(office), status=Status.DONE)

    def test_one_back_needs_a_reason(self, office):
        one = changed(office, saved(office), status=Status.UNDER_WAY)
        with pytest.raises(Invalid, match="plan_why_missing"):
            changed(office, one, status=Status.OPEN, why=" ")
        one = changed(office, one, status=Status.OPEN, why="按错了")
        assert (one.status, one.steps[-1].why) == (Status.OPEN, "按错了")
        with office.reading() as tx:
            told = plans.history(tx, one.id, actor=WORKER)
        assert [(entry["action"], entry["why"]) for entry in told] == [
            ("step", "按错了"),
            ("step", ""),
            ("add", ""),
        ]

    def test_two_who_press_the_same_button_set_it_once(self, office):
        one = saved(office)
        first = changed(office, one, status=Status.UNDER_WAY)
        assert changed(office, one, COLLEAGUE, status=Status.UNDER_WAY) == first

    def test_who_has_not_seen_the_last_step_does_not_undo_it(self, office):
        one = changed(office, saved(office), status=Status.UNDER_WAY)
        changed(office, one, COLLEAGUE, status=Status.DONE)
        with pytest.raises(Conflict, match="version_stale"):
            changed(office, one, status=Status.OPEN, why="按错了")


class TestSharing:
    @pytest.fixture
    def worker(self, office):
        """Return a worker with an account."""
        with office.writing() as tx:
            new = accounts.NewPassword("correct horse battery")
            told = {"role": Role.WORKER, "scope": "210103006", "actor": ADMIN}
            account_id = accounts.create(tx, "worker", new, **told)
        return Actor("worker", Role.WORKER, "210103006", account=account_id)

    @staticmethod
    def shown(store, token):
        with store.reading() as tx:
            return plans.shared(tx, token)

    def test_whoever_has_the_token_sees_the_plan_as_it_stands(self, office, worker):
        one = saved(office)
        with office.writing() as tx:
            made = plans.share(tx, one.id, lifetime=HOUR, title="李师傅", actor=worker)
        one = changed(office, one, status=Status.UNDER_WAY)
        assert self.shown(office, made.token) == one
        with office.reading() as tx:
            (told,) = plans.shares(tx, one.id, actor=COLLEAGUE)
            assert (told["id"], told["title"], told["by"]) == (made.id, "李师傅", "worker")
            assert not {"digest", "token"} & told.keys()
            assert [line["what"] for line in tx.records("log")][-1:] == ["plan_share"]

    def test_it_ends_when_it_is_ended(self, office, worker):
        one = saved(office)
        with office.writing() as tx:
            made = plans.share(tx, one.id, lifetime=HOUR, actor=worker)
            other = plans.share(tx, one.id, lifetime=HOUR, actor=worker)
        with office.writing() as tx:
            plans.unshare(tx, one.id, made.id, actor=COLLEAGUE)
            plans.unshare(tx, one.id, made.id, actor=COLLEAGUE)
        with pytest.raises(NotFound, match="share_ended"):
            self.shown(office, made.token)
        assert self.shown(office, other.token).id == one.id
        with office.reading() as tx:
            told = [line["what"] for line in tx.records("log", order=("seq",))]
        assert told[-3:] == ["plan_share", "plan_share", "plan_unshare"]

    def test_it_ends_by_itself(self, office, worker):
        one = saved(office)
        with office.writing() as tx:
            made = plans.share(tx, one.id, lifetime=HOUR, actor=worker)
            tx.revise("key", {"expires": "2020-01-01T00:00:00.000Z"}, id=made.id)
        with pytest.raises(NotFound, match="share_expired"):
            self.shown(office, made.token)

    def test_it_ends_with_the_account_that_made_it(self, office, worker):
        one = saved(office)
        with office.writing() as tx:
            made = plans.share(tx, one.id, lifetime=HOUR, actor=worker)
            accounts.disable(tx, worker.account, actor=ADMIN)
        with pytest.raises(NotFound, match="share_ended"):
            self.shown(office, made.token)

    def test_another_kind_of_key_shows_no_plan(self, office):
        one = saved(office)
        with office.writing() as tx:
            subject = f"plan:{one.id}"
            link = keys.issue(tx, Kind.LINK, by=ADMIN, lifetime=HOUR, subject=subject)
            visits = keys.issue(tx, Kind.SHARE, by=ADMIN, lifetime=HOUR, subject="round:A:B")
        for token in (link.token, visits.token, "", "x" * 43, "x" * 999):
            with pytest.raises(NotFound, match="share_not_valid"):
                self.shown(office, token)

    @pytest.mark.parametrize(
        "told, field",
        [
            ({"lifetime": timedelta(minutes=59)}, "lifetime"),
            ({"lifetime": timedelta(days=31)}, "lifetime"),
            ({"title": "长" * 41}, "title"),
        ],
    )
    def test_from_an_hour_to_thirty_days(self, office, worker, told, field):
        one = saved(office)
        with office.writing() as tx, pytest.raises(Invalid, match="share_invalid") as refused:
            plans.share(tx, one.id, **({"lifetime": HOUR} | told), actor=worker)
        assert list(refused.value.details) == [field]

    def test_who_may_not_change_the_plan_or_has_no_account_shares_nothing(self, office, worker):
        one = saved(office)
        for actor in (STRANGER, RESIDENT, WORKER):
            with office.writing() as tx, pytest.raises(Forbidden):
                plans.share(tx, one.id, lifetime=HOUR, actor=actor)
        with office.writing() as tx:
            made = plans.share(tx, one.id, lifetime=HOUR, actor=worker)
            with pytest.raises(Forbidden):
                plans.unshare(tx, one.id, made.id, actor=STRANGER)
            with pytest.raises(Forbidden):
                plans.shares(tx, one.id, actor=STRANGER)

    def test_a_link_is_ended_on_its_own_plan_only(self, office, worker):
        one, other = saved(office), saved(office)
        with office.writing() as tx:
            made = plans.share(tx, one.id, lifetime=HOUR, actor=worker)
            for key_id in (made.id, "no key"):
                with pytest.raises(NotFound, match="key_not_found"):
                    plans.unshare(tx, other.id, key_id, actor=worker)
        assert self.shown(office, made.token).id == one.id


class TestErasing:
    @staticmethod
    def erased(store, plan_id, actor=ADMIN):
        with store.writing() as tx:
            plans.erase(tx, plan_id, actor=actor, why="来信要求")

    def test_nothing_of_it_stays_but_that_it_was_erased(self, office):
        one = saved(office, name="獬豸路跑水", notes="麒麟住三楼", key="k" * 16, request="R")
        changed(office, one, notes="饕餮住三楼", name="貔貅路跑水")
        other = saved(office)
        with office.writing() as tx:
            told = {"lifetime": HOUR, "by": ADMIN, "title": "穷奇"}
            link = keys.issue(tx, Kind.SHARE, subject=f"plan:{one.id}", **told)
            stays = keys.issue(tx, Kind.SHARE, subject=f"plan:{other.id}", **told | {"title": ""})
        self.erased(office, one.id)
        with office.reading() as tx:
            with pytest.raises(NotFound, match="plan_not_found"):
                plans.get(tx, one.id, actor=ADMIN)
            with pytest.raises(NotFound, match="share_not_valid"):
                plans.shared(tx, link.token)
            assert plans.shared(tx, stays.token) == other
            history = tx.history("plan", one.id)
            left = [*tx.rows("plan"), *history, *tx.records("key"), *tx.records("log")]
            last = tx.records("log", order=("seq",), newest=True, limit=1)[0]
        assert not any(word in repr(left) for word in ("獬豸", "麒麟", "饕餮", "貔貅", "穷奇"))
        assert (history[0]["action"], history[0]["why"]) == ("erase", "来信要求")
        assert (last["what"], last["target"]) == ("plan_erase", one.id)
        assert saved(office, key="k" * 16, request="R").id != one.id

    def test_it_is_for_administrators_of_its_area(self, office):
        one = saved(office)
        for actor in (WORKER, COLLEAGUE, RESIDENT, Actor("far", Role.ADMIN, "210106")):
            with pytest.raises(Forbidden):
                self.erased(office, one.id, actor)
        with pytest.raises(NotFound, match="plan_not_found"):
            self.erased(office, "ABCDEFGHJK")
        assert got(office, one.id) == one


class TestForgetting:
    @staticmethod
    def told(shop, name, phone):
        """Return an answer that tells of a shop as a helper, and of it on another one's way."""
        here = {"name": name, "address": "甲路 1 号", "phones": [phone], "hours": "", "open": None}
        way = {"summary": "步行约 1 分钟", "steps": [{"text": f"在{name}旁左转"}, {"text": "到了"}]}
        other = {"name": "别家", "address": "乙路", "phones": ["1"], "hours": ""}
        return plan().answer | {
            "helpers": [
                {"merchant": {"id": shop, "properties": here}, "route": None},
                {"merchant": {"id": "O" * 10, "properties": other}, "route": {"properties": way}},
            ]
        }

    def test_a_plan_tells_nothing_any_more_of_who_was_erased(self, office):
        with office.writing() as tx:
            shop = merchants.add(tx, entry("獬豸铺", phones=("13987650123",)), actor=ADMIN)
            merchants.edit(tx, shop, {"name": "麒麟铺"}, version=1, actor=ADMIN)
        one = saved(office, answer=self.told(shop, "獬豸铺", "13987650123"))
        other = saved(office)
        noted = saved(office, notes="问过麒麟铺")
        with office.writing() as tx:
            found = plans.forget(tx, shop, actor=ADMIN, why="来信要求")
            merchants.erase(tx, shop, actor=ADMIN, why="来信要求")
            told = repr((tx.rows("plan"), tx.history("plan", one.id)))
        assert {(plan.plan, plan.words) for plan in found} == {(one.id, False), (noted.id, True)}
        assert "獬豸" not in told
        assert "13987650123" not in told
        now = got(office, one.id)
        assert now.answer["helpers"][0]["merchant"]["properties"]["phones"] == []
        assert now.answer["helpers"][1]["merchant"]["properties"]["name"] == "别家"
        way = now.answer["helpers"][1]["route"]["properties"]
        assert [step["text"] for step in way["steps"]] == ["在…旁左转", "到了"]
        assert got(office, other.id) == other

    def test_what_was_merged_into_it_goes_with_it(self, office):
        with office.writing() as tx:
            old, shop = (merchants.add(tx, entry(name), actor=ADMIN) for name in ("獬豸铺", "甲"))
            row = tx.row("merchant", old)
            tx.update_many("merchant", [(row, {"merged": shop, "status": "retired"})], by=ADMIN)
        one = saved(office, answer=self.told(old, "獬豸铺", "13987650123"))
        with office.writing() as tx:
            assert [plan.plan for plan in plans.forget(tx, shop, actor=ADMIN, why="")] == [one.id]
        assert "獬豸" not in repr(got(office, one.id))

    def test_it_is_for_who_may_erase(self, office):
        with office.writing() as tx:
            shop = merchants.add(tx, entry(), actor=ADMIN)
            with pytest.raises(Forbidden):
                plans.forget(tx, shop, actor=WORKER, why="")
