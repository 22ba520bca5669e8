"""Small files, made where the test stands, and the categories that ship."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from geodata import exchange
from geodata.exchange import Reading

HEADER = "名称,类别,经度,纬度"


@dataclass(frozen=True)
class Words:
    id: str
    name: str
    name_en: str
    glyph: str


SHIPPED = (
    Words("shopping", "购物", "Shopping", "购"),
    Words("clinic", "诊所", "Clinic", "医"),
    Words("repair", "维修", "Repair", "修"),
    Words("barber", "理发", "Barber", "理"),
    Words("aed", "AED", "AED", "急"),
    Words("flowers", "花艺", "Florist", "花"),
)


@pytest.fixture(scope="session")
def categories() -> tuple[Words, ...]:
    return SHIPPED


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Read merchants from a path, or from the text or bytes of a CSV file."""

    def reader(given: Path | str | bytes, **options: object) -> Reading:
        path = given
        if not isinstance(given, Path):
            path = tmp_path / "merchants.csv"
            path.write_bytes(given.encode() if isinstance(given, str) else given)
        return exchange.read_merchants(path, categories=SHIPPED, **options)

    return reader


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write sheets, name → lines, as a workbook."""

    def writer(**sheets: list[list[object]]) -> Path:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for name, lines in sheets.items():
            sheet = workbook.create_sheet(name)
            for at, line in enumerate(lines, start=1):
                for column, cell in enumerate(line, start=1):
                    sheet.cell(at, column, cell)
        path = tmp_path / "book.xlsx"
        workbook.save(path)
        return path

    return writer


@pytest.fixture
def visited() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server on this machine, and what is asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the name is http.server's

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()
