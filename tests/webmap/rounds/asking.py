"""How rounds that are kept are asked for over HTTP, and those that others have kept before."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from geodata import rounds
from geodata.policy import Actor, Role
from geodata.rounds import Status
from geodata.store import Store
from geodata.vault import Vault
from tests import people
from tests.factories import ADMIN, CENTRE, round_draft

KEPT = "/api/rounds/kept"
DAY = (datetime.now(UTC) + timedelta(days=2)).date()
_numbers = count()


def clock(hour: int) -> str:
    return f"{DAY}T{hour:02}:00:00+08:00"


def home(name: str, east: float = 0.0, **told: Any) -> dict[str, Any]:
    """Return a visit so many thousandths of a degree east of the middle."""
    at = [round(CENTRE[0] + east / 1e3, 6), CENTRE[1]]
    return {"id": name, "at": at, "minutes": 15} | told


def told(**more: Any) -> dict[str, Any]:
    """Return a round as the page sends it: one person, three visits."""
    worker = {"name": "王姐", "start": list(CENTRE), "from": clock(8), "until": clock(12)}
    known = {
        "name": "走访",
        "workers": [worker],
        "visits": [home("a", 1), home("b", -2), home("c", 3)],
        "labels": {"a": {"title": "1号楼", "note": "有狗"}},
    }
    return known | more


def fresh_key() -> str:
    return f"a-key-that-nobody-has-{next(_numbers)}"


def send(client, method, address, body=None, **headers):
    """Send JSON; ``key`` and ``seen`` are the headers of a write."""
    known = {"key": "Idempotency-Key", "seen": "If-Match"}
    named = {known[name]: str(value) for name, value in headers.items()}
    if "If-Match" in named:
        named["If-Match"] = f'"{named["If-Match"]}"'
    sent = {} if body is None else {"json": body}
    return client.open(address, method=method, headers=people.csrf(client) | named, **sent)


def refusal(answer) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.get_json(force=True)["title"]


def kept(store: Store, status: Status = Status.ACCEPTED, vault: Vault | None = None, **more: Any):
    """Keep a round of 王 (a, b) and 李 without asking for ways."""
    with store.writing() as tx:
        sealing = {} if vault is None else {"vault": vault}
        one = rounds.save(tx, round_draft(**more), actor=ADMIN, **sealing)
        for step in (Status.ACCEPTED, Status.DONE)[: list(Status).index(status)]:
            one = rounds.change(tx, one.id, status=step, version=one.version, actor=ADMIN)
    return one


def link(store: Store, one, number: int = 0, hours: float = 5):
    """Make a link for one of its workers."""
    account = people.hire(store, "worker")
    actor = Actor("worker", Role.WORKER, "210103006", account=account)
    with store.writing() as tx:
        until = datetime.now(UTC) + timedelta(hours=hours)
        return rounds.share(tx, one.id, number, until=until, actor=actor)


def tick(visit: str = "a", state: str = "done", minutes_ago: float = 1, note: str = ""):
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return {"visit": visit, "state": state, "at": at.isoformat(), "note": note}


def states(progress: dict[str, Any]) -> dict[str, str]:
    return {visit: one["state"] for visit, one in progress["told"].items()}
