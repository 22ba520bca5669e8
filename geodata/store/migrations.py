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


def _people(conn: Connection) -> None:
    """Merchants register, staff review: accounts, keys, proposals, contacts, the access log."""
    server = conn.dialect.name == "postgresql"
    word = 'TEXT COLLATE "C"' if server else "TEXT"
    said = f"{word} NOT NULL DEFAULT ''"
    number = f"{'BIGINT' if server else 'INTEGER'} NOT NULL"
    key = f"{word} NOT NULL PRIMARY KEY"
    flag = f"BOOLEAN NOT NULL DEFAULT {'false' if server else '0'}"
    counted = "BIGSERIAL PRIMARY KEY" if server else "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    for column, kind in {"credit_code": said, "merged": said, "trusted": flag}.items():
        conn.execute(text(f"ALTER TABLE merchant ADD COLUMN {column} {kind}"))
    conn.execute(text(f"ALTER TABLE history ADD COLUMN batch {said}"))
    once = f"{said} UNIQUE"
    account = dict.fromkeys(("title", "role", "scope", "password", "totp"), said)
    account = {"id": key, "name": once} | account | {"totp_used": number, "disabled": flag}
    account |= dict.fromkeys(("created", "changed"), said)
    guess = {"name": key, "failures": number} | dict.fromkeys(("locked_until", "at"), said)
    opens = ("kind", "account", "merchant", "role", "scope", "title", "by", "created")
    keys = {"digest": key, "id": once} | dict.fromkeys((*opens, "expires", "seen", "ended"), said)
    asks = ("kind", "merchant", "area", "at", "by", "role", "state", "changes", "words")
    proposal = {"id": key} | dict.fromkeys(asks, said) | {"seen": number, "version": number}
    proposal |= dict.fromkeys(("decided", "decided_by", "why"), said)
    contact = {"merchant": key} | dict.fromkeys(("name", "phone", "changed"), said)
    noted = ("at", "by", "role", "what", "target", "area", "network")
    log = {"seq": counted} | dict.fromkeys(noted, said)
    tables = {
        "account": account,
        "guess": guess,
        "key": keys,
        "proposal": proposal,
        "contact": contact,
        "log": log,
    }
    for name, columns in tables.items():
        told = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        conn.execute(text(f'CREATE TABLE "{name}" ({told})'))
    for name, where in {
        "history_batch": "history (batch)",
        "merchant_owner": "merchant (owner)",
        "key_account": '"key" (account, kind)',
        "key_merchant": '"key" (merchant)',
        "proposal_queue": "proposal (state, at, id, area)",
        "proposal_area": "proposal (state, area)",
        "proposal_merchant": "proposal (merchant, at)",
        "log_at": '"log" (at)',
    }.items():
        conn.execute(text(f"CREATE INDEX {name} ON {where}"))


def _batches(conn: Connection) -> None:
    """List imports, so that each can be taken back whole."""
    server = conn.dialect.name == "postgresql"
    word = 'TEXT COLLATE "C"' if server else "TEXT"
    number = f"{'BIGINT' if server else 'INTEGER'} NOT NULL"
    columns = {"id": f"{word} NOT NULL PRIMARY KEY"}
    columns |= dict.fromkeys(("at", "by", "role", "scope", "file"), f"{word} NOT NULL DEFAULT ''")
    columns |= dict.fromkeys(("added", "changed", "unchanged", "left_out"), number)
    columns |= dict.fromkeys(("undone", "undone_by"), f"{word} NOT NULL DEFAULT ''")
    columns |= dict.fromkeys(("taken_back", "kept"), number)
    told = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    conn.execute(text(f"CREATE TABLE batch ({told})"))
    conn.execute(text("CREATE INDEX batch_at ON batch (at)"))


def _keys_by_age(conn: Connection) -> None:
    """Find what was remembered too long ago without reading all of it."""
    conn.execute(text("CREATE INDEX idempotency_at ON idempotency (at)"))


def _emergencies(conn: Connection) -> None:
    """Keep closures, scenarios, plans, rounds, and who lives alone."""
    server = conn.dialect.name == "postgresql"
    word = 'TEXT COLLATE "C"' if server else "TEXT"
    said = f"{word} NOT NULL DEFAULT ''"
    number = f"{'BIGINT' if server else 'INTEGER'} NOT NULL"
    counted = "BIGSERIAL PRIMARY KEY" if server else "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    flag = f"BOOLEAN NOT NULL DEFAULT {'false' if server else '0'}"
    shape = "geometry(GEOMETRY, 4326)" if server else "GEOMETRY"
    key = f"{word} NOT NULL PRIMARY KEY"
    known = {"fid": counted, "id": f"{word} NOT NULL UNIQUE"}
    kept = {"version": number, "revision": number, "created": said, "changed": said}

    def texts(*names: str) -> dict[str, str]:
        return dict.fromkeys(names, said)

    scenario = texts("name", "name_en", "categories", "words", "modes", "rings")
    scenario |= texts("checklist", "direction")
    scenario |= dict.fromkeys(("helpers", "cordon_m", "rank"), number)
    told = texts("name", "status", "area", "incident", "answer", "closures", "notes", "checklist")
    tables = {
        "closure": known
        | {"geom": f"{shape} NOT NULL"}
        | texts("reason", "level", "starts", "ends", "lifted", "by", "area")
        | {"public": flag}
        | kept,
        "scenario": known | scenario | {"hidden": "BOOLEAN NOT NULL"} | kept,
        "plan": known | told | texts("steps") | kept,
        "round": known | texts("name", "day", "area", "status", "asked", "answer") | kept,
        "visit": {"id": key} | texts("round", "state", "note", "at", "by"),
        "elder": {"id": key} | texts("home", "area", "sealed", "changed", "by"),
    }
    for name, columns in tables.items():
        listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        conn.execute(text(f'CREATE TABLE "{name}" ({listed})'))
    conn.execute(text(f'ALTER TABLE "key" ADD COLUMN subject {said}'))
    for name, where in {
        "key_subject": '"key" (subject)',
        "closure_ends": "closure (ends)",
        "plan_area": '"plan" (area)',
        "round_area": '"round" (area)',
        "visit_round": "visit (round)",
        "elder_area": "elder (area)",
        "elder_home": "elder (home)",
    }.items():
        conn.execute(text(f"CREATE INDEX {name} ON {where}"))
    if not server:
        for statement in _EMERGENCIES_IN_A_FILE:
            conn.execute(text(statement))


# A GeoPackage lists its tables of places, and keeps other programs from edits without a history.
_EMERGENCIES_IN_A_FILE = (
    """INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
        VALUES ('closure', 'features', 'closure', 4326)""",
    "INSERT INTO gpkg_geometry_columns VALUES ('closure', 'geom', 'GEOMETRY', 4326, 0, 0)",
    *(
        f"""CREATE TRIGGER {table}_guard BEFORE UPDATE ON "{table}"
        WHEN NEW.version <> OLD.version + 1
        BEGIN SELECT RAISE(ABORT, 'edit through linju: this table keeps a history'); END"""
        for table in ("closure", "scenario", "plan", "round")
    ),
)


def _words_of_rounds(conn: Connection) -> None:
    """Let what people typed about visits stand apart; older rounds ask for it."""
    word = 'TEXT COLLATE "C"' if conn.dialect.name == "postgresql" else "TEXT"
    conn.execute(text(f"""ALTER TABLE "round" ADD COLUMN words {word} NOT NULL DEFAULT '{{}}'"""))


def _snapshots(conn: Connection) -> None:
    """Keep what the matrix was day by day, and find what happened in a period."""
    server = conn.dialect.name == "postgresql"
    word = f"{'TEXT COLLATE "C"' if server else 'TEXT'} NOT NULL"
    conn.execute(
        text(f"""CREATE TABLE snapshot (
            level {word}, area {word}, day {word}, figures {word} DEFAULT '',
            PRIMARY KEY (level, area, day)){"" if server else " WITHOUT ROWID"}""")
    )
    conn.execute(text("CREATE INDEX history_at ON history (subject, at)"))


def _jobs(conn: Connection) -> None:
    """Let any process tell of what another one works on."""
    server = conn.dialect.name == "postgresql"
    word = f"{'TEXT COLLATE "C"' if server else 'TEXT'} NOT NULL"
    columns = {"id": f"{word} PRIMARY KEY"}
    names = ("kind", "state", "area", "by", "asked", "answer")
    columns |= dict.fromkeys(names, f"{word} DEFAULT ''")
    columns["progress"] = f"{'BIGINT' if server else 'INTEGER'} NOT NULL"
    columns |= dict.fromkeys(("at", "seen", "ended"), f"{word} DEFAULT ''")
    told = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    conn.execute(text(f"CREATE TABLE job ({told})"))
    conn.execute(text("CREATE INDEX job_at ON job (at)"))


FIRST = 1
STEPS: Mapping[int, Step] = {
    2: _places_by_name_and_longitude,
    3: _people,
    4: _batches,
    5: _keys_by_age,
    6: _emergencies,
    7: _words_of_rounds,
    8: _snapshots,
    9: _jobs,
}
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
