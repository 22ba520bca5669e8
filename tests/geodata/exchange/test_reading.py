"""Homes and areas out of a file: whole numbers, codes with their levels, boundaries."""

import pytest

from geodata import exchange
from geodata.datum import Datum, convert


class TestHomes:
    def homes(self, tmp_path, text, **options):
        path = tmp_path / "homes.csv"
        path.write_text(text, encoding="utf-8")
        return exchange.read_homes(path, **options)

    def test_counts_are_whole_numbers_or_nothing(self, tmp_path):
        frame, report = self.homes(
            tmp_path,
            "楼栋,户数,人口,独居老人,经度,纬度,地址\n1号楼,36户,98,,123.4,41.7,泉园一路\n"
            '2号楼,"1,200",12.0,0,123.5,41.7,\n3号楼,-1,1.5,很多,123.6,41.7,\n',
        )

        assert frame["households"].tolist() == [36, 1200]
        assert frame["residents"].tolist() == [98, 12]
        assert frame["elders_alone"].isna().tolist() == [True, False]
        assert str(frame["elders_alone"].dtype) == "Int64"
        assert [(p.row, p.field, p.reason) for p in report.problems] == [
            (4, "households", "not_a_number"),
            (4, "residents", "not_a_number"),
            (4, "elders_alone", "not_a_number"),
        ]

    def test_english_headings_do_too(self, tmp_path):
        frame, report = self.homes(
            tmp_path,
            "name,households,residents,elders alone,lon,lat\nBlock 1,3,4,1,123.4,41.7\n",
        )

        assert frame["elders_alone"].tolist() == [1]
        assert report.source.ignored == ()

    def test_a_home_twice_is_a_repeat(self, tmp_path):
        _, report = self.homes(tmp_path, "楼栋,坐标\n1号楼,123.4 41.7\n1号楼,123.4 41.7\n")

        assert [(p.row, p.reason, p.hint) for p in report.problems] == [
            (3, "duplicate_in_file", "2")
        ]


class TestAreas:
    SQUARE = "POLYGON ((123.4 41.7, 123.5 41.7, 123.5 41.8, 123.4 41.8, 123.4 41.7))"

    def areas(self, tmp_path, *lines, **options):
        path = tmp_path / "areas.csv"
        text = "".join(f"{line}\n" for line in ("代码;名称;级别;人口;边界", *lines))
        path.write_text(text, encoding="utf-8")
        return exchange.read_areas(path, **options)

    def test_codes_of_every_length_come_in_with_level_and_parent(self, tmp_path):
        codes = ["210103", "210103006", "210103006012", "210103006012001"]

        frame, report = self.areas(
            tmp_path, *[f"{code};名{code};;;{self.SQUARE}" for code in codes]
        )

        assert frame[["code", "level", "parent"]].to_numpy().tolist() == [
            ["210103000000", "district", "210100000000"],
            ["210103006000", "street", "210103000000"],
            ["210103006012", "community", "210103006000"],
            ["210103006012001", "grid", "210103006012"],
        ]
        assert set(frame.geom_type) == {"MultiPolygon"}
        assert report.problems == []

    def test_what_is_wrong_with_an_area_is_told(self, tmp_path):
        bow_tie = "POLYGON ((123 41, 124 42, 124 41, 123 42, 123 41))"
        frame, report = self.areas(
            tmp_path,
            f"12;甲;;;{self.SQUARE}",
            f"21x;甲;;;{self.SQUARE}",
            "210103;甲;;;",
            "210103;甲;;;POLYGON",
            "210103;甲;;;POINT (123 41)",
            "210103;甲;;;POLYGON ((1e400 0, 1 0, 1 1, 1e400 0))",
            f"210104;甲;街道;很多;{self.SQUARE}",
            f"210105;甲;街道;9;{bow_tie}",
            f"210105000000;乙;;;{self.SQUARE}",
        )

        assert frame["code"].tolist() == ["120000000000", "210105000000"]
        assert sorted((p.row, p.reason, p.hint) for p in report.problems) == [
            (3, "code_invalid", ""),
            (4, "geometry_missing", ""),
            (5, "geometry_unreadable", ""),
            (6, "geometry_not_areal", ""),
            (7, "geometry_unreadable", ""),
            (8, "level_differs", "district"),
            (8, "not_a_number", ""),
            (9, "geometry_mended", ""),
            (9, "level_differs", "district"),
            (10, "duplicate_in_file", "9"),
        ]

    def test_boundaries_are_converted_vertex_by_vertex(self, tmp_path):
        frame, _ = self.areas(tmp_path, f"210103;甲;;;{self.SQUARE}", datum=Datum.GCJ02)

        wanted = convert(123.4, 41.7, Datum.GCJ02, Datum.WGS84)
        assert frame.geometry[0].bounds[:2] == pytest.approx(wanted, abs=1e-4)
