"""One worker's round on a phone: for staff, and for who holds a link; also while offline."""

from datetime import timedelta
from typing import Annotated, Any

from flask import Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, Field

from geodata import keys, rounds
from geodata.errors import NotFound
from geodata.keys import Kind
from geodata.policy import RESIDENT
from geodata.rounds import Saved, Status
from geodata.store import Reader
from webmap import i18n, limits, sent
from webmap.answers import Answer, Body, Parameters, Written, api, write
from webmap.incident import Place
from webmap.request import current_actor, store, vault
from webmap.rounds.blueprint import bp, writing
from webmap.rounds.documents import ToldDocument, called_of, passed_over, told_documents, trouble
from webmap.rounds.kept import NOT_UNDER_WAY, Ticks

NO_LINK = {404: "The token is of no link, or the link has ended"}

_KEPT = timedelta(hours=12)
"""So long after the working time a phone keeps what it was shown."""


class WalkStop(BaseModel):
    """A visit: what it is called, where, when, and the way there."""

    id: str
    title: str
    note: str
    at: Place
    minutes: int
    windows: list[tuple[AwareDatetime, AwareDatetime]]
    arrive: AwareDatetime
    begin: AwareDatetime
    leave: AwareDatetime
    duration_s: int
    distance_m: float


class WalkDocument(BaseModel):
    """One worker's round, in order, and how its visits went; to be forgotten at ``until``.

    ``trouble`` says so where what was typed about its visits does not open.
    """

    name: str
    day: str
    status: Status
    worker: str
    mode: str
    depart: AwareDatetime
    finish: AwareDatetime
    until: AwareDatetime
    stops: list[WalkStop]
    told: dict[str, ToldDocument]
    trouble: str


class TickedWalk(WalkDocument):
    """One worker's round; ``passed_over`` are visits told of that it does not have."""

    passed_over: list[str]


class Token(Body):
    """What opens a round for who has no account: the part of a link behind its #."""

    token: Annotated[str, Field(max_length=100)]


class TokenTicks(Token):
    """How visits went, told by who holds a link."""

    ticks: Ticks


@bp.get("/rounds/<round_id>/<int:number>")
def walk(round_id: str, number: int) -> ResponseReturnValue:
    """Show a worker's round on a phone; what it holds comes by a script, which keeps it."""
    with store().reading() as tx:
        one = rounds.get(tx, round_id, actor=current_actor())
    _known(one, number)
    asks: dict[str, Any] = {"round_id": round_id, "lang": i18n.language()}
    return _page(
        walk_url=url_for(".walk_round", number=number, **asks),
        ticks_url=url_for(".tick_off", **asks),
        back=round_id,
    )


@bp.get("/round")
def shared() -> ResponseReturnValue:
    """Show the round of whoever holds a link: its token stands behind the #."""
    asks: dict[str, Any] = {"lang": i18n.language()}
    return _page(
        walk_url=url_for(".shared_walk", **asks),
        ticks_url=url_for(".tick_shared", **asks),
        back="",
    )


def _page(**told: str) -> ResponseReturnValue:
    # The phone keeps this page for when it is offline: of who asked stands the account's id in it.
    whose = "" if not told["back"] else current_actor().account
    return render_template("rounds/walk.html", actor=RESIDENT, desks=[], whose=whose, **told)


@bp.get("/round-offline.js")
def offline() -> Response:
    """Serve the script by which a phone keeps the pages of rounds: it must lie above them."""
    answer = current_app.send_static_file("js/round-offline.js")
    answer.cache_control.no_cache = True
    return answer


@api(bp, "/api/rounds/kept/<round_id>/workers/<number>", answers=WalkDocument, private=True)
def walk_round(_asked: Parameters, round_id: str, number: str) -> Answer:
    """Return one worker's round, in order, and how its visits went; the first has number 1."""
    with store().reading() as tx:
        one = rounds.get(tx, round_id, actor=current_actor())
        return Answer(_walk(tx, one, _known(one, number)))


@write(
    bp,
    "POST",
    "/api/round",
    answers=WalkDocument,
    statuses={200: "The round of the link's worker"},
    limit=limits.FOLLOW,
    refuses=NO_LINK,
)
def shared_walk(told: Token) -> Written:
    """Return the round that a link shows, to who holds it."""
    with store().reading() as tx:
        _counted(tx, told.token)
        one, number = rounds.shared(tx, told.token)
        return Written(_walk(tx, one, number))


@write(
    bp,
    "POST",
    "/api/round/ticks",
    answers=TickedWalk,
    statuses={200: "How the visits stand now"},
    limit=limits.FOLLOW,
    refuses=NO_LINK | NOT_UNDER_WAY,
)
def tick_shared(told: TokenTicks) -> Written:
    """Tell how visits of a link's round went; of each the last told by its own moment stands."""
    # Whoever guesses keeps nobody from writing.
    with store().reading() as tx:
        _counted(tx, told.token)
        rounds.shared(tx, told.token)
    with writing() as tx:
        ticks = [one.tick() for one in told.ticks]
        rounds.tick_shared(tx, told.token, ticks, vault=vault())
        one, number = rounds.shared(tx, told.token)
        made = _walk(tx, one, number)
        return Written(made | {"passed_over": passed_over(ticks, made["told"])})


def _counted(tx: Reader, token: str) -> None:
    """Let who follows a round ask often, and who holds nothing that opens one seldom."""
    if keys.find(tx, token.strip(), Kind.SHARE) is None:
        limits.within(limits.OPEN_LINK)


def _known(one: Saved, number: int | str) -> int:
    """Return a worker's number from 0, if there is such a worker."""
    told = sent.whole(str(number))
    if not 1 <= told <= len(one.workers):
        raise NotFound("round_not_found", key=one.id)
    return told - 1


def _walk(tx: Reader, one: Saved, number: int) -> dict[str, Any]:
    one = rounds.opened(tx, one, vault())
    tour, worker = one.solution.rounds[number], one.workers[number]
    visits = {visit.id: visit for visit in one.visits}
    mine = {stop.visit for stop in tour.stops}
    states = {
        key: told for key, told in rounds.progress(tx, one.id, vault()).items() if key in mine
    }
    return {
        "name": one.name,
        "day": one.day,
        "status": one.status,
        "worker": worker.name,
        "mode": worker.mode,
        "depart": tour.depart,
        "finish": tour.finish,
        "until": worker.until + _KEPT,
        "told": told_documents(tx, states),
        "trouble": trouble(one),
        "stops": [
            {
                "id": stop.visit,
                "title": called_of(one, stop.visit).title,
                "note": called_of(one, stop.visit).note,
                "at": visits[stop.visit].at,
                "minutes": visits[stop.visit].minutes,
                "windows": visits[stop.visit].windows,
                "arrive": stop.arrive,
                "begin": stop.begin,
                "leave": stop.leave,
                "duration_s": stop.duration_s,
                "distance_m": round(stop.distance_m, 1),
            }
            for stop in tour.stops
        ],
    }
