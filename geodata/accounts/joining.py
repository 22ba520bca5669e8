"""Coming to be: accounts made by an administrator, by an invitation, or out of a private link."""

from datetime import timedelta

from geodata import ids, keys, wording
from geodata.accounts.entering import SignedIn, session
from geodata.accounts.holding import actor_for, standing
from geodata.accounts.passwords import NewPassword
from geodata.accounts.rules import LONGEST_TITLE, account, check, folded, scope_of
from geodata.divisions import prefix
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.keys import Issued, Kind
from geodata.policy import Action, Actor, Role, require
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

INVITATION = timedelta(days=7)
LONGEST_TOKEN = timedelta(days=400)

_TITLES = "titles of tokens"


def create(
    tx: Writer,
    name: str,
    password: NewPassword,
    *,
    role: Role,
    scope: str = "",
    title: str = "",
    actor: Actor,
) -> str:
    """Make an account and return its id; the first administrator comes from the command line.

    Raises
    ------
    Invalid
        ``account_invalid``: details map name, title, password, role or scope to a reason.
    Conflict
        ``account_name_taken``.
    """
    scope = scope_of(scope)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    account_id = _make(tx, name, password, role, scope, title)
    tx.note("account_create", by=actor, target=account_id, area=scope)
    return account_id


def invite(tx: Writer, *, role: Role, scope: str = "", title: str = "", actor: Actor) -> Issued:
    """Make an invitation: whoever has its token makes one account with it, within a week.

    Whose shop is a merchant's, :func:`geodata.merchants.entrust` says.

    Raises
    ------
    Invalid
        ``account_invalid``, as :func:`create` tells.
    """
    actor, scope = standing(tx, actor), scope_of(scope)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    check(role=role, title=title)
    told = {"role": str(role), "scope": scope}
    title = wording.typed(title)
    made = keys.issue(tx, Kind.INVITATION, by=actor, lifetime=INVITATION, title=title, **told)
    tx.note("invite", by=actor, target=made.id, area=scope)
    return made


def invitation(tx: Reader, token: str) -> Values:
    """Return what an invitation is for: role, scope, title.

    Raises
    ------
    NotFound
        ``invitation_not_valid``: used, expired, ended, or none.
    """
    row = keys.find(tx, token, Kind.INVITATION)
    if row is None:
        raise NotFound("invitation_not_valid")
    return row


def join(
    tx: Writer,
    token: str,
    name: str,
    password: NewPassword,
    *,
    title: str = "",
    network: str = "",
) -> SignedIn:
    """Use an invitation up: make the account that it is for, and begin its first session.

    Raises
    ------
    NotFound
        ``invitation_not_valid``.
    Invalid, Conflict
        As :func:`create` tells; the invitation stays.
    """
    row = invitation(tx, token)
    if not keys.end(tx, id=row["id"]):
        raise NotFound("invitation_not_valid")
    role = Role(row["role"])
    account_id = _make(tx, name, password, role, row["scope"], title or row["title"])
    return _entered(tx, account_id, network, what="join", target=account_id, area=row["scope"])


def claim(
    tx: Writer, merchant_id: str, name: str, password: NewPassword, *, actor: Actor
) -> SignedIn:
    """Make an account out of a private link: its holder signs in by name from now on.

    The account lies in the shop's community, whose administrators look after it.

    Raises
    ------
    Forbidden
        ``forbidden``: not the owner, or one who has an account.
    Conflict
        ``merchant_owned`` by another account already.
    """
    actor, row = standing(tx, actor), tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_AMEND, area=row["area"], merchant=merchant_id)
    if actor.role != Role.MERCHANT or actor.account:
        raise Forbidden("forbidden", role=str(actor.role))
    if row["owner"]:
        raise Conflict("merchant_owned", key=merchant_id)
    scope = prefix(row["area"][:12]) if row["area"] else ""
    account_id = _make(tx, name, password, Role.MERCHANT, scope, row["name"][:LONGEST_TITLE])
    keys.end(tx, merchant=merchant_id, kind=str(Kind.LINK))
    by = Actor("linju", Role.ADMIN)
    tx.update_many("merchant", [(row, {"owner": account_id})], by=by, action="entrust")
    return _entered(
        tx, account_id, actor.network, what="claim", target=merchant_id, area=row["area"]
    )


def issue_token(tx: Writer, title: str, *, scope: str, lifetime: timedelta, actor: Actor) -> Issued:
    """Make a machine's token: it acts as a worker of the scope until it expires or is ended.

    Raises
    ------
    Invalid
        ``account_invalid``: details map title, scope or lifetime to a reason; ``taken`` is a
        title that a token in use has: history and log tell machines apart by their titles.
    """
    actor, scope = standing(tx, actor), scope_of(scope)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    title = wording.typed(title)
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid("account_invalid", title="missing" if not title else "too_long")
    if not timedelta(0) < lifetime <= LONGEST_TOKEN:
        raise Invalid("account_invalid", lifetime="out_of_range")
    tx.hold(_TITLES)
    in_use = tx.records("key", kind=str(Kind.TOKEN), ended="")
    if any(keys.valid(row) and folded(row["title"]) == folded(title) for row in in_use):
        raise Invalid("account_invalid", title="taken")
    told = {"role": str(Role.WORKER), "scope": scope, "title": title}
    made = keys.issue(tx, Kind.TOKEN, by=actor, lifetime=lifetime, **told)
    tx.note("token_issue", by=actor, target=made.id, area=scope)
    return made


def _make(tx: Writer, name: str, password: NewPassword, role: Role, scope: str, title: str) -> str:
    name = folded(name)
    check(name=name, password=password.text, role=role, title=title)
    if tx.records("account", name=name):
        raise Conflict("account_name_taken", name=name)
    (account_id,) = ids.fresh(1)
    blank = {"totp": "", "totp_used": 0, "disabled": False, "created": now(), "changed": now()}
    row = {"id": account_id, "name": name, "title": wording.typed(title), "role": str(role)}
    try:
        tx.put("account", blank | row | {"scope": scope, "password": password.kept})
    except Conflict as error:
        # Somebody took the name while this one was looking.
        raise Conflict("account_name_taken", name=name) from error
    return account_id


def _entered(tx: Writer, account_id: str, network: str, *, what: str, **told: str) -> SignedIn:
    row = account(tx, account_id)
    actor = actor_for(tx, row, network)
    tx.note(what, by=actor, **told)
    return SignedIn(session(tx, row, actor), account_id, 0)
