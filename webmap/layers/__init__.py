"""What Folium draws: our map and our layers, one class a file.

Nobody else imports folium. No text of people enters these objects, ever:
Folium compiles what it has rendered once more, so a name could run as code.
A layer holds addresses; the page fetches the rest as JSON.
"""

from webmap.layers.boundary_layer import BoundaryLayer
from webmap.layers.closure_layer import ClosureDesk, ClosureLayer, ClosureNotice
from webmap.layers.incident_layer import EmergencyDesk, IncidentLayer
from webmap.layers.left_out_layer import LeftOutDesk, LeftOutLayer
from webmap.layers.merchant_layer import MerchantLayer
from webmap.layers.neighbour_map import NeighbourMap
from webmap.layers.panel import Panel
from webmap.layers.place_picker import PlacePicker
from webmap.layers.plan_layer import PlanDesk, PlanLayer
from webmap.layers.preview_layer import PreviewLayer
from webmap.layers.reach_layer import ReachLayer
from webmap.layers.review_layer import ReviewDesk, ReviewLayer
from webmap.layers.round_layer import RoundDesk, RoundLayer
from webmap.layers.siting_desk import SitingDesk
from webmap.layers.street_ground import StreetGround
from webmap.layers.tile_ground import TileGround
from webmap.layers.way_layer import WayLayer
from webmap.layers.what_if_desk import WhatIfDesk

__all__ = [
    "BoundaryLayer",
    "ClosureDesk",
    "ClosureLayer",
    "ClosureNotice",
    "EmergencyDesk",
    "IncidentLayer",
    "LeftOutDesk",
    "LeftOutLayer",
    "MerchantLayer",
    "NeighbourMap",
    "Panel",
    "PlacePicker",
    "PlanDesk",
    "PlanLayer",
    "PreviewLayer",
    "ReachLayer",
    "ReviewDesk",
    "ReviewLayer",
    "RoundDesk",
    "RoundLayer",
    "SitingDesk",
    "StreetGround",
    "TileGround",
    "WayLayer",
    "WhatIfDesk",
]
