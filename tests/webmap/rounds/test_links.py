"""Links of rounds through HTTP: whose they are, what they tell, when they end, who guesses."""

import pytest

from geodata import rounds
from geodata.store import Store
from tests import people
from tests.factories import ADMIN
from tests.webmap.rounds.asking import kept, link, refusal, send, states, tick


@pytest.fixture
def one(store):
    return kept(store)


@pytest.fixture
def token(store, one):
    return link(store, one).token


@pytest.fixture
def phone(app):
    return app.test_client()


def walked(client, token):
    answer = send(client, "POST", "/api/round", {"token": token})
    people.conforms(answer, "/api/round", "post")
    return answer


def ticked(client, token, *ticks):
    answer = send(client, "POST", "/api/round/ticks", {"token": token, "ticks": ticks})
    people.conforms(answer, "/api/round/ticks", "post")
    return answer


def progress(store, one):
    with store.reading() as tx:
        return rounds.progress(tx, one.id)


def test_a_visit_that_the_link_does_not_show_is_told_and_the_others_count(phone, token):
    told = ticked(phone, token, tick("nobody"), tick("a")).get_json()
    assert told["passed_over"] == ["nobody"]
    assert list(told["told"]) == ["a"]


class TestShown:
    def test_a_phone_without_an_account_is_shown_its_workers_round_alone(self, phone, token):
        told = walked(phone, token).get_json()
        assert (told["worker"], told["status"], told["trouble"]) == ("王", "accepted", "")
        assert [(stop["id"], stop["title"], stop["note"]) for stop in told["stops"]] == [
            ("a", "1号楼", "有狗"),
            ("b", "b", ""),
        ]

    def test_the_other_worker_is_shown_none_of_it(self, phone, store, one):
        assert walked(phone, link(store, one, 1).token).get_json()["stops"] == []

    def test_a_link_that_was_ended_or_is_over_says_so(self, phone, app, store, one):
        worker = people.signed_in(app, "worker")
        ended, over = link(store, one), link(store, one)
        address = f"/rounds/{one.id}/links/{ended.id}/end"
        assert worker.post(address, headers=people.csrf(worker)).status_code == 303
        with store.writing() as tx:
            tx.revise("key", {"expires": "2020-01-01T00:00:00.000Z"}, id=over.id)
        for ask in (walked, lambda *told: ticked(*told, tick())):
            assert refusal(ask(phone, ended.token)) == (404, "share_ended")
            assert refusal(ask(phone, over.token)) == (404, "share_expired")
        assert progress(store, one) == {}

    def test_it_ends_with_the_round(self, phone, app, one, token):
        worker = people.signed_in(app, "worker")
        send(worker, "DELETE", f"/api/rounds/kept/{one.id}")
        assert refusal(walked(phone, token)) == (404, "share_not_valid")


class TestTicks:
    def test_only_its_own_workers_visits_are_ticked(self, phone, store, one):
        own, others = link(store, one).token, link(store, one, 1).token
        told = ticked(phone, own, tick("a"), tick("c"), tick("nowhere"))
        assert states(told.get_json()) == {"a": "done"}
        assert ticked(phone, others, tick("b")).get_json()["told"] == {}
        assert list(progress(store, one)) == ["a"]

    def test_what_was_told_offline_and_is_sent_twice_is_once(self, phone, store, one, token):
        some = [tick("a", "absent", 30, "无人"), tick("b", "done", 10), tick("a", "done", 5)]
        first = ticked(phone, token, *some).get_json()
        kept_ = progress(store, one)
        before = store.revision()
        assert ticked(phone, token, *some).get_json() == first
        assert ticked(phone, token, *some[::-1]).get_json() == first
        assert (progress(store, one), store.revision()) == (kept_, before)
        assert states(first) == {"a": "done", "b": "done"}

    def test_a_worker_who_is_called_as_an_account_is_does_not_pass_for_it(self, phone, app, store):
        worker = people.signed_in(app, "worker")
        draft = kept(store).workers
        with store.writing() as tx:
            one = tx.rows("round")[-1]
            asked = one["asked"].replace('"王"', '"worker"')
            answer = one["answer"].replace('"王"', '"worker"')
            told = {"asked": asked, "answer": answer}
            tx.update("round", one["id"], told, version=None, by=ADMIN)
            one = rounds.get(tx, one["id"], actor=ADMIN)
        assert len(one.workers) == len(draft)
        ticked(phone, link(store, one).token, tick("a"))
        address = f"/api/rounds/kept/{one.id}"
        send(worker, "POST", f"{address}/ticks", {"ticks": [tick("b")]})
        told = worker.get(f"{address}/progress").get_json()["told"]
        assert (told["a"]["by"], told["a"]["link"]) == ("worker（凭链接）", True)
        assert (told["b"]["by"], told["b"]["link"]) == ("worker", False)

    def test_they_wait_until_the_round_is_accepted(self, phone, store):
        one = kept(store, rounds.Status.DRAFT)
        answer = ticked(phone, link(store, one).token, tick())
        assert refusal(answer) == (409, "round_not_accepted")


class TestGuesses:
    @pytest.mark.parametrize("token", ["", "no", "x" * 43, "\x00", "长" * 50])
    def test_what_is_no_link_keeps_nobody_from_writing(self, phone, monkeypatch, token):
        phone.get("/session")
        monkeypatch.setattr(Store, "writing", None)
        assert refusal(walked(phone, token)) == (404, "share_not_valid")
        assert refusal(ticked(phone, token, tick())) == (404, "share_not_valid")

    def test_who_guesses_does_so_seldom_and_who_has_a_link_goes_on(self, phone, token):
        seen = [walked(phone, "x" * 43).status_code for _ in range(21)]
        assert seen == [404] * 20 + [429]
        assert refusal(ticked(phone, "x" * 43, tick())) == (429, "too_many")
        assert walked(phone, token).status_code == 200
        assert ticked(phone, token, tick()).status_code == 200

    def test_a_link_to_a_plan_opens_no_round(self, phone, store, one):
        made = link(store, one)
        with store.writing() as tx:
            tx.revise("key", {"subject": f"plan:{one.id}"}, id=made.id)
        assert refusal(walked(phone, made.token)) == (404, "share_not_valid")
