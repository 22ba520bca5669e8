"""Headers on every answer, and what text of people can never do."""

import re

import pytest

from geodata import merchants, proposals
from geodata.policy import RESIDENT
from geodata.proposals import Contact
from tests import people
from tests.factories import ADMIN, HOSTILE, entry
from webmap import create_app
from webmap.config import Settings

PAGES = [
    "/",
    "/?mode=elder&lang=en",
    "/map.js",
    "/words.js",
    "/matrix",
    "/poster",
    "/matrix/report",
    "/api/merchants",
    "/api/nowhere",
    "/nowhere",
    "/healthz",
    "/static/css/base.css",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_bears_the_headers(client, path):
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [page for page in PAGES if "." not in page])
def test_no_page_has_a_script_or_a_style_of_its_own(client, path):
    page = client.get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "<style" not in page
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)


def test_no_word_of_a_merchant_is_in_what_folium_writes(client, store):
    for text in HOSTILE:
        with store.writing() as tx:
            merchants.add(tx, entry(text, address=text), actor=ADMIN)
    script = client.get("/map.js").text
    assert "49" not in re.findall(r"\b49\b", script)
    for text in HOSTILE:
        assert text not in script


def test_no_page_links_to_another_host(client):
    for path in ("/", "/matrix", "/poster", "/nowhere"):
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", client.get(path).text)


@pytest.mark.parametrize(
    "url, origin",
    [
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
        ("http://10.0.0.5:8080/{z}/{x}/{y}.png", "http://10.0.0.5:8080"),
        ("tianditu", "https://*.tianditu.gov.cn"),
    ],
)
def test_an_operators_tiles_are_the_only_exception(instance, url, origin):
    app = create_app(Settings(instance=instance, tiles_url=url))
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    assert f"img-src 'self' data: {origin};" in policy
    assert policy.count("http") == 1
    app.extensions["linju_store"].close()


@pytest.mark.parametrize("query", ["endpoint=x", "_method=POST", "_external=1", "_anchor=zz"])
def test_an_address_cannot_steer_the_links_of_a_page(client, query):
    for path in ("/", "/matrix?", "/nowhere?"):
        answer = client.get(f"{path}{'' if path.endswith('?') else '?'}{query}")
        assert answer.status_code in {200, 404, 422}
        assert "#zz" not in answer.text
        assert 'href="http' not in answer.text


def test_what_is_asked_is_not_kept_without_end(app, client):
    cache = app.extensions["linju_answers"]
    client.get("/api/merchants?q=" + "x" * 90 + "&category=" + "," * 2000)
    assert len(cache.kept) == 0
    for number in range(50):
        client.get(f"/api/merchants?q=zzz{number}")
    assert cache.size >= 50 * 2000


def test_other_host_names_are_refused_where_some_are_set(instance):
    app = create_app(Settings(instance=instance, hosts="map.example, localhost"))
    ask = app.test_client().get
    assert ask("/healthz", headers={"Host": "map.example"}).status_code == 200
    assert ask("/healthz", headers={"Host": "localhost:8000"}).status_code == 200
    assert ask("/healthz", headers={"Host": "evil.example"}).status_code == 400
    app.extensions["linju_store"].close()


EVERYBODYS = ("/", "/matrix", "/merchants/new", "/nowhere")
THEIRS = {
    "admin": (
        "/closures",
        "/review",
        "/files",
        "/categories",
        "/accounts",
        "/account",
        "/accounts/log",
    ),
    "worker": ("/review", "/files", "/account", "/account/codes", "/accounts"),
    "shop": ("/mine", "/account"),
}


class TestWhoSitsThereNext:
    @pytest.mark.parametrize("who", THEIRS)
    def test_no_page_of_somebody_signed_in_is_kept_by_the_browser(self, app, who):
        client = people.signed_in(app, who)
        for path in (*EVERYBODYS, *THEIRS[who]):
            answer = client.get(path)
            assert (answer.mimetype, answer.status_code < 500) == ("text/html", True), path
            assert answer.headers["Cache-Control"] == "no-store", path

    def test_nor_one_that_a_private_link_opens(self, app, store):
        with store.writing() as tx:
            made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
        client = people.holding(app, made.token)
        paths = ("/mine", f"/merchants/{made.merchant}/edit", f"/merchants/{made.merchant}/history")
        for path in (*paths, *EVERYBODYS):
            assert client.get(path).headers["Cache-Control"] == "no-store", path

    def test_what_is_everybodys_is_still_asked_for_by_its_tag(self, app):
        page = app.test_client().get("/")
        assert page.headers["Cache-Control"] == "no-cache"
        assert "Cookie" not in page.headers.get("Vary", "")
        for client in (app.test_client(), people.signed_in(app, "worker")):
            first = client.get("/api/merchants?bbox=123.4,41.7,123.5,41.8")
            assert first.headers["Cache-Control"] == "no-cache"
            again = client.get(
                first.request.full_path, headers={"If-None-Match": first.headers["ETag"]}
            )
            assert again.status_code == 304
