"""Places and ways as GPX 1.1, which phones and navigators read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import gpxpy.gpx
import shapely

CREATOR: Final = "Linju"

# All that XML 1.0 has no way to write, not even as a reference.
_UNLAWFUL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place, WGS 84."""

    lon: float
    lat: float
    name: str
    description: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """A way, WGS 84."""

    line: shapely.LineString
    name: str
    description: str = ""


def write_gpx(
    name: str, at: datetime, waypoints: Sequence[Waypoint], tracks: Sequence[Track]
) -> bytes:
    """Return a GPX file; characters that XML forbids are left out.

    Parameters
    ----------
    at
        When it was made (aware).

    Examples
    --------
    >>> here = Waypoint(123.47, 41.775, "<泉园>")
    >>> made = write_gpx("甲", datetime.fromisoformat("2026-11-24T10:00:00+08:00"), [here], [])
    >>> gpxpy.parse(made.decode()).waypoints[0].name
    '<泉园>'
    """
    whole = gpxpy.gpx.GPX()
    whole.creator, whole.name, whole.time = CREATOR, _lawful(name), at
    whole.waypoints = [
        gpxpy.gpx.GPXWaypoint(
            latitude=one.lat,
            longitude=one.lon,
            name=_lawful(one.name),
            description=_lawful(one.description) or None,
            type=_lawful(one.kind) or None,
        )
        for one in waypoints
    ]
    for one in tracks:
        track = gpxpy.gpx.GPXTrack(
            name=_lawful(one.name), description=_lawful(one.description) or None
        )
        points = [
            gpxpy.gpx.GPXTrackPoint(latitude=lat, longitude=lon)
            for lon, lat in shapely.get_coordinates(one.line).tolist()
        ]
        track.segments = [gpxpy.gpx.GPXTrackSegment(points)]
        whole.tracks.append(track)
    written: str = whole.to_xml(version="1.1")
    return written.encode()


def _lawful(text: str) -> str:
    return _UNLAWFUL.sub("", text)
