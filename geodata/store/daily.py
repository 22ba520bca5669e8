"""Figures by day: a row where they are not what the day before told, and old days thinned."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, bindparam, case, exists, func, select

from geodata.store import schema
from geodata.store.records import Records, RecordWriter, within

_MONTH: Final = len("2026-11")
FIGURES: Final = "figures"
"""The clock of the figures by day: taking them changes no area."""


class Kept(NamedTuple):
    """The figures of an area on a day (ISO); level and area are "" for all areas together."""

    level: str
    area: str
    day: str
    figures: str


class Daily(Records):
    """What a transaction reads of them."""

    def days_taken(self, since: str = "", until: str = "9") -> list[str]:
        """Return the days on which figures were taken, from one to another, both counted."""
        source = schema.snapshot.c
        query = select(source.day).where(source.level == "")
        query = query.where(source.day >= since, source.day <= until)
        return list(self._conn.execute(query.order_by(source.day)).scalars())

    def figures(self, level: str, inside: str, *, since: str, until: str) -> list[Kept]:
        """Return figures of a level's areas inside a prefix, by area and day.

        The first of each area is the last up to ``since``, where there is one; then those up to
        ``until``.
        """
        source = schema.snapshot.c
        asked = and_(source.level == level, within(source.area, inside), source.day <= until)
        chosen = (
            select(source.level, source.area, func.max(source.day).label("day"))
            .where(asked)
            .group_by(source.level, source.area, case((source.day <= since, ""), else_=source.day))
        )
        return self._chosen(chosen)

    def figures_of(self, day: str) -> list[Kept]:
        """Return the figures of every area as they were on a day, in whatever order."""
        source = schema.snapshot.c
        chosen = (
            select(source.level, source.area, func.max(source.day).label("day"))
            .where(source.level != "", source.day <= day)
            .group_by(source.level, source.area)
        )
        return self._chosen(chosen)

    def _chosen(self, chosen: Select[Any]) -> list[Kept]:
        one, source = chosen.subquery(), schema.snapshot.c
        # The whole key, or the engine looks for each row among all of them.
        same = and_(*(source[name] == one.c[name] for name in ("level", "area", "day")))
        query = select(schema.snapshot).join(one, same)
        found = self._conn.execute(query.order_by(source.area, source.day))
        return [Kept(*row) for row in found]


class DailyWriter(RecordWriter, Daily):
    """What a transaction writes of them."""

    def keep_figures(self, rows: Iterable[Kept]) -> None:
        """Put figures in the place of those that were told of the same area and day."""
        if told := [row._asdict() for row in rows]:
            statement = self._upsert(schema.snapshot)
            key = ("level", "area", "day")
            statement = statement.on_conflict_do_update(
                index_elements=key, set_={"figures": statement.excluded.figures}
            )
            self._conn.execute(statement, told)

    def drop_figures(self, rows: Iterable[Kept]) -> None:
        """Delete figures, so that what the day before told goes on."""
        source = schema.snapshot
        gone = source.delete().where(
            source.c.level == bindparam("_level"),
            source.c.area == bindparam("_area"),
            source.c.day == bindparam("_day"),
        )
        told = [{"_level": row.level, "_area": row.area, "_day": row.day} for row in rows]
        if told:
            self._conn.execute(gone, told)

    def thin_figures(self, before: str) -> int:
        """Leave of each month the last figures of each area before a day; tell how many went."""
        source, later = schema.snapshot, schema.snapshot.alias()
        same_month = func.substr(later.c.day, 1, _MONTH) == func.substr(source.c.day, 1, _MONTH)
        newer = exists().where(
            later.c.level == source.c.level,
            later.c.area == source.c.area,
            later.c.day > source.c.day,
            later.c.day < before,
            same_month,
        )
        old = source.delete().where(source.c.day < before, newer)
        return self._conn.execute(old).rowcount
