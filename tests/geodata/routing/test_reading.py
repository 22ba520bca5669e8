import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import Unavailable
from geodata.routing import Manoeuvre, Signs, reading


def encoded(points):
    """Write a line as the engine does: an independent, slow version."""
    text, last = "", (0, 0)
    for lon, lat in points:
        here = round(lat * 1e6), round(lon * 1e6)
        for value, before in zip(here, last, strict=True):
            step = (value - before) << 1
            step = ~step if step < 0 else step
            while step >= 0x20:
                text += chr((0x20 | step & 0x1F) + 63)
                step >>= 5
            text += chr(step + 63)
        last = here
    return text


degrees = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


class TestCoordinates:
    @given(st.lists(degrees, min_size=1, max_size=20))
    def test_what_was_written_is_read(self, points):
        np.testing.assert_allclose(reading.coordinates(encoded(points)), points, atol=6e-7)

    @pytest.mark.parametrize("text", ["", "_", "?", "???", "é", "?`"])
    def test_what_is_no_line_is_a_failure(self, text):
        with pytest.raises(Unavailable, match="engine_failed"):
            reading.coordinates(text)


class TestSteps:
    def test_all_that_is_told_is_read(self):
        told = {
            "type": 20, "length": 0.25, "time": 12.5, "begin_shape_index": 3, "end_shape_index": 9,
            "street_names": ["青年大街", "G1"], "begin_street_names": ["立交桥"],
            "bearing_before": 10, "bearing_after": 40, "roundabout_exit_count": 2,
            "sign": {
                "exit_number_elements": [{"text": "5A"}],
                "exit_toward_elements": [{"text": "沈阳站"}, {"text": "北站"}],
                "exit_branch_elements": [{"text": "G1"}],
                "exit_name_elements": [{"text": "东出口"}],
            },
        }  # fmt: skip

        (step,) = reading.steps({"maneuvers": [told]})

        assert step.manoeuvre is Manoeuvre.EXIT_RIGHT
        assert (step.distance_m, step.duration_s, step.begin, step.end) == (250, 12.5, 3, 9)
        assert (step.names, step.begin_names) == (("青年大街", "G1"), ("立交桥",))
        assert (step.bearing_before, step.bearing_after, step.roundabout_exit) == (10, 40, 2)
        assert step.signs == Signs(("5A",), ("G1",), ("沈阳站", "北站"), ("东出口",))

    def test_a_manoeuvre_of_a_later_engine_is_none(self):
        told = {"type": 99, "length": 0, "time": 0, "begin_shape_index": 0, "end_shape_index": 0}

        assert reading.steps({"maneuvers": [told]})[0].manoeuvre is Manoeuvre.NONE


class TestManoeuvres:
    def test_they_are_numbered_without_gaps(self):
        assert [one.value for one in Manoeuvre] == list(range(46))

    def test_what_is_no_number_is_no_manoeuvre(self):
        with pytest.raises(ValueError, match="right"):
            Manoeuvre("right")


def test_a_way_of_one_point_is_a_line_of_no_length():
    assert reading.line(np.array([[1.0, 2.0]])) == shapely.LineString([(1, 2), (1, 2)])


def test_a_table_has_no_distance_where_it_has_no_time():
    told = {"sources_to_targets": {"durations": [[0, None]], "distances": [[0.0, 0.0]]}}

    seconds, metres = reading.table(told)

    assert np.isnan(seconds).tolist() == np.isnan(metres).tolist() == [[False, True]]
