"""Siting (选址): where the next merchant of a category would help most."""

from geodata.siting.answering import Answer, Figures, answer
from geodata.siting.asked import FARTHEST_MIN, MOST, MOST_POINTS, Asked, Objective, Weight
from geodata.siting.case import MOST_HOMES, Case, check, gather, measure
from geodata.siting.places import MOST_PLACES
from geodata.siting.solver import LIMIT_S, Best, Gains, best

__all__ = [
    "FARTHEST_MIN",
    "LIMIT_S",
    "MOST",
    "MOST_HOMES",
    "MOST_PLACES",
    "MOST_POINTS",
    "Answer",
    "Asked",
    "Best",
    "Case",
    "Figures",
    "Gains",
    "Objective",
    "Weight",
    "answer",
    "best",
    "check",
    "gather",
    "measure",
]
