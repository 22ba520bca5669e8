"""What people paste as a position: numbers in every dress, links of every service."""

import time
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.pasted import LONGEST, Pasted, lines, read

LON, LAT = 123.4376, 41.8081
NAME = "泉富超市"


def where(text):
    found = read(text)
    return (found.lon, found.lat)


def refusal(text):
    with pytest.raises(Invalid) as caught:
        read(text)
    return caught.value.code, caught.value.details


class TestCoordinates:
    @pytest.mark.parametrize(
        "text",
        [
            "123.4376,41.8081",
            "41.8081,123.4376",
            "41.8081, 123.4376",
            "123.4376，41.8081",
            "123.4376、41.8081",
            "123.4376；41.8081",
            "123.4376;41.8081",
            "123.4376 41.8081",
            "123.4376\t41.8081",
            "123.4376\n41.8081\n",
            "123.4376/41.8081",
            "123.4376-41.8081",
            "123.4376 | 41.8081",
            "[123.4376, 41.8081]",
            "(41.8081, 123.4376)",
            "{lng: 123.4376, lat: 41.8081}",
            '{"latitude": 41.8081, "longitude": 123.4376}',
            "lat=41.8081&lng=123.4376",
            "Lat/Lng: 41.8081, 123.4376",
            "lat:41.8081lng:123.4376",
            "+41.8081 +123.4376",
            "１２３．４３７６，４１．８０８１",
            "经度：１２３．４３７６　纬度：４１．８０８１",
            "经度:123.4376 纬度:41.8081",
            "经度123.4376度，纬度41.8081度",
            "纬度为：41.8081，经度为：123.4376",
            "东经123.4376 北纬41.8081",
            "经度：东经123.4376°；纬度：北纬41.8081°",
            "经纬度：123.4376,41.8081",
            "经纬度: 41.8081, 123.4376",
            "(经度)123.4376 (纬度)41.8081",
            "E123.4376° N41.8081°",
            "e123.4376n41.8081",
            "N 41.8081 E 123.4376",
            "41.8081N 123.4376E",
            "41.8081N123.4376E",
            "41.8081° N, 123.4376° E",
            "POINT (123.4376 41.8081)",
            "店在这里：41.8081,123.4376，旁边有药房",
            "沈河区青年大街12号3楼（123.4376,41.8081）",
            "2026-11-28 14:30 123.4376 41.8081",
        ],
    )
    def test_two_numbers_are_understood_however_they_are_written(self, text):
        assert read(text) == Pasted(LON, LAT, None, "", "plain")

    @pytest.mark.parametrize(
        "text",
        [
            "41°47'30\"N 123°28'12\"E",
            "41°47′30″N 123°28′12″E",
            "41° 47' 30\" N, 123° 28' 12\" E",
            "N41°47'30\"E123°28'12\"",
            "41°47'30''N123°28'12''E",
            "41º47’30”N 123º28’12”E",
            "东经123°28′12″，北纬41°47′30″",
            "东经123度28分12秒，北纬41度47分30秒",
            "123°28.2' 41°47.5'",
        ],
    )
    def test_degrees_come_with_minutes_and_seconds(self, text):
        assert where(text) == pytest.approx((123.47, 41.79166667))

    def test_ranges_tell_the_order_even_against_a_label(self):
        assert where("经度:41.8081 纬度:123.4376") == (LON, LAT)

    @pytest.mark.parametrize("text", ["E123 N41", "41°N 123°E", "经度123 纬度41"])
    def test_whole_degrees_count_where_they_are_labelled(self, text):
        assert where(text) == (123, 41)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "  \n",
            "泉富超市",
            "123 41",
            "青年大街123号41栋",
            "123.4376",
            "1234.376, 41.8081",
            "123.4376.1 41.8081.2",
            "v123.4376 x41.8081",
            "苹果 99.9元，梨 12.5元",
            "电话 024-23456789",
            "41°75'N 123°28'E",
            "999.1234, 888.1234",
            "12.5 99999.1",
            "1.5, 2.5",
            "N41.8081 E1234.5",
            "41.8081N 123.4.5E",
            "41°47'' 123°28''",
            "N 41 号楼，满一百减二十的活动只到月底为止，详情见门口海报，E 123 室",
        ],
    )
    def test_what_is_no_position_is_said_to_be_none(self, text):
        assert refusal(text) == ("pasted_no_position", {})

    @pytest.mark.parametrize(
        "text,lon,lat",
        [
            ("35.6812, 139.7671", 139.7671, 35.6812),
            ("139.7671,35.6812", 139.7671, 35.6812),
            ("48.8566, 2.3522", 2.3522, 48.8566),
            ("E2.3522 N48.8566", 2.3522, 48.8566),
            ("2.3522E 48.8566N", 2.3522, 48.8566),
            ("-41.8081, 123.4376", 123.4376, -41.8081),
            ("S41.8081 E123.4376", 123.4376, -41.8081),
            ("西经123.4376 北纬41.8081", -123.4376, 41.8081),
            ("0.0000, 0.0000", 0, 0),
        ],
    )
    def test_a_place_outside_china_is_named(self, text, lon, lat):
        assert refusal(text) == ("pasted_outside", {"lon": lon, "lat": lat})

    @pytest.mark.parametrize("lon,lat", [(73, 3), (136, 54), (73, 54), (136, 3)])
    def test_the_edge_of_the_box_is_inside(self, lon, lat):
        assert where(f"{lon}.0,{lat}.0") == (lon, lat)
        assert where(f"{lat}.0,{lon}.0") == (lon, lat)

    @given(lon=st.floats(73, 136), lat=st.floats(3, 54), turned=st.booleans())
    def test_every_place_in_the_box_comes_back(self, lon, lat, turned):
        written = [f"{lon:.8f}", f"{lat:.8f}"]
        assert where(",".join(written[::-1] if turned else written)) == pytest.approx(
            (lon, lat), abs=1e-8
        )


class TestDatumWords:
    @pytest.mark.parametrize(
        "words,datum",
        [
            ("WGS84", Datum.WGS84),
            ("wgs-84", Datum.WGS84),
            ("WGS 84 坐标", Datum.WGS84),
            ("GPS", Datum.WGS84),
            ("天地图", Datum.WGS84),
            ("CGCS2000", Datum.WGS84),
            ("EPSG:4490", Datum.WGS84),
            ("国家2000坐标系", Datum.WGS84),
            ("GCJ-02", Datum.GCJ02),
            ("gcj02", Datum.GCJ02),
            ("高德", Datum.GCJ02),
            ("高德地图", Datum.GCJ02),
            ("腾讯坐标", Datum.GCJ02),
            ("火星坐标系", Datum.GCJ02),
            ("BD-09", Datum.BD09),
            ("ＢＤ０９", Datum.BD09),
            ("bd09ll", Datum.BD09),
            ("百度地图", Datum.BD09),
            ("百度", Datum.BD09),
            ("", None),
            ("高德和百度", None),
            ("WGS84 或 GCJ-02", None),
            ("百度大厦 高德坐标", None),
            ("GPSX", None),
            ("高德置地广场", None),
            ("百度大厦", None),
        ],
    )
    def test_a_word_names_the_datum_and_two_that_disagree_do_not(self, words, datum):
        before, after = read(f"{words} {LON},{LAT}"), read(f"{LON},{LAT}（{words}）")

        assert (before.datum, after.datum) == (datum, datum)
        assert (before.lon, before.lat) == (after.lon, after.lat) == (LON, LAT)


AMAP = "https://uri.amap.com/marker?"
BAIDU = "https://api.map.baidu.com/marker?"
TENCENT = "https://apis.map.qq.com/uri/v1/marker?"
LINKS = [
    (f"{AMAP}position={LON},{LAT}", "amap", Datum.GCJ02, ""),
    (f"{AMAP}position={LON}%2C{LAT}&name={quote(NAME)}", "amap", Datum.GCJ02, NAME),
    (f"{AMAP}position={LON},{LAT}&name={NAME}&coordinate=gaode", "amap", Datum.GCJ02, NAME),
    (f"{AMAP}position={LON},{LAT}&coordinate=wgs84", "amap", Datum.WGS84, ""),
    (f"{AMAP}position={LON},{LAT}&coordinate=mars", "amap", None, ""),
    (f"https://www.amap.com/?q={LAT},{LON},{NAME}", "amap", Datum.GCJ02, NAME),
    (f"http://wb.amap.com/?q={LAT}%2C{LON}%2C{quote(NAME)}&src=app", "amap", Datum.GCJ02, NAME),
    (f"https://wb.amap.com/?p=B0FFG,{LAT},{LON},{NAME},青年大街1号", "amap", Datum.GCJ02, NAME),
    (f"http://mo.amap.com/?q={LAT},{LON}&name=park&dev=0", "amap", Datum.GCJ02, "park"),
    (f"http://mo.amap.com/?q={LAT},{LON}&name=park&dev=1", "amap", Datum.WGS84, "park"),
    (f"https://ditu.amap.com/regeo?lng={LON}&lat={LAT}&name={NAME}", "amap", Datum.GCJ02, NAME),
    (f"https://ditu.amap.com/?lnglat={LON},{LAT}", "amap", Datum.GCJ02, ""),
    (f"{BAIDU}location={LAT},{LON}&title={NAME}&output=html", "baidu", Datum.BD09, NAME),
    (f"{BAIDU}location={LAT},{LON}&coord_type=bd09ll", "baidu", Datum.BD09, ""),
    (f"{BAIDU}location={LAT},{LON}&coord_type=gcj02", "baidu", Datum.GCJ02, ""),
    (f"{BAIDU}location={LAT},{LON}&coord_type=WGS84", "baidu", Datum.WGS84, ""),
    (f"{BAIDU}location={LAT},{LON}&coord_type=sogou", "baidu", None, ""),
    (f"http://map.baidu.com/?latlng={LAT},{LON}&title={NAME}", "baidu", Datum.BD09, NAME),
    (f"{TENCENT}marker=coord:{LAT},{LON};title:{NAME};addr:x", "tencent", Datum.GCJ02, NAME),
    (f"{TENCENT}marker=coord:{LAT},{LON}&coord_type=1", "tencent", Datum.WGS84, ""),
    (f"{TENCENT}marker=coord:{LAT},{LON}&coord_type=2", "tencent", Datum.GCJ02, ""),
    (f"{TENCENT}marker=coord:{LAT},{LON}&coord_type=3", "tencent", None, ""),
    (
        f"https://map.qq.com/?type=marker&pointx={LON}&pointy={LAT}&name={NAME}",
        "tencent",
        Datum.GCJ02,
        NAME,
    ),
    (
        f"https://map.wap.qq.com/online/h5-poi-detail/index.html?coord={LON}%2C{LAT}&n={NAME}",
        "tencent",
        Datum.GCJ02,
        NAME,
    ),
    (f"https://www.openstreetmap.org/#map=19/{LAT}/{LON}", "osm", Datum.WGS84, ""),
    (f"https://www.openstreetmap.org/#map=19/{LAT}/{LON}&layers=N", "osm", Datum.WGS84, ""),
    (
        f"https://www.openstreetmap.org/?mlat={LAT}&mlon={LON}#map=12/41.5/123.1",
        "osm",
        Datum.WGS84,
        "",
    ),
    (f"geo:{LAT},{LON}", "geo", Datum.WGS84, ""),
    (f"GEO:{LAT},{LON},52.5;u=35", "geo", Datum.WGS84, ""),
    (f"geo:{LAT},{LON};crs=wgs84", "geo", Datum.WGS84, ""),
    (f"geo:{LAT},{LON};crs=moon-2011;u=3", "geo", None, ""),
    (f"geo:0,0?q={LAT},{LON}({NAME})", "geo", Datum.WGS84, NAME),
    (f"geo:{LAT},{LON}?z=17", "geo", Datum.WGS84, ""),
    (f"https://maps.apple.com/?ll={LAT},{LON}&q={NAME}", "apple", None, NAME),
    (f"https://maps.apple.com/?q={LAT},{LON}", "apple", None, ""),
    (f"https://maps.apple.com/place?coordinate={LAT},{LON}&name={NAME}", "apple", None, NAME),
    (f"https://www.google.com/maps?q={LAT},{LON}", "google", None, ""),
    (f"https://maps.google.com/?q=loc:{LAT},{LON}", "google", None, ""),
    (f"https://www.google.com/maps/search/?api=1&query={LAT}%2C{LON}", "google", None, ""),
    (f"https://www.google.com/maps/@{LAT},{LON},17z", "google", None, ""),
    (
        f"https://www.google.com/maps/place/{quote(NAME)}/@41.5,123.1,17z/data=!4m2!3d{LAT}!4d{LON}",
        "google",
        None,
        NAME,
    ),
]


class TestLinks:
    @pytest.mark.parametrize("link,source,datum,name", LINKS)
    def test_a_link_tells_its_place_and_its_datum(self, link, source, datum, name):
        assert read(link) == Pasted(LON, LAT, datum, name, source)

    @pytest.mark.parametrize("link,source,datum,name", LINKS)
    def test_the_sentence_around_a_link_does_no_harm(self, link, source, datum, name):
        found = read(f"【好又多】沈河区青年大街12号 99.9分\n{link} 复制打开")

        assert found == Pasted(LON, LAT, datum, name or "好又多", source)

    @pytest.mark.parametrize(
        "text",
        [
            f"uri.amap.com/marker?position={LON},{LAT}",
            f"HTTPS://URI.AMAP.COM/marker?position={LON},{LAT}",
            f"//uri.amap.com/marker?position={LON},{LAT}",
            f"https://uri.amap.com:443/marker?position={LON},{LAT}",
            f"https://uri.amap.com./marker?position={LAT},{LON}",
            f"https://uri.amap.com/marker?position={LON}，{LAT}",
            f"店铺uri.amap.com/marker?position={LON},{LAT} 见图",
            f"“https://uri.amap.com/marker?position={LON},{LAT}”",
        ],
    )
    def test_an_address_need_not_be_complete_or_tidy(self, text):
        assert read(text) == Pasted(LON, LAT, Datum.GCJ02, "", "amap")

    def test_a_title_of_the_service_is_no_name(self):
        link = f"{AMAP}position={LON},{LAT}"
        assert read(f"【高德地图】{link}").name == ""
        assert read(f"【高德地图】【{NAME}】{link}").name == NAME

    def test_a_name_is_text_that_one_can_see(self):
        query = urlencode({"position": f"{LON},{LAT}", "name": "泉富\u202e\u200b\n\x00 超市" * 30})
        name = read(AMAP + query).name

        assert name.startswith("泉富 超市泉富 超市")
        assert len(name) <= 100
        assert name.isprintable()

    def test_an_emoji_of_many_parts_stays_whole(self):
        query = urlencode({"position": f"{LON},{LAT}", "name": "👨\u200d👩\u200d👧店"})
        assert read(AMAP + query).name == "👨\u200d👩\u200d👧店"

    @pytest.mark.parametrize(
        "host",
        [
            "surl.amap.com",
            "j.map.baidu.com",
            "dwz.cn",
            "maps.app.goo.gl",
            "maps.apple",
            "url.cn",
        ],
    )
    def test_a_short_link_holds_no_position(self, host):
        text = f"【{NAME}】沈河区青年大街12号 https://{host}/p/1vBbta81 复制打开"
        assert refusal(text) == ("pasted_short_link", {"host": host})

    @pytest.mark.parametrize(
        "link,host",
        [
            ("https://map.baidu.com/poi/x/@13741876.1,5112876.2,19z?uid=1", "map.baidu.com"),
            ("https://map.baidu.com/@13741876,5112876,19z", "map.baidu.com"),
            (f"{BAIDU}location=5112876.2,13741876.1&coord_type=bd09mc", "api.map.baidu.com"),
            (f"{BAIDU}location={LAT},{LON}&coord_type=bd09mc", "api.map.baidu.com"),
            ("https://www.amap.com/place/B0FFG1234", "www.amap.com"),
            ("https://uri.amap.com/marker?position=nan,inf", "uri.amap.com"),
            ("https://uri.amap.com/marker?position=1e2,41.8", "uri.amap.com"),
            ("https://map.qq.com/m/place/1", "map.qq.com"),
            ("https://example.com/?q=shop", "example.com"),
            ("https://[::1/", ""),
            (f"https://[x]/?position={LON},{LAT}", ""),
        ],
    )
    def test_other_links_are_refused_by_their_host(self, link, host):
        assert refusal(link) == ("pasted_link_unsupported", {"host": host})

    @pytest.mark.parametrize(
        "host",
        [
            "evil-amap.com.example",
            "evil-amap.com",
            "amap.com.example",
            "amap.com@example.com",
            "example.com/uri.amap.com",
            "ａmap.com",
            "baidu.com",
            "apple.com",
        ],
    )
    def test_only_the_services_own_hosts_count(self, host):
        position = f"position={LON},{LAT}&location={LAT},{LON}&ll={LAT},{LON}"
        assert refusal(f"https://{host}/marker?{position}")[0] == "pasted_link_unsupported"

    def test_coordinates_beside_a_link_that_holds_none_are_taken(self):
        text = f"https://surl.amap.com/1vBbta81 纬度 {LAT} 经度 {LON}"
        assert read(text) == Pasted(LON, LAT, None, "", "plain")

    def test_of_several_links_the_first_with_a_position_is_taken(self):
        links = ["https://example.com/app", *(link for link, *_ in LINKS[:2])]
        assert read(" ".join(links)).source == "amap"

    def test_of_several_failures_the_most_telling_is_raised(self):
        links = f"https://example.com/app https://dwz.cn/x {AMAP}position=2.3522,48.8566"
        assert refusal(links) == ("pasted_short_link", {"host": "dwz.cn"})

    @pytest.mark.parametrize(
        "link",
        [
            f"{AMAP}position=2.3522,48.8566",
            "geo:48.8566,2.3522",
            "https://www.openstreetmap.org/?mlat=48.8566&mlon=2.3522",
            f"{TENCENT}marker=coord:48.8566,2.3522",
        ],
    )
    def test_a_link_to_a_place_outside_china_is_named(self, link):
        assert refusal(link) == ("pasted_outside", {"lon": 2.3522, "lat": 48.8566})

    def test_a_word_that_ends_like_a_scheme_is_none(self):
        assert read(f"mygeo:{LAT},{LON}") == Pasted(LON, LAT, None, "", "plain")

    def test_a_geo_uri_without_a_place_has_no_position(self):
        assert refusal("geo:0,0?q=supermarket") == ("pasted_no_position", {})


PIECES = st.sampled_from(
    [
        *(link for link, *_ in LINKS),
        *"经纬东西南北度分秒NSEW°'\"-.,:=?&#/;@[]()【】 ",
        *("https://", "geo:", "amap.com/", "?q=", "position=", "123.4", "41", "%2C", "9" * 40),
        *("''", "1.", "\ud800", "\u0661", "，", "\ufdfa", "wgs84", "百度"),
    ]
)


class TestAnyText:
    @given(st.text() | st.lists(PIECES, max_size=12).map("".join))
    @example("https://uri.amap.com/marker?position=%F0,%ED%A0%80")
    @example("https://\ud800.amap.com/x")
    @example("http://a:99999999/?")
    @example("1°''N 2°''E")
    def test_any_text_is_read_or_refused(self, text):
        try:
            found = read(text)
        except Invalid as refused:
            details = refused.details.values()
            assert all(isinstance(told, float) or told.isprintable() for told in details)
        else:
            assert 73 <= found.lon <= 136
            assert 3 <= found.lat <= 54
            assert found.name.replace("\u200c", "").replace("\u200d", "").isprintable()

    def test_too_long_a_text_is_not_looked_at(self):
        position = f"{LON},{LAT}"
        assert read(position.ljust(LONGEST)).lon == LON
        assert refusal(position.ljust(LONGEST + 1)) == ("pasted_too_long", {})

    @pytest.mark.parametrize(
        "piece",
        [
            "1",
            "1.",
            "1.1 ",
            "1°1'",
            "E ",
            "经度",
            "a.",
            "a-",
            "geo:1",
            "https://a",
            "【",
            "''",
            "\ufdfa",
            "E1.1 : ",
            "wgs ",
            " ",
            "/@1",
        ],
    )
    def test_no_text_takes_long(self, piece):
        text = (piece * LONGEST)[:LONGEST]
        start = time.process_time()
        with pytest.raises(Invalid):
            read(text)
        assert time.process_time() - start < 0.5


class TestLines:
    def test_each_line_is_a_place_in_its_own_datum_or_the_one_told(self):
        text = "geo:41.8081,123.4376\n\n123.4437,41.8105（高德）\n123.4502, 41.8161"

        own, shifted, told = lines(text, Datum.BD09, most=3)
        assert own == (LON, LAT)
        for place in (shifted, told):
            assert place == pytest.approx(own, abs=1e-3)
            assert place != own

    @pytest.mark.parametrize(
        "text, code, details",
        [
            ("geo:41.8,123.4\n泉富超市", "pasted_line_wrong", {"line": 2}),
            ("geo:51.5,-0.12", "pasted_line_wrong", {"line": 1}),
            ("geo:41.8,123.4\n\n123.4,41.8", "pasted_datum_open", {"line": 3}),
            ("geo:41.8,123.4\n" * 3, "pasted_too_many", {"most": 2}),
        ],
    )
    def test_what_cannot_be_read_is_told_by_its_line(self, text, code, details):
        with pytest.raises(Invalid) as caught:
            lines(text, None, most=2)
        assert (caught.value.code, caught.value.details) == (code, details)
