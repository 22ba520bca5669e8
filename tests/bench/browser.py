"""From navigation to visible markers in a real Chromium: Linju beside Folium's own layers."""

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from geodata.demo.crowd import scattered
from tests.bench import peers, serving
from tests.bench.shown import number, table, thousands
from tests.bench.stores import Stores
from tests.browser.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, DESK

VISITS = 5
_GIVE_UP_MS = 60_000

# Ready, rows in the list, and paint on the canvas of the magnets: only then somebody sees them.
_OURS = """() => {
    if (document.documentElement.dataset.ready !== "true") return false;
    if (!document.querySelector("#results li")) return false;
    return [...document.querySelectorAll(".leaflet-magnets-pane canvas")].some((canvas) =>
        canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            .data.some((value, at) => at % 4 === 3 && value > 0));
}"""
_ICONS = """() => document.querySelectorAll(".leaflet-marker-icon").length >= %d"""
# Asked before every frame; the time is that of the next one, when the paint is on the screen.
_WATCH = """
    const visible = %s;
    const look = () => visible()
        ? requestAnimationFrame(() => { window.benchVisible = performance.now(); })
        : requestAnimationFrame(look);
    requestAnimationFrame(look);
"""
_PAGE_BYTES = """() => [
    ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
].filter(({ name }) => !/[/](static|vendor)[/]/.test(name))
 .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Times from navigation to visible markers, and what the page and its data weigh."""

    times_ms: list[float]
    kilobytes: float

    @property
    def median_ms(self) -> float:
        return statistics.median(self.times_ms)


_WAYS = {
    "linju": 1_000_000,
    "FastMarkerCluster": 100_000,
    "folium.Marker each": 10_000,
}
"""Each with the size up to which it is tried."""


def measure(stores: Stores, sizes: list[int], folder: Path) -> None:
    """Print milliseconds until markers are visible, and page sizes, for each way and size."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        print("No Chromium here: the browser's part is left out.")
        return
    trouble = peers.bring_libraries(folder)
    found: dict[str, list[Seen | None]] = {way: [] for way in _WAYS}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        for n in sizes:
            with serving.linju(stores.of(n), folder / "wsgi.log") as server:
                found["linju"].append(_visit(chromium, server.address, _OURS))
            with _peers(n, folder, trouble) as pages:
                for way in [*_WAYS][1:]:
                    seen = _visit(chromium, *pages[way]) if way in pages else None
                    found[way].append(seen)
        chromium.close()
    _show(sizes, found, trouble)


def _visit(chromium: Browser, address: str, visible: str) -> Seen | None:
    times, size = [], 0.0
    for _ in range(VISITS):
        context = chromium.new_context(**DESK)
        context.add_init_script(_WATCH % visible)
        page = context.new_page()
        try:
            page.goto(address, wait_until="commit", timeout=_GIVE_UP_MS)
            times.append(_visible(page))
            size = float(page.evaluate(_PAGE_BYTES)) / 1000
        except (Error, TimeoutError):
            return None
        finally:
            context.close()
    return Seen(times, size)


def _visible(page: Page) -> float:
    # Not wait_for_function: a page whose policy forbids eval refuses it.
    give_up = time.monotonic() + _GIVE_UP_MS / 1000
    while time.monotonic() < give_up:
        if at := page.evaluate("window.benchVisible"):
            return float(at)
        time.sleep(0.05)
    raise TimeoutError


@contextmanager
def _peers(n: int, folder: Path, trouble: str) -> Iterator[dict[str, tuple[str, str]]]:
    """Serve the peers' pages; give for each its address and how its markers are seen."""
    if trouble:
        yield {}
        return
    city = scattered(n)
    pages = {}
    if n <= _WAYS["FastMarkerCluster"]:
        peers.write(peers.fast_cluster(city), folder, f"cluster-{n}.html")
        pages["FastMarkerCluster"] = (f"cluster-{n}.html", _ICONS % 1)
    if n <= _WAYS["folium.Marker each"]:
        peers.write(peers.markers(city), folder, f"markers-{n}.html")
        pages["folium.Marker each"] = (f"markers-{n}.html", _ICONS % n)
    with serving.files(folder, folder / "files.log") as server:
        yield {way: (f"{server.address}/{name}", seen) for way, (name, seen) in pages.items()}


def _show(sizes: list[int], found: dict[str, list[Seen | None]], trouble: str) -> None:
    rows = [
        (way, *(_cell(way, n, one) for n, one in zip(sizes, seen, strict=True)))
        for way, seen in found.items()
    ]
    notes = ["The page's size is that of the document and the data, without libraries."]
    ours = [one for one in found["linju"] if one]
    if len(ours) == len(sizes) > 1:
        ratio = ours[-1].median_ms / ours[0].median_ms
        large, small = thousands(sizes[-1]), thousands(sizes[0])
        notes.append(f"linju at {large} : {small} = {ratio:.2f}. Aim: 1.2 or less.")
        firsts = ", ".join(number(one.times_ms[0]) for one in ours)
        notes.append(f"linju's first visitor after a start waits: {firsts} ms.")
    if trouble:
        notes.append(f"The peers are left out: {trouble}.")
    head = (f"ms until markers are visible, median of {VISITS}", *map(thousands, sizes))
    table("Chromium, a fresh profile each time", head, rows, *notes)


def _cell(way: str, n: int, seen: Seen | None) -> str:
    if seen:
        return f"{number(seen.median_ms)} ({number(seen.kilobytes)} kB)"
    return "not tried" if n > _WAYS[way] else f"over {_GIVE_UP_MS // 1000} s"
