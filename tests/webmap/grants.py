"""Who may ask what: a line for every route and method, and every command.

``may`` names who passes (see :data:`tests.webmap.test_permissions.PEOPLE`); everybody else must
be refused. A new route needs a line here, or test_permissions.py fails.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.factories import CENTRE
from tests.people import PASSWORD

ALL = frozenset(
    [
        "resident",
        "link",
        "owner",
        "other",
        "worker",
        "stranger",
        "admin",
        "far_admin",
        "machine",
        "far_machine",
    ]
)
HERE = frozenset({"worker", "admin", "machine"})
"""Staff in whose scope the shop and everything about it lies."""

PEOPLE_HERE = HERE - {"machine"}
"""What no machine does."""

STAFF = HERE | {"stranger", "far_admin", "far_machine"}
"""Staff of anywhere: what shows one's own area only."""

OWNERS = HERE | {"owner", "link"}
"""Those by whom a shop is kept true; ``other`` owns another one."""

ADMINS = frozenset({"admin", "far_admin"})
ADMIN_HERE = frozenset({"admin"})

SIGNED_IN = frozenset({"owner", "other", "worker", "stranger", "admin", "far_admin"})
"""Those with accounts; a link and a machine have none."""

World = Mapping[str, Any]
"""The ids and versions of what the office holds; see test_permissions.py."""


@dataclass(frozen=True, slots=True)
class Line:
    """A route and method, who may, and what the answer is to those and to all others.

    ``ok`` is the status for who may; ``refused`` for who may not, and ``otherwise`` for those
    among them who get another one. ``sent`` are arguments of the test client, made from what
    the office holds; ``at`` are values of the rule that are not in :data:`World`.
    """

    method: str
    rule: str
    may: frozenset[str] = ALL
    ok: int = 200
    refused: int = 403
    otherwise: Mapping[str, int] = field(default_factory=dict)
    sent: Callable[[World], Mapping[str, Any]] = lambda _: {}
    at: Mapping[str, str] = field(default_factory=dict)


def form(**told: str) -> Callable[[World], Mapping[str, Any]]:
    """Return what a form sends; ``{name}`` stands for what the office holds."""
    return lambda world: {"data": {k: v.format_map(world) for k, v in told.items()}}


def sent(**told: Any) -> Callable[[World], Mapping[str, Any]]:
    """Return what is sent as JSON; a text "{name}" stands for what the office holds."""

    def made(world: World) -> Mapping[str, Any]:
        held = {f"{{{name}}}": value for name, value in world.items()}
        return {"json": {k: held.get(v, v) if isinstance(v, str) else v for k, v in told.items()}}

    return made


def _changed(world: World) -> Mapping[str, Any]:
    return {"json": {"note": "新"}, "headers": {"If-Match": f'"{world["version"]}"'}}


def _file(_world: World) -> Mapping[str, Any]:
    return {"data": {"file": (io.BytesIO("名称,类别,经度,纬度\n".encode()), "shops.csv")}}


_SHOP = {"name": "新店", "category": "shopping", "lon": CENTRE[0], "lat": CENTRE[1]}
_TYPED = {name: str(value) for name, value in _SHOP.items()} | {"datum": "wgs84"}
_PLACE = {"lon": CENTRE[0], "lat": CENTRE[1]}
_NEW = "ein anderes 邻距 Wort"
_ACCOUNT = "/accounts/<account_id>"
SITED = {"area": "210103006012", "category": "clinic"}
_ITEM = "/review/items/<proposal_id>"
_ACT = _ITEM + "/<any(publish,return,merge,retire,dismiss,reopen):act>"


def _act(act: str, **told: Any) -> Line:
    seen = {"version": 1, "merchant_version": 1, "why": "因为"}
    return Line("POST", _ACT, HERE, sent=sent(**seen, **told), at={"act": act})


def public(*rules: str, **more: Any) -> list[Line]:
    """Return lines of what anybody may read."""
    return [Line("GET", rule, **more) for rule in rules]


MAP = [
    *public("/", "/map.js", "/words.js", "/session", "/healthz", "/readyz"),
    *public("/matrix", "/matrix.csv", "/matrix.xlsx"),
    *public("/poster", "/matrix/report"),
    *public("/matrix/left-out/map.js", "/matrix/what-if/map.js"),
    Line("GET", "/matrix/left-out", STAFF),
    Line("GET", "/matrix/what-if", STAFF),
    Line(
        "GET",
        "/matrix/left-out.<any(xlsx, geojson, gpkg):kind>",
        HERE,
        sent=lambda _: {"query_string": {"category": "clinic", "parent": "210103006012"}},
        at={"kind": "xlsx"},
    ),
    *public("/matrix/siting/map.js"),
    Line("GET", "/matrix/siting", STAFF),
    Line("POST", "/matrix/siting", HERE, ok=303, sent=form(**SITED, count="1", minutes="5")),
    Line("POST", "/matrix/siting/points", STAFF, sent=sent(text="geo:41.775,123.47")),
    Line("POST", "/matrix/siting/<job_id>/cancel", HERE, ok=303),
    Line(
        "GET",
        "/matrix/siting/<job_id>.<any(xlsx, geojson):kind>",
        HERE,
        ok=404,  # nothing is found yet
        at={"kind": "xlsx"},
    ),
    *public("/static/<path:filename>", at={"filename": "css/base.css"}),
    *public("/ground/<version>.pmtiles", at={"version": "no"}, ok=404),
]

API = [
    *public("/api/merchants", "/api/merchants/<merchant_id>", "/api/categories", "/api/areas"),
    *public("/api/matrix/history", "/matrix/changes"),
    *public(
        "/matrix/changes.<any(csv,xlsx):kind>",
        "/matrix/turnover.<any(csv,xlsx):kind>",
        at={"kind": "csv"},
    ),
    *public("/api/matrix", "/api/openapi.json"),
    Line(
        "GET",
        "/api/matrix/left-out",
        HERE,
        sent=lambda _: {"query_string": {"category": "clinic", "area": "210103006012"}},
    ),
    Line("POST", "/api/matrix/what-if", STAFF, sent=sent(reading="count", off=["{merchant_id}"])),
    Line("POST", "/api/matrix/siting", HERE, ok=202, sent=sent(**SITED)),
    Line("GET", "/api/jobs/<job_id>", HERE),
    Line("DELETE", "/api/jobs/<job_id>", HERE),
    *public("/api/homes", sent=lambda _: {"query_string": {"q": "泉园"}}),
    *public(
        "/api/nearest", "/api/reach", sent=lambda _: {"query_string": {"from": "123.47,41.775"}}
    ),
    *public(
        "/api/route",
        sent=lambda _: {"query_string": {"from": "123.47,41.775", "to": "123.475,41.78"}},
    ),
    Line("POST", "/api/merchants", ok=201, sent=sent(**_SHOP)),
    Line(
        "PATCH",
        "/api/merchants/<merchant_id>",
        OWNERS,
        sent=_changed,
        # Not trusted by themselves, owners propose.
        otherwise={"owner": 202, "link": 202},
    ),
    Line("GET", "/api/merchants/<merchant_id>/history", OWNERS),
    Line("POST", "/api/merchants/<merchant_id>/reports", ok=202, sent=sent(what="phone")),
]

DRAWN = {
    "geometry": {"type": "Point", "coordinates": list(CENTRE)},
    "reason": "管道维修",
    "until": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
}

CLOSURES = [
    *public("/api/closures"),
    Line("POST", "/api/closures", HERE, ok=201, sent=sent(**DRAWN)),
    Line(
        "PATCH",
        "/api/closures/<closure_id>",
        HERE,
        sent=lambda _: {"json": {"public": True}, "headers": {"If-Match": '"1"'}},
    ),
    Line("GET", "/closures", STAFF),
    Line("GET", "/closures/map.js"),
    Line("POST", "/closures/touched", HERE, sent=sent(geometry=DRAWN["geometry"])),
    Line("GET", "/closures/<closure_id>/history", STAFF),
    # Lifted, nothing else can be done with it.
    Line("DELETE", "/api/closures/<closure_id>", HERE),
]

INCIDENT = {"at": list(CENTRE), "scenario": "medical"}

EMERGENCY = [
    *public("/api/scenarios"),
    Line("GET", "/emergency", STAFF),
    Line("GET", "/emergency/map.js"),
    Line("POST", "/api/emergency/answer", STAFF, sent=sent(**INCIDENT)),
    Line(
        "POST",
        "/api/emergency/ways",
        STAFF,
        sent=sent(**INCIDENT, merchant="{merchant_id}", mode="foot"),
    ),
]

ROUND = {
    "workers": [
        {
            "name": "王姐",
            "start": list(CENTRE),
            "from": "2026-11-25T08:00:00+08:00",
            "until": "2026-11-25T12:00:00+08:00",
        }
    ],
    "visits": [{"id": "3号楼", "at": list(CENTRE), "minutes": 15}],
}

_KEPT = "/api/rounds/kept"
_ROUND = "/rounds/<round_id>"
_OWN = {"number": "1"}
_UNDER_WAY = {"round_id": "{under_way}"}
_TICKS = [{"visit": "a", "state": "done", "at": "2026-11-25T09:12:00+08:00"}]


def _keeping(_world: World) -> Mapping[str, Any]:
    return {"json": ROUND | {"name": "走访"}, "headers": {"If-Match": '"1"'}}


ROUNDS = [
    Line("POST", "/api/rounds", STAFF, sent=sent(**ROUND)),
    Line("POST", "/api/rounds/homes", STAFF, sent=sent(words="泉园")),
    Line("POST", "/api/rounds/sheet", STAFF, sent=sent(text="1号楼")),
    Line("POST", _KEPT, HERE, ok=201, sent=sent(**ROUND, name="走访")),
    Line("GET", _KEPT, STAFF),
    Line("GET", _KEPT + "/<round_id>", HERE),
    Line("GET", _KEPT + "/<round_id>/progress", HERE),
    Line("GET", _KEPT + "/<round_id>/workers/<number>", HERE, at=_OWN),
    Line("PATCH", _KEPT + "/<round_id>/plan", HERE, sent=_keeping),
    Line(
        "PATCH",
        _KEPT + "/<round_id>",
        HERE,
        sent=lambda _: {"json": {"name": "新名"}, "headers": {"If-Match": '"1"'}},
    ),
    Line("POST", _KEPT + "/<round_id>/ticks", HERE, sent=sent(ticks=_TICKS), at=_UNDER_WAY),
    Line(
        "POST",
        _KEPT + "/<round_id>/urgent",
        HERE,
        at=_UNDER_WAY,
        sent=sent(visit={"id": "u", "at": list(CENTRE), "minutes": 5}),
    ),
    # Whoever holds a link's token.
    Line("POST", "/api/round", sent=sent(token="{round_token}")),
    Line("POST", "/api/round/ticks", sent=sent(token="{round_token}", ticks=_TICKS)),
    *public("/round", "/round-offline.js"),
    *public("/rounds/<any(new,one,sheet):part>/map.js", at={"part": "new"}),
    Line("GET", "/rounds", STAFF),
    Line("GET", "/rounds/new", STAFF),
    Line("GET", _ROUND, HERE),
    Line("GET", _ROUND + "/<int:number>", HERE, at=_OWN),
    Line("GET", _ROUND + "/<int:number>/sheet", HERE, at=_OWN),
    Line("GET", _ROUND + "/<int:number>/gpx", HERE, at=_OWN),
    Line("POST", _ROUND + "/step", HERE, ok=303, sent=form(status="accepted", version="1")),
    # A link ends with who made it: a machine has no account.
    Line("POST", _ROUND + "/<int:number>/share", PEOPLE_HERE, at=_OWN),
    # The key is of something else: who may is told so.
    Line("POST", _ROUND + "/links/<key_id>/end", HERE, ok=404),
    Line("DELETE", _KEPT + "/<round_id>", HERE),
    Line("POST", _ROUND + "/erase", HERE, ok=303, at=_UNDER_WAY),
]
_PLAN = "/plans/<plan_id>"

PLANS = [
    Line("POST", "/api/plans", HERE, ok=201, sent=sent(name="跑水", incident=INCIDENT)),
    Line("GET", "/api/plans", STAFF),
    Line("GET", f"/api{_PLAN}", HERE),
    Line("GET", f"/api{_PLAN}/now", HERE),
    Line(
        "PATCH",
        f"/api{_PLAN}",
        HERE,
        sent=lambda _: {
            "json": {"checklist": [{"item": 0, "done": True}]},
            "headers": {"If-Match": '"1"'},
        },
    ),
    Line("GET", "/plans", STAFF),
    Line("GET", _PLAN, HERE),
    Line("GET", _PLAN + "/state", HERE),
    Line("GET", _PLAN + "/print", HERE),
    Line("GET", _PLAN + ".gpx", HERE),
    Line("GET", _PLAN + ".geojson", HERE),
    # A link ends with the account that made it: a machine has none.
    Line("POST", _PLAN + "/links", HERE - {"machine"}, ok=303, sent=form(hours="24")),
    Line("GET", _PLAN + "/links/new", HERE),
    Line("POST", _PLAN + "/links/<key_id>/end", HERE, ok=303, at={"key_id": "{share_id}"}),
    *public("/plan", "/plan/map.js"),
    Line("POST", "/plan/open", sent=sent(token="{share}")),
]

_SCENARIO = {"scenario_id": "leak"}
_HAPPENED = {"name": "停气", "categories": "repair", "first": "foot", "helpers": "4", "rings": "5"}

SCENARIOS = [
    Line("GET", "/scenarios", ADMIN_HERE),
    Line("GET", "/scenarios/new", ADMIN_HERE),
    Line("GET", "/scenarios/<scenario_id>/edit", ADMIN_HERE, at=_SCENARIO),
    Line("POST", "/scenarios/new", ADMIN_HERE, ok=303, sent=form(**_HAPPENED)),
    Line(
        "POST",
        "/scenarios/<scenario_id>/edit",
        ADMIN_HERE,
        ok=303,
        sent=form(**_HAPPENED, version="0"),
        at=_SCENARIO,
    ),
    Line(
        "POST",
        "/scenarios/<scenario_id>/hidden",
        ADMIN_HERE,
        ok=303,
        sent=form(hidden="1"),
        at=_SCENARIO,
    ),
    Line("POST", "/scenarios/order", ADMIN_HERE, ok=303),
]

REGISTRATION = [
    *public("/merchants/new", "/merchants/new/receipt", "/merchants/new/map.js"),
    *public("/mine", "/mine/link"),
    Line("POST", "/merchants/new", ok=303, sent=form(**_TYPED, key="k" * 24)),
    Line("POST", "/merchants/new/receipt/forget", ok=303),
    Line("POST", "/merchants/new/place", sent=sent(**_PLACE)),
    Line("POST", "/merchants/new/alike", sent=sent(name="超市", **_PLACE)),
    Line("POST", "/merchants/new/code", sent=sent(code="91210103MA0UKPXF6K")),
    Line("POST", "/merchants/new/phones", sent=sent(phones=["024-23456789"])),
    Line("POST", "/merchants/new/hours", sent=sent(text="08:00-20:00")),
    Line("POST", "/mine/open", ok=303, sent=form(token="{token}")),
    Line("POST", "/mine/leave", ok=303),
    Line("POST", "/mine/<merchant_id>/withdraw", OWNERS - HERE, ok=303),
    # A link that staff hand out ends with who made it: a machine has no account.
    Line("POST", "/mine/<merchant_id>/link", OWNERS - {"machine"}, ok=303),
    Line("GET", "/merchants/<merchant_id>/edit", OWNERS),
    Line(
        "POST",
        "/merchants/<merchant_id>/edit",
        OWNERS,
        ok=303,
        sent=form(**_TYPED, version="{version}"),
    ),
    Line("POST", "/merchants/<merchant_id>/closed", OWNERS, ok=303, sent=form(until="2030-01-01")),
    Line(
        "POST",
        "/merchants/<merchant_id>/entrust",
        HERE,
        ok=303,
        sent=form(owner="other", trusted="yes", version="{version}"),
    ),
]

REVIEW = [
    Line("GET", "/review", STAFF),
    Line("GET", "/review/map.js"),
    Line("GET", "/review/queue", STAFF),
    Line("GET", _ITEM, HERE),
    _act("publish"),
    _act("return"),
    _act("merge", into="{merchant_id}"),
    _act("retire"),
    _act("dismiss"),
    Line("POST", _ACT, HERE, ok=409, sent=sent(version=1), at={"act": "reopen"}),
    Line("POST", "/review/contact/<merchant_id>", OWNERS),
    Line("GET", "/review/place", STAFF, sent=lambda _: {"query_string": _PLACE}),
    Line("GET", "/merchants/<merchant_id>/history", OWNERS),
    Line(
        "POST",
        "/merchants/<merchant_id>/history/undo",
        HERE,
        ok=303,
        sent=form(version="{version}"),
    ),
    Line(
        "POST",
        "/merchants/<merchant_id>/history/restore",
        HERE,
        ok=303,
        sent=form(version="{version}"),
    ),
]

_UPLOAD = "/files/<upload_id>"
_OTHERS = dict.fromkeys(STAFF - {"worker"}, 404)
"""An upload is its own person's; that there is one is not told to other staff."""


def _own_upload(method: str, rule: str, **more: Any) -> Line:
    return Line(method, _UPLOAD + rule, frozenset({"worker"}), otherwise=_OTHERS, **more)


FILES = [
    Line("GET", "/files", STAFF),
    Line("GET", "/files/export", STAFF, sent=lambda _: {"query_string": {"format": "csv"}}),
    Line("POST", "/files/upload", STAFF, ok=303, sent=_file),
    # Taken back already: who may is told so.
    Line("POST", "/files/imports/<batch>/undo", HERE, ok=409),
    _own_upload("GET", ""),
    _own_upload("GET", "/state"),
    _own_upload("GET", "/map.js"),
    _own_upload("GET", "/points.json"),
    _own_upload("GET", "/report.<kind>", at={"kind": "csv"}),
    _own_upload("POST", "/import", ok=409),  # among the demonstration nothing real is put
    _own_upload("POST", "/back", ok=303),
    _own_upload("POST", "/sheet", ok=303),
    _own_upload("POST", "/check", ok=303, sent=form(what="columns")),
    _own_upload("POST", "/discard", ok=303),  # the last: no transaction brings it back
]

ACCOUNTS = [
    *public("/join"),
    *public("/sign-in", otherwise=dict.fromkeys(SIGNED_IN, 303)),
    Line("POST", "/sign-in", ok=303, sent=form(name="worker", password=PASSWORD)),
    Line("POST", "/sign-out", ok=303),
    Line(
        "POST",
        "/join",
        ok=303,
        sent=form(token="{invitation}", name="neu", password=PASSWORD, again=PASSWORD),
    ),
    Line("POST", "/join/look", sent=form(token="{invitation}")),
    Line("GET", "/account", SIGNED_IN),
    Line("GET", "/account/password", SIGNED_IN),
    Line(
        "POST",
        "/account/password",
        SIGNED_IN,
        ok=303,
        sent=form(present=PASSWORD, password=_NEW, again=_NEW),
    ),
    Line("GET", "/account/codes", SIGNED_IN),
    Line("GET", "/account/codes.svg", SIGNED_IN),
    Line("POST", "/account/codes", SIGNED_IN, ok=303, sent=form(present=PASSWORD, off="yes")),
    Line("POST", "/account/sign-out-everywhere", SIGNED_IN, ok=303),
    # The shop of the table has an account: its link opens it, and claims it no more.
    Line("GET", "/account/claim/<merchant_id>", OWNERS),
    Line(
        "POST",
        "/account/claim/<merchant_id>",
        frozenset({"link"}),
        ok=409,
        sent=form(name="claimer", password=_NEW),
    ),
    Line("GET", "/accounts", ADMINS),
    Line("GET", "/accounts/invite", ADMINS),
    Line(
        "POST", "/accounts/invite", ADMINS, sent=form(role="worker", title="新人", everywhere="yes")
    ),
    Line("GET", "/accounts/tokens", ADMINS),
    Line("POST", "/accounts/tokens", ADMINS, sent=form(title="新表", days="3", everywhere="yes")),
    Line("GET", "/accounts/log", ADMINS),
    Line("POST", "/accounts/keys/<key_id>/end", ADMIN_HERE, ok=303),
    Line("GET", _ACCOUNT, ADMIN_HERE),
    Line(
        "POST",
        _ACCOUNT,
        ADMIN_HERE,
        ok=303,
        sent=form(role="worker", title="社工", scope="210103006"),
    ),
    Line("POST", _ACCOUNT + "/disable", ADMIN_HERE, ok=303),
    Line("POST", _ACCOUNT + "/enable", ADMIN_HERE, ok=303),
    Line("POST", _ACCOUNT + "/password", ADMIN_HERE),
    Line("POST", _ACCOUNT + "/codes-off", ADMIN_HERE, ok=303),
]

_KIND = {"name": "花店", "colour": "#CC79A7", "shape": "circle", "glyph": "花"}
_CATEGORY = {"category_id": "clinic"}

_ELDER = "/elders/<elder_id>"
_WHO = {"name": "王秀英"}

ELDERS = [
    Line("GET", "/elders", STAFF),
    Line("POST", "/elders", STAFF, sent=form(q="号楼")),
    Line("GET", "/elders/new", HERE, sent=lambda world: {"query_string": {"home": world["home"]}}),
    Line("GET", _ELDER, HERE, ok=303),
    # Names are seen, and written, by people.
    Line("POST", "/elders/new", PEOPLE_HERE, ok=303, sent=form(home="{home}", **_WHO)),
    Line("POST", _ELDER, PEOPLE_HERE),
    Line("POST", _ELDER + "/edit", PEOPLE_HERE, ok=303, sent=form(seen="{seen}", **_WHO)),
    Line("POST", _ELDER + "/remove", PEOPLE_HERE, ok=303),
]

# The legend is one for all areas: who changes it has everywhere for a scope.
CATEGORIES = [
    Line("GET", "/categories", ADMIN_HERE),
    Line("GET", "/categories/new", ADMIN_HERE),
    Line("GET", "/categories/<category_id>/edit", ADMIN_HERE, at=_CATEGORY),
    Line(
        "GET",
        "/categories/judge",
        ADMIN_HERE,
        sent=lambda _: {"query_string": {"colour": "#CC79A7", "group": "merchant"}},
    ),
    Line("POST", "/categories/new", ADMIN_HERE, ok=303, sent=form(**_KIND, group="merchant")),
    Line(
        "POST",
        "/categories/<category_id>/edit",
        ADMIN_HERE,
        ok=303,
        sent=form(version="1", name="卫生所"),
        at=_CATEGORY,
    ),
    Line(
        "POST",
        "/categories/<category_id>/hidden",
        ADMIN_HERE,
        ok=303,
        sent=lambda _: {"data": {"version-clinic": "1", "hidden": "1"}},
        at=_CATEGORY,
    ),
    # An order of none of them is stale.
    Line("POST", "/categories/order", ADMIN_HERE, ok=409),
]

TABLE = [
    *MAP,
    *API,
    *CLOSURES,
    *EMERGENCY,
    *SCENARIOS,
    *ELDERS,
    *ROUNDS,
    *PLANS,
    *REGISTRATION,
    *REVIEW,
    *FILES,
    *CATEGORIES,
    *ACCOUNTS,
]

COMMANDS = frozenset(
    {
        "accounts codes-off",
        "accounts create",
        "accounts disable",
        "accounts enable",
        "accounts invite",
        "accounts list",
        "accounts log",
        "accounts password",
        "areas import",
        "backup",
        "demo",
        "elders erase",
        "elders import",
        "elders new-key",
        "elders reseal",
        "elders status",
        "homes import",
        "matrix snapshot",
        "merchants erase",
        "merchants export",
        "merchants import",
        "plans erase",
        "restore",
        "roads build",
        "roads rollback",
        "roads status",
        "roads use",
        "rounds erase",
    }
)
"""All of them act as the operator, an administrator of everything: whoever may run them on the
machine owns the files anyway."""
