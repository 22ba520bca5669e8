"""What of OpenStreetMap is drawn on the ground: which tag becomes which layer, kind and zoom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MIN_ZOOM: Final = 7
MAX_ZOOM: Final = 15
"""Zooms of the tiles in the file. One is drawn at 512 px, a zoom deeper: 15 serves 16 to 19."""

LAYERS: Final = ("water", "green", "land", "building", "rail", "street", "wall", "gate", "place")


@dataclass(frozen=True, slots=True)
class Drawn:
    """How something is drawn.

    ``minzoom`` is the zoom of the tile in which it first is; a tile is drawn
    at 512 px, one zoom deeper. ``names``: whether its name is written along
    it. ``label``: what an area's name becomes, if it is a landmark.
    """

    layer: str
    kind: str
    minzoom: int
    names: bool = False
    label: "Drawn | None" = None


def _place(kind: str, minzoom: int) -> Drawn:
    return Drawn("place", kind, minzoom)


LEVELS: Final = {
    "district": _place("district", 7),
    "street": _place("street", 10),
    "community": _place("community", 12),
    "grid": _place("grid", 15),
}
"""The levels of the official division, as names on the ground."""

_PARK, _LAKE = _place("park", 13), _place("water", 12)
_COMPOUND, _SCHOOL = _place("compound", 14), _place("school", 14)
_HOSPITAL, _STATION = _place("hospital", 14), _place("station", 13)


def _streets() -> dict[str, Drawn]:
    kinds = {
        "express": (7, "motorway trunk"),
        "primary": (9, "primary"),
        "secondary": (10, "secondary"),
        "tertiary": (11, "tertiary"),
        "ramp": (12, "motorway_link trunk_link primary_link secondary_link tertiary_link"),
        "street": (12, "residential unclassified living_street road busway"),
        "alley": (13, "service"),
        "walk": (14, "pedestrian footway path cycleway track bridleway corridor"),
        "steps": (14, "steps"),
    }
    return {
        value: Drawn("street", kind, minzoom, names=True)
        for kind, (minzoom, values) in kinds.items()
        for value in values.split()
    }


_LINES: Final = {
    "highway": _streets(),
    "railway": {
        "rail": Drawn("rail", "rail", 10),
        "light_rail": Drawn("rail", "rail", 12),
        "monorail": Drawn("rail", "rail", 12),
        "narrow_gauge": Drawn("rail", "rail", 12),
        "subway": Drawn("rail", "rail", 12),
        "tram": Drawn("rail", "tram", 14),
    },
    "waterway": {
        "river": Drawn("water", "river", 8, names=True),
        "canal": Drawn("water", "canal", 11, names=True),
        "stream": Drawn("water", "stream", 13, names=True),
        "drain": Drawn("water", "stream", 14),
        "ditch": Drawn("water", "stream", 14),
    },
    "barrier": {
        "wall": Drawn("wall", "wall", 14),
        "city_wall": Drawn("wall", "wall", 13),
        "fence": Drawn("wall", "fence", 14),
        "retaining_wall": Drawn("wall", "wall", 15),
        "guard_rail": Drawn("wall", "fence", 15),
        "hedge": Drawn("wall", "hedge", 15),
    },
}

_SIDEWALK = Drawn("street", "sidewalk", 15)

_AREAS: Final = {
    "natural": {
        "water": Drawn("water", "area", 8, label=_LAKE),
        "wetland": Drawn("green", "park", 11),
        "wood": Drawn("green", "wood", 9, label=_PARK),
        "scrub": Drawn("green", "wood", 11),
        "grassland": Drawn("green", "park", 11),
        "heath": Drawn("green", "park", 11),
    },
    "waterway": {"riverbank": Drawn("water", "area", 8), "dock": Drawn("water", "area", 10)},
    "leisure": {
        "park": Drawn("green", "park", 10, label=_PARK),
        "nature_reserve": Drawn("green", "park", 9, label=_PARK),
        "garden": Drawn("green", "park", 13, label=_PARK),
        "golf_course": Drawn("green", "park", 11),
        "playground": Drawn("green", "pitch", 14),
        "pitch": Drawn("green", "pitch", 13),
        "track": Drawn("green", "pitch", 13),
        "sports_centre": Drawn("green", "pitch", 13, label=_PARK),
        "stadium": Drawn("green", "pitch", 12, label=_PARK),
        "swimming_pool": Drawn("water", "area", 14),
    },
    "landuse": {
        "reservoir": Drawn("water", "area", 8, label=_LAKE),
        "basin": Drawn("water", "area", 11),
        "forest": Drawn("green", "wood", 9),
        "grass": Drawn("green", "park", 13),
        "meadow": Drawn("green", "park", 11),
        "recreation_ground": Drawn("green", "park", 12, label=_PARK),
        "village_green": Drawn("green", "park", 12),
        "flowerbed": Drawn("green", "park", 14),
        "cemetery": Drawn("green", "wood", 12),
        "orchard": Drawn("green", "park", 11),
        "allotments": Drawn("green", "park", 12),
        "residential": Drawn("land", "home", 11, label=_COMPOUND),
        "commercial": Drawn("land", "trade", 12),
        "retail": Drawn("land", "trade", 12),
        "education": Drawn("land", "civic", 12),
        "institutional": Drawn("land", "civic", 12),
        "civic_admin": Drawn("land", "civic", 12),
        "industrial": Drawn("land", "work", 11),
        "railway": Drawn("land", "work", 12),
    },
    "amenity": {
        "school": Drawn("land", "civic", 13, label=_SCHOOL),
        "kindergarten": Drawn("land", "civic", 13, label=_SCHOOL),
        "college": Drawn("land", "civic", 12, label=_SCHOOL),
        "university": Drawn("land", "civic", 12, label=_SCHOOL),
        "hospital": Drawn("land", "civic", 12, label=_HOSPITAL),
        "marketplace": Drawn("land", "trade", 13),
        "parking": Drawn("land", "trade", 14),
    },
}

_PLACES: Final = {
    "city": LEVELS["district"],
    "borough": LEVELS["district"],
    "town": LEVELS["street"],
    "suburb": LEVELS["street"],
    "quarter": LEVELS["community"],
    "neighbourhood": LEVELS["community"],
    "village": LEVELS["community"],
    "hamlet": LEVELS["community"],
}
_POINTS: Final = {
    "place": _PLACES,
    "railway": {"station": _STATION, "halt": _STATION},
    "barrier": dict.fromkeys(
        ("gate", "lift_gate", "swing_gate", "entrance", "sliding_gate", "kissing_gate"),
        Drawn("gate", "gate", 15),
    ),
}

_BUILDING = Drawn("building", "building", 14)
_PLAZA = Drawn("land", "plaza", 13)
_NAMED = ("name:zh-Hans", "name:zh", "name")

KEYS: Final = tuple({"building", *_AREAS, *_LINES, *_POINTS})
"""What has none of these keys is not drawn."""


def named(tags: Mapping[str, str]) -> str:
    """Give the name that is written: the Chinese one, where there is one.

    >>> named({"name": "Wanliutang Road", "name:zh": "万柳塘路"})
    '万柳塘路'
    >>> named({})
    ''
    """
    for key in _NAMED:
        name = tags.get(key, "").strip()
        if name:
            return name
    return ""


def area(tags: Mapping[str, str], *, closed_way: bool = False) -> Drawn | None:
    """Say how an area is drawn; None when it is not.

    ``closed_way`` tells that it may as well be meant as a line: a roundabout
    is no plaza unless it says so.

    >>> area({"landuse": "residential", "building": "yes"}).layer
    'building'
    >>> area({"highway": "footway"}, closed_way=True)
    """
    if tags.get("building", "no") != "no":
        return _BUILDING
    for key, kinds in _AREAS.items():
        drawn = kinds.get(tags.get(key, ""))
        if drawn:
            return drawn
    if "highway" in tags and (tags.get("area") == "yes" or not closed_way):
        return _PLAZA
    # A neighbourhood mapped as an area is a name in the middle of it.
    return _PLACES.get(tags.get("place", ""))


def line(tags: Mapping[str, str]) -> Drawn | None:
    """Say how a line is drawn; None when it is not, as what runs below the ground.

    >>> line({"highway": "residential"}).kind
    'street'
    >>> line({"railway": "subway", "tunnel": "yes"})
    """
    for key, kinds in _LINES.items():
        drawn = kinds.get(tags.get(key, ""))
        if drawn:
            break
    else:
        return None
    if drawn.layer == "street":
        if tags.get("area") == "yes":
            return None
        return _SIDEWALK if tags.get("footway") in {"sidewalk", "crossing"} else drawn
    hidden = drawn.layer in {"rail", "water"} and tags.get("tunnel", "no") != "no"
    return None if hidden else drawn


def point(tags: Mapping[str, str]) -> Drawn | None:
    """Say how a node is drawn: a gate, or the name of a place.

    >>> point({"barrier": "gate"}).layer
    'gate'
    >>> point({"amenity": "clinic"})
    """
    for key, kinds in _POINTS.items():
        drawn = kinds.get(tags.get(key, ""))
        if drawn:
            return drawn
    return None
