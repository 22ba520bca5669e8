"""First sight of the basemap in a real Chromium, beside the same map without it; and panning."""

import json
import shutil
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench import nearby, serving
from tests.bench.shown import number, table
from tests.browser.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, DESK, PHONE

VISITS = 5
_GIVE_UP_S = 20
_DRAGS, _STEPS, _STEP_PX = 2, 30, 8
_REST_MS = 700
"""Between what is seen first and the drag."""
_SITUATIONS = {
    "desk": (DESK, 1),
    "desk, CPU 4× slower": (DESK, 4),
    "phone, CPU 4× slower": (PHONE, 4),
}

_PAPER, _GROUND = ("areas", "magnets"), ("ground", "whole")
"""What is seen of a map without its ground, and of the ground: somewhere, and everywhere."""

# Asked before every frame; the time is that of the next one, when the paint is on the screen.
# Only pixels count: a tile that Leaflet holds for loaded may have nothing on it.
_WATCH = """
    const opaque = (canvas) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        // A seventh of the pixels: on a slow phone a look at each would be half of the work.
        for (let at = 3; at < data.length; at += 28) if (data[at] > 0) return true;
        return false;
    };
    const all = (selector) => [...document.querySelectorAll(selector)];
    const tiles = () => all(".leaflet-tile-pane canvas");
    const seen = new WeakSet();
    const loaded = (tile) => tile.classList.contains("leaflet-tile-loaded");
    const painted = (tile) => {
        if (!loaded(tile) || seen.has(tile)) return false;
        seen.add(tile);
        return opaque(tile);
    };
    const marks = window.benchMarks = {};
    const events = {
        areas: () => all(".leaflet-areas-pane canvas").some(opaque),
        magnets: () => all(".leaflet-magnets-pane canvas").some(opaque),
        ground: () => tiles().some(painted),
        // Where the data end, a tile stays empty.
        whole: () => marks.ground > 0 && tiles().every(loaded),
    };
    // What will not come is not looked for either: a look at empty tiles costs time.
    const awaited = new Set(%s);
    const look = () => {
        for (const name of awaited) {
            if (!events[name]()) continue;
            awaited.delete(name);
            requestAnimationFrame(() => { marks[name] = performance.now(); });
        }
        if (awaited.size) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
"""
_FRAMES = """() => {
    const times = window.benchFrames = [];
    let last = performance.now();
    const frame = (now) => {
        if (window.benchFrames !== times) return;
        times.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
}"""
_TAKE_FRAMES = (
    "() => { const times = window.benchFrames; window.benchFrames = null; return times; }"
)


@dataclass(slots=True)
class _Seen:
    """Of all visits: ms from navigation by what was seen, and ms of each frame while panning."""

    marks: dict[str, list[float]] = field(default_factory=dict)
    frames: list[float] = field(default_factory=list)

    def of(self, name: str) -> float | None:
        every = self.marks.get(name)
        return statistics.median(every) if every else None


def measure(folder: Path) -> None:
    """Print when the ground is first seen, and the frames while it is dragged about."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        print("No Chromium here: the ground's part is left out.")
        return
    store = nearby.demonstration(folder)
    bare = _without_streets(store, folder / "no-streets")
    log = folder / "wsgi.log"
    with (
        serving.linju(store, log) as server,
        serving.linju(bare, log) as empty,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        ways = {
            "with its ground": (server.address, _PAPER + _GROUND, ""),
            "its file blocked": (server.address, _PAPER, "*.pmtiles*"),
            "no streets installed": (empty.address, _PAPER, ""),
        }
        found = {
            (situation, way): _visits(chromium, device, slower, *told)
            for situation, (device, slower) in _SITUATIONS.items()
            for way, told in ways.items()
        }
        chromium.close()
    _show(found)


def _without_streets(store: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    copy = folder / store.name
    # Not a copy of the file: what was written last may still be beside it.
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _visits(
    chromium: Browser,
    device: dict,
    slower: int,
    address: str,
    awaited: tuple[str, ...],
    blocked: str,
) -> _Seen:
    seen = _Seen()
    for _ in range(VISITS):
        with _visitor(chromium, device, slower, awaited, blocked) as page:
            page.goto(address, wait_until="commit")
            for name, at in _marks(page, awaited).items():
                seen.marks.setdefault(name, []).append(at)
            if not blocked:
                seen.frames += _panned(page)
    return seen


@contextmanager
def _visitor(
    chromium: Browser, device: dict, slower: int, awaited: tuple[str, ...], blocked: str
) -> Iterator[Page]:
    context = chromium.new_context(**device)
    try:
        context.add_init_script(_WATCH % json.dumps(awaited))
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        if blocked:
            # Not page.route: that would lead every other request through this process too.
            session.send("Network.enable")
            session.send("Network.setBlockedURLs", {"urls": [blocked]})
        yield page
    finally:
        context.close()


def _marks(page: Page, awaited: tuple[str, ...]) -> dict[str, float]:
    marks, give_up = {}, time.monotonic() + _GIVE_UP_S
    while time.monotonic() < give_up:
        marks = page.evaluate("window.benchMarks") or {}
        if all(name in marks for name in awaited):
            break
        time.sleep(0.05)
    return marks


def _panned(page: Page) -> list[float]:
    page.wait_for_timeout(_REST_MS)
    box = page.locator(".neighbour-map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.3
    page.evaluate(_FRAMES)
    for drag in range(_DRAGS):
        toward = -1 if drag % 2 else 1
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, _STEPS + 1):
            page.mouse.move(x - toward * step * _STEP_PX, y + step)
        page.mouse.up()
    return page.evaluate(_TAKE_FRAMES)


def _show(found: dict[tuple[str, str], _Seen]) -> None:
    rows, notes = [], []
    for (situation, way), seen in found.items():
        told = [number(seen.of(name)) for name in _PAPER + _GROUND]
        every = seen.frames
        frames = [number(statistics.median(every)), number(max(every))] if every else ["-", "-"]
        rows.append((f"{situation}: {way}", *told, *frames))
    for situation in _SITUATIONS:
        ground = found[situation, "with its ground"].of("ground")
        ratios = [
            ground / other
            for way in ("its file blocked", "no streets installed")
            if ground and (other := found[situation, way].of("magnets"))
        ]
        told = " and ".join(f"{ratio:.2f}" for ratio in ratios) or "-"
        notes.append(f"{situation}: ground : magnets of the map without it = {told}.")
    table(
        f"Chromium, a fresh profile each time: ms from navigation, median of {VISITS}",
        ("", "areas", "magnets", "ground", "whole view", "frame", "worst"),
        rows,
        *notes,
        "Aim: 1.5 or less. frame, worst: ms between frames while the map is dragged, median and"
        " worst of all visits.",
    )
