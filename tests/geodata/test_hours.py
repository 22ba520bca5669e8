"""Opening hours as people write them: what they mean, now and next."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geodata import hours
from geodata.errors import Invalid
from geodata.hours import CALENDAR, SHANGHAI, Calendar, DayKind, check, parse, state, week

PROJECT = Path(__file__).parents[2]

READ = {
    # plain
    "08:00-20:00": "08:00-20:00",
    "8:00-20:00": "08:00-20:00",
    "８：００～２０：００": "08:00-20:00",
    "8.30-17.00": "08:30-17:00",
    "8:00至20:00": "08:00-20:00",
    "每天 9:00-21:00": "09:00-21:00",
    "营业时间：天天9:00——21:00": "09:00-21:00",
    "\u200f8:00-20:00\u202e": "08:00-20:00",
    "00:00-23:59": "00:00-24:00",
    # all day
    "24小时": "24/7",
    "营业时间：全天24小时营业": "24/7",
    "24H": "24/7",
    "二十四小时": "24/7",
    "0:00-24:00": "24/7",
    # days
    "周一至周五 8:30—17:00；周末休息": "Mo-Fr 08:30-17:00; Sa-Su off",
    "周一、三、五 9:00-12:00": "Mo,We,Fr 09:00-12:00",
    "周一三五9:00-12:00": "Mo,We,Fr 09:00-12:00",
    "周一至五 8:30-17:30，周六、日 9:00-16:00": "Mo-Fr 08:30-17:30; Sa-Su 09:00-16:00",
    "周1-周5 8:00-17:00": "Mo-Fr 08:00-17:00",
    "星期一到星期六 8点-18点": "Mo-Sa 08:00-18:00",
    "礼拜一到礼拜五8点半到17点半": "Mo-Fr 08:30-17:30",
    "周一到周日 8:00-22:00": "08:00-22:00",
    "周五至周一 10:00-20:00": "Mo,Fr-Su 10:00-20:00",
    "周一8点-12点，周三13点-17点": "Mo 08:00-12:00; We 13:00-17:00",
    "8:00-20:00 周末9:00-18:00": "08:00-20:00; Sa-Su 09:00-18:00",
    "8:00-20:00 周末照常": "08:00-20:00; Sa-Su 08:00-20:00",
    "周末9:00-18:00；8:00-20:00": "08:00-20:00; Sa-Su 09:00-18:00",
    # closed days
    "9:00-18:00，周三公休": "09:00-18:00; We off",
    "周一休息，其余时间9:00-18:00": "09:00-18:00; Mo off",
    "除周一外 9:00-18:00": "09:00-18:00; Mo off",
    "8:00-20:00 周六周日休息": "08:00-20:00; Sa-Su off",
    "暂停营业": "off",
    # days after their times
    "8:00-20:00（周一至周五）9:00-12:00（周末）": "Mo-Fr 08:00-20:00; Sa-Su 09:00-12:00",
    "9：00-18：00周一至周六 周日休息": "Mo-Sa 09:00-18:00; Su off",
    "8:00-17:00 周一至周五，周六 9:00-12:00": "Mo-Fr 08:00-17:00; Sa 09:00-12:00",
    "8:00-17:00 周一至周五；周六 9:00-12:00": "Mo-Fr 08:00-17:00; Sa 09:00-12:00",
    # holidays
    "8:00-20:00，节假日休息": "08:00-20:00; PH off",
    "周一至周日（法定节假日除外）8:00-20:00": "08:00-20:00; PH off",
    "8:00-20:00（法定节假日照常营业）": "08:00-20:00",
    "周末及节假日休息，周一至周五9:00-17:00": "Mo-Fr 09:00-17:00; Sa-Su,PH off",
    "工作日 8:30-17:00": "Mo-Fr 08:30-17:00; PH off",
    "工作日 8:30-17:00 周末 9:00-16:00": "Mo-Fr 08:30-17:00; Sa-Su,PH 09:00-16:00",
    "工作日8:00-17:00，节假日9:00-12:00": "Mo-Fr 08:00-17:00; PH 09:00-12:00",
    "工作日8:00-17:00，节假日照常": "Mo-Fr 08:00-17:00",
    # parts of the day
    "早8点到晚8点": "08:00-20:00",
    "早8晚8": "08:00-20:00",
    "早上八点至晚上九点半": "08:00-21:30",
    "上午8:30-11:30 下午1:30-5:00": "08:30-11:30,13:30-17:00",
    "上午8：00--12：00，下午14：00--18：00": "08:00-12:00,14:00-18:00",
    "中午11点-下午2点": "11:00-14:00",
    "晚上8点到12点": "20:00-24:00",
    "九点一刻-十七点三刻": "09:15-17:45",
    "8-20点": "08:00-20:00",
    # over midnight
    "9:00-次日2:00": "09:00-02:00",
    "22:00-02:00": "22:00-02:00",
    "晚6点-凌晨2点": "18:00-02:00",
    "18:00-26:00": "18:00-26:00",
    "8:00-次日8:00": "08:00-08:00",
    # several spans, breaks
    "8:00-12:00；14:00-17:00": "08:00-12:00,14:00-17:00",
    "08:00-12:00；14:00-17:00": "08:00-12:00,14:00-17:00",
    "08:00-12:00 14:00-17:00": "08:00-12:00,14:00-17:00",
    "8:00-12:00/14:00-17:00": "08:00-12:00,14:00-17:00",
    "周一至周五8:00-17:00，12:00-13:00休息": "Mo-Fr 08:00-12:00,13:00-17:00",
    "8:00-17:00 午休12:00-13:00": "08:00-12:00,13:00-17:00",
    "8:00-17:00；12:00-13:30午休": "08:00-12:00,13:30-17:00",
    # seasons with their dates
    "夏季（5月1日-9月30日）8:00-20:00；冬季（10月1日-4月30日）9:00-18:00": (
        "May 01-Sep 30 08:00-20:00; Oct 01-Apr 30 09:00-18:00"
    ),
    "5/1-9/30 8:00-20:00；10/1-4/30 9:00-18:00；节假日休息": (
        "May 01-Sep 30 08:00-20:00; Oct 01-Apr 30 09:00-18:00; PH off"
    ),
    "5-9月 8:00-20:00": "May 01-Sep 30 08:00-20:00",
    # English
    "Mon-Fri 9am-5pm": "Mo-Fr 09:00-17:00",
    "Monday to Friday 9:00 AM - 5:30 PM, Sat 10am-2pm": "Mo-Fr 09:00-17:30; Sa 10:00-14:00",
    "mo-fr 8:00-17:00": "Mo-Fr 08:00-17:00",
    # OpenStreetMap, untouched
    "Mo-Fr 08:00-17:00; PH off": "Mo-Fr 08:00-17:00; PH off",
    "Mo-Fr 08:00-12:00, Sa 10:00-12:00": "Mo-Fr 08:00-12:00, Sa 10:00-12:00",
    "Mo[1] 10:00-12:00; Aug off": "Mo[1] 10:00-12:00; Aug off",
    "24/7": "24/7",
}

PIECES = [
    *(
        "周",
        "一",
        "至",
        "、",
        "，",
        "；",
        "周末",
        "节假日",
        "工作日",
        "休息",
        "除外",
        "照常",
        "午休",
    ),
    *("8:00", "20:00", "早", "晚", "8点", "次日", "-", "24小时", "5月", "1日", "夏季", "外", "Mo"),
    *("PH", "off", ",", ";", ":", "12:00-13:00", "2026", "week", "[1]", "/", "+", "am", "Jan"),
    *("08:00-09:00", "||"),
]

UNREADABLE = {
    "08:00": "times_missing",
    "周一至周五": "times_missing",
    "周一休息": "times_missing",
    "全年无休": "times_missing",
    "8:30-5:00": "ambiguous_time",
    "8:00-8:00": "ambiguous_time",
    "8-20": "ambiguous_time",
    "夏季8:00-20:00 冬季9:00-18:00": "season",
    "电话预约": "word",
    "不定时": "word",
    "春节休息 8:00-20:00": "word",
    "7:00-19:00（夜间急诊24小时）": "word",
    "13月1日-14月2日 8:00-9:00": "word",
    "2月30日-3月2日 8:00-9:00": "word",
    "8:00-20:00 40:00-41:00": "word",
    "Mo-Fr sunrise-sunset": "beyond",
    "Mo-Fr 08:00+": "beyond",
    "SH 08:00-12:00": "beyond",
    "PH Mo-Fr 08:00-12:00": "beyond",
    "9:00-12:00 周六，周日 10:00-11:00": "order",
    "周末9:00-18:00，8:00-20:00": "order",
    "8:00-20:00 休息": "order",
    "8:00-20:00 外": "order",
    "{{7*7}}": "word",
    "</script><img src=x onerror=alert(1)>": "word",
    "=cmd|' /C calc'!A0": "word",
    "8" * 100_000: "too_long",
    "8" * 199: "word",
    "8" * 190 + "x": "word",
    "\ufdfa" * 150: "too_long",
}

texts = st.sampled_from(
    [
        *READ,
        "Mo-Fr 22:00-03:00; Sa off; PH off",
        "PH 10:00-12:00",
        "Mo-Su 20:00-32:00; PH 10:00-11:00",
        'Mo-Fr 10:00-12:00 "by appointment", Sa 10:00-12:00',
        "Mo 22:00-02:00 || unknown",
        "24/7; 12:00-13:00 off",
        "Oct 02-06 off || 08:00-12:00",
        "week 40 Mo-Fr 10:00-12:00; We off",
    ]
)
moments = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
)


def beijing(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def at(text, moment):
    """Give ``open`` and ``until`` (as "month-day hour:minute") of these hours at a moment."""
    is_open, until = state(text, beijing(moment))
    return is_open, until and f"{until:%m-%d %H:%M}"


class TestReading:
    @pytest.mark.parametrize("written,osm", READ.items())
    def test_what_people_write_is_understood(self, written, osm):
        assert parse(written).osm == osm
        assert parse(written).readable
        assert check(written) == parse(written)

    @pytest.mark.parametrize("written,why", UNREADABLE.items(), ids=range(len(UNREADABLE)))
    def test_what_cannot_be_understood_is_not_guessed(self, written, why):
        assert (parse(written).osm, parse(written).readable) == (None, False)
        assert state(written, beijing("2026-11-20 12:00")) == (None, None)
        assert week(written, date(2026, 11, 20)) is None
        with pytest.raises(Invalid) as refused:
            check(written)
        assert refused.value.code == "hours_unreadable"
        assert refused.value.details["text"] == written
        assert refused.value.details["reason"] == why

    @pytest.mark.parametrize("nothing", ["", " ", "\u3000\n"])
    def test_no_text_means_that_nobody_knows(self, nothing):
        assert check(nothing) == hours.Hours("")
        assert parse(nothing).readable
        assert state(nothing, beijing("2026-11-20 12:00")) == (None, None)
        assert week(nothing, date(2026, 11, 20)) is None

    @given(texts)
    @settings(deadline=None)
    def test_what_was_read_reads_as_itself(self, text):
        assert parse(parse(text).osm).osm == parse(text).osm

    @given(st.text())
    @settings(deadline=None)
    @example('08:00-20:00 "\ud800"')
    @example("Mo-Fr 08:00-12:00 || 08:00-12:00 || off; PH[1] off; week 1-99")
    def test_any_text_is_survived(self, text):
        state(text, beijing("2026-11-20 12:00"))
        week(text, date(2026, 11, 20))

    @given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
    @settings(max_examples=400, deadline=None)
    def test_any_jumble_of_known_words_is_survived(self, text):
        known = parse(text)
        state(text, beijing("2026-11-20 12:00"))
        assert (week(text, date(2026, 11, 20)) is None) == (known.osm is None)


class TestOpenAndUntil:
    @pytest.mark.parametrize(
        "moment,expected",
        [
            ("2026-11-20 07:59:59", (False, "11-20 08:00")),
            ("2026-11-20 08:00:00", (True, "11-20 12:00")),
            ("2026-11-20 11:59:59", (True, "11-20 12:00")),
            ("2026-11-20 12:00:00", (False, "11-20 13:30")),
            ("2026-11-20 17:00:00", (False, "11-23 08:00")),
            ("2026-11-22 12:00:00", (False, "11-23 08:00")),
        ],
    )
    def test_it_opens_and_closes_on_the_minute(self, moment, expected):
        assert at("周一至周五 8:00-12:00 13:30-17:00", moment) == expected

    @pytest.mark.parametrize(
        "moment,expected",
        [
            ("2026-11-20 21:00", (False, "11-20 22:00")),
            ("2026-11-20 23:30", (True, "11-21 02:00")),
            ("2026-11-21 01:59", (True, "11-21 02:00")),
            ("2026-11-21 02:00", (False, "11-22 22:00")),
        ],
    )
    def test_friday_night_outlasts_a_saturday_off(self, moment, expected):
        assert at("22:00-02:00，周六休息", moment) == expected

    def test_a_night_before_a_closed_day_off_does_not_come_back_after_it(self):
        assert at("22:00-02:00，周六休息", "2026-11-22 01:00") == (False, "11-22 22:00")

    def test_days_that_meet_at_midnight_are_one_stretch(self):
        assert at("周一9:00-24:00，周二0:00-10:00", "2026-11-23 12:00") == (True, "11-24 10:00")

    @pytest.mark.parametrize("text,is_open", [("24小时", True), ("停业", False)])
    def test_what_never_changes_has_no_until(self, text, is_open):
        assert at(text, "2026-11-20 12:00") == (is_open, None)

    def test_a_season_months_away_is_found(self):
        assert at("5月1日-9月30日 8:00-20:00", "2026-11-20 12:00") == (False, "05-01 08:00")

    def test_a_remark_or_an_unknown_is_not_a_promise(self):
        assert at('Mo-Fr 10:00-12:00 "by appointment"', "2026-11-20 11:00") == (None, "11-20 12:00")
        assert at("Mo-Fr 10:00-12:00 unknown", "2026-11-20 09:00") == (False, "11-20 10:00")

    def test_any_zone_will_do_and_none_will_not(self):
        noon = datetime(2026, 11, 20, 4, tzinfo=UTC)

        assert state("8:00-20:00", noon) == state("8:00-20:00", noon.astimezone(SHANGHAI))
        assert state("8:00-20:00", noon).until.isoformat() == "2026-11-20T20:00:00+08:00"
        with pytest.raises(ValueError, match="2026"):
            state("8:00-20:00", datetime(2026, 11, 20, 12))  # noqa: DTZ001 - that is the point

    @pytest.mark.parametrize("year", [1, 1900, 9999])
    def test_the_ends_of_time_are_unknown(self, year):
        assert state("24小时", datetime(year, 12, 31, 23, 59, tzinfo=UTC)) == (None, None)

    def test_an_earlier_question_after_a_later_one_is_answered_rightly(self):
        assert at("8:00-20:00", "2026-11-20 12:00")[0] is True
        assert at("8:00-20:00", "2026-11-20 07:00")[0] is False
        assert at("8:00-20:00", "2026-11-20 21:00")[0] is False

    @given(text=texts, moment=moments)
    @settings(deadline=None)
    def test_until_is_truly_the_next_change(self, text, moment):
        is_open, until = state(text, moment)

        if until is None:
            assert all(
                state(text, moment + timedelta(hours=6 * n)).open is is_open for n in range(60)
            )
            return
        assert until > moment
        assert state(text, until).open is not is_open
        stretch = until - moment
        for part in range(8):
            assert state(text, moment + stretch * part / 8).open is is_open
        assert state(text, until - timedelta(seconds=1)).open is is_open

    @given(text=texts, first=moments, second=moments)
    @settings(deadline=None)
    def test_what_is_remembered_is_what_would_be_found(self, text, first, second):
        state(text, first)
        remembered = state(text, second)

        assert remembered == state(text, second, calendar=Calendar())

    @given(text=texts, moment=moments)
    @settings(deadline=None)
    def test_the_week_says_what_the_moment_says(self, text, moment):
        today, minute = moment.date(), moment.hour * 60 + moment.minute
        shown = False
        for day, shift in ((today - timedelta(days=1), 24 * 60), (today, 0)):
            for span in week(text, day)[day.weekday()]:
                start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span.split("-"))
                end += 24 * 60 if end <= start else 0
                shown |= start - shift <= minute < end - shift

        assert shown is (state(text, moment).open is True)


class TestHolidays:
    """2026: National Day is 1 to 7 October; 10 October, a Saturday, is worked."""

    @pytest.mark.parametrize(
        "text,moment,expected",
        [
            ("8:00-20:00，节假日休息", "2026-09-30 19:00", (True, "09-30 20:00")),
            ("8:00-20:00，节假日休息", "2026-09-30 20:00", (False, "10-08 08:00")),
            ("8:00-20:00，节假日休息", "2026-10-04 12:00", (False, "10-08 08:00")),
            ("周一至周五 8:00-17:00，节假日9:00-12:00", "2026-10-03 10:00", (True, "10-03 12:00")),
            ("周一至周五 8:00-17:00", "2026-10-01 10:00", (True, "10-01 17:00")),
            ("工作日 8:00-17:00", "2026-10-01 10:00", (False, "10-08 08:00")),
            ("Mo-Su 22:00-02:00; PH off", "2026-10-01 01:00", (True, "10-01 02:00")),
            ("Mo-Su 22:00-02:00; PH off", "2026-10-08 01:00", (False, "10-08 22:00")),
        ],
    )
    def test_a_rule_for_holidays_counts_and_no_rule_changes_nothing(self, text, moment, expected):
        assert at(text, moment) == expected

    @pytest.mark.parametrize(
        "text,moment,expected",
        [
            ("周一至周五 8:30-17:00；周末休息", "2026-10-10 10:00", (True, "10-10 17:00")),
            ("工作日 8:30-17:00", "2026-10-10 10:00", (True, "10-10 17:00")),
            ("周末 9:00-16:00", "2026-10-10 10:00", (False, "10-11 09:00")),
            ("周五 9:00-10:00，周一 11:00-12:00", "2026-10-10 08:00", (False, "10-10 09:00")),
            ("周五 9:00-10:00，周一 11:00-12:00", "2026-01-04 08:00", (False, "01-04 11:00")),
        ],
    )
    def test_a_weekend_day_that_is_worked_goes_by_the_weekday_beside_it(
        self, text, moment, expected
    ):
        assert at(text, moment) == expected

    def test_the_card_shows_the_week_as_it_is(self):
        assert week("周一至周五 8:30-17:00，节假日休息", date(2026, 10, 7)) == [
            [], [], [], ["08:30-17:00"], ["08:30-17:00"], ["08:30-17:00"], [],
        ]  # fmt: skip
        assert week("24小时", date(2026, 11, 22)) == [["00:00-24:00"]] * 7
        assert week("22:00-2:00", date(2026, 11, 22)) == [["22:00-02:00"]] * 7

    def test_the_calendar_is_the_notice_of_the_year(self):
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
        free = [f"{day:%m-%d}" for day in days if CALENDAR.kind(day) is DayKind.HOLIDAY]
        worked = [f"{day:%m-%d}" for day in days if CALENDAR.kind(day) is DayKind.WORKDAY]

        assert free == [
            *("01-01", "01-02", "01-03"),
            *("02-15", "02-16", "02-17", "02-18", "02-19", "02-20", "02-21", "02-22", "02-23"),
            *("04-04", "04-05", "04-06"),
            *("05-01", "05-02", "05-03", "05-04", "05-05"),
            *("06-19", "06-20", "06-21"),
            *("09-25", "09-26", "09-27"),
            *("10-01", "10-02", "10-03", "10-04", "10-05", "10-06", "10-07"),
        ]
        assert worked == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]

    def test_a_year_without_a_notice_is_not_official(self):
        assert CALENDAR.official(2026)
        assert not CALENDAR.official(2090)
        assert CALENDAR.kind(date(2090, 10, 1)) is DayKind.HOLIDAY
        assert CALENDAR.kind(date(2500, 10, 1)) is DayKind.ORDINARY


class TestNotice:
    NOTICE = (
        {"日期": "2090-10-01", "类型": "放假"},
        {"日期": date(2090, 10, 2), "类型": "休"},
        {"日期": datetime(2090, 10, 7, tzinfo=UTC), "类型": "上班"},  # a Saturday
    )

    def test_an_operator_can_give_a_year_its_notice(self):
        calendar = Calendar.from_table(self.NOTICE)

        assert calendar.official(2090)
        assert calendar.kind(date(2090, 10, 2)) is DayKind.HOLIDAY
        assert calendar.kind(date(2090, 10, 7)) is DayKind.WORKDAY
        # The year is the table's alone: May Day is not in it.
        assert calendar.kind(date(2090, 5, 1)) is DayKind.ORDINARY
        assert calendar.kind(date(2091, 5, 1)) is DayKind.HOLIDAY
        assert not calendar.official(2091)

    def test_its_calendar_is_obeyed_and_mixed_with_no_other(self):
        moment = beijing("2090-10-07 10:00")
        ours = Calendar.from_table(self.NOTICE)

        assert state("工作日 9:00-17:00", moment).open is False
        assert state("工作日 9:00-17:00", moment, calendar=ours).open is True
        assert state("工作日 9:00-17:00", moment).open is False
        assert week("工作日 9:00-17:00", moment.date(), calendar=ours)[5] == ["09:00-17:00"]

    def test_single_days_are_laid_over_what_is_known(self):
        calendar = Calendar.from_table([{"date": "2026-11-20", "kind": "Holiday "}])

        assert calendar.kind(date(2026, 11, 20)) is DayKind.HOLIDAY
        assert calendar.kind(date(2026, 10, 1)) is DayKind.HOLIDAY

    def test_no_rows_change_nothing(self):
        assert Calendar.from_table([]).kind(date(2026, 10, 10)) is DayKind.WORKDAY

    @pytest.mark.parametrize(
        "row,code",
        [
            ({"date": "2026-02-30", "kind": "holiday"}, "calendar_date_invalid"),
            ({"date": None, "kind": "holiday"}, "calendar_date_invalid"),
            ({"kind": "holiday"}, "calendar_date_invalid"),
            ({"date": "2026-02-03", "kind": "{{7*7}}"}, "calendar_kind_invalid"),
            ({"date": "2026-02-03"}, "calendar_kind_invalid"),
            ({"date": "2026-01-01", "kind": "workday"}, "calendar_date_twice"),
        ],
    )
    def test_a_wrong_row_is_refused_by_its_number(self, row, code):
        with pytest.raises(Invalid) as refused:
            Calendar.from_table([{"date": "2026-01-01", "kind": "holiday"}, row])

        assert (refused.value.code, refused.value.details["row"]) == (code, 2)


def test_the_servers_zone_changes_nothing():
    script = """
from datetime import datetime, UTC
from geodata.hours import state
for hour in range(24):
    print(*state("周一至周五 8:00-20:00，节假日休息", datetime(2026, 9, 30, hour, tzinfo=UTC)))
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=PROJECT,
            env=os.environ | {"TZ": zone, "PYTHONPATH": str(PROJECT)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for zone in ("America/New_York", "Asia/Shanghai", "Pacific/Kiritimati")
    }

    assert len(told) == 1
    assert told.pop().splitlines()[:2] == ["True 2026-09-30 20:00:00+08:00"] * 2


def test_our_fixed_zone_is_shanghai_s():
    moment = datetime(2026, 7, 1, tzinfo=UTC)

    assert moment.astimezone(SHANGHAI).utcoffset() == (
        moment.astimezone(ZoneInfo("Asia/Shanghai")).utcoffset()
    )


def test_what_is_kept_is_bounded():
    for number in range(hours._TEXTS + 10):  # noqa: SLF001 - as above
        state(f"no hours {number}", beijing("2026-11-20 12:00"))

    assert len(hours._answers) <= hours._TEXTS  # noqa: SLF001 - memory is no part of the face
