"""Emergency (应急): who can help at a place, which way, with the streets that are closed.

Nothing here is stored. A closed street is closed for everybody: each way, time and ring obeys
every closure in force at the departure. Where the place itself lies inside closures, these are
obeyed up to their edge only, and that is told.
"""

from geodata.emergency.answering import answer
from geodata.emergency.going import Ways, ways
from geodata.emergency.inside import holding
from geodata.emergency.question import DRAWN, HOMES_MIN, Answer, Helper, Homes, Question

__all__ = [
    "DRAWN",
    "HOMES_MIN",
    "Answer",
    "Helper",
    "Homes",
    "Question",
    "Ways",
    "answer",
    "holding",
    "ways",
]
