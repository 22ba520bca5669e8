"""Rows without a history, and what only they can do: be changed in place, be erased."""

from datetime import UTC, datetime, timedelta

import pytest

from geodata import keys, merchants
from geodata.errors import Conflict, NotFound
from geodata.policy import Actor, Role
from geodata.store import open_store, records
from geodata.store.records import LOG_KEPT
from geodata.store.writer import REMEMBERED
from tests.factories import ADMIN, entry


@pytest.fixture
def store(store_url):
    opened = open_store(store_url)
    yield opened
    opened.close()


def now_less(time: timedelta) -> str:
    then = datetime.now(UTC) - time
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def guess(name: str, at: str = "2026-01-01", failures: int = 1) -> dict:
    return {"name": name, "failures": failures, "locked_until": "", "at": at}


def test_a_row_that_is_put_again_takes_its_former_place(store):
    with store.writing() as tx:
        tx.put("guess", guess("a"))
        tx.put("guess", guess("a", failures=2))
        assert tx.record("guess", "a")["failures"] == 2
        with pytest.raises(NotFound, match="guess_not_found"):
            tx.record("guess", "b")


def test_another_row_with_what_must_be_unique_is_refused(store):
    key = dict.fromkeys(
        ("kind", "account", "merchant", "role", "scope", "title", "by", "seen", "ended"), ""
    )
    key |= {"created": "", "expires": ""}
    with store.writing() as tx:
        tx.put("key", key | {"digest": "1", "id": "A"})
    with pytest.raises(Conflict, match="key_taken"), store.writing() as tx:
        tx.put("key", key | {"digest": "2", "id": "A"})


def test_only_rows_that_are_as_they_were_seen_are_revised(store):
    with store.writing() as tx:
        tx.put("guess", guess("a"))
        assert tx.revise("guess", {"failures": 2}, name="a", failures=1) == 1
        assert tx.revise("guess", {"failures": 3}, name="a", failures=1) == 0
        assert tx.record("guess", "a")["failures"] == 2


@pytest.mark.parametrize("newest, first", [(False, ["a", "b"]), (True, ["e", "d"])])
def test_rows_come_in_pages_without_gap_or_repeat(store, newest, first):
    with store.writing() as tx:
        for name in "cbade":
            tx.put("guess", guess(name, at="2026-01-01" if name < "c" else "2026-01-02"))
        seen, after = [], ()
        while page := tx.records(
            "guess", order=("at", "name"), newest=newest, after=after, limit=2
        ):
            seen += [row["name"] for row in page]
            after = (page[-1]["at"], page[-1]["name"])
    assert seen[:2] == first
    assert sorted(seen) == list("abcde")


def test_only_the_columns_that_are_asked_for_are_read(store):
    with store.writing() as tx:
        tx.put("guess", guess("a"))
        assert tx.records("guess", columns=("name", "failures")) == [{"name": "a", "failures": 1}]


def test_what_is_older_than_a_moment_expires(store):
    with store.writing() as tx:
        tx.put("guess", guess("old"))
        tx.put("guess", guess("young", at=now_less(timedelta(hours=1))))
        assert tx.expire("guess", timedelta(hours=2)) == 1
        assert [row["name"] for row in tx.records("guess")] == ["young"]


def test_the_log_and_the_keys_of_requests_are_not_kept_for_ever(store):
    long_ago = now_less(LOG_KEPT + timedelta(hours=1)), now_less(REMEMBERED + timedelta(hours=1))
    not_yet = now_less(LOG_KEPT - timedelta(hours=1)), now_less(REMEMBERED - timedelta(hours=1))
    with store.writing() as tx:
        for n, (log, remembered) in enumerate((long_ago, not_yet)):
            tx.note(f"n{n}", by=ADMIN)
            tx.remember("somebody", f"number-{n}-of-the-keys", "digest", f"result{n}")
            tx.revise("log", {"at": log}, what=f"n{n}")
            tx.revise("idempotency", {"at": remembered}, key=f"number-{n}-of-the-keys")
    with store.writing() as tx:
        tx.note("n2", by=ADMIN)
        tx.remember("somebody", "number-2-of-the-keys", "digest", "result2")
    with store.reading() as tx:
        assert [line["what"] for line in tx.records("log", order=("seq",))] == ["n1", "n2"]
        told = [tx.recalled("somebody", f"number-{n}-of-the-keys", "digest") for n in range(3)]
        assert told == [None, "result1", "result2"]


def test_one_transaction_sweeps_no_more_than_a_visitor_can_wait_for(store, monkeypatch):
    monkeypatch.setattr(records, "_SWEPT", 2)
    with store.writing() as tx:
        for n in range(5):
            tx.put("guess", guess(str(n), at="2020-01-01"))
        assert [tx.expire("guess", timedelta(days=1)) for _ in range(4)] == [2, 2, 1, 0]


def test_the_access_log_tells_who_what_and_where_from(store):
    worker = Actor("w", Role.WORKER, "210103006", network="203.0.113.0/24")
    with store.writing() as tx:
        tx.note("contact_read", by=worker, target="X", area="210103006012")
        tx.note("sign_in", by=worker, area="210106")
        (line,) = tx.records("log", area="210103006")
    assert (line["by"], line["role"], line["what"], line["network"]) == (
        "w",
        "worker",
        "contact_read",
        "203.0.113.0/24",
    )


def test_records_travel_with_a_backup(store, tmp_path):
    with store.writing() as tx:
        tx.put("guess", guess("a"))
        tx.note("sign_in", by=ADMIN)
    store.backup(tmp_path / "backup.gpkg", actor=ADMIN)
    with store.writing() as tx:
        tx.erase("guess", name="a")
    store.restore(tmp_path / "backup.gpkg", actor=ADMIN)
    with store.writing() as tx:
        assert tx.records("guess") == [guess("a")]
        tx.note("sign_out", by=ADMIN)
        assert [line["what"] for line in tx.records("log", order=("seq",))] == [
            "sign_in",
            "sign_out",
        ]


def test_no_session_or_share_of_the_past_comes_back_with_a_backup(store, tmp_path):
    with store.writing() as tx:
        hour = timedelta(hours=1)
        session = keys.issue(tx, keys.Kind.SESSION, by=ADMIN, lifetime=hour, account="A")
        share = keys.issue(tx, keys.Kind.SHARE, by=ADMIN, lifetime=hour, subject="plan:P")
        link = keys.issue(tx, keys.Kind.LINK, by=ADMIN, lifetime=hour, merchant="M")
    store.backup(tmp_path / "backup.gpkg", actor=ADMIN)
    store.restore(tmp_path / "backup.gpkg", actor=ADMIN)
    with store.reading() as tx:
        assert keys.find(tx, session.token, keys.Kind.SESSION) is None
        assert keys.find(tx, share.token, keys.Kind.SHARE) is None
        assert keys.find(tx, link.token, keys.Kind.LINK)


def test_the_history_of_an_import_is_found_by_its_mark(store):
    with store.writing() as tx:
        merchants.add(tx, entry("甲"), actor=ADMIN)
        tx.batch = "IMPORT"
        merchants.add(tx, entry("乙"), actor=ADMIN)
        (line,) = tx.of_batch("IMPORT")
        assert tx.row("merchant", line["key"])["name"] == "乙"
