"""The API does what its OpenAPI document says, whatever is asked that it allows or not."""

import ipaddress
import itertools
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from geodata import accounts, closures, jobs, merchants, plans, rounds
from geodata.policy import Actor, Role
from geodata.siting import Asked
from geodata.store import Store, Writer
from tests import people
from tests.factories import ADMIN, drawing, entry, plan, round_draft
from tests.webmap.grants import DRAWN, INCIDENT, ROUND, SITED
from webmap import create_app
from webmap.config import Settings
from webmap.openapi import describe

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    (path, method.upper()) for path, methods in describe()["paths"].items() for method in methods
]
EXAMPLES = 40
_ADDRESSES = (str(ipaddress.IPv4Address("198.18.0.0") + n) for n in itertools.count())


@pytest.fixture(
    scope="module", params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)]
)
def office(request, tmp_path_factory, demonstration, demonstration_streets) -> Iterator[Flask]:
    """Give an office with streets, behind a proxy that tells where each request comes from."""
    instance = tmp_path_factory.mktemp("office")
    shutil.copytree(demonstration_streets, instance / "roads")
    url = str(instance / "linju.gpkg")
    if request.param == "postgis":
        cluster = request.getfixturevalue("postgis_cluster")
        url = cluster.url(cluster.create())
    made = create_app(Settings(instance=instance, store=url, proxies=1))
    made.extensions["linju_store"].restore(demonstration, actor=ADMIN)
    yield made
    made.extensions["linju_runner"].stop()
    made.extensions["linju_store"].close()


@pytest.fixture(scope="module")
def token(office: Flask) -> str:
    store: Store = office.extensions["linju_store"]
    with store.writing() as tx:
        return accounts.issue_token(
            tx, "machine", scope="210103", lifetime=timedelta(days=1), actor=ADMIN
        ).token


@pytest.fixture
def held(office: Flask, path: str) -> dict[str, tuple[str, str]]:
    """Return what the office holds, by its name in an address: its table, and its id."""
    store: Store = office.extensions["linju_store"]
    with store.writing() as tx:
        tour = rounds.save(tx, round_draft(), actor=ADMIN).id
        if not path.endswith("/plan"):  # which are for drafts
            rounds.change(tx, tour, status=rounds.Status.ACCEPTED, version=1, actor=ADMIN)
        return {
            "merchant_id": ("merchant", merchants.add(tx, entry("试验店"), actor=ADMIN)),
            "plan_id": ("plan", plans.save(tx, plan(), actor=ADMIN).id),
            "closure_id": ("closure", closures.draw(tx, drawing(), actor=ADMIN).id),
            "round_id": ("round", tour),
            "job_id": ("job", _working_on(tx)),
        }


def _working_on(tx: Writer) -> str:
    """Return the id of a job that somebody works on for ever."""
    # What was begun and not cancelled waits no longer.
    tx.erase("job")
    job = jobs.ask(tx, "siting", Asked(**SITED).document(), area=SITED["area"], actor=ADMIN)
    tx.revise("job", {"seen": "2100-01-01T00:00:00.000Z"}, id=job.id)
    return job.id


@pytest.fixture
def link(office: Flask, held: dict[str, tuple[str, str]]) -> str:
    """Return the token of a link to a round."""
    store: Store = office.extensions["linju_store"]
    clerk = people.hire(store, "admin")
    by = Actor("admin", Role.ADMIN, account=clerk)
    until = datetime.now(UTC) + timedelta(days=1)
    with store.writing() as tx:
        return rounds.share(tx, held["round_id"][1], 0, until=until, actor=by).token


@pytest.fixture(scope="module")
def described(office: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", office)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["resident", "machine"])
@pytest.mark.parametrize("path, method", OPERATIONS)
def test_nothing_breaks_and_nothing_is_undocumented(
    office, described, token, held, link, path, method, who
):
    store: Store = office.extensions["linju_store"]
    bearer = {"Authorization": f"Bearer {token}"} if who == "machine" else {}
    operation = described[path][method]
    seen: set[int] = set()
    allowed, refused = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(allowed, allowed, refused), at_home=st.booleans())
    def ask(case: Case, *, at_home: bool) -> None:
        if at_home:
            _aim(case, store, held, link)
        told = {"X-Forwarded-For": next(_ADDRESSES), "Accept-Encoding": "identity"}
        answer = case.call_and_validate(checks=CHECKS, headers=bearer | told)
        seen.add(answer.status_code)

    ask()
    # Who is only ever refused has tried nothing.
    assert min(seen) < 300 or (who == "resident" and 403 in seen)


def _aim(case: Case, store: Store, held: Mapping[str, tuple[str, str]], link: str) -> None:
    """Let a case be about what is there: a merchant as it stands, a category, a place."""
    for name in held.keys() & case.path_parameters.keys():
        table, key = held[name]
        case.path_parameters[name] = key
        if case.headers and "If-Match" in case.headers:
            with store.reading() as tx:
                case.headers["If-Match"] = f'"{tx.row(table, key)["version"]}"'
    if "number" in case.path_parameters:
        case.path_parameters["number"] = "1"
    for name in {"from", "to"} & case.query.keys():
        case.query[name] = "123.47,41.775"
    for name, told in {"category": "clinic", "area": "210103006"}.items():
        if name in case.query:
            case.query[name] = told
    if isinstance(case.body, dict):
        _aim_body(case, held, link)


def _aim_body(case: Case, held: Mapping[str, tuple[str, str]], link: str) -> None:
    told: dict[str, Any] = {
        "category": "clinic",
        "token": link,
        "ticks": [{"visit": "a", "state": "done", "at": "2026-11-25T09:12:00+08:00"}],
        "visit": ROUND["visits"][0],
        "area": "210103006012",
    }
    case.body |= {name: told[name] for name in told.keys() & case.body.keys()}
    if "workers" in case.body:
        case.body |= ROUND | {"locked": {}}
    if "geometry" in case.body:
        case.body = {**DRAWN}
    if "scenario" in case.body and "at" in case.body:
        case.body |= INCIDENT | {"modes": ["foot"], "departure": None}
        if "merchant" in case.body:
            case.body |= {"merchant": held["merchant_id"][1], "mode": "foot"}
    if "incident" in case.body:
        case.body |= {"name": "跑水", "incident": INCIDENT, "helpers": []}
