"""Good rows go in as they were written; bad ones are told one by one."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.datum import Datum, convert
from geodata.exchange.cleaning import clean, degrees, pairs
from geodata.exchange.report import REASONS, Severity
from geodata.exchange.rows import _first_near
from geodata.exchange.tables import texts

HEADER = "名称,类别,经度,纬度"
EVERY = "购物、诊所、维修、理发、AED、花艺"


def told(report):
    return [(p.row, p.field, p.reason, p.hint) for p in report.problems]


def one(read, header, row, **options):
    return read(f"{HEADER},{header}\n甲,诊所,123.4,41.7,{row}\n", **options)


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "{{7*7}}",
            "{%x%}",
            "</script><img src=x onerror=alert(1)>",
            "`${1}`",
            "\u202eevil\u202c",
            "👩‍⚕️诊所",
            "店" * 200,
            "'s Lands",
        ],
    )
    def test_what_people_wrote_stays_as_written(self, read, text):
        frame, report = read(f'{HEADER}\n"{text}",诊所,123.4,41.7\n')

        assert frame["name"].tolist() == [text]
        assert report.problems == []

    def test_spaces_nobody_sees_go_from_the_ends(self, read):
        frame, _ = read(f"{HEADER}\n\u3000\u200b泉富 诊所\xa0,诊所,123.4,41.7\n")

        assert frame["name"].tolist() == ["泉富 诊所"]

    @given(st.text())
    def test_cleaning_twice_is_cleaning_once(self, text):
        for lines in (False, True):
            done = clean(texts([text]), lines=lines)
            assert clean(done, lines=lines).tolist() == done.tolist()
            assert unicodedata.is_normalized("NFC", done[0])

    def test_the_apostrophe_of_an_export_is_taken_away(self, read):
        assert one(read, "备注", "'=1+1").frame["note"].tolist() == ["=1+1"]

    @pytest.mark.parametrize(
        "heading, field, limit",
        [
            ("地址", "address", 300),
            ("备注", "note", 2000),
            ("营业时间", "hours", 300),
            ("电话", "phones", 200),
        ],
    )
    def test_a_text_too_long_is_told_and_not_cut(self, read, heading, field, limit):
        frame, report = one(read, heading, "1" * (limit + 1))

        assert frame.empty
        assert (2, field, "too_long", str(limit)) in told(report)
        assert all(len(problem.value) <= 80 for problem in report.problems)


class TestPosition:
    def test_the_datum_told_is_converted(self, read):
        frame, _ = read(f"{HEADER}\n甲,诊所,123.4,41.7\n", datum=Datum.BD09)

        wanted = convert(123.4, 41.7, Datum.BD09, Datum.WGS84)
        assert (frame.geometry.x[0], frame.geometry.y[0]) == wanted
        assert frame[["source_datum", "source_lon", "source_lat"]].to_numpy().tolist() == [
            ["bd09", 123.4, 41.7]
        ]

    def test_a_heading_names_the_datum_where_nobody_told_it(self, read):
        frame, report = read("名称,类别,经度(百度),纬度(百度)\n甲,诊所,123.4,41.7\n")

        assert frame["source_datum"].tolist() == ["bd09"]
        assert report.source.datum == Datum.BD09

    def test_what_was_told_wins_over_the_heading_and_the_difference_is_told(self, read):
        frame, report = read(
            "名称,类别,经度(百度),纬度(百度)\n甲,诊所,123.4,41.7\n", datum=Datum.GCJ02
        )

        assert frame["source_datum"].tolist() == ["gcj02"]
        assert told(report) == [(0, "datum", "datum_differs", "bd09")]

    def test_each_row_may_have_a_datum_of_its_own(self, read):
        frame, report = read(
            f"{HEADER},坐标系\n甲,诊所,123.4,41.7,百度\n乙,诊所,123.4,41.7,\n丙,诊所,123.4,41.7,火星\n"
            "丁,诊所,123.4,41.7,北京54\n"
        )

        assert frame["source_datum"].tolist() == ["bd09", "wgs84", "gcj02"]
        assert told(report) == [(5, "datum", "datum_unknown", "")]

    @pytest.mark.parametrize(
        "lon, lat, field, reason",
        [
            ("41.7", "123.4", "lon", "lon_lat_swapped"),
            ("0", "0", "lon", "outside_china"),
            ("24.94", "60.17", "lon", "outside_china"),
            ("", "41.7", "lon", "missing"),
            ("123.4", "", "lat", "missing"),
            ("一百二", "41.7", "lon", "not_a_number"),
            ("123.4", "nan", "lat", "not_a_number"),
            ("inf", "41.7", "lon", "not_a_number"),
        ],
    )
    def test_a_place_that_cannot_be_is_told_once(self, read, lon, lat, field, reason):
        frame, report = read(f"{HEADER}\n甲,诊所,{lon},{lat}\n乙,诊所,123.4,41.7\n")

        assert frame["row"].tolist() == [3]
        assert told(report) == [(2, field, reason, "")]

    @pytest.mark.parametrize(
        "text, wanted",
        [
            ("123°27'36\"", 123.46),
            ("123° 27' 36.0\" E", 123.46),
            ("东经123°27′36″", 123.46),
            ("E123.46", 123.46),
            ("１２３．４６", 123.46),
            ("123,46", 123.46),
            ("123.46°", 123.46),
            ("123度27分36秒", 123.46),
            ("-1.5", -1.5),
            ("S1.5", -1.5),
            ("123°61'", np.nan),
            ("1234", 1234.0),
            ("123.4.6", np.nan),
        ],
    )
    def test_degrees_are_read_as_people_write_them(self, text, wanted):
        assert degrees(texts([text])).tolist() == pytest.approx([wanted], nan_ok=True)

    @pytest.mark.parametrize(
        "text",
        [
            "123.45,41.79",
            "123.45，41.79",
            "(123.45 41.79)",
            "41.79, 123.45",
            "123.45;41.79",
            "E123.45/N41.79",
        ],
    )
    def test_a_position_in_one_cell(self, text):
        lon, lat = pairs(texts([text]))

        assert (lon[0], lat[0]) == (123.45, 41.79)

    def test_two_numbers_that_are_no_pair_are_not_turned(self):
        lon, lat = pairs(texts(["123.45,100"]))

        assert (lon[0], lat[0]) == (123.45, 100.0)

    def test_a_position_in_one_column(self, read):
        frame, report = read(
            '名称,类别,坐标\n甲,诊所,"123.45,41.79"\n乙,诊所,泉园一路\n丙,诊所,\n丁,诊所,"1,2,3"\n'
        )

        assert frame["source_lat"].tolist() == [41.79]
        assert [(row, reason) for row, _, reason, _ in told(report)] == [
            (3, "position_unreadable"),
            (5, "position_unreadable"),
            (4, "missing"),
            (4, "missing"),
        ]


class TestCategory:
    @pytest.mark.parametrize(
        "word, wanted",
        [
            ("clinic", "clinic"),
            ("诊所", "clinic"),
            ("Clinic", "clinic"),
            ("医", "clinic"),
            ("卫生服务站", "clinic"),
            ("便利店", "shopping"),
            ("修鞋", "repair"),
            ("美发", "barber"),
            ("ＡＥＤ", "aed"),
            ("花艺", "flowers"),
        ],
    )
    def test_what_people_call_it_is_understood(self, read, word, wanted):
        assert read(f"{HEADER}\n甲,{word},123.4,41.7\n").frame["category"].tolist() == [wanted]

    @pytest.mark.parametrize(
        "word, nearest",
        [
            ("口腔诊所分店", "诊所"),
            ("修理鞋", "维修"),
            ("Barbr", "理发"),
            ("药店", EVERY),
            ("？", EVERY),
        ],
    )
    def test_an_unknown_one_is_told_with_the_nearest_or_with_all(self, read, word, nearest):
        frame, report = read(f"{HEADER}\n甲,{word},123.4,41.7\n")

        assert frame.empty
        assert told(report) == [(2, "category", "category_unknown", nearest)]

    def test_a_blank_one_is_missing(self, read):
        assert told(read(f"{HEADER}\n甲,,123.4,41.7\n").report) == [(2, "category", "missing", "")]

    def test_a_facility_that_does_not_exist_here_is_unknown(self, read):
        _, report = read(f"{HEADER}\n甲,社区食堂,123.4,41.7\n")

        assert [p.reason for p in report.problems] == ["category_unknown"]


class TestPhonesAndHours:
    @pytest.mark.parametrize(
        "written, kept",
        [
            ("024-23456789、13812345678", "024-23456789;13812345678"),
            ("024 2345 6789", "024 2345 6789"),
            ("13812345678 024-23456789", "13812345678;024-23456789"),
            ("024-23456789转801", "024-23456789转801"),
            ("+86 138 1234 5678/110", "+86 138 1234 5678;110"),
            ("400-123-4567", "400-123-4567"),
            ("23456789", "23456789"),
            ("13812345678.0", "13812345678"),
            ("95588；12345", "95588;12345"),
            ("13812345678;13812345678", "13812345678"),
        ],
    )
    def test_numbers_are_parted_and_kept_as_written(self, read, written, kept):
        frame, report = one(read, "电话", written)

        assert frame["phones"].tolist() == [kept]
        assert report.problems == []

    @pytest.mark.parametrize("written", ["找小王", "1381234567", "024-2345"])
    def test_a_number_that_looks_wrong_goes_in_with_a_warning(self, read, written):
        frame, report = one(read, "电话", written)

        assert frame["phones"].tolist() == [written]
        assert told(report) == [(2, "phones", "phone_unreadable", "")]

    def test_columns_of_phones_join(self, read):
        frame, _ = one(read, "电话,手机", "024-23456789,13812345678")

        assert frame["phones"].tolist() == ["024-23456789;13812345678"]

    def test_hours_that_cannot_be_read_go_in_with_a_warning(self, read):
        frame, report = one(read, "营业时间", "看心情")

        assert frame["hours"].tolist() == ["看心情"]
        assert told(report) == [(2, "hours", "hours_unreadable", "")]
        assert report.good == 1

    def test_hours_that_can_be_read_are_kept_as_written(self, read):
        frame, report = one(read, "营业时间", "周一至周五 8:30—17:00；周末休息")

        assert frame["hours"].tolist() == ["周一至周五 8:30—17:00；周末休息"]
        assert report.problems == []


class TestStatus:
    @pytest.mark.parametrize(
        "written, status",
        [("营业中", "published"), ("停业", "closed"), ("", ""), ("待审", "pending")],
    )
    def test_states_are_understood(self, read, written, status):
        assert one(read, "状态", written).frame["status"].tolist() == [status]

    def test_what_is_no_state_or_date_is_told(self, read):
        _, report = one(read, "状态,停业至", "装修,春节后")

        assert told(report) == [
            (2, "status", "status_unknown", ""),
            (2, "closed_until", "date_unreadable", ""),
        ]

    @pytest.mark.parametrize("day", ["9999-12-31", "9000-01-01", "1900-12-31", "0001年1月1日"])
    def test_a_day_that_nobody_can_count_from_is_told(self, read, day):
        _, report = one(read, "停业至", day)

        assert told(report) == [(2, "closed_until", "date_unreadable", "")]

    @pytest.mark.parametrize("day", ["1901-01-01", "8999-12-31"])
    def test_days_between_are_read(self, read, day):
        assert one(read, "停业至", day).frame["closed_until"].tolist() == [day]


class TestIds:
    def test_an_id_of_ours_is_kept_and_another_is_left_out(self, read):
        frame, report = read(
            f"{HEADER},编号\n甲,诊所,123.4,41.7,7k3m9qx2wd\n乙,诊所,123.4,41.7,17\n"
        )

        assert frame["id"].tolist() == ["7K3M9QX2WD", ""]
        assert told(report) == [(0, "id", "id_foreign", "1")]

    def test_an_id_twice_is_a_repeat(self, read):
        frame, report = read(
            f"{HEADER},编号\n甲,诊所,123.4,41.7,7K3M9QX2WD\n乙,诊所,123.9,41.7,7K3M9QX2WD\n"
        )

        assert frame["row"].tolist() == [2]
        assert told(report) == [(3, "id", "duplicate_in_file", "2")]


class TestRepeats:
    def test_the_same_shop_within_a_metre_names_the_first_row(self, read):
        frame, report = read(
            f"{HEADER}\n甲,诊所,123.4,41.7\n乙,诊所,123.4,41.7\n甲,购物,123.4,41.7\n"
            "甲,诊所,123.400006,41.700004\n甲,诊所,123.40002,41.7\n"
        )

        assert frame["row"].tolist() == [2, 3, 4, 6]
        assert told(report) == [(5, "name", "duplicate_in_file", "2")]

    def test_a_bad_row_is_nobodys_first(self, read):
        frame, _ = read(f"{HEADER},电话\n甲,诊所,123.4,41.7,{'1' * 300}\n甲,诊所,123.4,41.7,\n")

        assert frame["row"].tolist() == [3]

    @given(st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=1, max_size=40))
    def test_no_two_that_remain_are_nearer_than_the_search_would_see(self, tenths):
        lat = 41.7 + np.array([up for _, up in tenths]) / 10 / 111_320
        lon = 123.4 + np.array([right for right, _ in tenths]) / 10 / 111_320 / np.cos(
            np.radians(41.7)
        )
        first = _first_near(np.zeros(len(tenths), dtype=np.int64), lon, lat)
        for at, (right, up) in enumerate(tenths):
            earlier = [np.hypot(right - x, up - y) / 10 for x, y in tenths[:at]]
            if first[at] >= 0:
                assert first[at] < at
                assert earlier[first[at]] <= 1.001
            else:
                kept = [d for d, taken in zip(earlier, first[:at], strict=True) if taken < 0]
                assert not kept or min(kept) > 0.999


def test_every_bad_row_is_told_and_counted(read):
    frame, report = read(f"{HEADER}\n甲,诊所,123.4,41.7\n,猫,x,\n乙,诊所,41,123\n")

    assert (report.rows, report.good, report.bad) == (3, 1, 2)
    assert len(frame) == 1
    bad = {p.row for p in report.problems if p.severity is Severity.ERROR}
    assert bad == {3, 4}
    assert {p.field for p in report.problems if p.row == 3} == {"name", "category", "lon", "lat"}


def test_every_reason_has_a_severity_and_a_mend():
    for severity, mend in REASONS.values():
        assert severity in Severity
        assert mend
