"""Accounts over HTTP: ``door`` lets in and out, ``own`` is one's own page, ``desk`` the others'.

What opens something (a password that was made here, the token of an invitation or of a machine)
is shown once, on the answer to the form that made it: it stands in no address, no cookie and no
log, and a page that could be loaded again would have to keep it somewhere.
"""

from webmap.accounts import desk, door, own
from webmap.accounts.blueprint import bp

__all__ = ["bp", "desk", "door", "own"]
