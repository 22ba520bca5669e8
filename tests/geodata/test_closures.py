"""Closures: what may be drawn and by whom, when they are in force, what is remembered of them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import areas, closures, merchants
from geodata.closures import Closure, obeying, shapes
from geodata.closures import drawing as drawing_module
from geodata.closures.shapes import Weight
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.hours import SHANGHAI
from geodata.policy import RESIDENT, Actor, Role
from geodata.store import Reader, open_store
from geodata.walking import Level
from geodata.walking.frames import Frame
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, drawing, entry, square

LON, LAT = CENTRE
STRANGER = Actor("stranger", Role.WORKER, "210106")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def office(store):
    """Return a store with a community and one merchant in it."""
    with store.writing() as tx:
        told = areas_frame(("210103006012", "泉富社区", square(LON, LAT)))
        areas.merge(tx, told, actor=ADMIN)
        merchants.add(tx, entry(), actor=ADMIN)
    return store


def drawn(store, geometry=None, *, actor=WORKER, **told) -> Closure:
    with store.writing() as tx:
        return closures.draw(tx, drawing(geometry, **told), actor=actor)


def now():
    return datetime.now(UTC)


class TestDrawing:
    def test_it_is_in_force_at_once_for_all_staff(self, office):
        one = drawn(office, shapely.box(LON, LAT, LON + 1e-3, LAT + 1e-3))
        with office.reading() as tx:
            (seen,) = closures.in_force(tx, now())
            (told,) = closures.listed(tx, now(), actor=STRANGER)
        assert seen.id == told.id == one.id
        assert seen.geometry.equals(one.geometry)
        assert (seen.area, seen.by, seen.level) == ("210103006012", "worker", Level.GROUND)

    @pytest.mark.parametrize(
        "geometry",
        [
            shapely.Point(CENTRE),
            shapely.LineString([CENTRE, (LON + 1e-3, LAT)]),
            shapely.MultiPoint([CENTRE, (LON + 1e-3, LAT)]),
            shapely.box(LON, LAT, LON + 1e-3, LAT + 1e-3),
            shapely.Point(LON, LAT, 12.0),
        ],
    )
    def test_areas_stretches_and_points_come_back_as_they_were_drawn(self, office, geometry):
        one = drawn(office, geometry)
        with office.reading() as tx:
            assert closures.get(tx, one.id, actor=WORKER).geometry == shapely.force_2d(geometry)

    @pytest.mark.parametrize(
        "geometry, code",
        [
            (shapely.Polygon(), "closure_empty"),
            (shapely.GeometryCollection([shapely.Point(CENTRE)]), "closure_kind"),
            (shapely.Point(LON, 91), "closure_coordinates"),
            (shapely.Point(LON, float("nan")), "closure_coordinates"),
            (shapely.box(LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1), "closure_too_large"),
            (shapely.LineString([CENTRE, (LON + 0.3, LAT)]), "closure_too_large"),
            (shapely.Point(CENTRE).buffer(1e-3, quad_segs=300), "closure_corners"),
            (shapely.Point(LON + 2, LAT), "closure_far_off"),
            (shapely.MultiPoint([CENTRE, (116.39, 39.9)]), "closure_too_large"),
        ],
    )
    def test_what_means_nothing_is_refused_by_its_name(self, office, geometry, code):
        with pytest.raises(Invalid) as refused:
            drawn(office, geometry, actor=ADMIN)
        assert refused.value.code == code

    def test_who_draws_a_bow_tie_is_told_where_it_crosses_itself(self, office):
        tie = [(0, 0), (2e-3, 2e-3), (2e-3, 0), (0, 2e-3)]
        with pytest.raises(Invalid, match="closure_crosses_itself") as refused:
            drawn(office, shapely.Polygon([(LON + x, LAT + y) for x, y in tie]))
        told = refused.value.details
        assert (told["lon"], told["lat"]) == pytest.approx((LON + 1e-3, LAT + 1e-3))

    def test_where_nothing_is_on_the_map_yet_nothing_is_far_off(self, store):
        assert drawn(store, actor=ADMIN).area == ""

    @pytest.mark.parametrize("actor", [RESIDENT, STRANGER, Actor("m", Role.MERCHANT)])
    def test_it_is_for_staff_in_whose_scope_its_middle_lies(self, office, actor):
        one = drawn(office)
        with pytest.raises(Forbidden):
            drawn(office, actor=actor)
        with office.writing() as tx:
            with pytest.raises(Forbidden):
                closures.lift(tx, one.id, actor=actor)
            with pytest.raises(Forbidden):
                closures.change(tx, one.id, {"public": True}, version=1, actor=actor)

    def test_who_slips_far_off_is_told_so_and_who_may_not_draw_is_not(self, office):
        far = shapely.Point(0, 0)
        with pytest.raises(Invalid, match="closure_far_off"):
            drawn(office, far, actor=WORKER)
        with pytest.raises(Forbidden):
            drawn(office, far, actor=RESIDENT)

    def test_each_part_of_it_must_lie_there(self, office):
        with pytest.raises(Forbidden):
            drawn(office, shapely.MultiPoint([CENTRE, (LON + 0.05, LAT)]))

    def test_nobody_moves_one_out_of_the_own_scope(self, office):
        one = drawn(office)
        away = {"geometry": shapely.Point(LON + 0.1, LAT)}
        with office.writing() as tx, pytest.raises(Forbidden):
            closures.change(tx, one.id, away, version=1, actor=WORKER)

    @pytest.mark.parametrize(
        "told, code",
        [
            ({"reason": " \u3000"}, "closure_reason_missing"),
            ({"reason": "长" * 201}, "words_too_long"),
            ({"ends": datetime(2020, 1, 1, tzinfo=UTC)}, "closure_times"),
            (
                {
                    "starts": datetime(2019, 1, 1, tzinfo=UTC),
                    "ends": datetime(2020, 1, 1, tzinfo=UTC),
                },
                "closure_past",
            ),
            ({"ends": datetime(2999, 1, 1, tzinfo=UTC)}, "closure_too_long"),
        ],
    )
    def test_reason_and_times_are_checked(self, office, told, code):
        with pytest.raises(Invalid) as refused:
            drawn(office, **told)
        assert refused.value.code == code


class TestAfterwards:
    def test_lifting_opens_at_once_and_the_history_stays(self, office):
        one = drawn(office)
        with office.writing() as tx:
            closures.lift(tx, one.id, actor=WORKER, why="修好了")
        with office.reading() as tx:
            assert closures.in_force(tx, now()) == []
            assert closures.listed(tx, now(), actor=WORKER) == []
            assert [c.id for c in closures.past(tx, now(), actor=WORKER)] == [one.id]
            told = closures.history(tx, one.id, actor=WORKER)
        assert [(e["action"], e["why"], e["by"]) for e in told] == [
            ("lift", "修好了", "worker"),
            ("add", "", "worker"),
        ]

    def test_it_was_in_force_before_it_was_lifted(self, office):
        one = drawn(office, starts=now() - 2 * HOUR)
        with office.writing() as tx:
            closures.lift(tx, one.id, actor=WORKER)
        with office.reading() as tx:
            assert [c.id for c in closures.in_force(tx, now() - HOUR)] == [one.id]
            assert closures.in_force(tx, now() + HOUR) == []

    def test_who_lifts_second_hears_who_was_first(self, office):
        one = drawn(office)
        with office.writing() as tx:
            closures.lift(tx, one.id, actor=ADMIN)
            with pytest.raises(Conflict, match="closure_over") as refused:
                closures.lift(tx, one.id, actor=WORKER)
        assert refused.value.details["by"] == "admin"

    def test_it_is_prolonged_and_says_so(self, office):
        one = drawn(office)
        later = one.ends + DAY
        with office.writing() as tx:
            closures.change(tx, one.id, {"ends": later}, version=1, actor=WORKER)
        with office.reading() as tx:
            assert closures.in_force(tx, one.ends + HOUR)[0].ends == later
            before = closures.history(tx, one.id, actor=WORKER)[0]["before"]
        assert datetime.fromisoformat(before["ends"]) == one.ends.replace(
            microsecond=one.ends.microsecond // 1000 * 1000
        )

    def test_its_former_shape_stays_in_the_history(self, office):
        one = drawn(office)
        moved = {"geometry": shapely.Point(LON + 1e-3, LAT)}
        with office.writing() as tx:
            closures.change(tx, one.id, moved, version=1, actor=WORKER)
        with office.reading() as tx:
            before = closures.history(tx, one.id, actor=WORKER)[0]["before"]
        assert shapely.from_wkb(before["geom"]) == shapely.Point(CENTRE)

    def test_who_has_seen_an_older_one_changes_nothing(self, office):
        one = drawn(office)
        with office.writing() as tx:
            closures.change(tx, one.id, {"public": True}, version=1, actor=WORKER)
            with pytest.raises(Conflict, match="version_stale"):
                closures.change(tx, one.id, {"public": False}, version=1, actor=WORKER)

    def test_residents_see_the_public_ones(self, office):
        hidden, public = drawn(office), drawn(office, public=True)
        with office.reading() as tx:
            assert [c.id for c in closures.listed(tx, now(), actor=RESIDENT)] == [public.id]
            assert len(closures.in_force(tx, now())) == 2
            with pytest.raises(Forbidden):
                closures.get(tx, hidden.id, actor=RESIDENT)
            with pytest.raises(Forbidden):
                closures.history(tx, public.id, actor=RESIDENT)
            with pytest.raises(NotFound):
                closures.get(tx, "nowhere", actor=WORKER)

    def test_what_begins_soon_is_told_before_and_closes_nothing_yet(self, office):
        begins = now() + 2 * DAY
        drawn(office, starts=begins, ends=begins + DAY)
        drawn(office, starts=begins + 10 * DAY, ends=begins + 11 * DAY)
        with office.reading() as tx:
            assert [c.starts for c in closures.listed(tx, now(), actor=WORKER)] == [
                begins.replace(microsecond=begins.microsecond // 1000 * 1000)
            ]
            assert closures.in_force(tx, now()) == []
            assert len(closures.in_force(tx, begins + HOUR)) == 1

    @pytest.mark.parametrize("begin,end,met", [
        (-3, -1, 0),  # hours before it begins
        (-3, 1, 1),
        (2, 3, 1),
        (23, 30, 1),
        (-3, 30, 1),
        (25, 30, 0),
    ])  # fmt: skip
    def test_whoever_is_under_way_obeys_what_begins_meanwhile(self, office, begin, end, met):
        begins = now() + 2 * DAY
        drawn(office, starts=begins, ends=begins + DAY)
        with office.reading() as tx:
            found = closures.in_force(tx, begins + begin * HOUR, begins + end * HOUR)
        assert len(found) == met

    def test_another_process_is_obeyed_at_once(self, office, store_url):
        with office.reading() as tx:
            assert closures.in_force(tx, now()) == []
        other = open_store(store_url)
        drawn(other)
        other.close()
        with office.reading() as tx:
            assert len(closures.in_force(tx, now())) == 1


class TestOutlines:
    @settings(deadline=None)
    @given(
        radii=st.lists(st.floats(20, 300), min_size=150, max_size=400),
        hole=st.booleans(),
    )
    def test_one_of_many_corners_is_kept_simpler_and_never_smaller(self, radii, hole):
        frame = Frame(LON, LAT)
        angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
        spots = np.column_stack((np.cos(angles), np.sin(angles))) * np.array(radii)[:, None]
        flat = shapely.Polygon(spots, [spots[::-1] * 0.4] if hole else None)
        drawn = shapely.transform(flat, frame.lonlat)

        kept = shapes.outline(drawn)

        assert kept.is_valid
        assert kept.covers(drawn)
        wide = flat.buffer(1.3).buffer(0.01)
        assert wide.covers(shapely.transform(kept, frame.xy))
        assert shapely.count_coordinates(kept) <= shapely.count_coordinates(drawn)

    def test_a_circle_of_a_thousand_corners_is_kept_with_few(self, office):
        circle = shapely.Point(CENTRE).buffer(2e-3, quad_segs=245)
        kept = drawn(office, circle, actor=ADMIN).geometry
        assert shapely.count_coordinates(kept) < 80
        assert kept.covers(circle)

    def test_of_what_is_drawn_with_few_corners_nothing_is_different(self, office):
        square_ = shapely.box(LON, LAT, LON + 1e-3, LAT + 1e-3)
        assert drawn(office, square_).geometry == square_


class TestTooMuch:
    SQUARE = shapely.box(LON, LAT, LON + 1e-3, LAT + 1e-3)

    @pytest.fixture(params=[Weight(16, 1e9), Weight(10**9, 1.3)], ids=["corners", "km"])
    def full(self, request, office, monkeypatch):
        """Return an office in which there is room for three squares at once, and three of them."""
        monkeypatch.setattr(drawing_module, "MOST_IN_FORCE", request.param)
        self.drawn = [drawn(office, self.SQUARE) for _ in range(3)]
        return office

    def test_more_than_the_routing_bears_at_once_is_refused(self, full):
        with pytest.raises(Invalid, match="closures_full") as refused:
            drawn(full, self.SQUARE)
        told = refused.value.details
        assert told["corners"] == 20
        with full.reading() as tx, pytest.raises(Invalid, match="closures_full"):
            closures.touched(tx, drawing(self.SQUARE), actor=WORKER)

    def test_what_is_lifted_or_over_by_then_does_not_count(self, full):
        ends = self.drawn[0].ends
        drawn(full, self.SQUARE, starts=ends + HOUR, ends=ends + DAY)
        with full.writing() as tx:
            closures.lift(tx, self.drawn[0].id, actor=WORKER)
        later = drawn(full, self.SQUARE)
        prolonged = {"ends": ends + 3 * DAY}
        with full.writing() as tx:
            for one in self.drawn[1:]:
                closures.change(tx, one.id, prolonged, version=1, actor=WORKER)
            with pytest.raises(Invalid, match="closures_full"):
                closures.change(tx, later.id, prolonged, version=1, actor=WORKER)

    def test_only_what_is_in_force_together_counts(self, full):
        start = self.drawn[-1].ends + HOUR
        end = start + 10 * DAY
        for day in range(6):
            drawn(full, self.SQUARE, starts=start + day * DAY, ends=start + (day + 1) * DAY)
        for _ in range(2):
            drawn(full, self.SQUARE, starts=start, ends=end)
        with pytest.raises(Invalid, match="closures_full"):
            drawn(full, self.SQUARE, starts=start, ends=end)

    def test_one_that_is_full_can_still_be_changed_otherwise(self, full):
        with full.writing() as tx:
            told = {"public": True, "geometry": self.SQUARE}
            assert closures.change(tx, self.drawn[0].id, told, version=1, actor=WORKER).public


class TestNeighbours:
    @pytest.fixture
    def both(self, office):
        """Return an office with a closure that reaches into the stranger's community."""
        with office.writing() as tx:
            told = areas_frame(("210106001001", "邻社区", square(LON + 0.02, LAT)))
            areas.merge(tx, told, actor=ADMIN)
        self.reach = drawn(office, shapely.box(LON - 1e-3, LAT, LON + 0.016, LAT + 1e-3))
        return office

    def test_whoever_looks_after_an_area_that_it_touches_may_lift_it(self, both):
        here = drawn(both)
        with both.writing() as tx:
            every = closures.in_force(tx, now())
            assert closures.liftable(tx, every, actor=STRANGER) == {self.reach.id}
            assert closures.liftable(tx, every, actor=WORKER) == {self.reach.id, here.id}
            assert closures.liftable(tx, every, actor=RESIDENT) == set()
            with pytest.raises(Forbidden):
                closures.lift(tx, here.id, actor=STRANGER)
            with pytest.raises(Forbidden):
                closures.change(tx, self.reach.id, {"public": True}, version=1, actor=STRANGER)
            closures.lift(tx, self.reach.id, actor=STRANGER, why="我们这边通了")
        with both.reading() as tx:
            entry = closures.history(tx, self.reach.id, actor=WORKER)[0]
        assert (entry["action"], entry["by"]) == ("lift", "stranger")


class TestKept:
    @pytest.fixture
    def asked(self, monkeypatch):
        """Return how often closures were read out of the store."""
        seen = []
        read = Reader.rows

        def rows(tx, table, **told):
            found = read(tx, table, **told)
            if table == "closure":
                seen.append(len(found))
            return found

        monkeypatch.setattr(Reader, "rows", rows)
        return seen

    def test_asking_of_another_moment_does_not_move_what_is_kept(self, office, asked):
        drawn(office)
        asked.clear()
        for at in (now() + 400 * DAY, now(), now() - 400 * DAY, now() + DAY / 2, now()):
            with office.reading() as tx:
                closures.in_force(tx, at)
        assert asked == [1, 0]

    def test_of_a_former_moment_no_more_is_read_than_was_told_then(self, office, asked):
        for _ in range(3):
            one = drawn(office, starts=now() - 3 * DAY)
        drawn(office, starts=now() + DAY / 2)
        asked.clear()
        with office.reading() as tx:
            found = closures.in_force(tx, one.starts + HOUR)
        assert (len(found), asked[-1]) == (3, 3)

    def test_what_the_routing_takes_is_kept_as_far_as_there_is_room(self):
        kept = obeying.Kept(most=20)
        squares = [(shapely.box(x, 0, x + 1, 1),) for x in range(3)]
        first = kept.get(squares[0])
        assert kept.get(squares[0]) is first
        for some in squares:
            kept.get(some)
        assert (len(kept), kept.corners) == (3, 18)
        crowd = tuple(shapely.box(x, 0, x + 1, 1) for x in range(50))
        assert kept.get(crowd) is kept.get(crowd)
        assert len(kept) == 1
        kept.get(squares[0])
        assert kept.corners == 6


def test_residents_hear_what_is_in_force_and_what_comes_but_no_history(office):
    lifted = drawn(office, public=True, starts=now() - DAY)
    drawn(office, public=True)
    soon = drawn(office, public=True, starts=now() + DAY / 2)
    with office.writing() as tx:
        closures.lift(tx, lifted.id, actor=WORKER)
    with office.reading() as tx:
        for at in (now(), now() - HOUR):
            told = {one.id for one in closures.listed(tx, at, actor=RESIDENT)}
            assert lifted.id not in told
            assert soon.id in told
        assert lifted.id in {c.id for c in closures.listed(tx, now() - HOUR, actor=WORKER)}


def test_it_is_told_until_when_what_is_listed_stands(office):
    with office.reading() as tx:
        assert closures.stands_until(tx, now()) is None
    one = drawn(office, starts=now() + 8 * DAY, ends=now() + 9 * DAY)
    with office.reading() as tx:
        found = []
        at = now()
        while (at := closures.stands_until(tx, at)) is not None:
            found.append(at)
    ends = one.ends
    assert found == [one.starts - closures.SOON, one.starts, ends]


def test_overlapping_ones_are_told(office):
    here = drawn(office, shapely.box(LON, LAT, LON + 2e-3, LAT + 2e-3))
    drawn(office, shapely.Point(LON - 5e-3, LAT))
    with office.reading() as tx:
        every = closures.in_force(tx, now())
    over = drawing(shapely.box(LON + 1e-3, LAT, LON + 3e-3, LAT + 1e-3))
    assert [c.id for c in closures.overlapping(every, over)] == [here.id]
    later = drawing(over.geometry, starts=here.ends, ends=here.ends + DAY)
    assert closures.overlapping(every, later) == []


def test_what_a_drawing_touches_is_told_but_for_the_one_that_is_drawn_anew(office):
    here = drawn(office)
    with office.reading() as tx:
        assert [c.id for c in closures.touched(tx, drawing(), actor=WORKER)] == [here.id]
        assert closures.touched(tx, drawing(), actor=WORKER, but=here.id) == []
        with pytest.raises(Forbidden):
            closures.touched(tx, drawing(), actor=STRANGER)
        with pytest.raises(Invalid, match="closure_empty"):
            closures.touched(tx, drawing(shapely.Polygon()), actor=WORKER)


def test_the_same_drawing_under_its_key_is_drawn_once(office):
    once = drawing()
    with office.writing() as tx:
        first, second = (
            closures.draw(tx, once, actor=WORKER, idempotency_key="k" * 16) for _ in range(2)
        )
        assert first.id == second.id
        with pytest.raises(Conflict, match="idempotency_key_reused"):
            closures.draw(tx, drawing(public=True), actor=WORKER, idempotency_key="k" * 16)
        assert closures.draw(tx, once, actor=ADMIN, idempotency_key="k" * 16).id != first.id


MIDNIGHT = datetime(2030, 1, 2, tzinfo=SHANGHAI)
MOMENTS = st.tuples(
    st.timedeltas(-DAY, 2 * DAY),
    st.sampled_from([0 * HOUR, HOUR, 8 * HOUR, DAY]) | st.none(),
    st.sampled_from([UTC, SHANGHAI]),
).map(lambda told: (MIDNIGHT + (told[0] if told[1] is None else told[1])).astimezone(told[2]))
"""Around midnight in China and the switch of a day in UTC, said in either zone."""


@given(starts=MOMENTS, ends=MOMENTS, at=MOMENTS, lifted=st.none() | MOMENTS)
def test_it_closes_from_its_first_moment_to_before_its_last(starts, ends, at, lifted):
    one = Closure(
        id="A",
        geometry=shapely.Point(CENTRE),
        reason="",
        level=Level.ALL,
        starts=starts,
        ends=ends,
        lifted=lifted,
        public=True,
        by="",
        area="",
        version=1,
        changed="",
    )
    over = ends if lifted is None or ends < lifted else lifted
    assert one.in_force(at) == (starts.timestamp() <= at.timestamp() < over.timestamp())


@pytest.fixture(scope="module")
def midnight(tmp_path_factory):
    """Return a store with closures that begin and end around midnight."""
    store = open_store(tmp_path_factory.mktemp("closures") / "linju.gpkg")
    for before in range(-6, 30, 3):
        for lasts in (1, 6, 30):
            starts = MIDNIGHT + before * HOUR
            drawn(store, actor=ADMIN, starts=starts, ends=starts + lasts * HOUR)
    yield store
    store.close()


@given(at=MOMENTS)
def test_what_is_in_force_at_any_hour_is_what_was_told_for_it(midnight, at):
    with midnight.reading() as tx:
        every = closures.past(tx, MIDNIGHT + 9 * DAY, actor=ADMIN)
        expected = {one.id for one in every if one.starts <= at < one.ends}
        assert {one.id for one in closures.in_force(tx, at)} == expected
