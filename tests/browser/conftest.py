"""A running server with the demonstration in it, and visitors who see it in a real Chromium.

A visitor notices what a person would not: a request that leaves the server's host, a breach
of the content security policy, an error in the console. Any of them fails the test.
"""

import itertools
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from geodata.store import open_store
from tests import people
from tests.conftest import free_port

PROJECT = Path(__file__).parents[2]
OUTPUT = PROJECT / "tests" / "output"
AXE = PROJECT / "static" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium calls its makers at every start unless it is told not to.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
REPORT_BREACHES = """
    document.addEventListener("securitypolicyviolation", (breach) => {
        console.error(`CSP: ${breach.violatedDirective} refused ${breach.blockedURI}`);
    });
"""
START_WITHIN_S = 60
# A busy machine is slow, not wrong; a test whose subject is time says its own limit.
expect.set_options(timeout=20_000)
# A visitor has an address of its own: what others did a minute ago is not counted against it.
_ADDRESSES = itertools.cycle(range(1, 255))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Served(str):
    """The address of a running server, which knows the folder of its instance."""

    __slots__ = ("instance",)

    def __new__(cls, address: str, instance: Path) -> Self:
        served = super().__new__(cls, address)
        served.instance = instance
        return served


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance with the demonstration, made as an operator would; copy it."""
    folder = tmp_path_factory.mktemp("demonstration")
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo"],
        cwd=PROJECT,
        env=_environment(folder),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


@pytest.fixture(scope="module")
def live_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demonstration: Path
) -> Iterator[Served]:
    """Serve a fresh demonstration, and give its address.

    Each file has its own: what one publishes would stand in the lists of the next. Its
    ``SETTINGS``, where it has some, are the server's.
    """
    folder = tmp_path_factory.mktemp("instance")
    shutil.copytree(demonstration, folder, dirs_exist_ok=True)
    with _served(folder, getattr(request.module, "SETTINGS", {})) as served:
        yield served


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve an instance that holds nothing yet, and give its address."""
    with _served(tmp_path_factory.mktemp("empty")) as served:
        yield served


def _environment(folder: Path) -> dict[str, str]:
    """Return the settings of an instance as behind a proxy, which tells who each visitor is."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LINJU_")}
    return clean | {"LINJU_INSTANCE": str(folder), "LINJU_PROXIES": "1"}


@contextmanager
def _served(folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[Served]:
    """Serve an instance."""
    listen = f"127.0.0.1:{free_port()}"
    environment = _environment(folder) | {"LINJU_LISTEN": listen, **settings}
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "wsgi.py"],
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            _wait_until_well(f"http://{listen}/healthz", server, log)
            yield Served(f"http://{listen}", folder)
        finally:
            server.terminate()
            server.wait(timeout=10)


def _wait_until_well(address: str, server: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError as error:
            pytest.fail(f"{address} answers {error.code}\n{log.read_text()}")
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once; each visitor gets a fresh profile in it."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not program:
        pytest.skip("no Chromium here: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


class Visitor:
    """Somebody at a page, who notes down everything that must not happen there.

    ``page`` is Playwright's own. ``faults`` lists what was noticed so far.
    """

    def __init__(self, context: BrowserContext, home: Served, mode: dict[str, str]) -> None:
        self._home = home
        self._context = context
        self._mode = mode
        self._forgiven: list[str] = []
        self._noticed: list[str] = []
        context.add_init_script(REPORT_BREACHES)
        context.on("request", lambda request: self._note_stranger(request.url))
        context.on("weberror", lambda error: self._noticed.append(f"error: {error.error}"))
        context.on("console", self._note_console)
        self.page: Page = context.new_page()

    def open(self, path: str = "/", **parameters: str) -> Page:
        """Go to a path of the server, in the visitor's mode, and wait for the page's load."""
        query = urlencode({**self._mode, **parameters})
        path, mark, secret = path.partition("#")
        if query:
            path += f"{'&' if '?' in path else '?'}{query}"
        self.page.goto(f"{self._home}{path}{mark}{secret}")
        return self.page

    def sign_in(self, name: str) -> None:
        """Come back as one of :mod:`tests.people`, without going through the door."""
        store = open_store(self._home.instance / "linju.gpkg")
        self.hold(people.session_of(store, name))
        store.close()

    def hold(self, token: str) -> None:
        """Let the visitor's cookie hold a token: a session's, or a private link's."""
        value = people.cookie(self._home.instance, token)
        self._context.add_cookies([{"name": "linju", "value": value, "url": self._home}])

    def forgive(self, piece: str) -> None:
        """Let faults pass whose text holds the piece: the test brings them about itself."""
        self._forgiven.append(piece)

    @property
    def faults(self) -> list[str]:
        return [
            fault for fault in self._noticed if not any(piece in fault for piece in self._forgiven)
        ]

    def axe(self) -> list[str]:
        """Return the serious and critical findings of axe-core on the page as it stands."""
        if not AXE.exists():
            pytest.skip("no axe-core here: make test brings it")
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{finding['impact']} {finding['id']}: {node['html']}"
            for finding in found["violations"]
            if finding["impact"] in {"serious", "critical"}
            for node in finding["nodes"]
        ]

    def screenshot(self, name: str) -> Path:
        """Keep what is seen now as ``tests/output/<name>.png``."""
        path = OUTPUT / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def _note_stranger(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and not url.startswith(self._home):
            self._noticed.append(f"request to another host: {url}")

    def _note_console(self, message: object) -> None:
        if message.type == "error":
            self._noticed.append(f"console: {message.text} ({message.location['url']})")


@contextmanager
def visit(browser: Browser, home: str, device: dict, mode: dict[str, str]) -> Iterator[Visitor]:
    """Open a fresh profile of a Shenyang reader for one visit, and judge it at its end."""
    context = browser.new_context(
        **device,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        extra_http_headers={"X-Forwarded-For": f"198.18.0.{next(_ADDRESSES)}"},
    )
    try:
        visitor = Visitor(context, home, mode)
        yield visitor
        # One turn of the browser's clock, for what is still on its way here.
        visitor.page.wait_for_timeout(50)
        assert visitor.faults == []
    finally:
        context.close()


@pytest.fixture
def desk(browser: Browser, live_server: Served) -> Iterator[Visitor]:
    """Give a visitor at a desk screen."""
    with visit(browser, live_server, DESK, {}) as visitor:
        yield visitor


@pytest.fixture
def phone(browser: Browser, live_server: Served) -> Iterator[Visitor]:
    """Give a visitor with a phone in the hand."""
    with visit(browser, live_server, PHONE, {}) as visitor:
        yield visitor


@pytest.fixture
def elder(browser: Browser, live_server: Served) -> Iterator[Visitor]:
    """Give a visitor with a phone, in 长辈版."""
    with visit(browser, live_server, PHONE, {"mode": "elder"}) as visitor:
        yield visitor


@pytest.fixture(params=["desk", "phone", "elder"])
def anyone(request: pytest.FixtureRequest) -> Visitor:
    """Give each kind of visitor in turn: for what must hold for all."""
    return request.getfixturevalue(request.param)
