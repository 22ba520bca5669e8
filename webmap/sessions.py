"""Who asks: the cookie of a browser, the token of a program, and what keeps both from abuse.

The cookie is signed, and holds a token of :mod:`geodata.keys` (a session's or a private
link's), the CSRF secret, and the ids of the accounts that signed in with this browser. What the
token opens is decided by the store at each request, so that it can be ended at once.
"""

import ipaddress
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import cast, override

from flask import Blueprint, Flask, Response, g, jsonify, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.exceptions import Forbidden, Unauthorized

from geodata import accounts, keys
from geodata.errors import Unavailable
from geodata.keys import Kind
from geodata.policy import RESIDENT, Actor, Role
from geodata.store import Store

COOKIE = "linju"
_TOKEN, _KNOWN = "token", "known"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SECRET_BYTES = 32
_KNOWN_MOST = 8  # accounts that one browser is remembered for

bp = Blueprint("sessions", __name__)
_csrf = CSRFProtect()


class _Cookies(SecureCookieSessionInterface):
    """Cookies that are Secure wherever the browser came over TLS."""

    @override
    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask, store: Store, secret_file: Path) -> None:
    """Give an application its sessions, and guard every writing request against forgery."""
    app.config.update(
        SECRET_KEY=_secret(secret_file),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=400),
        # An answer on its way while somebody signs in or out must not put the former one back.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,
        # It lives as long as the session that it belongs to: a form may stay open for hours.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = _Cookies()
    _csrf.init_app(app)
    app.register_blueprint(bp)

    @app.before_request
    def guarded() -> None:
        g.linju_store = store
        if _bearer() and actor().role == Role.RESIDENT:
            raise Unauthorized
        if request.method in _SAFE or request.endpoint is None:
            return
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden
        # Asked within a view's transaction, noting the use of a key would wait for that very one.
        actor()
        # A token is put into a request on purpose, and a program without a cookie acts as a
        # resident, as anybody may: neither lends a stranger's page anything.
        if _bearer() or (request.path.startswith("/api/") and COOKIE not in request.cookies):
            return
        _csrf.protect()


def actor() -> Actor:
    """Return who asks; a resident where nothing says more."""
    if "linju_actor" not in g:
        g.linju_actor = _actor()
    return cast("Actor", g.linju_actor)


def token() -> str:
    """Return the token in the browser's cookie, or ""."""
    return str(session.get(_TOKEN, ""))


def held() -> bool:
    """Tell whether the browser came with a token: one that has signed in, or opened a link."""
    return COOKIE in request.cookies and bool(token())


def begin(opened: str, account: str = "") -> None:
    """Let the browser hold a token from now on, in a session that begins anew.

    ``account`` is remembered as one that signed in here.
    """
    known = known_accounts()
    session.clear()
    session.permanent = True
    session[_TOKEN] = opened
    # The newest stay: a list, because a set forgets which those are.
    session[_KNOWN] = [one for one in dict.fromkeys([*known, account]) if one][-_KNOWN_MOST:]
    g.pop("linju_actor", None)
    g.pop("csrf_token", None)


def end() -> None:
    """Let the browser hold no token any more."""
    known = known_accounts()
    session.clear()
    if known:
        session.permanent = True
        session[_KNOWN] = known
    g.pop("linju_actor", None)
    g.pop("csrf_token", None)


def known_accounts() -> list[str]:
    """Return the ids of the accounts that signed in with this browser before."""
    return [str(one) for one in session.get(_KNOWN, ())]


def network(v4: int = 24, v6: int = 48) -> str:
    """Return where the request comes from: so many bits of its address, few enough to name nobody.

    On a socket for both kinds an IPv4 address comes inside one of IPv6.
    """
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    bits = v4 if isinstance(address, ipaddress.IPv4Address) else v6
    return str(ipaddress.ip_network((address, bits), strict=False))


@bp.get("/session")
def told() -> Response:
    """Tell a page's script who it is for, and the token that its writing requests must bear."""
    who = actor()
    answer = jsonify(
        csrf=generate_csrf(),
        role=str(who.role),
        account=who.account,
        name=who.name if who.account else "",
        scope=who.scope,
        owns=sorted(who.owns),
    )
    answer.cache_control.no_store = True
    return answer


def _actor() -> Actor:
    where = network()
    told = _bearer()
    kinds = (Kind.TOKEN,) if told else (Kind.SESSION, Kind.LINK)
    opened = told or (token() if held() else "")
    if not opened:
        return Actor(RESIDENT.name, RESIDENT.role, network=where)
    store: Store = g.linju_store
    with store.reading() as tx:
        found = accounts.actor_of(tx, opened, *kinds, network=where)
        row = keys.find(tx, opened, *kinds)
    if found is None or row is None:
        return Actor(RESIDENT.name, RESIDENT.role, network=where)
    if not accounts.touched(row):
        _touch(store, opened)
    return found


def _touch(store: Store, opened: str) -> None:
    try:
        with store.writing() as tx:
            accounts.touch(tx, opened)
    except Unavailable:
        # A full disk must not keep anybody from reading.
        return


def _bearer() -> str:
    told = request.headers.get("Authorization", "")
    return told.removeprefix("Bearer ").strip() if told.startswith("Bearer ") else ""


def _secret(file: Path) -> bytes:
    """Return the instance's key, made by whichever process comes first."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        part.touch(mode=0o600, exist_ok=False)
        part.write_bytes(secrets.token_bytes(_SECRET_BYTES))
        try:
            os.link(part, file)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return file.read_bytes()
