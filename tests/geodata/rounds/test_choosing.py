"""Homes chosen for a round: where, by what name, and what a pasted sheet means."""

import pytest
import shapely

from geodata import areas, elders, homes, rounds
from geodata.elders import Elder
from geodata.errors import Forbidden
from geodata.policy import RESIDENT, Actor, Role
from geodata.rounds import Fate
from geodata.vault import Vault, new_key
from tests.factories import ADMIN, CENTRE, areas_frame, homes_frame, square

LON, LAT = CENTRE
HERE, THERE = "210103006012", "210106001001"
EAST = LON + 0.05
WORKER = Actor("worker", Role.WORKER, "210103006")


@pytest.fixture
def office(store):
    """Return a store with four homes here and one elsewhere."""
    told = areas_frame((HERE, "泉富", square(LON, LAT)), (THERE, "邻富", square(EAST, LAT)))
    rows = [
        {"name": "2号楼", "address": "泉园路1号", "lon": LON + 0.001, "elders_alone": 2},
        {"name": "10号楼", "address": "泉园路2号", "lon": LON + 0.002},
        {"name": "甲栋", "address": "文化路 3 号", "lon": LON - 0.002, "elders_alone": 0},
        {"name": "12号楼", "address": "泉园路4号", "lon": LON + 0.004},
        {"name": "远楼", "address": "别处", "lon": EAST, "elders_alone": 1},
    ]
    with store.writing() as tx:
        areas.merge(tx, told, actor=ADMIN)
        frame = homes_frame(*rows)
        frame["row"] = range(2, 2 + len(frame))
        homes.merge(tx, frame, actor=ADMIN)
        home = next(row["id"] for row in tx.rows("home") if row["name"] == "10号楼")
        elders.add(tx, home, Elder("李明"), Vault([new_key()]), actor=ADMIN)
    return store


def names(store, actor=WORKER, **told):
    with store.reading() as tx:
        return [row["name"] for row in rounds.chosen(tx, actor=actor, **told)]


def lines(store, text, actor=WORKER):
    with store.reading() as tx:
        return rounds.understood(tx, text, actor=actor)


class TestChosen:
    def test_of_ones_own_area_as_people_count(self, office):
        assert names(office) == ["2号楼", "10号楼", "12号楼", "甲栋"]
        assert names(office, Actor("s", Role.WORKER, "210106")) == ["远楼"]

    def test_inside_a_shape_and_by_words(self, office):
        box = shapely.box(LON, LAT - 1e-3, LON + 0.0025, LAT + 1e-3)
        assert names(office, shape=box) == ["2号楼", "10号楼"]
        assert names(office, shape=shapely.Polygon()) == []
        assert names(office, words="泉园 4号") == ["12号楼"]

    def test_where_elders_live_alone_as_the_office_says_or_as_they_are_entered(self, office):
        with office.reading() as tx:
            found = rounds.chosen(tx, actor=WORKER, alone=True)
        assert [(row["name"], row["elders_alone"]) for row in found] == [
            ("2号楼", 2),
            ("10号楼", 1),
        ]
        assert "李明" not in str(found)

    def test_other_areas_are_not_told(self, office):
        for told in ({"area": THERE}, {"actor": RESIDENT}):
            with pytest.raises(Forbidden):
                names(office, **told)


class TestUnderstood:
    def test_cells_of_a_spreadsheet_are_homes_minutes_and_notes(self, office):
        told = lines(
            office, "楼栋\t分钟\t备注\n2号楼\t15\t带药\n\n文化路3号,20分钟\n１０ 号楼\t先打电话\n"
        )
        assert [(one.number, one.fate) for one in told] == [
            (2, "found"),
            (4, "found"),
            (5, "found"),
        ]
        assert [one.homes[0]["name"] for one in told] == ["2号楼", "甲栋", "10号楼"]
        assert [(one.minutes, one.note) for one in told] == [
            (15, "带药"),
            (20, ""),
            (None, "先打电话"),
        ]

    @pytest.mark.parametrize(
        "cell, window",
        [
            ("14:00-14:30", ("14:00", "14:30")),
            ("14:00—14:30", ("14:00", "14:30")),
            ("14：00至14：30", ("14:00", "14:30")),
            ("9:00 ～ 10:05", ("09:00", "10:05")),
            ("8:30:00-9:00:00", ("08:30", "09:00")),
            ("22:00到24:00", ("22:00", "23:59")),
        ],
    )
    def test_a_cell_of_times_is_when_the_visit_may_begin(self, office, cell, window):
        (told,) = lines(office, f"甲栋\t{cell}\t15\t带药")
        assert (told.fate, told.window) == (Fate.FOUND, window)
        assert (told.minutes, told.note) == (15, "带药")

    @pytest.mark.parametrize(
        "cell",
        [
            "下午2点",
            "14:00",
            "14:00以后",
            "14:30-14:00",
            "14:00-25:00",
            "14:00-14:60",
            "14：00、15：00",
            "9:00-10:00不在家",
            "9:00-10:00\t14:00-15:00",
        ],
    )
    def test_times_that_cannot_be_read_do_not_become_a_note(self, office, cell):
        (told,) = lines(office, f"甲栋\t{cell}")
        assert told.fate is Fate.BAD_TIMES

    @pytest.mark.parametrize("note", ["带药", "3层2时代", "下午2点前打电话", "2-1-301", "按时吃药"])
    def test_a_note_of_words_stays_a_note(self, office, note):
        (told,) = lines(office, f"甲栋\t{note}")
        assert (told.fate, told.note, told.window) == (Fate.FOUND, note, None)

    @pytest.mark.parametrize(
        "text, fate",
        [
            ("9号楼", Fate.UNKNOWN),
            ("远楼", Fate.UNKNOWN),  # of another area
            ("号楼", Fate.SEVERAL),
            ("甲幢", Fate.FOUND),
            ("泉园路4号 12号楼", Fate.FOUND),
            ("甲栋\t0", Fate.BAD_MINUTES),
            ("甲栋\t721", Fate.BAD_MINUTES),
            ("甲栋\t" + "长" * 201, Fate.LONG_NOTE),
        ],
    )
    def test_each_line_is_understood_or_told_why_not(self, office, text, fate):
        (told,) = lines(office, text)
        assert (told.fate, told.text) == (fate, text)

    def test_a_home_is_visited_once(self, office):
        assert [one.fate for one in lines(office, "甲栋\n甲栋")] == [Fate.FOUND, Fate.AGAIN]

    def test_of_several_those_to_choose_from_are_told(self, office):
        (told,) = lines(office, "泉园路")
        assert [home["name"] for home in told.homes] == ["2号楼", "10号楼", "12号楼"]

    def test_it_is_for_staff(self, office):
        with pytest.raises(Forbidden):
            lines(office, "甲栋", RESIDENT)
