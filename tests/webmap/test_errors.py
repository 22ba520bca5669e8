"""Every failure has a status, a sentence in every language, and a shape that programs read."""

import ast
from pathlib import Path

import pytest

from geodata import exchange
from geodata.errors import LinjuError, Unavailable
from geodata.store import Store, schema
from webmap.errors import SENTENCES, STATUS
from webmap.i18n import catalog
from webmap.reports import FIELDS, MENDS, REASONS

PROJECT = Path(__file__).parents[2]
CLASSES = {cls.__name__ for cls in LinjuError.__subclasses__()}


def codes() -> set[str]:
    """Return every code that a line of the source raises."""
    found = set()
    for folder in ("geodata", "webmap"):
        for path in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CLASSES:
                    code = node.args[0]
                    if isinstance(code, ast.Constant):
                        found.add(code.value)
    return found | {f"{table}_not_found" for table in schema.HISTORIED | schema.RECORDS}


def test_every_error_has_a_status():
    assert set(LinjuError.__subclasses__()) == set(STATUS)


def test_every_code_has_a_sentence():
    assert codes() - set(SENTENCES) == set()


@pytest.mark.parametrize(
    "told", [SENTENCES, REASONS, MENDS, FIELDS], ids=["errors", "reasons", "mends", "fields"]
)
def test_every_sentence_has_its_chinese(told):
    chinese = catalog("zh")
    missing = [s for s in told.values() if not (chinese.get(s) and chinese.get(s).string)]
    assert missing == []


def test_every_reason_of_a_report_can_be_told():
    assert set(exchange.REASONS) == set(REASONS)
    assert {mend for _, mend in exchange.REASONS.values()} == set(MENDS)


def test_a_page_apologises_and_an_api_tells_the_code(client):
    page, told = client.get("/nowhere"), client.get("/api/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert told.get_json(force=True)["title"] == "not_found"


def test_an_absent_store_is_said_and_harms_no_page(client, monkeypatch):
    def away(*_args, **_told):
        raise Unavailable("store_unreachable")

    monkeypatch.setattr(Store, "reading", away)
    monkeypatch.setattr(Store, "revision", away)
    assert client.get("/healthz").status_code == 200
    for path in ("/", "/matrix", "/api/merchants", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_mistake_of_ours_tells_no_secret(client, monkeypatch):
    def broken(*_args, **_told):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(Store, "revision", broken)
    answer = client.get("/api/merchants")
    assert answer.status_code == 500
    assert b"swordfish" not in answer.data


def test_a_script_of_a_page_reads_a_refusal_as_json(client):
    told = client.get("/nowhere", headers={"Accept": "application/json"})
    assert told.get_json(force=True)["title"] == "not_found"
