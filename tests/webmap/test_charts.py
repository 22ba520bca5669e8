"""Charts and sparklines as they are laid out."""

import itertools
import math
import re
from datetime import date, timedelta

import pytest

from webmap import charts
from webmap.charts import TYPE_PX, chart, spark

FIRST = date(2025, 11, 29)


def days(n, step=1):
    return [FIRST + timedelta(days=step * at) for at in range(n)]


def drawn(values, step=1, lines=None, **more):
    told = lines or [("", values)]
    asked = {"wide": 720, "high": 320, "say": str} | more
    return chart(days(len(told[0][1]), step), told, **asked)


def numbers(path):
    return [float(number) for number in re.findall(r"[\d.]+", path)]


class TestChart:
    def test_the_line_runs_from_the_first_day_to_the_last(self):
        made = drawn([1, 2, 4])
        line = made.lines[0]

        assert line.marks[0][0] == made.left
        assert line.marks[-1] == line.end == (made.right, made.across[-1].at)
        assert line.path.startswith(f"M{made.left} ")

    def test_nothing_is_at_the_bottom_and_the_axis_begins_there(self):
        made = drawn([0, 5])

        assert made.lines[0].marks[0][1] == made.bottom == made.across[0].at

    def test_a_number_of_places_stands_until_the_next(self):
        assert re.fullmatch(
            r"M[\d. ]+(H[\d.]+V[\d.]+){2}", drawn([1, 2, 4], steps=True).lines[0].path
        )

    @pytest.mark.parametrize("gap", [None, math.inf])
    def test_what_cannot_be_told_is_a_gap_not_a_zero(self, gap):
        line = drawn([1, gap, gap, 4, 5]).lines[0]

        assert line.path.count("M") == 2
        assert len(line.marks) == 3

    def test_a_line_of_which_nothing_is_known_has_no_end(self):
        made = drawn([None, None])

        assert (made.lines[0].path, made.lines[0].end) == ("", None)

    @pytest.mark.parametrize(
        "most, expected",
        [
            (0, ["0", "1"]),
            (1, ["0", "1"]),
            (3, ["0", "1", "2", "3"]),
            (51, ["0", "20", "40", "60"]),
            (0.37, ["0.0", "0.1", "0.2", "0.3", "0.4"]),
            (1e-4, ["0.0", "2.5e-05", "5e-05", "7.5e-05", "0.0001"]),
            (123456, ["0", "50000", "100000", "150000"]),
        ],
    )
    def test_the_axis_has_round_numbers_of_places_whole_ones(self, most, expected):
        assert [tick.text for tick in drawn([0, most]).across] == expected

    def test_a_share_has_the_same_axis_whatever_it_is(self):
        say = "{:.0%}".format

        assert [t.text for t in drawn([0.1, 0.12], say=say, most=1).across][-1] == "100%"

    @pytest.mark.parametrize("wide", [720, 310, 240])
    @pytest.mark.parametrize("n, step", [(2, 1), (5, 1), (60, 1), (93, 1), (24, 30), (120, 30)])
    def test_the_dates_have_room_and_stand_inside(self, wide, n, step):
        made = drawn([1] * n, step, wide=wide)
        places = sorted(tick.words_at for tick in made.along)

        assert places
        assert all(made.left <= tick.at <= made.right for tick in made.along)
        width = 10 * max(len(tick.text) for tick in made.along)
        assert all(b - a >= width for a, b in itertools.pairwise(places))
        assert all(width / 2 <= at <= wide - width / 2 for at in places)

    def test_one_day_alone_is_a_mark(self):
        made = drawn([3])

        assert made.lines[0].marks == ((made.right, made.across[-1].at),)
        assert [tick.text for tick in made.along] == ["11-29"]

    def test_names_at_the_end_do_not_stand_on_each_other(self):
        lines = [("5 分钟", [0.5, 0.5]), ("10 分钟", [0.5, 0.5]), ("15 分钟", [0.0, 0.0])]
        made = drawn(None, lines=lines, most=1)
        places = sorted(line.name_y for line in made.lines)

        assert all(b - a >= TYPE_PX for a, b in itertools.pairwise(places))
        assert len({line.dash for line in made.lines}) == 3
        assert made.right < made.wide - 9.5 * 5

    def test_very_many_days_are_a_line_without_marks_but_the_last(self):
        line = drawn([1] * 93).lines[0]

        assert line.marks == (line.end,)


class TestSpark:
    def test_the_least_is_low_and_the_most_is_high(self):
        made = spark([1, 3, 2])
        _, low, _, high, x, y = numbers(made.path)

        assert low > y > high
        assert made.end == (x, y)

    def test_what_stays_the_same_is_level_in_the_middle(self):
        assert {numbers(spark([5, 5]).path)[at] for at in (1, 3)} == {made_middle()}

    def test_a_gap_is_a_gap(self):
        assert spark([1, None, 2, 3]).path.count("M") == 2

    @pytest.mark.parametrize("values", [[], [None], [None, math.inf]])
    def test_nothing_known_draws_nothing(self, values):
        assert (spark(values).path, spark(values).end) == ("", None)

    def test_it_stays_inside(self):
        made = spark([0, 100] * 6 + [50])
        found = numbers(made.path)

        assert all(0 < x < charts.SPARK_WIDE for x in found[::2])
        assert all(0 < y < charts.SPARK_HIGH for y in found[1::2])


def made_middle():
    return charts.SPARK_HIGH / 2


def test_the_macros_escape_what_people_wrote(app):
    with app.test_request_context("/"):
        macros = app.jinja_env.get_template("charts.html").module
        for html in (
            macros.spark(spark([1, 2]), '"><script>'),
            macros.chart(drawn([1, 2], lines=[("<b>", [1, 2])]), '"><script>'),
        ):
            assert "<script>" not in html
            assert "<b>" not in html
            assert "style=" not in html
