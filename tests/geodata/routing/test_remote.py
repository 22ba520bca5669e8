"""What a remote engine does when the other side is slow, broken or hostile."""

import contextlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from geodata.errors import Unavailable
from geodata.routing import Local, Remote, Router, reading, remote
from geodata.routing.engine import Action, Refused
from geodata.routing.tables import FILLED
from tests.conftest import free_port
from tests.geodata.routing.conftest import at

QUICK_S = 0.4
LATE_S = 3


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve connections with a function that gets each of them, once its question has come."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while question(self.request):
                    answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def question(connection: socket.socket) -> bytes:
    """Read one question whole; nothing when the other side is gone."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(4096)
        if not piece:
            return b""
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    (length,) = (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Le"))
    while len(body) < length:
        body += connection.recv(4096)
    return head + body


def http(body: bytes, status: str = "200 OK", *more: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def dripping(connection: socket.socket, text: bytes) -> None:
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def ask(url: str, timeout_s: float = LATE_S) -> object:
    return Remote(url, timeout_s).ask(Action.ROUTE, {})


class TestSlow:
    @pytest.mark.parametrize(
        "answer",
        [
            lambda _: time.sleep(LATE_S),
            lambda connection: dripping(connection, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 900),
            lambda connection: dripping(connection, http(b" " * 900)),
            lambda connection: (
                connection.sendall(http(b" " * 900)[:-900]),
                dripping(connection, b" " * 900),
            ),
        ],
        ids=["silent", "drips from the first byte", "drips", "drips its body"],
    )
    def test_an_answer_takes_no_longer_than_allowed(self, answer):
        began = time.monotonic()

        with serving(answer) as url, pytest.raises(Unavailable) as late:
            ask(url, QUICK_S)

        assert late.value.code == "engine_slow"
        assert late.value.details == {"host": "127.0.0.1"}
        assert QUICK_S * 0.9 < time.monotonic() - began < QUICK_S * 2.5

    def test_a_server_that_takes_no_connections_does_not_hold_us_up(self):
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.settimeout(0)
                one.connect_ex(full.getsockname())
            began = time.monotonic()

            with pytest.raises(Unavailable, match="engine_slow"):
                ask(f"http://127.0.0.1:{full.getsockname()[1]}", QUICK_S)

            assert time.monotonic() - began < QUICK_S * 2.5
            for one in waiting:
                one.close()

    def test_one_that_was_slow_holds_nobody_else_up_and_is_tried_again_in_a_while(
        self, monkeypatch
    ):
        monkeypatch.setattr(remote, "_PAUSE_S", 0.5)
        pauses = iter([LATE_S])

        def answer(connection):
            time.sleep(next(pauses, 0))
            connection.sendall(http(b"{}"))

        with serving(answer) as url:
            engine = Remote(url, QUICK_S)
            with pytest.raises(Unavailable, match="engine_slow"):
                engine.ask(Action.ROUTE, {})
            began = time.monotonic()
            with pytest.raises(Unavailable, match="engine_slow"):
                engine.ask(Action.ROUTE, {})
            assert time.monotonic() - began < QUICK_S / 4
            time.sleep(0.6)
            assert [engine.ask(Action.ROUTE, {}) for _ in range(2)] == [{}, {}]

    def test_who_is_in_a_hurry_waits_no_longer_than_told(self, tiles):
        with slow_service(tiles, QUICK_S) as (url, _):
            router = Router(Remote(url, LATE_S))
            began = time.monotonic()
            with router.within(QUICK_S / 2), pytest.raises(Unavailable, match="engine_slow"):
                router.route(at(5, 100), at(590, 430))

            assert time.monotonic() - began < QUICK_S


@contextlib.contextmanager
def slow_service(tiles: Path, each_s: float) -> Iterator[tuple[str, list[str]]]:
    """Serve the town, each answer after some time; tell the address and what is asked."""
    engine, asked = Local(tiles), []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while text := question(self.request):
                    action = Action(text.split()[1].decode().strip("/"))
                    asked.append(action)
                    time.sleep(each_s)
                    answer = engine.ask(action, json.loads(text[text.index(b"{") :]))
                    self.request.sendall(http(json.dumps(answer).encode()))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()


class TestOneAnswer:
    """Several questions make an answer, and have the time of one."""

    @pytest.mark.parametrize(
        "asked",
        [
            lambda router: router.route(at(5, 100), at(590, 430)),
            lambda router: router.matrix([at(0, 0), at(0, 100)], [at(590, 430)]),
            lambda router: router.reach(at(0, 0), range(1, 10)),
        ],
        ids=["route", "matrix", "reach"],
    )
    def test_it_takes_no_longer_than_one_question_may(self, tiles, asked):
        with slow_service(tiles, QUICK_S * 0.7) as (url, _):
            router = Router(Remote(url, QUICK_S))
            began = time.monotonic()
            with pytest.raises(Unavailable, match="engine_slow"):
                asked(router)

            assert time.monotonic() - began < QUICK_S * 2.5

    def test_the_next_one_has_all_of_the_time_again(self, tiles):
        with slow_service(tiles, 0.2) as (url, _):
            router = Router(Remote(url, 1.5))
            ways = [router.route(at(5, 100), at(590, 430)) for _ in range(3)]

        assert len(ways) == 3

    def test_what_one_can_do_without_is_not_asked_for_once_half_of_it_is_gone(self, tiles):
        pair = at(300, 5), at(300, 195)
        for timeout_s, told in ((LATE_S, ["locate", "route", "trace_attributes"]), (1.1, None)):
            with slow_service(tiles, 0.3) as (url, asked):
                way = Router(Remote(url, timeout_s)).route(*pair)

            assert asked == (told or ["locate", "route"])
            assert any(step.passes for step in way.steps) == bool(told)

    def test_nor_are_single_ways_that_a_table_misses(self, tiles, monkeypatch):
        monkeypatch.setattr(reading, "table", lambda _: (np.full((1, FILLED), np.nan),) * 2)

        with slow_service(tiles, 0.1) as (url, asked):
            told = Router(Remote(url, 2)).matrix([at(0, 0)], [at(590, 430)] * FILLED)

        found = np.isfinite(told.duration_s).sum()
        assert asked[:2] == ["locate", "sources_to_targets"]
        assert 1 <= found == asked.count("route") <= 10


class TestBroken:
    def test_where_nobody_listens_it_is_unreachable(self):
        with pytest.raises(Unavailable) as away:
            ask(f"http://user:secret@127.0.0.1:{free_port()}/hidden")

        assert away.value.code == "engine_unreachable"
        assert away.value.details == {"host": "127.0.0.1"}

    def test_a_name_that_does_not_exist_is_unreachable(self):
        with pytest.raises(Unavailable, match="engine_unreachable"):
            ask("http://nowhere.invalid")

    def test_a_connection_cut_short_is_unreachable(self):
        def cut(connection):
            connection.sendall(http(b"{}" * 50)[:-10])
            connection.shutdown(socket.SHUT_RDWR)

        with serving(cut) as url, pytest.raises(Unavailable, match="engine_unreachable"):
            ask(url)

    def test_one_that_was_closed_meanwhile_is_opened_again(self):
        def once(connection):
            connection.sendall(http(b'{"fine": 1}'))
            time.sleep(0.05)
            connection.close()

        with serving(once) as url:
            remote = Remote(url, LATE_S)
            for _ in range(3):
                assert remote.ask(Action.ROUTE, {}) == {"fine": 1}

    @pytest.mark.parametrize(
        "answer,reason",
        [
            (http(b"<html>hello</html>"), "HTTP 200, no JSON"),
            (http(b""), "HTTP 200, no JSON"),
            (http(b"{}", "302 Found", "Location: http://127.0.0.1:1/"), "HTTP 302, no JSON"),
            (http(b"{}", "500 Internal Server Error"), "HTTP 500"),
            (http(b'{"error_code": 199}', "500 Internal Server Error"), "HTTP 500"),
            (http(b'{"error_code": "x"}', "400 Bad Request"), "HTTP 400"),
            (http(b"[]", "404 Not Found"), "HTTP 404"),
        ],
    )
    def test_what_is_no_answer_is_a_failure(self, answer, reason):
        answering = serving(lambda connection: connection.sendall(answer))
        with answering as url, pytest.raises(Unavailable) as failed:
            ask(url)

        assert failed.value.code == "engine_failed"
        assert failed.value.details == {"host": "127.0.0.1", "reason": reason}

    def test_an_endless_answer_is_cut_off(self):
        def endless(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b" " * (1 << 20))

        with serving(endless) as url, pytest.raises(Unavailable) as failed:
            ask(url, 30)

        assert failed.value.details["reason"] == "answer too large"

    def test_a_refusal_keeps_the_engine_s_number_and_words(self):
        told = http(b'{"error_code": 171, "error": "No suitable edges"}', "400 Bad Request")

        answering = serving(lambda connection: connection.sendall(told))
        with answering as url, pytest.raises(Refused) as refused:
            ask(url)

        assert (refused.value.code, refused.value.words) == (171, "No suitable edges")

    @pytest.mark.parametrize(
        "told",
        [{}, [], {"trip": {}}, {"trip": {"legs": []}}, {"trip": {"legs": [{"shape": "é"}]}}, 1],
        ids=str,
    )
    def test_json_of_another_form_is_a_failure_too(self, told):
        answer = http(json.dumps(told).encode())

        with serving(lambda connection: connection.sendall(answer)) as url:
            router = Router(Remote(url))
            for asked in (
                lambda: router.route(at(0, 0), at(9, 0)),
                lambda: router.matrix([at(0, 0)], [at(9, 0)]),
                lambda: router.reach(at(0, 0), [5]),
            ):
                with pytest.raises(Unavailable, match="engine_failed"):
                    asked()

    @pytest.mark.parametrize(
        "url", ["", "localhost:8002", "file:///etc/passwd", "ftp://a", "http://"]
    )
    def test_only_a_web_server_s_address_will_do(self, url):
        with pytest.raises(ValueError, match="web server"):
            Remote(url)


class TestWell:
    def test_actions_are_asked_below_the_path_of_the_address(self):
        asked = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                asked.append(question(self.request))
                self.request.sendall(http(b"{}"))

        with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            Remote(f"http://127.0.0.1:{server.server_address[1]}/routing/").ask(
                Action.MATRIX, {"a": [1.5]}
            )
            thread.join()

        assert asked[0].startswith(b"POST /routing/sources_to_targets HTTP/1.1\r\n")
        assert asked[0].endswith(b'{"a":[1.5]}')

    def test_it_finds_the_very_ways_that_the_engine_here_finds(self, service, tiles, graph):
        near, far = Router(Local(tiles), graph), Router(Remote(service), graph)

        for pair in ((at(5, 100), at(590, 430)), (at(300, -30), at(300, 220))):
            assert far.route(*pair) == near.route(*pair)

    def test_where_the_edges_cannot_be_told_the_way_stays(self, tiles):
        here = Local(tiles)

        def without_trace(connection):
            pass

        class Half(Local):
            def ask(self, action, question):
                if action is Action.TRACE:
                    raise Unavailable("engine_slow")
                return here.ask(action, question)

        way = Router(Half(tiles)).route(at(300, 5), at(300, 195))

        assert way.distance_m == pytest.approx(190, abs=3)
        assert [step.passes for step in way.steps] == [()] * len(way.steps)
