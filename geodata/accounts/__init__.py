"""Accounts (账号): who may come in, as what, for which area; and everything that ends that.

An account row is a dict with id, name (what one signs in with), title (who that is), role,
scope (an area-code prefix), password (argon2), totp (the secret of one-time codes, "" without),
disabled, created, changed. A resident needs none.

Signing in goes in three steps, because proving a password takes long and must not hold the
store: :func:`candidate` in a reading, :meth:`Candidate.proven` outside of any transaction,
:func:`sign_in` in a writing. So does hashing a new one: :class:`NewPassword` is made before the
writing that takes it.

``passwords`` and ``rules`` say what is good enough, ``guessing`` slows down who tries,
``entering`` lets in and out, ``holding`` tells who holds a key, ``joining`` makes accounts,
``changing`` changes and shuts them, ``codes`` are the one-time ones, ``reading`` lists.
"""

from geodata.accounts.changing import change_password, disable, enable, revise, set_password
from geodata.accounts.codes import (
    code_address,
    drop_codes,
    drop_own_codes,
    new_code_secret,
    use_codes,
)
from geodata.accounts.entering import (
    IDLE,
    SESSION,
    Candidate,
    SignedIn,
    candidate,
    myself,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from geodata.accounts.guessing import FIRST_LOCK, FREE_GUESSES, LONGEST_LOCK
from geodata.accounts.holding import actor_of, holder_of, standing, touch, touched
from geodata.accounts.joining import (
    INVITATION,
    LONGEST_TOKEN,
    claim,
    create,
    invitation,
    invite,
    issue_token,
    join,
)
from geodata.accounts.passwords import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    NewPassword,
    fresh_password,
)
from geodata.accounts.reading import (
    any_account,
    end_key,
    get,
    listed,
    log,
    name_of,
    named,
    open_keys,
    own,
    own_sessions,
    titles,
)

__all__ = [
    "FIRST_LOCK",
    "FREE_GUESSES",
    "IDLE",
    "INVITATION",
    "LONGEST_LOCK",
    "LONGEST_PASSWORD",
    "LONGEST_TOKEN",
    "SESSION",
    "SHORTEST_PASSWORD",
    "Candidate",
    "NewPassword",
    "SignedIn",
    "actor_of",
    "any_account",
    "candidate",
    "change_password",
    "claim",
    "code_address",
    "create",
    "disable",
    "drop_codes",
    "drop_own_codes",
    "enable",
    "end_key",
    "fresh_password",
    "get",
    "holder_of",
    "invitation",
    "invite",
    "issue_token",
    "join",
    "listed",
    "log",
    "myself",
    "name_of",
    "named",
    "new_code_secret",
    "open_keys",
    "own",
    "own_sessions",
    "revise",
    "set_password",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "standing",
    "titles",
    "touch",
    "touched",
    "use_codes",
]
