"""Who may use a way, and which nodes stop walkers: as the routing engine reads the same tags.

The engine is Valhalla 3.9 without its tables of countries. Directions are left out: a mode
may use a way when it may do so in either of them.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Final

from geodata.modes import Mode
from geodata.walking import BITS

FOOT, BIKE, CAR = BITS[Mode.FOOT], BITS[Mode.BIKE], BITS[Mode.CAR]


def words(text: str) -> frozenset[str]:
    """Return the words of a text, to look values up in."""
    return frozenset(text.split())


type Tags = Mapping[str, str]
type Table = Mapping[str, bool]

_ROADS: Final = (
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "residential residential_link service road track unclassified living_street"
)
_KINDS: Final = {
    **dict.fromkeys(_ROADS.split(), FOOT | BIKE | CAR),
    **dict.fromkeys(("motorway", "motorway_link"), CAR),
    **dict.fromkeys(("footway", "pedestrian", "steps", "corridor", "elevator"), FOOT),
    "path": FOOT | BIKE,
    "cycleway": BIKE,
    **dict.fromkeys(("bridleway", "bus_guideway", "busway"), 0),
}
"""What a kind of way is for where no tag says otherwise. Other kinds are no streets: platforms,
building sites and climbing routes are left out by the engine, or by the way it is asked."""

_FAST: Final = words("motorway motorway_link trunk trunk_link primary primary_link")
"""Kinds that a ``motorroad`` tag closes to walkers and bicycles."""


def _values(granted: str, refused: str = "") -> dict[str, bool]:
    return dict.fromkeys(granted.split(), True) | dict.fromkeys(refused.split(), False)


_COMMON: Final = _values(
    "yes private permissive delivery designated destination customers official public "
    "restricted allowed permit residents",
    "no agricultural discouraged forestry",
)
_ACCESS: Final = _COMMON | _values("use_sidepath dismount", "emergency psv")
_MOTOR: Final = _COMMON
_FOOT: Final = _COMMON | _values("use_sidepath crossing sidewalk passable footway")
_BICYCLE: Final = _values(
    "yes designated use_sidepath permissive destination dismount lane track shared shared_lane "
    "sidepath share_busway allowed private official permit residents",
    "no none",
)
_CYCLEWAY: Final = _values(
    "yes designated use_sidepath permissive destination dismount lane track shared shared_lane "
    "sidepath share_busway allowed private cyclestreet crossing"
)
_LANES: Final = words(
    "shared_lane share_busway shared opposite_lane lane buffered_lane opposite_track track"
)
_ALPINE: Final = ("mountain_hiking", "alpine_hiking")
_WALLS: Final = frozenset(("fence", "barrier_board", "wall", "jersey_barrier", "debris"))
_SEEN: Final = words(
    "gate yes lift_gate swing_gate sliding_beam bollard block kissing_gate motorcycle_barrier "
    "cycle_barrier chain bar sump_buster toll_booth border_control"
)
"""Kinds of barrier at which the engine divides a way."""

RELEVANT: Final = words(
    "highway area access emergency service impassable smoothness surface tracktype "
    "vehicle motor_vehicle motorcar foot pedestrian bicycle cycleway bicycle_road cyclestreet "
    "sac_scale oneway junction motorroad foot:forward foot:backward bicycle:forward "
    "bicycle:backward vehicle:forward vehicle:backward motor_vehicle:forward "
    "motor_vehicle:backward cycleway:both cycleway:left cycleway:right"
)
"""The tags of a way that decide who may use it."""


def modes(tags: Tags) -> int:
    """Return the sum of the bits of the modes that may use a way; 0 for what is no street.

    Examples
    --------
    >>> modes({"highway": "residential"}), modes({"highway": "footway"}), modes({"foot": "yes"})
    (7, 1, 0)
    """
    return _modes(tuple((key, tags[key]) for key in tags if key in RELEVANT))


@lru_cache(maxsize=4096)
def _modes(told: tuple[tuple[str, str], ...]) -> int:
    tags = dict(told)
    kind = tags.get("highway")
    if kind not in _KINDS or tags.get("area") == "yes":
        return 0
    usual = _usual(kind, tags)
    by_vehicle = _told(_MOTOR, tags.get("vehicle"))
    by_motor = _first(_told(_MOTOR, tags.get("motor_vehicle")), by_vehicle)
    car = _first(_told(_MOTOR, tags.get("motorcar")), by_motor, bool(usual & CAR))
    bike = _first(
        _told(_BICYCLE, tags.get("bicycle")),
        _told(_CYCLEWAY, tags.get("cycleway")),
        _told(_BICYCLE, tags.get("bicycle_road")),
        _BICYCLE.get(tags.get("cyclestreet", "")),
        by_vehicle,
        bool(usual & BIKE),
    )
    foot = _first(
        _told(_FOOT, tags.get("foot")), _FOOT.get(tags.get("pedestrian", "")), bool(usual & FOOT)
    )
    if tags.get("service") == "driveway" and "access" not in tags:
        car = bike = foot = True
    if _for_buses(tags):
        car = bike = foot = False
    bike = bike or _has_lanes(tags)
    back = car and not _one_way(tags)
    car = _one_of(tags, _MOTOR, ("motor_vehicle", "vehicle"), bool(car), bool(back))
    bike = _one_of(tags, _BICYCLE, ("bicycle", "vehicle"), bool(bike), bool(bike))
    foot = _one_of(tags, _FOOT, ("foot",), bool(foot), bool(foot)) and not _rough(tags)
    return FOOT * foot + BIKE * (bike and kind != "steps") + CAR * car


def _usual(kind: str, tags: Tags) -> int:
    if _barred(tags):
        return 0
    usual = _KINDS[kind]
    if tags.get("smoothness") == "impassable":
        usual &= FOOT
    if tags.get("motorroad") == "yes" and kind in _FAST:
        usual &= CAR
    return usual


def _barred(tags: Tags) -> bool:
    return (
        tags.get("impassable") == "yes"
        or _told(_ACCESS, tags.get("access")) is False
        or _private_emergency(tags)
    )


def _private_emergency(tags: Tags) -> bool:
    return tags.get("access") == "private" and (
        tags.get("emergency") == "yes" or tags.get("service") == "emergency_access"
    )


def _for_buses(tags: Tags) -> bool:
    """Tell whether lanes change their direction and are left to buses."""
    return tags.get("oneway") == "reversible" and tags.get("access") in (
        "permissive",
        "hov",
        "taxi",
    )


def _has_lanes(tags: Tags) -> bool:
    """Tell whether there are cycle lanes on both sides, which open any way to bicycles."""
    sides = tags.get("cycleway:left") in _LANES and tags.get("cycleway:right") in _LANES
    return sides or tags.get("cycleway:both") in _LANES


def _one_way(tags: Tags) -> bool:
    round_about = tags.get("junction") in ("roundabout", "circular")
    return round_about or tags.get("oneway") in ("yes", "true", "1", "-1")


def _one_of(tags: Tags, table: Table, keys: tuple[str, ...], *usual: bool) -> bool:
    """Tell whether one direction is open, forward or backward, after the tags for each."""
    for direction, otherwise in zip(("forward", "backward"), usual, strict=True):
        names = (f"{key}:{direction}" for key in keys)
        said = next((tags[name] for name in names if name in tags), None)
        if otherwise if said is None else _told(table, said):
            return True
    return False


def _rough(tags: Tags) -> bool:
    """Tell whether a path needs more than shoes for town."""
    scale = tags.get("sac_scale", "").lower()
    if any(word in scale for word in _ALPINE):
        return True
    unpaved = tags.get("smoothness") == "impassable"
    return unpaved and "surface" not in tags and "tracktype" not in tags


class Barrier(IntEnum):
    """How a node on a way stops walkers."""

    NO = 0
    AT_JUNCTION = 1
    ALWAYS = 2


def stop(tags: Tags) -> Barrier:
    """Tell whether a node on a way stops walkers.

    The engine looks at nodes where ways meet or end, and of others only at gates and the
    like: a wall in the middle of a way is passed.

    Examples
    --------
    >>> stop({"barrier": "gate"}).name, stop({"barrier": "gate", "access": "no"}).name
    ('NO', 'ALWAYS')
    >>> stop({"barrier": "wall"}).name, stop({"barrier": "wall", "foot": "yes"}).name
    ('AT_JUNCTION', 'NO')
    """
    said, barrier = _told(_FOOT, tags.get("foot")), tags.get("barrier")
    if said is None:
        said = not (_barred(tags) or barrier in _WALLS or tags.get("hov") == "designated")
    if said:
        return Barrier.NO
    seen = barrier in _SEEN or tags.get("highway") == "elevator"
    return Barrier.ALWAYS if seen else Barrier.AT_JUNCTION


def _told(table: Table, value: str | None) -> bool | None:
    """Read a value, or a list of values of which one that allows is enough; None: not known."""
    if value is None:
        return None
    if value in table:
        return table[value]
    told = [table[part] for part in value.split(";") if part in table]
    return any(told) if told else None


def _first(*answers: bool | None) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)
