"""GeoJSON, KML and GeoPackage: what they hold comes in, and nothing is fetched."""

import http.client
import sqlite3

import geopandas as gpd
import orjson
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.datum import Datum, convert
from geodata.errors import Invalid
from geodata.exchange.features import read_geojson

PLACE = {"type": "Point", "coordinates": [123.45, 41.79]}


def geojson(path, *features, **members):
    collection = {"type": "FeatureCollection", **members}
    collection["features"] = [
        {"type": "Feature", "geometry": shape, "properties": properties}
        for shape, properties in features
    ]
    path.write_bytes(orjson.dumps(collection))
    return path


def shop(**more):
    return {"名称": "甲", "类别": "诊所", **more}


def kml(path, *placemarks):
    body = "".join(placemarks)
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>商户</name>{body}</Folder></Document></kml>",
        encoding="utf-8",
    )
    return path


POINT = "<Point><coordinates>\n 123.45,41.79,0 </coordinates></Point>"
DATA = '<ExtendedData><Data name="类别"><value>诊所</value></Data></ExtendedData>'


class TestGeoJson:
    def test_properties_become_text(self, read, tmp_path):
        path = geojson(
            tmp_path / "a.geojson",
            (PLACE, shop(电话=["024-23456789", 13812345678], 备注=12.0)),
            (PLACE, shop(名称="乙", 备注="2026/01/02", 地址=None)),
        )

        frame, _ = read(path)

        assert frame["row"].tolist() == [1, 2]
        assert frame["phones"].tolist() == ["024-23456789;13812345678", ""]
        assert frame["note"].tolist() == ["12", "2026/01/02"]
        assert frame["source_lon"].tolist() == [123.45, 123.45]

    @pytest.mark.parametrize("depth", [200, 900])
    def test_what_is_nested_without_end_is_refused(self, tmp_path, depth):
        opened = '{"type":"GeometryCollection","geometries":[' * depth
        shape = opened + '{"type":"Point","coordinates":[123,41]}' + "]}" * depth
        path = tmp_path / "deep.geojson"
        path.write_text(f'{{"type":"Feature","properties":{{"name":"x"}},"geometry":{shape}}}')
        with pytest.raises(Invalid, match="file_unreadable"):
            read_geojson(path, tmp_path)

    def test_a_row_may_say_its_own_datum(self, read, tmp_path):
        path = geojson(tmp_path / "a.geojson", (PLACE, shop(datum="GCJ-02")))

        frame, report = read(path, datum=Datum.BD09)

        wanted = convert(123.45, 41.79, Datum.GCJ02, Datum.WGS84)
        assert (frame.geometry.x[0], frame.geometry.y[0]) == wanted
        assert frame["source_datum"].tolist() == ["gcj02"]
        assert [(p.reason, p.hint) for p in report.problems] == [("datum_differs", "gcj02")]

    def test_an_outline_gives_a_point_inside_it(self, read, tmp_path):
        horseshoe = shapely.from_wkt(
            "POLYGON ((123 41, 123.3 41, 123.3 41.3, 123.2 41.3, 123.2 41.1, 123.1 41.1, "
            "123.1 41.3, 123 41.3, 123 41))"
        )
        shape = orjson.loads(shapely.to_geojson(horseshoe))

        frame, report = read(geojson(tmp_path / "a.geojson", (shape, shop())))

        assert horseshoe.contains(frame.geometry[0])
        assert [(p.row, p.reason, p.hint) for p in report.problems] == [
            (0, "geometry_reduced", "1")
        ]

    @pytest.mark.parametrize(
        "shape",
        [
            None,
            {},
            {"type": "Point", "coordinates": []},
            {"type": "Point", "coordinates": ["a", 1]},
            [],
        ],
    )
    def test_a_row_without_a_place_is_told_and_the_others_go_in(self, read, tmp_path, shape):
        path = geojson(tmp_path / "a.geojson", (shape, shop()), (PLACE, shop(名称="乙")))

        frame, report = read(path)

        assert frame["row"].tolist() == [2]
        assert [(p.row, p.reason) for p in report.problems] == [(1, "geometry_missing")]

    def test_places_in_columns_serve_where_a_shape_is_missing(self, read, tmp_path):
        path = geojson(
            tmp_path / "a.geojson",
            (PLACE, shop()),
            (None, shop(名称="乙", lon="123.5", lat="41.8")),
        )

        assert read(path).frame["source_lon"].tolist() == [123.45, 123.5]

    def test_another_crs_is_reprojected(self, read, tmp_path):
        metres = gpd.GeoSeries([shapely.Point(123.45, 41.79)], crs=4326).to_crs(4547)[0]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
        shape = {"type": "Point", "coordinates": [metres.x, metres.y]}

        frame, _ = read(geojson(tmp_path / "a.geojson", (shape, shop()), crs=crs))

        assert frame.geometry[0].distance(shapely.Point(123.45, 41.79)) < 1e-8

    @pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "EPSG:4490"])
    def test_the_usual_crs_changes_nothing(self, read, tmp_path, name):
        crs = {"type": "name", "properties": {"name": name}}

        frame, _ = read(geojson(tmp_path / "a.geojson", (PLACE, shop()), crs=crs))

        assert frame["source_lon"].tolist() == pytest.approx([123.45], abs=1e-9)

    @pytest.mark.parametrize(
        "crs",
        [
            {"type": "link", "properties": {"href": "{}/crs"}},
            {"type": "url", "properties": {"url": "{}/crs"}},
            {"type": "name", "properties": {"name": "{}/crs"}},
        ],
    )
    def test_a_crs_elsewhere_is_refused_and_never_fetched(self, read, tmp_path, visited, crs):
        address, asked = visited
        crs = orjson.loads(orjson.dumps(crs).replace(b"{}", address.encode()))

        with pytest.raises(Invalid) as refused:
            read(geojson(tmp_path / "a.geojson", (PLACE, shop()), crs=crs))

        assert refused.value.code == "crs_unknown"
        assert asked == []

    @pytest.mark.parametrize("member", ["crs", "CRS"])
    @pytest.mark.parametrize("kind, key", [("link", "href"), ("url", "url")])
    def test_a_crs_in_a_geometry_is_passed_over_and_never_fetched(
        self, read, tmp_path, visited, member, kind, key
    ):
        address, asked = visited
        crs = {member: {"type": kind, "properties": {key: f"{address}/crs"}}}

        frame, _ = read(geojson(tmp_path / "a.geojson", (PLACE | crs, shop())))

        assert frame["source_lon"].tolist() == [123.45]
        # GDAL lets no other thread run: what it asked is answered now, before this.
        last = http.client.HTTPConnection(address.removeprefix("http://"))
        last.request("GET", "/last")
        last.getresponse().close()
        assert asked == ["/last"]

    def test_only_the_shape_of_a_geometry_is_handed_on(self, tmp_path):
        odd = {"crs": {"type": "link"}, "href": "elsewhere", "bbox": [1, 2, 3, 4]}
        shape = {"type": "GeometryCollection", "geometries": [PLACE | odd, 5], **odd}
        inner = {"type": "GeometryCollection", "geometries": [shape], **odd}

        read_geojson(geojson(tmp_path / "a.geojson", (inner, shop())), tmp_path)

        handed = orjson.loads((tmp_path / "features.geojson").read_bytes())
        kept = {"type": "GeometryCollection", "geometries": [PLACE, None]}
        assert handed["features"][0]["geometry"] == {
            "type": "GeometryCollection",
            "geometries": [kept],
        }

    @pytest.mark.parametrize(
        "text",
        [
            "{}",
            '{"type":"Topology"}',
            '{"type":"gdal_streamed_alg","command_line":"vector read http://127.0.0.1:9/"}',
            '{"type":"FeatureCollection"',
            '{"a":' * 3000,
            "[1]",
        ],
    )
    def test_what_is_no_geojson_is_refused(self, read, tmp_path, text):
        (tmp_path / "a.json").write_text(text, encoding="utf-8")

        with pytest.raises(Invalid) as refused:
            read(tmp_path / "a.json")

        assert refused.value.code == "file_unreadable"

    def test_a_collection_of_nothing_is_empty(self, read, tmp_path):
        with pytest.raises(Invalid) as refused:
            read(geojson(tmp_path / "a.geojson"))

        assert refused.value.code == "file_empty"


class TestKml:
    def test_names_data_and_descriptions_become_fields(self, read, tmp_path):
        path = kml(
            tmp_path / "a.kml",
            f"<Placemark><name>甲</name><description><![CDATA[<b>好</b>]]></description>{DATA}{POINT}"
            "<phoneNumber>024-23456789</phoneNumber></Placemark>",
            '<Placemark><name>乙</name><ExtendedData><SchemaData schemaUrl="#s">'
            '<SimpleData name="类别">超市</SimpleData></SchemaData></ExtendedData>'
            f"{POINT}</Placemark>",
        )

        frame, _ = read(path)

        assert frame[["name", "category", "note", "phones"]].to_numpy().tolist() == [
            ["甲", "clinic", "<b>好</b>", "024-23456789"],
            ["乙", "shopping", "", ""],
        ]

    def test_shapes_of_every_kind_give_a_place(self, read, tmp_path):
        ring = "<LinearRing><coordinates>123,41 124,41 124,42 123,41</coordinates></LinearRing>"
        polygon = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"
        shapes = [
            polygon,
            "<LineString><coordinates>123,41 124,42</coordinates></LineString>",
            f"<MultiGeometry>{polygon}{POINT}</MultiGeometry>",
            f"<MultiGeometry>{polygon}{polygon}</MultiGeometry>",
            f"<MultiGeometry>{POINT}</MultiGeometry>",
        ]
        placemarks = [
            f"<Placemark><name>{at}</name>{DATA}{shape}</Placemark>"
            for at, shape in enumerate(shapes)
        ]

        frame, report = read(kml(tmp_path / "a.kml", *placemarks))

        assert frame["name"].tolist() == ["0", "1", "2", "3", "4"]
        assert [(p.reason, p.hint) for p in report.problems] == [("geometry_reduced", "4")]

    @pytest.mark.parametrize("text", ["", "1", "a,b", "nan,nan", "1e9,1e9", "123, 41"])
    def test_a_place_that_makes_no_sense_is_told(self, read, tmp_path, text):
        point = f"<Point><coordinates>{text}</coordinates></Point>"
        path = kml(tmp_path / "a.kml", f"<Placemark><name>甲</name>{DATA}{point}</Placemark>")

        assert [p.reason for p in read(path).report.problems] == ["geometry_missing"]

    def test_nothing_is_fetched(self, read, tmp_path, visited):
        address, asked = visited
        path = kml(
            tmp_path / "a.kml",
            f"<NetworkLink><Link><href>{address}/more.kml</href></Link></NetworkLink>"
            f"<Style><IconStyle><Icon><href>{address}/i.png</href></Icon></IconStyle></Style>"
            f"<Placemark><name>甲</name><styleUrl>{address}/s.kml#s</styleUrl>"
            f"{DATA}{POINT}</Placemark>",
        )

        assert len(read(path).frame) == 1
        assert asked == []

    @pytest.mark.parametrize(
        "text",
        [
            '<!DOCTYPE kml [<!ENTITY a "b">]><kml/>',
            "<kml><Placemark>",
            "<kml>" * 500 + "</kml>" * 500,
        ],
    )
    def test_what_is_no_plain_kml_is_refused(self, read, tmp_path, text):
        (tmp_path / "a.kml").write_text(text, encoding="utf-8")

        with pytest.raises(Invalid) as refused:
            read(tmp_path / "a.kml")

        assert refused.value.code == "file_unreadable"

    def test_kml_in_gb18030_is_read_too(self, read, tmp_path):
        path = kml(tmp_path / "a.kml", f"<Placemark><name>甲</name>{DATA}{POINT}</Placemark>")
        text = path.read_text(encoding="utf-8").replace("UTF-8", "GB2312")
        path.write_bytes(text.encode("gb18030"))

        assert read(path).frame["name"].tolist() == ["甲"]


class TestGeoPackage:
    @pytest.fixture
    def layers(self, tmp_path):
        path = tmp_path / "a.gpkg"
        for layer, name in (("other", "乙"), ("merchants", "甲")):
            frame = gpd.GeoDataFrame(
                {"name": [name], "类别": ["诊所"], "电话": [13812345678]},
                geometry=[shapely.Point(123.45, 41.79)],
                crs=4326,
            )
            frame.to_file(path, layer=layer, driver="GPKG", SPATIAL_INDEX="NO")
        return path

    def test_the_layer_of_our_name_is_read(self, read, layers):
        frame, report = read(layers)

        assert frame[["row", "name", "phones"]].to_numpy().tolist() == [[1, "甲", "13812345678"]]
        assert (report.source.sheet, set(report.source.sheets)) == (
            "merchants",
            {"other", "merchants"},
        )

    def test_another_layer_can_be_chosen(self, read, layers):
        assert read(layers, sheet="other").frame["name"].tolist() == ["乙"]

        with pytest.raises(Invalid) as refused:
            read(layers, sheet="none")
        assert refused.value.code == "sheet_missing"

    def test_another_crs_is_reprojected(self, read, layers, tmp_path):
        gpd.read_file(layers, layer="other").to_crs(4547).to_file(tmp_path / "b.gpkg")

        assert read(tmp_path / "b.gpkg").frame["source_lon"].tolist() == pytest.approx([123.45])

    def test_a_layer_without_shapes_is_a_table(self, read, tmp_path):
        path = tmp_path / "plain.gpkg"
        frame = pd.DataFrame({"名称": ["甲"], "类别": ["诊所"], "经度": [123.45], "纬度": [41.79]})
        pyogrio.write_dataframe(frame, path, layer="t")

        assert read(path).frame["source_lon"].tolist() == [123.45]

    def test_a_file_in_use_is_read_with_what_was_written_last(self, read, layers):
        connection = sqlite3.connect(layers)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE merchants SET name='丙' WHERE fid=1")
        connection.commit()
        try:
            assert read(layers).frame["name"].tolist() == ["丙"]
        finally:
            connection.close()

    def test_a_table_that_reaches_outside_is_refused(self, read, layers, visited):
        address, asked = visited
        connection = sqlite3.connect(layers)
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "INSERT INTO sqlite_master(type, name, tbl_name, rootpage, sql)"
            " VALUES ('table', 'e', 'e', 0, ?)",
            (f"CREATE VIRTUAL TABLE e USING VirtualOGR('/vsicurl/{address}/x.geojson')",),
        )
        connection.execute(
            "INSERT INTO gpkg_contents(table_name, data_type, identifier)"
            " VALUES ('e', 'attributes', 'e')"
        )
        connection.commit()
        connection.close()

        with pytest.raises(Invalid) as refused:
            read(layers, sheet="e")

        assert refused.value.code == "file_unreadable"
        assert len(read(layers).frame) == 1
        assert asked == []

    def test_a_broken_file_is_refused(self, read, layers):
        layers.write_bytes(layers.read_bytes()[:5000])

        with pytest.raises(Invalid) as refused:
            read(layers)

        assert refused.value.code == "file_unreadable"
