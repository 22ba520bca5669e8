"""What one does at a point of a way, in Valhalla's own words and numbers."""

from enum import IntEnum
from typing import Self


class Manoeuvre(IntEnum):
    """Every manoeuvre that Valhalla 3.9 knows, numbered as it numbers them.

    A number that is not here, as a later engine may send, becomes :attr:`NONE`: one goes on,
    and the step still says where and how far.

    Notes
    -----
    Source: the enumeration ``DirectionsLeg.Maneuver.Type`` in Valhalla's
    ``proto/directions.proto``.

    Examples
    --------
    >>> Manoeuvre(10).name, Manoeuvre(999).name
    ('RIGHT', 'NONE')
    """

    NONE = 0
    START = 1
    START_RIGHT = 2
    START_LEFT = 3
    DESTINATION = 4
    DESTINATION_RIGHT = 5
    DESTINATION_LEFT = 6
    BECOMES = 7
    CONTINUE = 8
    SLIGHT_RIGHT = 9
    RIGHT = 10
    SHARP_RIGHT = 11
    UTURN_RIGHT = 12
    UTURN_LEFT = 13
    SHARP_LEFT = 14
    LEFT = 15
    SLIGHT_LEFT = 16
    RAMP_STRAIGHT = 17
    RAMP_RIGHT = 18
    RAMP_LEFT = 19
    EXIT_RIGHT = 20
    EXIT_LEFT = 21
    STAY_STRAIGHT = 22
    STAY_RIGHT = 23
    STAY_LEFT = 24
    MERGE = 25
    ROUNDABOUT_ENTER = 26
    ROUNDABOUT_EXIT = 27
    FERRY_ENTER = 28
    FERRY_EXIT = 29
    TRANSIT = 30
    TRANSIT_TRANSFER = 31
    TRANSIT_REMAIN_ON = 32
    TRANSIT_CONNECTION_START = 33
    TRANSIT_CONNECTION_TRANSFER = 34
    TRANSIT_CONNECTION_DESTINATION = 35
    POST_TRANSIT_CONNECTION_DESTINATION = 36
    MERGE_RIGHT = 37
    MERGE_LEFT = 38
    ELEVATOR_ENTER = 39
    STEPS_ENTER = 40
    ESCALATOR_ENTER = 41
    BUILDING_ENTER = 42
    BUILDING_EXIT = 43
    LEVEL_CHANGE = 44
    PARK_VEHICLE = 45

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls(0) if isinstance(value, int) else None
