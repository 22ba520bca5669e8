"""Every route and every command, asked by everybody there is: what nobody listed does not pass."""

import dataclasses
import functools
import io
import ipaddress
import itertools
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient

from geodata import accounts, closures, elders, jobs, merchants, plans, proposals, rounds
from geodata.elders import Elder
from geodata.keys import Kind
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact
from geodata.rounds import Status
from geodata.siting import Asked
from geodata.store import Store
from geodata.vault import Vault, new_key
from tests import people
from tests.factories import ADMIN, drawing, entry, merchants_frame, plan, round_draft
from tests.webmap.grants import ALL, COMMANDS, SITED, TABLE, Line, World
from webmap import create_app
from webmap.cli.common import operator
from webmap.config import Settings

PEOPLE = {
    "owner": (Role.MERCHANT, ""),
    "other": (Role.MERCHANT, ""),
    "worker": (Role.WORKER, "210103006"),
    "stranger": (Role.WORKER, "210106"),
    "admin": (Role.ADMIN, ""),
    "far_admin": (Role.ADMIN, "210106"),
}
"""Those with accounts. Besides them a ``resident`` asks, the holder of the shop's private
``link``, and a ``machine`` and a ``far_machine`` with a token for each scope."""

KEY = new_key()

MACHINES = {"machine": "210103006", "far_machine": "210106"}

SIGN_IN = "led to the sign-in"


def led_to_the_door(line: Line) -> bool:
    """Tell whether a page is not for all: who is not signed in is led to where one does."""
    of_pages = line.method == "GET" and not line.rule.startswith("/api/")
    return of_pages and "resident" not in line.may


_ADDRESSES = (str(ipaddress.IPv4Address("198.18.0.0") + n) for n in itertools.count())


class Office:
    """An office with a shop in it, and a way to ask as anybody."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.store: Store = app.extensions["linju_store"]
        with self.store.writing() as tx:
            shop, _ = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
            pending, _ = proposals.register(tx, entry("候审的店"), Contact(), actor=RESIDENT)
            foreign = merchants.add(tx, entry("别家的店"), actor=ADMIN)
            ids = {name: self._hire(tx, name) for name in PEOPLE}
            self._tokens = {name: self._token(tx, scope) for name, scope in MACHINES.items()}
            row = merchants.edit(tx, shop, {"status": "published"}, version=1, actor=ADMIN)
            row = self._entrust(tx, row, ids["owner"])
            owner = Actor("owner", Role.MERCHANT, owns=frozenset({shop}))
            self._link = proposals.renew_link(tx, shop, actor=owner)
            self._entrust(tx, tx.row("merchant", foreign), ids["other"])
            proposal = tx.records("proposal", merchant=pending)[0]
            closure = closures.draw(tx, drawing(), actor=ADMIN)
            kept = plans.save(tx, plan(), actor=ADMIN)
            worker = Actor("worker", *PEOPLE["worker"], account=ids["worker"])
            share = plans.share(tx, kept.id, lifetime=timedelta(days=1), actor=worker)
            batch = self._imported(tx)
            home = tx.rows("home", inside="210103006")[0]["id"]
            elder = elders.add(tx, home, Elder("李明"), Vault([KEY]), actor=ADMIN)
            seen = tx.record("elder", elder)["changed"]
            tour = rounds.save(tx, round_draft(), actor=ADMIN)
            accepted = rounds.save(tx, round_draft(), actor=ADMIN)
            rounds.change(tx, accepted.id, status=Status.ACCEPTED, version=1, actor=ADMIN)
            walker = Actor("worker", *PEOPLE["worker"], account=ids["worker"])
            tomorrow = datetime.now(UTC) + timedelta(days=1)
            shared = rounds.share(tx, accepted.id, 0, until=tomorrow, actor=walker)
            invited = accounts.invite(tx, role=Role.WORKER, scope="210103006", actor=ADMIN)
            job = jobs.ask(tx, "siting", Asked(**SITED).document(), area=SITED["area"], actor=ADMIN)
            # As if somebody worked on it for ever.
            tx.revise("job", {"seen": "2100-01-01T00:00:00.000Z"}, id=job.id)
        self._sessions = {name: self._session(name) for name in PEOPLE}
        self.world: World = {
            "merchant_id": shop,
            "version": row["version"],
            "proposal_id": proposal["id"],
            "token": self._link,
            "batch": batch,
            "home": home,
            "elder_id": elder,
            "seen": seen,
            "closure_id": closure.id,
            "plan_id": kept.id,
            "share_id": share.id,
            "share": share.token,
            "round_id": tour.id,
            "under_way": accepted.id,
            "round_token": shared.token,
            "account_id": ids["worker"],
            "invitation": invited.token,
            "key_id": invited.id,
            "upload_id": self._uploaded(),
            "job_id": job.id,
        }

    @staticmethod
    def _hire(tx, name: str) -> str:
        role, scope = PEOPLE[name]
        new = accounts.NewPassword(people.PASSWORD)
        return accounts.create(tx, name, new, role=role, scope=scope, actor=ADMIN)

    @staticmethod
    def _token(tx, scope: str) -> str:
        day = timedelta(days=1)
        return accounts.issue_token(tx, f"m{scope}", scope=scope, lifetime=day, actor=ADMIN).token

    @staticmethod
    def _entrust(tx, row: dict, owner: str) -> dict:
        return merchants.entrust(
            tx, row["id"], owner=owner, trusted=False, version=row["version"], actor=ADMIN
        )

    @staticmethod
    def _imported(tx) -> str:
        """Bring a file in, take it back, and return the id of that."""
        worker, batch = Actor("worker", *PEOPLE["worker"]), "B" * 10
        told = merchants_frame({"name": "来自表格"})
        merchants.bring_in(tx, told, actor=worker, file="shops.csv", batch=batch)
        merchants.undo_batch(tx, batch, actor=worker)
        return batch

    def _uploaded(self) -> str:
        """Let the worker upload a file and rehearse its import, and return the upload's id."""
        client = self.client("worker")
        headers = people.csrf(client)
        told = {"file": (io.BytesIO("名称,类别,经度,纬度\n店,购物,1,1\n".encode()), "shops.csv")}
        place = client.post("/files/upload", data=told, headers=headers).location.partition("?")[0]
        fields = ("name", "category", "lon", "lat")
        columns = {f"c{at}": field for at, field in enumerate(fields)}
        told = columns | {"what": "columns", "datum": "wgs84"}
        client.post(f"{place}/check", data=told, headers=headers)
        give_up = time.monotonic() + 30
        while client.get(f"{place}/state").get_json()["stage"] == "checking":
            assert time.monotonic() < give_up
            time.sleep(0.05)
        return str(place.rpartition("/")[2])

    def _session(self, name: str) -> str:
        with self.store.reading() as tx:
            who = accounts.candidate(tx, name)
        with self.store.writing() as tx:
            begun = accounts.sign_in(tx, who, proven=True)
        assert begun is not None
        return begun.session.token

    def client(self, who: str) -> FlaskClient:
        """Return the browser of one of the people, or a program's."""
        if who in self._sessions or who == "link":
            return people.holding(self.app, self._sessions.get(who, self._link))
        return self.app.test_client()

    def ask(self, who: str, line: Line) -> int | str:
        """Return the status that somebody gets, or SIGN_IN for who is led there instead."""
        client, headers = self.client(who), {}
        if who in self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens[who]}"
        elif line.method != "GET":
            headers |= people.csrf(client)
        told = dict(line.sent(self.world))
        headers |= told.pop("headers", {})
        values = {**self.world, **{k: v.format_map(self.world) for k, v in line.at.items()}}
        address = re.sub(
            r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: str(values[found[1]]), line.rule
        )
        answer = client.open(
            address,
            method=line.method,
            headers=headers,
            environ_base={"REMOTE_ADDR": next(_ADDRESSES)},
            **told,
        )
        answer.close()
        led = line.method == "GET" and answer.location and answer.location.startswith("/sign-in")
        return SIGN_IN if led else answer.status_code


@pytest.fixture(scope="module")
def office(tmp_path_factory, demonstration, demonstration_streets) -> Iterator[Office]:
    """Give an office in which nothing that is written stays, so that all find the same."""
    instance = tmp_path_factory.mktemp("office")
    shutil.copy(demonstration, instance / "linju.gpkg")
    shutil.copytree(demonstration_streets, instance / "roads")
    app = create_app(Settings(instance=instance, elders_key=KEY))
    made = Office(app)
    with pytest.MonkeyPatch.context() as patch:
        rehearsing = functools.partialmethod(Store.writing, keep=False)
        patch.setattr(Store, "writing", rehearsing)
        yield made
    made.store.close()


def test_the_people_are_who_they_are_said_to_be(office):
    told = {who: office.client(who).get("/session").get_json() for who in ALL - MACHINES.keys()}
    shop = office.world["merchant_id"]
    assert {who for who, said in told.items() if shop in said["owns"]} == {"owner", "link"}
    assert {who: said["scope"] for who, said in told.items() if said["scope"]} == {
        "worker": "210103006",
        "stranger": "210106",
        "far_admin": "210106",
    }


def test_every_route_has_a_line(office):
    routes = {
        (method, rule.rule)
        for rule in office.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    listed = {(line.method, line.rule) for line in TABLE}
    assert (sorted(routes - listed), sorted(listed - routes)) == ([], [])


@pytest.mark.parametrize(
    "line", TABLE, ids=lambda line: " ".join([line.method, line.rule, *line.at.values()])
)
def test_who_may_passes_and_nobody_else(office, line):
    expected = {who: line.ok if who in line.may else line.refused for who in ALL}
    if led_to_the_door(line):
        expected["resident"] = SIGN_IN
    found = {who: office.ask(who, line) for who in sorted(ALL)}
    assert found == expected | line.otherwise


@pytest.mark.parametrize(
    "line", [line for line in TABLE if led_to_the_door(line)], ids=lambda line: line.rule
)
def test_a_script_is_refused_and_led_nowhere(office, line):
    told = dict(line.sent(office.world))
    asked = dataclasses.replace(
        line, sent=lambda _: told | {"headers": {"Accept": "application/json"}}
    )
    assert office.ask("resident", asked) == line.refused == 403


def test_every_command_is_the_operators(office):
    def commands(group: click.Group, before: str = "") -> Iterator[str]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from commands(command, f"{before}{name} ")
            else:
                yield before + name

    assert set(commands(office.app.cli)) == COMMANDS
    assert (operator().role, operator().scope) == (Role.ADMIN, "")


def test_a_link_is_no_key_to_more_than_its_shop(office):
    with office.store.reading() as tx:
        holder = accounts.actor_of(tx, office.world["token"], Kind.LINK)
    assert (holder.role, holder.scope, holder.owns) == (
        Role.MERCHANT,
        "",
        frozenset({office.world["merchant_id"]}),
    )
