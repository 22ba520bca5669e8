"""GPX that every reader opens, whatever people typed."""

from datetime import UTC, datetime

import gpxpy
import pytest
import shapely

from geodata.exchange import Track, Waypoint, write_gpx

AT = datetime(2026, 11, 25, 1, tzinfo=UTC)


@pytest.mark.parametrize("odd", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_forbids_is_left_out_and_all_else_stays(odd):
    words = f"甲{odd}<乙>&\t🧧"
    place = Waypoint(123.47, 41.775, words, words, words)
    way = Track(shapely.LineString([(123.47, 41.775), (123.48, 41.775)]), words, words)

    read = gpxpy.parse(write_gpx(words, AT, [place], [way]).decode())

    told = [read.name, read.waypoints[0].name, read.waypoints[0].description]
    told += [read.waypoints[0].type, read.tracks[0].name, read.tracks[0].description]
    assert told == ["甲<乙>&\t🧧"] * 6
