"""What a reader chooses on a page of the matrix, as its address says it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from geodata import areas, divisions
from geodata.hours import SHANGHAI
from geodata.matrix import ON_FOOT, Asked, Reading
from geodata.store import Reader
from webmap import changes, matrix_ways
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.matrix.asking import LONGEST_MIN, MatrixQuery
from webmap.matrix_sheet import Order
from webmap.request import current_actor, now

NOW = "now"
MINUTES = (5, 10, 15, 20, 30)
"""Walks that a page offers; an address may name others."""

Days = Literal["", "now", "1", "2", "3", "4", "5", "6", "7"]


class Hours(MatrixQuery):
    """When: at any hour, now, or at an hour of a weekday, and whether streets are closed."""

    open: Days = ""
    hour: Annotated[int, Field(ge=0, le=23)] = 9
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MIN)] = 15
    closures: bool = False
    mode: str = ""

    @model_validator(mode="before")
    @classmethod
    def _chosen(cls, told: Any) -> Any:  # noqa: ANN401 - whatever pydantic was given
        # A form sends what is not chosen, too: as nothing.
        return {name: value for name, value in told.items() if value != ""}

    def at(self) -> datetime | None:
        """Return the moment at which places are to be open; None where hours do not matter."""
        if not self.open:
            return None
        return now() if self.open == NOW else next_moment(int(self.open), self.hour, now())

    def asked(self, *, parent: str | None = None) -> Asked:
        """Return what is asked, as geodata has it; ``parent`` instead of the one asked for."""
        return Asked(
            level=self.level,
            parent=self.parent if parent is None else parent,
            at=self.at(),
            minutes=self.minutes,
            closures=self.closures,
        )


class PageQuery(Hours):
    """A view of the matrix."""

    reading: Reading = Reading.COUNT
    sort: Annotated[str, Field(max_length=60)] = ""
    order: Literal["up", "down"] = "down"

    @property
    def ordered(self) -> Order:
        """How the rows are sorted."""
        return Order(self.sort, up=self.order == "up")


def next_moment(weekday: int, hour: int, after: datetime) -> datetime:
    """Return when it is that hour of that weekday (1 for Monday) next, in China.

    Examples
    --------
    >>> noon = datetime(2026, 11, 25, 4, tzinfo=UTC)  # a Wednesday, in China
    >>> next_moment(3, 12, noon).isoformat(), next_moment(3, 11, noon).isoformat()
    ('2026-11-25T12:00:00+08:00', '2026-12-02T11:00:00+08:00')
    """
    here = after.astimezone(SHANGHAI)
    day = here.date() + timedelta(days=(weekday - here.isoweekday()) % 7)
    then = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
    return then if then >= here else then + timedelta(days=7)


def days() -> list[tuple[str, str]]:
    """Return the choices of when, each with its name."""
    told = [("", _("Any hour")), (NOW, _("Open now"))]
    return told + [(str(n), _(name)) for n, name in enumerate(changes.DAYS, 1)]


def when(at: datetime | None) -> str:
    """Return the moment of which a page tells, in words."""
    return moment(at.astimezone(UTC).isoformat()) if at else ""


class Told(NamedTuple):
    """A reading as a switch shows it: its name, what it says, and what experts call it."""

    reading: Reading
    name: str
    sentence: str
    term: str


def readings(minutes: int) -> Sequence[Told]:
    """Return the five readings in plain words."""
    return (
        Told(
            Reading.COUNT,
            _("How many"),
            _("The number of places in each area."),
            _("number of places"),
        ),
        Told(
            Reading.PER_1000,
            _("Per 1,000 residents"),
            _("The number of places for every 1,000 people who live in the area."),
            _("density by population"),
        ),
        Told(
            Reading.MEDIAN,
            _("Minutes on foot"),
            _(
                "Half of the households walk so many minutes or less from home to the nearest;"
                " the other half walk longer."
            ),
            _("median by households, along the streets"),
        ),
        Told(
            Reading.SHARE,
            _("Who has one near"),
            _(
                "Of every 100 households, so many reach one within {n} minutes on foot.",
                n=minutes,
            ),
            _("share of households within {n} min", n=minutes),
        ),
        Told(
            Reading.SCORE,
            _("How many share it"),
            _(
                "Places within {n} minutes on foot, for every 1,000 people who share them. A place"
                " that many others go to as well counts for less.",
                n=minutes,
            ),
            _("two-step floating catchment, 2SFCA"),
        ),
    )


def lacks_streets(reading: Reading) -> bool:
    """Tell whether a reading cannot be told because there are no streets."""
    return reading in ON_FOOT and not matrix_ways.can_walk()


def places(tx: Reader, parent: str) -> list[tuple[str, str]]:
    """Return the areas that one may go to from here: outwards as far as one's own, and inwards."""
    scope = current_actor().scope
    code = divisions.normalise(parent) if parent else ""
    trail = [row for row in areas.path(tx, code) if row["code"].startswith(scope)] if code else []
    inside = divisions.prefix(code) if code else scope
    rows = [
        row
        for row in tx.rows("area", columns=("code", "name", "level"))
        if row["code"].startswith(inside) and row["code"] != code
    ]
    levels = Counter(row["level"] for row in rows)
    # A level of one area is that which one has already.
    several = [level for level in areas.LEVELS if levels[level] > 1]
    below = sorted((row["code"], row["name"]) for row in rows if row["level"] in several[:1])
    return [("", _("All of mine")), *((row["code"], row["name"]) for row in trail), *below]
