"""Words of accounts: roles, moments, networks, and what the access log has noted."""

from collections.abc import Iterable, Mapping

from geodata import accounts
from geodata.policy import Role
from geodata.store import Reader
from geodata.store.records import Values
from webmap.changes import who
from webmap.i18n import gettext, marked

ROLES: Mapping[Role, str] = {
    Role.WORKER: marked("Social worker"),
    Role.ADMIN: marked("Administrator"),
    Role.MERCHANT: marked("Merchant"),
}
"""What an account can be, the most usual first."""

NOTES: Mapping[str, str] = {
    "sign_in": marked("signed in"),
    "sign_in_failed": marked("wrong password for {target}"),
    "sign_out": marked("signed out"),
    "sign_out_everywhere": marked("signed out everywhere"),
    "join": marked("joined by an invitation"),
    "claim": marked("made an account for the shop {target}"),
    "account_create": marked("made the account {target}"),
    "account_edit": marked("changed role, area or title of {target}"),
    "account_disable": marked("disabled the account {target}"),
    "account_enable": marked("enabled the account {target}"),
    "password_change": marked("changed the own password"),
    "password_set": marked("gave {target} a new password"),
    "codes_on": marked("switched one-time codes on"),
    "codes_off": marked("switched the one-time codes of {target} off"),
    "invite": marked("made an invitation"),
    "token_issue": marked("made a machine's token"),
    "key_end": marked("ended an invitation or a token"),
    "contact_read": marked("looked at the contact of the shop {target}"),
    "link_hand_out": marked("made a new private link of the shop {target} to hand it on"),
    "link_renew": marked("renewed the private link of the shop {target}"),
    "plan_share": marked("shared the plan “{target}” by a link"),
    "plan_unshare": marked("ended a link of the plan “{target}”"),
    "plan_erase": marked("erased the plan {target} on legal request"),
    "round_share": marked("shared the round of visits “{target}” by a link"),
    "round_unshare": marked("ended a link of the round of visits “{target}”"),
    "round_erase": marked("deleted the round of visits {target}"),
    "proposal_reopen": marked("took the decision about a proposal back"),
    "import": marked("imported a file"),
    "undo_import": marked("undid an import"),
    "export": marked("exported merchants as {target}"),
    "merchant_erase": marked("erased the shop {target} on legal request"),
    "elder_read": marked("looked at the entry {target} of an elder living alone"),
    "elder_add": marked("entered an elder living alone: {target}"),
    "elder_edit": marked("changed the entry {target} of an elder living alone"),
    "elder_remove": marked("took the entry {target} of an elder living alone off the list"),
    "elder_erase": marked("erased the entry {target} of an elder living alone on legal request"),
    "elder_import": marked("entered {target} elders living alone from a file"),
    "elder_reseal": marked("sealed {target} entries of elders living alone with a new key"),
}
"""What the access log notes, as the rest of a sentence that begins with who did it."""


def role_name(role: str) -> str:
    """Return what a role is called."""
    return gettext(ROLES[Role(role)])


def by_whom(tx: Reader, lines: Iterable[Values]) -> list[tuple[str, str]]:
    """Return who did what each line tells: as people call them, and the name they sign in with."""
    found = [(str(line["by"]), str(line.get("role", ""))) for line in lines]
    titles = accounts.titles(tx, {name for name, _ in found})
    return [
        (who(name, role, titles) if name else gettext("somebody"), name if name in titles else "")
        for name, role in found
    ]


def both(title: str, name: str) -> str:
    """Return what somebody is called with the name to sign in with, where that is another."""
    return f"{title} ({name})" if title and title != name else name or title


def of_whom(tx: Reader, lines: Iterable[Values]) -> dict[str, str]:
    """Return what the accounts, shops and plans of the access log's lines are called, by id.

    Of elders living alone it is where they live, never who they are.
    """
    targets = sorted({str(line["target"]) for line in lines})
    shops = tx.rows("merchant", columns=("id", "name"), keys=targets)
    shops += tx.rows("plan", columns=("id", "name"), keys=targets)
    rows = tx.records("account", id=targets)
    titles = accounts.titles(tx, {row["name"] for row in rows})
    people = {row["id"]: both(titles.get(row["name"], ""), row["name"]) for row in rows}
    return {shop["id"]: shop["name"] for shop in shops} | people | _where(tx, targets)


def _where(tx: Reader, targets: list[str]) -> dict[str, str]:
    entries = tx.records("elder", id=targets, columns=("id", "home"))
    keys = sorted({entry["home"] for entry in entries})
    homes = {
        home["id"]: home["name"] for home in tx.rows("home", columns=("id", "name"), keys=keys)
    }
    return {entry["id"]: both(homes.get(entry["home"], ""), entry["id"]) for entry in entries}


def noted(line: Values, names: Mapping[str, str]) -> str:
    """Say what a line of the access log has noted; ``names`` are of :func:`of_whom`."""
    target = str(line["target"])
    told = NOTES.get(str(line["what"]))
    if told is None:
        return f"{line['what']} {target}".strip()
    return gettext(told, target=names.get(target, target) or gettext("an unknown name"))
