"""Words of accounts: roles, moments, networks, and what the access log has noted."""

from collections.abc import Mapping

from geodata.policy import Role
from geodata.store.records import Values
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
    "link_renew": marked("renewed the private link of the shop {target}"),
    "proposal_reopen": marked("took the decision about a proposal back"),
    "import": marked("imported a file"),
    "undo_import": marked("undid an import"),
    "export": marked("exported merchants as {target}"),
    "merchant_erase": marked("erased the shop {target} on legal request"),
}
"""What the access log notes, as the rest of a sentence that begins with who did it."""


def role_name(role: str) -> str:
    """Return what a role is called."""
    return gettext(ROLES[Role(role)])


def noted(line: Values, names: Mapping[str, str]) -> str:
    """Say what a line of the access log has noted; ``names`` are those of accounts by id."""
    target = str(line["target"])
    told = NOTES.get(str(line["what"]))
    if told is None:
        return f"{line['what']} {target}".strip()
    return gettext(told, target=names.get(target, target) or gettext("an unknown name"))
