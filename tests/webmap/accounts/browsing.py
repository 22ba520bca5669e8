"""Browsers without scripts, for the tests of accounts: forms are filled in as they stand."""

import html
import re
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import people

PASSWORD = people.PASSWORD
NEW = "quite another password"


def forms(page: str) -> list[str]:
    """Return the forms of a page that write."""
    return re.findall(r'<form\b[^>]*method="post".*?</form>', page, re.DOTALL)


def token_of(client: FlaskClient) -> str:
    """Return the token that a form of the client's browser bears."""
    return client.get("/session").get_json()["csrf"]


def send(client: FlaskClient, path: str, address: str = "203.0.113.7", **told: str) -> TestResponse:
    """Send a form as a browser does."""
    told["csrf_token"] = token_of(client)
    return client.post(path, data=told, environ_base={"REMOTE_ADDR": address})


def sign_in(client: FlaskClient, name: str = "worker", password: str = PASSWORD, **told: str):
    """Sign in by name and password."""
    return send(client, "/sign-in", name=name, password=password, **told)


def at_the_door(app: Flask, name: str) -> FlaskClient:
    """Return a browser in which one of the people has signed in through the door."""
    people.hire(app.extensions["linju_store"], name)
    client = app.test_client()
    assert sign_in(client, name).status_code == 303
    return client


def role(client: FlaskClient) -> str:
    """Return as what the client is here."""
    return client.get("/session").get_json()["role"]


def shown_once(answer: TestResponse) -> str:
    """Return what a page shows once."""
    found = re.search(r'class="once-words" value="([^"]+)"', answer.text)
    assert found, answer.text
    return html.unescape(found.group(1))


def invited(client: FlaskClient, **told: str) -> str:
    """Make an invitation by the form and return its token; for all areas unless one is told."""
    told = {"role": "worker"} | told | ({} if "scope" in told else {"everywhere": "yes"})
    link = shown_once(send(client, "/accounts/invite", **told))
    return urlsplit(link).fragment
