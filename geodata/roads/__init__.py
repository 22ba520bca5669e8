"""Roads (街道): an OpenStreetMap extract becomes walking graph, routing tiles and basemap.

A build makes a version folder, asks it real questions, and only then switches to it, in one
step, while the service runs. The version before stays for :meth:`Shelf.rollback`. What makes
versions is in :mod:`geodata.roads.building`, and whoever only uses them does not load it.
"""

from geodata.roads.streets import Roads, Streets
from geodata.roads.versions import Pointer, Shelf, Version

__all__ = ["Pointer", "Roads", "Shelf", "Streets", "Version"]
