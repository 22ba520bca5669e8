"""Files through the page: columns mended, rehearsed, brought in, reported, taken back, sent out."""

import io
import json
import re
import time
import zipfile

import openpyxl
import pytest

from geodata import areas, categories, exchange, merchants
from geodata.store import open_store
from tests import people
from tests.factories import ADMIN, CENTRE, HOSTILE, areas_frame, entry, square
from webmap import create_app, importing, receiving
from webmap.config import Settings
from webmap.uploads import Stage, Uploads

HEADER = "名称,类别,经度,纬度,电话\n"
ROWS = "泉富便民超市,购物,123.47,41.775,024-23456781\n万莲诊所,诊所,123.471,41.776,024-23456782\n"
TABLE = HEADER + ROWS


@pytest.fixture
def office(empty_app):
    """Return an application without the demonstration, with the worker's street on its map."""
    with empty_app.extensions["linju_store"].writing() as tx:
        street = ("210103006000", "万莲街道", square(*CENTRE))
        areas.merge(tx, areas_frame(street), actor=ADMIN)
    return empty_app


@pytest.fixture
def desk(office):
    return Clerk(office, "worker")


class Clerk:
    """Somebody of the staff at the page of files."""

    def __init__(self, app, name):
        self.client = people.signed_in(app, name)
        self.headers = people.csrf(self.client)

    def post(self, path, **form):
        return self.client.post(
            path, data=form, headers=self.headers, content_type="multipart/form-data"
        )

    def send(self, data, name="shops.csv"):
        body = (
            f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        ).encode()
        kind = "multipart/form-data; boundary=edge"
        body += data + b"\r\n--edge--\r\n"
        path = "/files/upload"
        return self.client.post(path, data=body, headers=self.headers, content_type=kind)

    def upload(self, content, name="shops.csv"):
        data = content.encode() if isinstance(content, str) else content
        answer = self.post("/files/upload", file=(io.BytesIO(data), name))
        assert answer.status_code == 303, answer.text
        return answer.location.partition("?")[0]

    def check(self, place, *fields, datum="wgs84"):
        columns = {f"c{at}": field for at, field in enumerate(fields)}
        answer = self.post(f"{place}/check", what="columns", datum=datum, **columns)
        assert answer.status_code == 303, answer.text
        return self.rest(place)

    def download(self, path):
        """Return an answer whose file has been read to its end."""
        with self.client.get(path, buffered=True) as answer:
            return answer

    def rest(self, place):
        """Return the page when its job has ended."""
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            if self.client.get(f"{place}/state").get_json()["stage"] not in {"checking", "working"}:
                return self.client.get(place).text
        pytest.fail("the job does not end")

    def bring_in(self, place):
        assert self.post(f"{place}/import").status_code == 303
        return self.rest(place)


USUAL = ("name", "category", "lon", "lat", "phones")


def numbers(page):
    return [int(number) for number in re.findall(r"<dd>(\d+)</dd>", page)]


def names(app):
    with app.extensions["linju_store"].reading() as tx:
        return set(merchants.frame(tx)["name"])


def batch_of(page):
    return re.search(r"/files/imports/(\w+)/undo", page)[1]


class TestAFileComesIn:
    def test_step_by_step(self, office, desk):
        place = desk.upload(TABLE)
        page = desk.client.get(place).text
        assert re.search(r'<option value="name" selected>', page)
        assert "泉富便民超市" in page

        page = desk.check(place, *USUAL)
        assert numbers(page) == [2, 0, 0, 0]
        assert names(office) == set()

        page = desk.bring_in(place)
        assert numbers(page) == [2, 0, 0, 0]
        assert names(office) == {"泉富便民超市", "万莲诊所"}

    def test_in_every_format(self, desk, tmp_path, office):
        with office.extensions["linju_store"].writing() as tx:
            merchants.add(tx, entry("甲"), actor=ADMIN)
            frame = merchants.frame(tx)
        for kind in exchange.Format:
            path = tmp_path / f"shops.{kind}"
            exchange.write(frame[[c for c in frame if c in merchants.EXPORTED]], path)
            place = desk.upload(path.read_bytes(), path.name)
            page = desk.post(f"{place}/check", what="datum", datum="file")
            assert page.status_code == 303
            assert numbers(desk.rest(place)) == [0, 0, 1, 0], kind

    def test_a_column_nobody_understood_is_told(self, office, desk):
        place = desk.upload("甲,乙,丙,丁\n" + "小店,购物,123.47,41.775\n")
        page = desk.check(place, "", "", "", "")
        assert "请指明哪一列是：名称, 类别, 经度, 纬度" in page

        assert numbers(desk.check(place, "name", "category", "lon", "lat")) == [1, 0, 0, 0]
        desk.bring_in(place)
        assert names(office) == {"小店"}

    def test_two_columns_for_one_field_are_told(self, desk):
        place = desk.upload(TABLE)
        page = desk.check(place, "name", "name", "lon", "lat", "phones")
        assert "有两列都被当作：名称" in page

    def test_a_column_can_be_left_aside(self, office, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL[:4], "")
        desk.bring_in(place)
        with office.extensions["linju_store"].reading() as tx:
            assert {row["phones"] for row in tx.rows("merchant")} == {""}

    def test_another_sheet_can_be_looked_at(self, desk):
        book = openpyxl.Workbook()
        book.active.append(["请看下一页"])
        sheet = book.create_sheet("商户")
        sheet.append(["名称", "类别", "经度", "纬度"])
        data = io.BytesIO()
        book.save(data)
        place = desk.upload(data.getvalue(), "shops.xlsx")
        assert "<option selected>商户</option>" in desk.client.get(place).text

        assert desk.post(f"{place}/sheet", sheet="Sheet").status_code == 303
        assert "请看下一页" in desk.client.get(place).text

    def test_the_datum_is_chosen_and_doubted(self, office, shared_data):
        boundaries = shared_data / "boundaries" / "shenyang_districts_gcj02.geojson"
        frame, _ = exchange.read_areas(boundaries, datum="gcj02")
        with office.extensions["linju_store"].writing() as tx:
            areas.merge(tx, frame, actor=ADMIN)
        admin = Clerk(office, "admin")
        path = shared_data / "merchants" / "shenyang_stores_bd09.csv"
        place = admin.upload(path.read_bytes(), path.name)

        page = admin.check(place, "name", "category", "address", "lon", "lat", datum="wgs84")
        assert "坐标真的是 WGS 84 吗？BD-09 更吻合" in page
        assert admin.post(f"{place}/check", datum="bd09").status_code == 303
        page = admin.rest(place)
        assert "更吻合" not in page
        assert numbers(page) == [63, 0, 0, 0]

    @pytest.mark.parametrize("datum", ["file", ""])
    def test_a_table_that_tells_no_datum_goes_on_only_when_somebody_has(self, desk, datum):
        place = desk.upload(TABLE.replace("电话", "联系方式几"))
        page = desk.client.get(place).text
        assert 'value="file"' not in page
        assert "checked" not in page[page.index('id="datum"') :]

        page = desk.check(place, *USUAL, datum=datum)
        assert '<p class="field-wrong" id="datum-wrong">请选择' in page
        assert 'id="columns"' in page
        assert '<option value="phones" selected>' in page  # nothing of what was chosen is lost

        page = desk.check(place, *USUAL, datum="gcj02")
        assert numbers(page) == [2, 0, 0, 0]
        told = desk.client.get(f"{place}/points.json").get_json()
        lon, _lat = told["features"][0]["geometry"]["coordinates"]
        assert lon != pytest.approx(123.47, abs=0.001)

    def test_a_datum_that_was_chosen_is_kept_for_the_way_back(self, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL, datum="bd09")
        desk.post(f"{place}/back")
        assert re.search(r'value="bd09" required checked', desk.client.get(place).text)

    @pytest.mark.parametrize(
        "text, said",
        [
            (TABLE.replace("经度", "经度(高德)"), "按文件里写的（GCJ-02）"),
            ("名称,类别,经度,纬度,坐标系\n甲,购物,123.47,41.775,百度\n", "按文件每一行写的"),
        ],
    )
    def test_a_table_that_tells_its_datum_is_believed(self, desk, text, said):
        place = desk.upload(text)
        page = desk.client.get(place).text
        assert said in page
        assert re.search(r'value="file" required checked', page)
        answer = desk.post(f"{place}/check", what="datum", datum="file")
        assert answer.status_code == 303
        assert sum(numbers(desk.rest(place))) > 0

    def test_one_row_that_keeps_silent_is_enough_to_ask(self, desk):
        silent = "名称,类别,经度,纬度,坐标系\n甲,购物,123.47,41.775,百度\n乙,购物,123.47,41.776,\n"
        assert 'value="file"' not in desk.client.get(desk.upload(silent)).text

    def test_a_heading_says_nothing_of_a_column_that_was_put_in_its_place(self, desk):
        place = desk.upload("名称,类别,经度(百度),纬度,东\n甲,购物,123.47,41.775,123.48\n")
        assert 'value="file"' in desk.client.get(place).text
        page = desk.check(place, "name", "category", "", "lat", "lon", datum="file")
        assert 'id="datum-wrong">' in page

    def test_what_speaks_for_a_datum_stands_beside_the_choice(self, office, shared_data):
        boundaries = shared_data / "boundaries" / "shenyang_districts_gcj02.geojson"
        frame, _ = exchange.read_areas(boundaries, datum="gcj02")
        with office.extensions["linju_store"].writing() as tx:
            areas.merge(tx, frame, actor=ADMIN)
        admin = Clerk(office, "admin")
        text = (shared_data / "merchants" / "shenyang_stores_bd09.csv").read_text("utf-8-sig")
        head, rows = text.split("\n", 1)

        page = admin.client.get(admin.upload(text)).text
        assert "看起来是 BD-09" in page
        assert re.search(r"(\d+) 条线索中有 (\d+) 条吻合", page).groups() == ("63", "62")
        assert re.search(r"checked", page[page.index('id="datum"') :]) is None

        place = admin.upload(",".join("甲乙丙丁戊"[: head.count(",") + 1]) + "\n" + rows)
        assert "看起来是" not in admin.client.get(place).text
        page = admin.check(place, "name", "category", "address", "lon", "lat", datum="")
        assert "看起来是 BD-09" in page

    def test_what_ails_a_row_is_told_and_stands_in_the_report(self, desk):
        place = desk.upload(TABLE + "坏店,饭店饭店,123.47,41.775,\n,购物,1,2,\n")
        page = desk.check(place, *USUAL)
        assert numbers(page) == [2, 0, 0, 2]
        assert "饭店饭店" in page

        answer = desk.download(f"{place}/report.xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
        assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {4, 5}
        assert "饭店饭店" in desk.download(f"{place}/report.csv").text
        assert desk.download(f"{place}/report.kml").status_code == 422

    def test_rows_outside_the_scope_are_told_before(self, office, desk):
        place = desk.upload(TABLE + "远店,购物,123.3,41.7,\n")
        page = desk.check(place, *USUAL)
        assert numbers(page) == [2, 0, 0, 1]
        assert "这个地点不在您负责的区划内" in page

        desk.bring_in(place)
        assert "远店" not in names(office)

    def test_the_places_of_a_preview_are_a_sample_with_their_fates(self, desk, monkeypatch):
        first = desk.upload(TABLE)
        desk.check(first, *USUAL)
        desk.bring_in(first)
        monkeypatch.setattr(importing, "SHOWN_POINTS", 2)
        changed = TABLE.replace("6782", "6783")
        more = "".join(f"店{n},购物,123.47{n},41.77,\n" for n in range(4))
        place = desk.upload(changed + more)
        desk.check(place, *USUAL)

        told = desk.client.get(f"{place}/points.json").get_json()
        assert told["of"] == 6
        assert [f["properties"]["fate"] for f in told["features"]] == ["unchanged", "added"]
        assert told["features"][0]["properties"]["name"] == "泉富便民超市"


class TestTakingBack:
    def test_a_whole_import(self, office, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        page = desk.bring_in(place)

        answer = desk.post(f"/files/imports/{batch_of(page)}/undo")
        assert answer.status_code == 303
        page = desk.rest(answer.location.partition("?")[0])

        assert numbers(page) == [2, 0]
        assert names(office) == set()
        assert "已撤销：恢复 2 处" in desk.client.get("/files").text
        assert "/undo" not in desk.client.get("/files").text

    def test_twice_is_told(self, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        batch = batch_of(desk.bring_in(place))
        desk.rest(desk.post(f"/files/imports/{batch}/undo").location)
        again = desk.post(f"/files/imports/{batch}/undo")
        assert (again.status_code, "已经撤销" in again.text) == (409, True)

    def test_another_scope_neither_sees_nor_undoes_it(self, office, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        batch = batch_of(desk.bring_in(place))
        stranger = Clerk(office, "stranger")
        assert "shops.csv" not in stranger.client.get("/files").text
        assert stranger.post(f"/files/imports/{batch}/undo").status_code == 403
        assert "shops.csv" in Clerk(office, "admin").client.get("/files").text

    def test_the_log_knows_of_both(self, office, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        batch = batch_of(desk.bring_in(place))
        desk.rest(desk.post(f"/files/imports/{batch}/undo").location)
        with office.extensions["linju_store"].reading() as tx:
            noted = [(line["what"], line["by"], line["target"]) for line in tx.records("log")]
        assert [line for line in noted if line[2] == batch] == [
            ("import", "worker", batch),
            ("undo_import", "worker", batch),
        ]


def zip_bomb():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(12):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * 100_000_000)
    return data.getvalue()


class TestBadFiles:
    @pytest.mark.parametrize(
        "content, name, words",
        [
            (b"PK\x03\x04 broken", "shops.xlsx", "shops.xlsx"),
            (b"\xd0\xcf\x11\xe0 old", "shops.xlsx", "shops.xlsx"),
            (b"", "shops.csv", "shops.csv"),
            (b"hello", "shops.exe", "csv, xlsx"),
            (b"hello", "shops", "csv, xlsx"),
            (b"\xff\xfe\x00\xd8", "../../shops.csv", "shops.csv"),
            (b'{"type": "FeatureCollection"', "shops.geojson", "shops.geojson"),
        ],
    )
    def test_are_answered_in_words(self, desk, content, name, words):
        page = desk.client.get(desk.upload(content, name)).text
        alert = re.search(r'role="alert">([^<]+)<', page)[1]
        assert words in alert
        assert "换一个文件" in page

    def test_a_zip_bomb_is_not_opened(self, desk):
        answer = desk.send(zip_bomb(), "bomb.xlsx")
        assert "太大" in desk.client.get(answer.location).text

    def test_no_file_is_told(self, desk):
        assert desk.post("/files/upload").status_code == 422

    def test_a_formula_is_text(self, office, desk):
        place = desk.upload(HEADER + "\"=cmd|' /C calc'!A0\",购物,123.47,41.775,\n")
        desk.check(place, *USUAL)
        desk.bring_in(place)
        assert names(office) == {"=cmd|' /C calc'!A0"}
        sent = desk.download("/files/export?format=csv").text
        assert "'=cmd" in sent

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_texts_are_shown_as_written(self, desk, text):
        row = json.dumps(text)[1:-1] if "\\" in text else text
        quoted = '"' + text.replace('"', '""') + '"'
        place = desk.upload(f"{HEADER}{quoted},{quoted},1,2,\n", f"{row[:40]}.csv")
        for page in (desk.client.get(place).text, desk.check(place, *USUAL)):
            assert "<svg onload" not in page
            assert "<img src=x" not in page
            assert text != "{{7*7}}" or text in page


class TestGuards:
    @pytest.mark.parametrize("who, status", [("worker", 200), ("admin", 200), ("shop", 403)])
    def test_the_page_is_for_staff(self, office, who, status):
        assert people.signed_in(office, who).get("/files").status_code == status

    def test_residents_are_refused_everywhere(self, office, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        client = office.test_client()
        for path in ("", "/state", "/points.json", "/map.js", "/report.xlsx"):
            assert people.led_to_the_door(client.get(place + path))
        for path in ("/files", "/files/export"):
            assert people.led_to_the_door(client.get(path))

    def test_an_upload_is_its_owners_only(self, office, desk):
        place = desk.upload(TABLE)
        other = Clerk(office, "admin")
        assert other.client.get(place).status_code == 404
        assert other.post(f"{place}/check", what="columns").status_code == 404
        assert other.client.get("/files/" + "../" * 3).status_code == 404
        assert other.client.get("/files/" + "f" * 32).status_code == 404

    def test_nothing_is_written_without_the_token(self, desk):
        place = desk.upload(TABLE)
        for path in ("/files/upload", f"{place}/check", f"{place}/import", f"{place}/discard"):
            assert desk.client.post(path).status_code == 400

    def test_a_large_file_is_refused_unread_and_larger_than_other_requests_may_be(self, tmp_path):
        app = create_app(Settings(instance=tmp_path / "small", upload_mb=2))
        clerk = Clerk(app, "worker")
        assert receiving.LARGEST < 2_000_000
        assert clerk.send(b"x" * 1_900_000).status_code == 303
        assert clerk.send(b"x" * 2_300_000).status_code == 413
        form = {"c0": "x" * 1_200_000} | clerk.headers
        answer = clerk.client.post(f"/files/{'f' * 32}/check", data=form)
        assert answer.status_code == 413
        app.extensions["linju_store"].close()

    def test_strangers_may_not_even_fill_the_disk(self, office):
        shop = Clerk(office, "shop")
        assert shop.send(b"x" * 2_000_000).status_code == 413
        assert shop.send(b"x").status_code == 403

    def test_the_demonstration_is_rehearsed_in_only(self, app):
        clerk = Clerk(app, "worker")
        place = clerk.upload(TABLE)
        page = clerk.check(place, *USUAL)
        assert "这里是演示数据" in page
        assert "开始导入" not in page
        before = names(app)
        assert clerk.post(f"{place}/import").status_code == 409
        assert names(app) == before


class TestJobs:
    def test_one_at_a_time(self, office, desk):
        place = desk.upload(TABLE)
        uploads = Uploads(desk_folder(office))
        other = uploads.create(by="admin")
        uploads.claim(other)
        answer = desk.post(f"{place}/check", what="columns", datum="wgs84", **usual())
        assert (answer.status_code, "另一个文件" in answer.text) == (409, True)

    def test_one_whose_process_died_is_told_and_can_be_tried_again(self, office, desk, monkeypatch):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        uploads = Uploads(desk_folder(office))
        upload = uploads.find(place.rpartition("/")[2], by="worker")
        upload.stage, upload.batch = Stage.WORKING, "NONE"
        uploads.claim(upload)
        uploads.save(upload)
        assert desk.client.get(f"{place}/state").get_json()["stage"] == "working"

        monkeypatch.setattr("webmap.uploads.STALE_S", -1.0)
        assert "中途停止" in desk.client.get(place).text
        monkeypatch.undo()
        (desk_folder(office) / "running").unlink()
        desk.bring_in(place)
        assert len(names(office)) == 2

    def test_one_that_died_after_its_commit_is_known_to_be_done(self, office, desk):
        place = desk.upload(TABLE)
        desk.check(place, *USUAL)
        desk.bring_in(place)
        uploads = Uploads(desk_folder(office))
        upload = uploads.find(place.rpartition("/")[2], by="worker")
        upload.stage, upload.numbers = Stage.WORKING, {}
        uploads.save(upload)
        assert numbers(desk.client.get(place).text) == [2, 0, 0, 0]

    def test_a_rehearsal_that_failed_goes_back_to_the_columns(self, desk, monkeypatch):
        def explode(*_args, **_told):
            raise RuntimeError

        place = desk.upload(TABLE)
        monkeypatch.setattr(exchange, "suspect_datum", explode)
        page = desk.check(place, *USUAL)
        assert 'name="c0"' in page
        assert 'role="alert"' in page

    def test_old_uploads_are_swept_away(self, desk, monkeypatch):
        place = desk.upload(TABLE)
        monkeypatch.setattr("webmap.uploads.KEPT_S", -1.0)
        desk.upload(TABLE)
        assert desk.client.get(place).status_code == 404

    def test_discarded_is_gone(self, desk):
        place = desk.upload(TABLE)
        assert desk.post(f"{place}/discard").status_code == 303
        assert desk.client.get(place).status_code == 404

    def test_nothing_is_imported_that_was_not_rehearsed(self, office, desk):
        place = desk.upload(TABLE)
        assert desk.post(f"{place}/import").status_code == 303
        assert names(office) == set()


def desk_folder(app):
    return app.extensions["linju_settings"].uploads_folder


def usual():
    return {f"c{at}": field for at, field in enumerate(USUAL)}


class TestExport:
    @pytest.fixture
    def shops(self, office):
        with office.extensions["linju_store"].writing() as tx:
            merchants.add(tx, entry("甲店"), actor=ADMIN)
            merchants.add(tx, entry("乙诊所", category="clinic"), actor=ADMIN)
            merchants.propose(tx, entry("丙店"), actor=ADMIN)
        return office

    @pytest.mark.parametrize("kind", exchange.Format)
    @pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
    def test_in_any_format_and_datum_reads_back(self, shops, desk, tmp_path, kind, datum):
        with shops.extensions["linju_store"].reading() as tx:
            known = categories.listed(tx)
        answer = desk.download(f"/files/export?format={kind}&datum={datum}")
        assert answer.status_code == 200
        assert f"{datum}.{kind}" in answer.headers["Content-Disposition"]
        path = tmp_path / f"out.{kind}"
        path.write_bytes(answer.data)
        frame, _ = exchange.read_merchants(path, categories=known)
        assert sorted(frame["name"]) == ["乙诊所", "甲店"]
        assert set(frame["source_datum"]) == {datum}
        assert frame.geometry.x.iloc[0] == pytest.approx(CENTRE[0], abs=1e-6)

    @pytest.mark.parametrize(
        "query, found",
        [
            ("cat=clinic", {"乙诊所"}),
            ("q=jia", {"甲店"}),
            ("area=210103006", {"甲店", "乙诊所"}),
            ("area=210106", set()),
            ("open=now", set()),
            ("all=1", {"甲店", "乙诊所", "丙店"}),
        ],
    )
    @pytest.mark.usefixtures("shops")
    def test_holds_what_the_filter_shows(self, desk, query, found):
        sent = desk.download(f"/files/export?format=csv&{query}").text
        assert {name for name in ("甲店", "乙诊所", "丙店") if name in sent} == found

    @pytest.mark.usefixtures("shops")
    def test_has_headings_and_words_in_either_language(self, desk):
        assert "名称,类别" in desk.download("/files/export?format=csv").text
        sent = desk.download("/files/export?format=csv&headings=en").text
        assert "name,category" in sent
        assert "Clinic" in sent

    def test_what_is_not_public_is_for_the_scope_only(self, shops):
        stranger = Clerk(shops, "stranger")
        assert stranger.download("/files/export?all=1&area=210103006").status_code == 403
        assert "丙店" not in stranger.download("/files/export?format=csv&all=1").text

    def test_is_noted(self, shops, desk):
        desk.download("/files/export?format=kml&cat=clinic")
        with shops.extensions["linju_store"].reading() as tx:
            (line,) = tx.records("log", what="export")
        assert (line["by"], line["target"]) == ("worker", "kml")

    @pytest.mark.parametrize("query", ["format=exe", "datum=x", "q=" + "x" * 101, "area=a", "z=1"])
    def test_nonsense_is_refused(self, desk, query):
        assert desk.download(f"/files/export?{query}").status_code == 422

    def test_leaves_nothing_behind(self, shops, desk):
        desk.download("/files/export")
        assert [path for path in desk_folder(shops).iterdir() if path.name != "running"] == []


def test_the_store_of_another_office_is_read_as_a_geopackage(office, tmp_path):
    store = open_store(tmp_path / "other.gpkg")
    with store.writing() as tx:
        merchants.add(tx, entry("别处小店"), actor=ADMIN)
    store.backup(tmp_path / "copy.gpkg", actor=ADMIN)
    store.close()
    admin = Clerk(office, "admin")
    place = admin.upload((tmp_path / "copy.gpkg").read_bytes(), "copy.gpkg")
    assert "merchant" in admin.client.get(place).text
