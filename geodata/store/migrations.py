"""The numbered steps from an older store to this one.

A fresh store is made from :mod:`geodata.store.schema` and stamped with the
newest number; an older one goes through every step in between, in the one
transaction that found it. A step speaks SQL that both engines understand and
never imports the schema, which will have moved on.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, text

from geodata.errors import Invalid

Step = Callable[[Connection], None]


def _places_by_name_and_longitude(conn: Connection) -> None:
    conn.execute(text("DROP INDEX merchant_name"))
    conn.execute(text("CREATE INDEX merchant_name ON merchant (name, lon)"))
    conn.execute(text("CREATE INDEX home_name ON home (name, lon)"))


FIRST = 1
STEPS: Mapping[int, Step] = {2: _places_by_name_and_longitude}
"""By the number that a store has afterwards; the first was made whole."""


def newest(steps: Mapping[int, Step] = STEPS) -> int:
    """Return the number of a store that is up to date."""
    return max(steps, default=FIRST)


def stamp(conn: Connection, number: int | None = None) -> None:
    """Write a store's number down."""
    value = {"value": str(number or newest())}
    conn.execute(text("DELETE FROM meta WHERE key = 'schema'"))
    conn.execute(text("INSERT INTO meta (key, value) VALUES ('schema', :value)"), value)


def step_up(conn: Connection, steps: Mapping[int, Step] = STEPS) -> None:
    """Bring a store to the newest number.

    Raises
    ------
    Invalid
        ``store_newer``: a later Linju made it, and this one would not understand it.
    """
    found = conn.execute(text("SELECT value FROM meta WHERE key = 'schema'")).scalar()
    if found is None:
        raise Invalid("store_unreadable")
    if int(found) > newest(steps):
        raise Invalid("store_newer", found=int(found), known=newest(steps))
    for number in range(int(found) + 1, newest(steps) + 1):
        steps[number](conn)
        stamp(conn, number)
