"""The matrix over HTTP."""

from contextlib import nullcontext

from geodata import closures, matrix
from geodata.matrix import Reading
from webmap import limits
from webmap.answers import Answer, api, turn
from webmap.matrix.asking import ReadingQuery, ground, streets_in_use
from webmap.matrix.blueprint import bp
from webmap.matrix.documents import MatrixDocument, document
from webmap.request import calendar, current_actor, now, parts, store


@api(bp, "/api/matrix", answers=MatrixDocument, limited=True, depends=streets_in_use)
def table(asked: ReadingQuery) -> Answer:
    """Return the matrix in one of its readings: areas × categories."""
    reading, days = asked.reading, calendar()
    on_foot = reading in matrix.ON_FOOT
    if on_foot:
        limits.act(limits.MATRIX, current_actor())
    inuse = ground(reading)
    with turn() if on_foot else nullcontext(), store().reading() as tx:
        wanted = asked.asked(tx)
        until = closures.stands_until(tx, now()) if asked.closures and not asked.at else None
        counted = told = matrix.read(tx, None, wanted, calendar=days)
        if reading is not Reading.COUNT:
            told = matrix.read(tx, inuse, wanted, reading, calendar=days, parts=parts())
    made = document(counted, told, reading, parent=asked.parent, minutes=asked.minutes)
    return Answer(made, until)
