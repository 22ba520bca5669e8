"""One-time codes (动态口令, RFC 6238): a second proof, of the telephone in the hand."""

import re
from datetime import UTC, datetime

import pyotp

from geodata.accounts import guessing
from geodata.accounts.rules import other_account, own_account, revised
from geodata.errors import Forbidden
from geodata.policy import Actor
from geodata.store import Writer
from geodata.store.records import Values

_STEP_S = 30


def new_code_secret() -> str:
    """Return a secret for one-time codes, to be shown and then confirmed."""
    return pyotp.random_base32()


def code_address(secret: str, name: str) -> str:
    """Return the otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="邻距 Linju")


def use_codes(tx: Writer, secret: str, code: str, *, proven: bool, actor: Actor) -> bool:
    """Ask for one-time codes from now on, once a first one shows that they work.

    ``proven`` tells whether the password was right: who found a browser open must not shut
    its owner out. False where it was not, which is counted.

    Raises
    ------
    Forbidden
        ``code_wrong``.
    """
    row = own_account(tx, actor)
    if not guessing.passes(tx, guessing.of_known(row["id"]), proven=proven):
        return False
    if not re.fullmatch(r"[A-Z2-7]{32}", secret) or not fresh_code(
        tx, row | {"totp": secret}, code
    ):
        raise Forbidden("code_wrong")
    revised(tx, row["id"], totp=secret)
    tx.note("codes_on", by=actor, target=row["id"], area=row["scope"])
    return True


def drop_own_codes(tx: Writer, *, proven: bool, actor: Actor) -> bool:
    """Ask for one's own one-time codes no more; False where the password was wrong."""
    row = own_account(tx, actor)
    if guessing.passes(tx, guessing.of_known(row["id"]), proven=proven):
        _drop(tx, row, actor)
    return proven


def drop_codes(tx: Writer, account_id: str, *, actor: Actor) -> None:
    """Ask somebody for one-time codes no more: for who lost the telephone."""
    _drop(tx, other_account(tx, account_id, actor), actor)


def _drop(tx: Writer, row: Values, actor: Actor) -> None:
    revised(tx, row["id"], totp="")
    tx.note("codes_off", by=actor, target=row["id"], area=row["scope"])


def fresh_code(tx: Writer, row: Values, code: str) -> bool:
    """Tell whether a one-time code is right and was not used before, and note its use."""
    code = re.sub(r"\D", "", code)
    step = int(datetime.now(UTC).timestamp()) // _STEP_S
    maker = pyotp.TOTP(row["totp"])
    for counter in (step - 1, step, step + 1):
        if counter > row["totp_used"] and pyotp.utils.strings_equal(
            maker.generate_otp(counter), code
        ):
            used = {"id": row["id"], "totp_used": row["totp_used"]}
            return tx.revise("account", {"totp_used": counter}, **used) == 1
    return False
