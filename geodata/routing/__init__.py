"""Routing (路径): ways along streets, tables of times, and reach, over Valhalla.

A :class:`Router` asks an engine in this process (:class:`Local`) or on another machine
(:class:`Remote`). The tiles that a local one reads are made by :mod:`geodata.routing.tiles`.
"""

from geodata.routing.closing import Barred, Closures, barred
from geodata.routing.engine import Engine
from geodata.routing.local import Local
from geodata.routing.manoeuvres import Manoeuvre
from geodata.routing.remote import Remote
from geodata.routing.router import Router
from geodata.routing.stops import Position
from geodata.routing.ways import Blame, Matrix, Pass, PassKind, Route, Signs, Step

__all__ = [
    "Barred",
    "Blame",
    "Closures",
    "Engine",
    "Local",
    "Manoeuvre",
    "Matrix",
    "Pass",
    "PassKind",
    "Position",
    "Remote",
    "Route",
    "Router",
    "Signs",
    "Step",
    "barred",
]
