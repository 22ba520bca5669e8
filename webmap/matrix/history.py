"""How the matrix went: its readings day by day, what came and what went."""

import math
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from geodata import divisions, snapshots, turnover
from geodata.hours import SHANGHAI
from geodata.matrix import Reading
from geodata.snapshots import Series
from geodata.store import Reader
from webmap.answers import Answer, Parameters, api, turn
from webmap.matrix.blueprint import bp
from webmap.request import store

YEAR = timedelta(days=365)
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    day = date.fromisoformat(value)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError("a day of this century")
    return day


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-25"]}),
]
"""A day as people in China count it."""


class HistoryQuery(Parameters):
    """Of which area and reading, and from which day to which."""

    area: Annotated[
        str,
        Field(pattern=r"^\d{0,15}$", description="Code of the area; by default all together"),
    ] = ""
    category: Annotated[
        str, Field(max_length=60, description="Id of a category; by default each of them")
    ] = ""
    reading: Annotated[Reading, Field(description="As for GET /api/matrix")] = Reading.COUNT
    minutes: Annotated[
        Literal["5", "10", "15"], Field(description="Of a share: within so many minutes on foot")
    ] = "15"
    since: Annotated[
        Day | None, Field(description="First day; by default a year before the last")
    ] = None
    until: Annotated[
        Day | None, Field(description="Last day; by default today", validate_default=True)
    ] = None

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if since is not None and since > (until or snapshots.today()):
            raise ValueError("until lies before since")
        return until

    @property
    def period(self) -> tuple[date, date]:
        """The first day and the last, both counted."""
        last = self.until or snapshots.today()
        return self.since or last - YEAR, last


class HistoryDocument(BaseModel):
    """How a reading went in an area, and how many merchants came and went.

    ``days`` are those whose figures were taken: every day of the last three months, and one of
    each month before. ``values`` has one for each of them, null where it cannot be told: where
    nobody lives, without streets, or where there is no way for half of the households.
    ``first`` is the first day that was ever taken.

    ``came`` and ``went`` count, by category, the merchants that stood on the map after the period
    and not before it, and the other way round.
    """

    area: str
    reading: Reading
    minutes: int
    since: date
    until: date
    first: date | None
    days: list[date]
    values: dict[str, list[float | None]]
    came: dict[str, int]
    went: dict[str, int]


@api(bp, "/api/matrix/history", answers=HistoryDocument, names=True)
def history(asked: HistoryQuery) -> Answer:
    """Return how a reading of the matrix went in an area, day by day."""
    since, until = asked.period
    with turn(), store().reading() as tx:
        went = series(tx, asked)
        moved = turnover.between(tx, since, until, area=asked.area, category=asked.category)
    made: dict[str, Any] = {
        "area": divisions.normalise(asked.area) if asked.area else "",
        "reading": asked.reading,
        "minutes": int(asked.minutes),
        "since": since,
        "until": until,
        "first": went.first,
        "days": went.days,
        "values": {name: [known(value) for value in told] for name, told in went.told.items()},
        "came": moved.n_came,
        "went": moved.n_went,
    }
    return Answer(made, _midnight())


def series(tx: Reader, asked: HistoryQuery) -> Series:
    """Return how the reading that is asked for went."""
    since, until = asked.period
    return snapshots.series(
        tx,
        area=asked.area,
        reading=asked.reading,
        category=asked.category,
        minutes=int(asked.minutes),
        since=since,
        until=until,
    )


def known(value: float | None) -> float | None:
    """Return a value where it is a number; no way is none."""
    return value if value is not None and math.isfinite(value) else None


def _midnight() -> datetime:
    """Return when a day begins on which the default period is another."""
    return datetime.combine(snapshots.today() + timedelta(days=1), time(), SHANGHAI)
