"""Directions (指路): a way in words, as a good neighbour tells it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import shapely

from geodata.modes import Mode
from geodata.routing import Route
from webmap.directions import clauses, phrases
from webmap.directions.corners import CORNER_M, landmarks
from webmap.directions.pieces import gathered
from webmap.directions.wording import length, plain, sentence, street
from webmap.i18n import gettext

__all__ = ["CORNER_M", "Told", "landmarks", "summary", "tell"]

_HERE_M = 15.0


@dataclass(frozen=True, slots=True)
class Told:
    """A stretch and what to do at its end, in the reader's language.

    Parameters
    ----------
    type
        A word for what to do there: a :class:`~geodata.routing.Manoeuvre`'s name in small
        letters, as "right" or "destination_left".
    text
        One sentence without a full stop, plain text: it holds people's words.
    distance_m, duration_s
        Of the stretch.
    at
        Longitude and latitude of its end, where that is done; WGS 84.
    """

    type: str
    text: str
    distance_m: float
    duration_s: float
    at: tuple[float, float]


def tell(
    route: Route,
    *,
    mode: Mode,
    landmarks: Mapping[int, str] | None = None,
    destination: str = "",
) -> list[Told]:
    """Tell a way in words, one sentence for every stretch and the turn that ends it.

    Parameters
    ----------
    mode
        How one goes: it chooses the verbs, and what on the way is worth a word.
    landmarks
        What stands at the corner where a step begins, by the step's number, as
        :func:`landmarks` finds it.
    destination
        The name of the aim; without one it is "your destination".

    Returns
    -------
    list
        Fewer than the way has steps: the first sentence tells the first stretch and the first
        turn, and what goes straight on is told in one. The last tells the arrival. Distances
        and times add up to those of the steps. Empty for fewer than two steps.

    Notes
    -----
    Names keep what can be seen of them, some twenty Chinese characters at most.

    Examples
    --------
    >>> from geodata.routing import Manoeuvre as M, Step
    >>> way = Route(
    ...     shapely.LineString([(123.47, 41.775), (123.47, 41.776), (123.471, 41.776)]),
    ...     duration_s=150,
    ...     distance_m=190,
    ...     snap_m=(0, 0),
    ...     steps=(
    ...         Step(M.START, ("万柳塘路",), distance_m=118, end=1, bearing_after=2),
    ...         Step(M.RIGHT, ("小河沿路",), distance_m=72, begin=1, end=2),
    ...         Step(M.DESTINATION_LEFT, begin=2, end=2),
    ...     ),
    ... )
    >>> for told in tell(way, mode=Mode.FOOT, destination="泉富诊所"):
    ...     print(told.text)
    沿万柳塘路向北走 120 米，右转进入小河沿路
    沿小河沿路走 70 米，到达泉富诊所，在您左手边
    """
    corners = landmarks or {}
    aim = plain(destination)
    points = shapely.get_coordinates(route.line)
    told = []
    on = ""
    for number, (piece, next_piece) in enumerate(pairwise(gathered(route.steps, mode))):
        after = next_piece.stretch
        corner = plain(corners.get(next_piece.number, ""))
        # Over the crossing and on is still the same street.
        on = on if piece.only_passes(mode) else street(piece.stretch.names)
        known = "" if corner == aim else corner
        turn = clauses.turn(next_piece, mode, on=on, corner=known, aim=aim)
        if number and clauses.follows_at_once(piece, after, mode):
            turn = gettext(phrases.SOON, next=turn)
        for stretch in reversed(piece.stretches):
            turn = clauses.along(stretch, mode, turn)
        lon, lat = points[after.begin].tolist()
        told.append(
            Told(
                type=after.manoeuvre.name.lower(),
                text=sentence(turn),
                distance_m=round(sum(one.distance_m for one in piece.stretches), 1),
                duration_s=round(sum(one.duration_s for one in piece.stretches), 1),
                at=(round(lon, 6), round(lat, 6)),
            )
        )
    return told


def summary(route: Route, mode: Mode) -> str:
    """Say in a few words how long a way takes and how long it is.

    Minutes are whole ones, a begun one counts; there is at least one. Metres are told to ten,
    from a kilometre on to a tenth of it.

    Examples
    --------
    >>> way = Route(shapely.LineString([(0, 0), (0, 0)]), 448.2, 561, (0, 0), ())
    >>> summary(way, Mode.FOOT)
    '步行约 8 分钟（560 米）'
    """
    if route.distance_m < _HERE_M:
        return gettext("You are there")
    minutes = max(math.ceil(route.duration_s / 60), 1)
    said = phrases.SUMMARIES[mode]
    return gettext(said, minutes=minutes, distance=length(route.distance_m))
