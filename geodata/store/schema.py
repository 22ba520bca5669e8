"""The tables, once for both engines.

A table of places has ``lon`` and ``lat`` (WGS 84, degrees) for our own queries
and ``geom`` for everybody else's: GeoPandas, QGIS and PostGIS functions read
it, and the writer derives it from the two. Moments are ISO 8601 text in UTC,
which sorts alike everywhere; text is never NULL, "" is none.
"""

import struct
from collections.abc import Callable
from typing import Any, override

import shapely
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
    false,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import LargeBinary, UserDefinedType

SRID = 4326

# A GeoPackage wants its type names from a list, in capitals (OGC 12-128r19, table 1).
_Int = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
# PostgreSQL's default collation sorts by a language; codes and keys are bytes.
_Text = Text().with_variant(Text(collation="C"), "postgresql")
_GPKG_HEAD = struct.pack("<2sBBi", b"GP", 0, 1, SRID)


class Geometry(UserDefinedType[bytes]):
    """A geometry in WGS 84; Python gives and takes little-endian WKB as bytes.

    In a GeoPackage it stands behind the eight-byte header (OGC 12-128r19,
    2.1.3, no envelope); PostGIS has its own type.
    """

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_kwargs: object) -> str:
        """Return the type as a GeoPackage names it; PostGIS is told by a variant."""
        return self.kind

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[bytes | None], bytes | None]:
        """Put the GeoPackage's header before the WKB."""
        return lambda wkb: None if wkb is None else _GPKG_HEAD + wkb

    @override
    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[bytes], bytes]:
        """Take the header off; files of other programs may hold an envelope in it."""

        def read(blob: bytes) -> bytes:
            envelope = (0, 32, 48, 48, 64)[(blob[3] >> 1) & 7]
            return blob[8 + envelope :]

        return read


class _PostGIS(UserDefinedType[bytes]):
    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_kwargs: object) -> str:
        return f"geometry({self.kind}, {SRID})"

    @override
    def bind_expression(self, bindvalue: BindParameter[bytes]) -> ColumnElement[Any]:
        return func.ST_GeomFromWKB(cast(bindvalue, LargeBinary), literal_column(str(SRID)))

    @override
    def column_expression(self, colexpr: ColumnElement[bytes]) -> ColumnElement[Any]:
        return type_coerce(func.ST_AsBinary(colexpr, "NDR"), LargeBinary)


def _geometry(kind: str) -> Column[bytes]:
    return Column("geom", Geometry(kind).with_variant(_PostGIS(kind), "postgresql"), nullable=False)


def _fid() -> Column[int]:
    # What a GeoPackage knows a feature by; people and addresses know it by its id.
    return Column("fid", _Int, primary_key=True, autoincrement=True)


def _text(name: str, *, unique: bool = False) -> Column[str]:
    return Column(name, _Text, nullable=False, server_default="", unique=unique)


def _whole(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, _Int, nullable=null)


def _id() -> Column[str]:
    return Column("id", _Text, primary_key=True)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


def _kept() -> list[Column[Any]]:
    """Return the columns of every row that has a history."""
    return [_whole("version"), _whole("revision"), _text("created"), _text("changed")]


metadata = MetaData()

merchant = Table(
    "merchant",
    metadata,
    _fid(),
    _geometry("POINT"),
    Column("id", _Text, nullable=False, unique=True),
    _text("name"),
    _text("category"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    _text("source_datum"),
    Column("source_lon", Double, nullable=False),
    Column("source_lat", Double, nullable=False),
    _text("address"),
    _text("phones"),
    _text("hours"),
    _text("note"),
    _text("area"),
    _text("status"),
    _text("closed_until"),
    _text("owner"),
    _text("terms"),
    _text("credit_code"),
    # Where it lives on after two entries of one shop were made one.
    _text("merged"),
    # Small changes of a trusted owner need no review.
    _flag("trusted"),
    _whole("quad"),
    *_kept(),
    sqlite_autoincrement=True,
)
Index("merchant_quad", merchant.c.quad)
Index("merchant_area", merchant.c.area, merchant.c.status)
Index("merchant_name", merchant.c.name, merchant.c.lon)
Index("merchant_hours", merchant.c.hours)
Index("merchant_owner", merchant.c.owner)

home = Table(
    "home",
    metadata,
    _fid(),
    _geometry("POINT"),
    Column("id", _Text, nullable=False, unique=True),
    _text("name"),
    _text("address"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    _text("area"),
    _whole("households", null=True),
    _whole("residents", null=True),
    _whole("elders_alone", null=True),
    *_kept(),
    sqlite_autoincrement=True,
)
Index("home_area", home.c.area)
Index("home_name", home.c.name, home.c.lon)

area = Table(
    "area",
    metadata,
    _fid(),
    _geometry("MULTIPOLYGON"),
    Column("code", _Text, nullable=False, unique=True),
    _text("name"),
    _text("level"),
    _text("parent"),
    _whole("residents", null=True),
    *_kept(),
    sqlite_autoincrement=True,
)
Index("area_parent", area.c.parent)

category = Table(
    "category",
    metadata,
    _fid(),
    Column("id", _Text, nullable=False, unique=True),
    _text("name"),
    _text("name_en"),
    _text("colour"),
    _text("shape"),
    _text("glyph"),
    Column("group", _Text, nullable=False),
    _whole("rank"),
    Column("hidden", Boolean, nullable=False),
    *_kept(),
    sqlite_autoincrement=True,
)

history = Table(
    "history",
    metadata,
    Column("seq", _Int, primary_key=True, autoincrement=True),
    _text("subject"),
    _text("key"),
    _whole("version"),
    _whole("revision"),
    _text("area"),
    _text("at"),
    _text("by"),
    _text("role"),
    _text("action"),
    _text("why"),
    # What one import wrote, so that it can be taken back whole.
    _text("batch"),
    # {column: value before}; empty for the first version, which the later rows lead back to.
    _text("before"),
    sqlite_autoincrement=True,
)
Index("history_key", history.c.subject, history.c.key, history.c.version)
Index("history_batch", history.c.batch)
Index("history_at", history.c.subject, history.c.at)

clock = Table("clock", metadata, Column("area", _Text, primary_key=True), _whole("rev"))

tally = Table(
    "tally",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("cell", _Int, primary_key=True, autoincrement=False),
    Column("area", _Text, primary_key=True),
    Column("category", _Text, primary_key=True),
    _whole("n"),
    # Sums over the n: of 1e-7 degrees, so that they stay exact, and of fids, so
    # that the sum of one is which one.
    _whole("lon_e7"),
    _whole("lat_e7"),
    _whole("fids"),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("by", _Text, primary_key=True),
    Column("key", _Text, primary_key=True),
    _text("request"),
    _text("result"),
    _text("at"),
)

Index("idempotency_at", idempotency.c.at)

account = Table(
    "account",
    metadata,
    _id(),
    _text("name", unique=True),
    _text("title"),
    _text("role"),
    _text("scope"),
    _text("password"),
    _text("totp"),
    # The last one-time code's step of time: a code counts once.
    _whole("totp_used"),
    _flag("disabled"),
    _text("created"),
    _text("changed"),
)

# Wrong passwords, whether there is such an account or not: who guesses learns nothing from it.
guess = Table(
    "guess",
    metadata,
    Column("name", _Text, primary_key=True),
    _whole("failures"),
    _text("locked_until"),
    _text("at"),
)

# Whatever opens a door: sessions, invitations, private links, tokens of machines.
key = Table(
    "key",
    metadata,
    # Only a digest is kept: who reads the store cannot open anything with it.
    Column("digest", _Text, primary_key=True),
    _text("id", unique=True),
    _text("kind"),
    _text("account"),
    _text("merchant"),
    # What else a link shows: "plan:ID", "round:ID" of the worker who is its title.
    _text("subject"),
    _text("role"),
    _text("scope"),
    _text("title"),
    _text("by"),
    _text("created"),
    _text("expires"),
    _text("seen"),
    _text("ended"),
)
Index("key_account", key.c.account, key.c.kind)
Index("key_merchant", key.c.merchant)
Index("key_subject", key.c.subject)

proposal = Table(
    "proposal",
    metadata,
    _id(),
    _text("kind"),
    _text("merchant"),
    _text("area"),
    _text("at"),
    _text("by"),
    _text("role"),
    _text("state"),
    # {column: value wanted}
    _text("changes"),
    _text("words"),
    # The merchant's version that it was made upon.
    _whole("seen"),
    _whole("version"),
    _text("decided"),
    _text("decided_by"),
    _text("why"),
)
Index("proposal_queue", proposal.c.state, proposal.c.at, proposal.c.id, proposal.c.area)
Index("proposal_area", proposal.c.state, proposal.c.area)
Index("proposal_merchant", proposal.c.merchant, proposal.c.at)

contact = Table(
    "contact",
    metadata,
    Column("merchant", _Text, primary_key=True),
    _text("name"),
    _text("phone"),
    _text("changed"),
)

# Who came in, who saw what is private: never what they saw.
log = Table(
    "log",
    metadata,
    Column("seq", _Int, primary_key=True, autoincrement=True),
    _text("at"),
    _text("by"),
    _text("role"),
    _text("what"),
    _text("target"),
    _text("area"),
    _text("network"),
    sqlite_autoincrement=True,
)
Index("log_at", log.c.at)

# One import of a file: what came of it, and whether it was taken back.
batch = Table(
    "batch",
    metadata,
    _id(),
    _text("at"),
    _text("by"),
    _text("role"),
    _text("scope"),
    _text("file"),
    _whole("added"),
    _whole("changed"),
    _whole("unchanged"),
    _whole("left_out"),
    # The moment of the undo, "" for none, and what it did.
    _text("undone"),
    _text("undone_by"),
    _whole("taken_back"),
    _whole("kept"),
)
Index("batch_at", batch.c.at)

closure = Table(
    "closure",
    metadata,
    _fid(),
    _geometry("GEOMETRY"),
    Column("id", _Text, nullable=False, unique=True),
    _text("reason"),
    _text("level"),
    _flag("public"),
    # In force from the one moment to before the other, unless lifted.
    _text("starts"),
    _text("ends"),
    _text("lifted"),
    _text("by"),
    # Where its middle lies: whose it is to lift.
    _text("area"),
    *_kept(),
    sqlite_autoincrement=True,
)
Index("closure_ends", closure.c.ends)

# What can happen, and what is asked then.
scenario = Table(
    "scenario",
    metadata,
    _fid(),
    Column("id", _Text, nullable=False, unique=True),
    _text("name"),
    _text("name_en"),
    # JSON lists: ids of categories, words in names that count too, modes, minutes, lines.
    _text("categories"),
    _text("words"),
    _text("modes"),
    _text("rings"),
    _text("checklist"),
    _text("direction"),
    _whole("helpers"),
    _whole("cordon_m"),
    _whole("rank"),
    Column("hidden", Boolean, nullable=False),
    *_kept(),
    sqlite_autoincrement=True,
)

# What happened where, and the answer to it: JSON as it was when the plan was saved.
plan = Table(
    "plan",
    metadata,
    _fid(),
    Column("id", _Text, nullable=False, unique=True),
    _text("name"),
    _text("status"),
    _text("area"),
    _text("incident"),
    _text("answer"),
    _text("closures"),
    _text("notes"),
    _text("checklist"),
    # For each status the moment and who set it.
    _text("steps"),
    *_kept(),
    sqlite_autoincrement=True,
)
Index("plan_area", plan.c.area)

# Visits and workers as they were asked for, and the tours that came of them: JSON.
round_ = Table(
    "round",
    metadata,
    _fid(),
    Column("id", _Text, nullable=False, unique=True),
    _text("name"),
    _text("day"),
    _text("area"),
    _text("status"),
    _text("asked"),
    _text("answer"),
    # What people typed about its visits, as JSON, sealed where there is a key; "" is forgotten.
    _text("words"),
    *_kept(),
    sqlite_autoincrement=True,
)
Index("round_area", round_.c.area)

# How a visit of a round went: told on the way, also long after the moment.
visit = Table(
    "visit",
    metadata,
    # The round's id and the visit's.
    _id(),
    _text("round"),
    _text("state"),
    _text("note"),
    _text("at"),
    _text("by"),
)
Index("visit_round", visit.c.round)

# An elder living alone: name, address and phone are sealed with a key that is not kept here.
elder = Table(
    "elder",
    metadata,
    _id(),
    _text("home"),
    _text("area"),
    _text("sealed"),
    _text("changed"),
    _text("by"),
)
Index("elder_area", elder.c.area)
Index("elder_home", elder.c.home)

# What the matrix was on a day: a row for each area of which it was not what the day before told.
# The row without an area tells of all of them, and marks that the day was taken.
snapshot = Table(
    "snapshot",
    metadata,
    Column("level", _Text, primary_key=True),
    Column("area", _Text, primary_key=True),
    Column("day", _Text, primary_key=True),
    # JSON, see geodata.snapshots.
    _text("figures"),
    sqlite_with_rowid=False,
)

# What takes longer than somebody waits for one answer: asked of one process, told by any.
job = Table(
    "job",
    metadata,
    _id(),
    _text("kind"),
    _text("state"),
    _text("area"),
    _text("by"),
    # JSON: what was asked, and what came of it.
    _text("asked"),
    _text("answer"),
    # Of the way to go, in thousandths.
    _whole("progress"),
    _text("at"),
    # When the process that works on it last said so.
    _text("seen"),
    _text("ended"),
)
Index("job_at", job.c.at)

meta = Table("meta", metadata, Column("key", _Text, primary_key=True), _text("value"))

HISTORIED = {
    "merchant": "id",
    "home": "id",
    "area": "code",
    "category": "id",
    "closure": "id",
    "scenario": "id",
    "plan": "id",
    "round": "id",
}
"""The tables with a history, each with the column by which people know a row."""

RECORDS = {
    "account": "id",
    "guess": "name",
    "key": "digest",
    "proposal": "id",
    "contact": "merchant",
    "batch": "id",
    "visit": "id",
    "elder": "id",
    "job": "id",
}
"""The tables without a history, each with its primary key."""

PLACES = ("merchant", "home")
"""The tables whose ``geom`` the writer derives from ``lon`` and ``lat``."""

LOCAL = (*PLACES, "closure", "plan", "round")
"""The tables of what lies in an area: a write ticks that area's clock, not everybody's."""


def points_wkb(lon: list[float], lat: list[float]) -> list[bytes]:
    """Return little-endian WKB points."""
    return list(shapely.to_wkb(shapely.points(lon, lat), byte_order=1))
