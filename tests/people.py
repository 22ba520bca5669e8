"""People with accounts, signed in without going through the door."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, sessions
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from geodata import accounts
from geodata.policy import Role
from geodata.store import Store
from tests.factories import ADMIN
from webmap.openapi import describe

PASSWORD = "泉富社区 correct horse"

SCOPES = {
    "worker": (Role.WORKER, "210103006"),
    "stranger": (Role.WORKER, "210106"),
    "admin": (Role.ADMIN, ""),
    "shop": (Role.MERCHANT, ""),
}
"""Names of people, with the role and scope that each has."""


def hire(store: Store, name: str) -> str:
    """Make the account of one of the people, once, and return its id."""
    role, scope = SCOPES[name]
    with store.writing() as tx:
        known = tx.records("account", name=name)
        if known:
            return str(known[0]["id"])
        new = accounts.NewPassword(PASSWORD)
        told = {"role": role, "scope": scope, "title": name, "actor": ADMIN}
        return accounts.create(tx, name, new, **told)


def session_of(store: Store, name: str) -> str:
    """Return the token of a new session of one of the people."""
    hire(store, name)
    with store.reading() as tx:
        who = accounts.candidate(tx, name)
    with store.writing() as tx:
        begun = accounts.sign_in(tx, who, proven=True)
    assert begun is not None
    return begun.session.token


def signed_in(app: Flask, name: str) -> FlaskClient:
    """Return a client that one of the people is signed in with."""
    return holding(app, session_of(app.extensions["linju_store"], name))


def holding(app: Flask, token: str) -> FlaskClient:
    """Return a client whose cookie holds a token: a session's, or a private link's."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["token"] = token
    return client


def csrf(client: FlaskClient) -> dict[str, str]:
    """Return the header that a writing request of the client needs."""
    return {"X-CSRF-Token": client.get("/session").get_json()["csrf"]}


def led_to_the_door(answer: TestResponse) -> bool:
    """Tell whether a page led to the sign-in, as it does for who is not signed in."""
    way = urlsplit(answer.location or "")
    return (answer.status_code, way.netloc, way.path) == (303, "", "/sign-in")


def cookie(instance: Path, token: str) -> str:
    """Return the cookie that holds a token, signed with the key of a running instance."""
    app = Flask("linju")
    app.secret_key = (instance / "secret").read_bytes()
    signer = sessions.SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps({"token": token, "_permanent": True}))


def conforms(answer, path: str, method: str) -> None:
    """Compare an answer with what the OpenAPI document says of it."""
    document = describe()
    told = document["paths"][path][method]["responses"][str(answer.status_code)]
    schema = told["content"][answer.mimetype]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema).validate(answer.get_json(force=True))
