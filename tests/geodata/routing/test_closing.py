import numpy as np
import orjson
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geodata.errors import Invalid
from geodata.geometry import metres_between
from geodata.routing.closing import barred
from geodata.walking import Graph
from geodata.walking.frames import Frame

FRAME = Frame(123.43, 41.8)
BETWEEN_CORNERS = [(28.22, 12.58), (20.56, 31.06)]
"""An edge 4.75 m from (20, 20): nearer than a circle of 16 corners comes, farther than one of 8."""
SQUARE = shapely.box(123.4, 41.7, 123.5, 41.8)


def outlines(*closures):
    return orjson.loads(orjson.dumps(barred(closures).question))["exclude_polygons"]


def test_an_area_stays_as_it_is():
    (outline,) = outlines(SQUARE)

    assert shapely.Polygon(outline).equals(SQUARE)
    assert outline[0] == outline[-1]


def test_no_closures_are_nothing_to_ask():
    assert barred([]).question == {}
    assert not barred([])
    assert barred([]).touch([shapely.LineString([(0, 0), (1, 1)])]).tolist() == [False]


def test_of_a_point_and_a_line_what_is_within_five_metres_is_closed():
    for closure in (
        shapely.Point(123.43, 41.8),
        shapely.LineString([(123.43, 41.8), (123.43, 41.81)]),
        shapely.MultiLineString([[(123.43, 41.8), (123.43, 41.81)]]),
    ):
        (outline,) = outlines(closure)
        lon, lat = shapely.Polygon(outline).boundary.interpolate(1, normalized=True).coords[0]
        away = metres_between(
            lon, lat, *shapely.ops.nearest_points(closure, shapely.Point(lon, lat))[0].coords[0]
        )
        assert 4 < away < 5.1


def test_a_line_s_area_has_few_corners():
    wavy = shapely.LineString([(123.43 + i * 1e-5, 41.8 + (i % 2) * 1e-7) for i in range(500)])

    assert len(outlines(wavy)[0]) < 20


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=4, unique=True))
def test_holes_stay_open(cells):
    area = shapely.box(0, 0, 10, 10)
    for x, y in cells:
        area = shapely.difference(area, shapely.box(x + 0.1, y + 0.1, x + 0.9, y + 0.9))

    closed = barred([area]).areas

    assert shapely.get_num_interior_rings(closed).max() == 0
    assert shapely.union_all(closed).normalize().equals_exact(area.normalize(), 1e-9) or (
        shapely.symmetric_difference(shapely.union_all(closed), area).area < 1e-9
    )


def test_long_straight_sides_are_those_of_the_map_and_not_of_the_globe():
    (outline,) = outlines(shapely.box(123, 41, 124, 42))

    lon, lat = np.array(outline).T
    assert np.hypot(np.diff(lon), np.diff(lat)).max() < 0.021


def test_it_is_told_which_closures_close_which_lines():
    closures = barred([shapely.Point(0, 0), shapely.MultiPoint([(1, 1), (2, 2)]), SQUARE])
    lines = [shapely.LineString([(2, 1), (2, 3)]), shapely.LineString([(123.45, 41.75), (0, 0)])]

    assert closures.owner.tolist() == [0, 1, 1, 2]
    assert [closures.closing(some) for some in ([], lines[:1], lines)] == [set(), {1}, {0, 1, 2}]


def test_what_was_made_of_closures_before_is_taken_as_it_is():
    closures = barred([SQUARE])

    assert barred(closures) is closures


def test_some_of_the_closures_can_be_asked_for_alone():
    closures = barred([shapely.Point(0, 0), shapely.MultiPoint([(1, 1), (2, 2)]), SQUARE])

    some = closures.of({2, 0})

    assert some.owner.tolist() == [0, 2]
    assert orjson.dumps(some.question) == orjson.dumps(barred(list(some.areas)).question)
    assert closures.of(()).question == {}


def test_what_a_line_meets_is_told_with_its_closure():
    closures = barred([shapely.Point(0, 0), SQUARE])

    ((area, owner),) = closures.met_by(shapely.LineString([(123.45, 41.75), (123.46, 41.76)]))

    assert (area, owner) == (SQUARE, 1)
    assert barred([]).met_by(shapely.LineString([(0, 0), (1, 1)])) == []


def test_lines_that_touch_an_area_are_closed():
    lines = [
        shapely.LineString([(123.3, 41.75), (123.45, 41.75)]),
        shapely.LineString([(123.3, 41.7), (123.4, 41.7)]),
        shapely.LineString([(123.3, 41.7), (123.39, 41.7)]),
    ]

    assert barred([SQUARE]).touch(lines).tolist() == [True, True, False]


@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=2, max_size=5, unique=True
    ).map(lambda points: shapely.LineString(FRAME.lonlat(np.array(points)))),
    st.lists(st.tuples(st.floats(-9, 69), st.floats(-9, 69)), min_size=2, max_size=2, unique=True),
)
@example(shapely.LineString(FRAME.lonlat(np.array([(20, 20), (0, 0)]))), BETWEEN_CORNERS)
def test_the_walking_graph_closes_the_same_edges(line, ends):
    lon, lat = FRAME.lonlat(np.array(ends)).T
    edge = Graph(
        lon=lon,
        lat=lat,
        ends=np.array([[0, 1]], dtype=np.int32),
        length_m=np.ones(1),
        modes=np.ones(1, dtype=np.uint8),
        shape=np.column_stack((lon, lat)),
        shape_start=np.array([0, 2]),
    )
    closures = [line, shapely.Point(line.coords[0]), shapely.MultiPoint(line.coords)]
    for closure in (*closures, shapely.GeometryCollection(closures)):
        told = edge.closed_by([closure])
        assert told.tolist() == barred([closure]).touch(edge.lines).tolist()


@pytest.mark.parametrize(
    "closure,reason",
    [
        (None, "missing"),
        (shapely.Polygon(), "empty"),
        (shapely.GeometryCollection(), "empty"),
        (shapely.Point(np.nan, 41.8), "coordinates"),
        (shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)]), "coordinates"),
        (shapely.Point(41.8, 123.4), "coordinates"),
        (shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), "shape"),
        (shapely.LineString([(1, 1), (1, 1)]), "shape"),
        (shapely.Polygon([(0, 0), (1, 1), (2, 2)]), "shape"),
    ],
)
def test_what_closes_nothing_is_refused_with_its_place(closure, reason):
    with pytest.raises(Invalid) as refused:
        barred([SQUARE, shapely.Point(0, 0), closure])

    assert refused.value.code == "closures_invalid"
    assert refused.value.details == {"at": 2, "reason": reason}
