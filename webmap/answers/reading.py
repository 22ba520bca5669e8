"""Answers that only read: encoded and compressed once, and kept while they are true.

That is as long as the store's revision stands and no opening hour changes.
"""

import gzip
import hashlib
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from pydantic import BaseModel

from geodata.errors import Unavailable
from webmap.answers.declared import OPERATIONS, REFUSALS, Operation, Parameters, parsed, summary_of
from webmap.i18n import language
from webmap.request import now, store

KEPT_BYTES = 24_000_000
"""Room for encoded answers in a process; the least recently used go first."""

PATIENCE = timedelta(minutes=30)
"""No answer is kept longer, whatever it says of itself."""

_COMPRESSED_FROM = 500
_LONGEST_KEY = 1000  # characters of an address whose answer is kept
_OVERHEAD = 2000  # bytes that an answer takes besides its own: key, objects, table


class Answer(NamedTuple):
    """What an API view returns: a document, and how long it is true if nobody writes.

    ``version`` is that of the one row which the document tells of: its ETag begins with it, and
    an If-Match may bear it.
    """

    document: dict[str, Any]
    until: datetime | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Encoded:
    revision: int
    until: datetime
    etag: str
    body: bytes
    packed: bool
    media_type: str

    @property
    def size(self) -> int:
        return len(self.body) + _OVERHEAD


@dataclass(slots=True)
class _Cache:
    """Encoded answers by what was asked, bounded by their bytes."""

    kept: OrderedDict[tuple[str, ...], _Encoded] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[str, ...], revision: int, at: datetime) -> _Encoded | None:
        with self.lock:
            found = self.kept.get(key)
            if found is None or found.revision != revision or found.until <= at:
                return None
            self.kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, ...], encoded: _Encoded) -> None:
        if sum(map(len, key)) > _LONGEST_KEY:
            return
        with self.lock:
            old = self.kept.pop(key, None)
            self.size += encoded.size - (old.size if old else 0)
            self.kept[key] = encoded
            while self.size > KEPT_BYTES:
                _, gone = self.kept.popitem(last=False)
                self.size -= gone.size


_CACHE, _TURNS = "linju_answers", "linju_turns"
_PATIENT_S = 5.0


def init_app(app: Flask, threads: int) -> None:
    """Give an application room for its answers, which so many threads give."""
    app.extensions[_CACHE] = _Cache()
    app.extensions[_TURNS] = threading.BoundedSemaphore(max(threads - 1, 1))


def api(  # noqa: PLR0913 - what there is to say of an answer, all by keyword
    blueprint: Blueprint,
    path: str,
    *,
    answers: type[BaseModel],
    media_type: str = "application/json",
    personal: bool = False,
    private: bool | Callable[[], bool] = False,
    limited: bool = False,
    names: bool = False,
    depends: Callable[[], str] = str,
) -> Callable[[Callable[..., Answer]], Callable[..., Response]]:
    """Make a view of a function that takes parameters and returns an :class:`Answer`.

    The function's first argument is a :class:`Parameters` model; further ones come
    from the path. Its docstring is the summary in the OpenAPI document. ``personal`` is what
    tells where somebody is, or asks for ways, ``private`` what only some may see: neither the
    question nor the answer is kept, here or on the way. Where some see more than others
    ``private`` tells whether whoever asks does; what everybody sees is kept. ``limited`` is what
    may be asked only so often, ``names`` what names something that may not be there. ``depends``
    tells what an answer that is kept depends on besides the store, as the streets: another one
    is another answer.
    """

    def decorate(view: Callable[..., Answer]) -> Callable[..., Response]:
        signature = inspect.signature(view)
        first, *rest = signature.parameters.values()
        model: type[Parameters] = first.annotation

        @wraps(view)
        def answer(**path_values: str) -> Response:
            apart = private() if callable(private) else private
            if apart or personal:
                with turn() if personal else nullcontext():
                    found = view(parsed(model), **path_values)
                told = _unkept(found, media_type)
                return _told_apart(told, found.version) if apart else told
            at, revision = now(), store().revision()
            cache: _Cache = current_app.extensions[_CACHE]
            packed = _takes_gzip()
            query = request.query_string.decode("ascii", "replace")
            key = (language(), "gzip" if packed else "", request.path, query, depends())
            encoded = cache.get(key, revision, at)
            if encoded is None:
                found = view(parsed(model), **path_values)
                encoded = _encode(found, revision, at, media_type, packed=packed)
                cache.put(key, encoded)
            return _respond(encoded)

        blueprint.get(path)(answer)
        OPERATIONS.append(
            Operation(
                method="GET",
                path=path,
                name=f"{answers.__name__[0].lower()}{answers.__name__[1:]}",
                summary=summary_of(view),
                parameters=model,
                answers=answers,
                media_type=media_type,
                path_parameters=tuple(parameter.name for parameter in rest),
                successes=_successes(kept=not personal),
                refusals=_refusals(
                    model,
                    inside=bool(rest) or names,
                    personal=personal,
                    private=bool(private),
                    limited=limited,
                ),
                tagged=not personal,
                ways=personal,
            )
        )
        return answer

    return decorate


def _successes(*, kept: bool) -> dict[int, str]:
    told = {200: "What was asked for"}
    return told | {304: "What the If-None-Match says is still true"} if kept else told


def _refusals(
    model: type[Parameters], *, inside: bool, personal: bool, private: bool, limited: bool
) -> dict[int, str]:
    told = dict(REFUSALS)
    if private:
        told[403] = "Only some may see this"
    if limited:
        told[429] = "Too often in a short time"
    if personal:
        told[404] = "There is no way"
    if inside or "parent" in model.model_fields:
        told[404] = "There is no such thing"
    return told


def _encode(
    found: Answer, revision: int, at: datetime, media_type: str, *, packed: bool
) -> _Encoded:
    plain = orjson.dumps(found.document)
    until = min(found.until or at + PATIENCE, at + PATIENCE)
    # The quickest digest on old and new machines; it guards nothing.
    etag = hashlib.sha1(plain, usedforsecurity=False).hexdigest()[:20]
    if found.version is not None:
        etag = f"{found.version}-{etag}"
    body, packed = _compressed(plain, packed=packed)
    return _Encoded(revision, until, etag, body, packed, media_type)


def _compressed(plain: bytes, *, packed: bool) -> tuple[bytes, bool]:
    """Compress what is worth it, where that is wanted, and tell whether it was."""
    if not packed or len(plain) <= _COMPRESSED_FROM:
        return plain, False
    # Level 1: a fresh answer waits for it, and the gain of more is a few per cent.
    return gzip.compress(plain, 1, mtime=0), True


def _unkept(found: Answer, media_type: str) -> Response:
    body, packed = _compressed(orjson.dumps(found.document), packed=_takes_gzip())
    return _bare(body, media_type, packed=packed, kept="no-store")


def _told_apart(answer: Response, version: int | None) -> Response:
    """Let a page that asks again and again be told that nothing is different."""
    digest = hashlib.sha1(answer.data, usedforsecurity=False).hexdigest()[:20]
    answer.set_etag(digest if version is None else f"{version}-{digest}", weak=True)
    if "If-None-Match" in request.headers:
        answer.make_conditional(request)
    return answer


@contextmanager
def turn() -> Iterator[None]:
    """Let whoever asks for ways leave a thread to those who only look at the map."""
    turns: threading.Semaphore = current_app.extensions[_TURNS]
    if not turns.acquire(timeout=_PATIENT_S):
        raise Unavailable("service_busy")
    try:
        yield
    finally:
        turns.release()


def _respond(encoded: _Encoded) -> Response:
    answer = _bare(encoded.body, encoded.media_type, packed=encoded.packed, kept="no-cache")
    # Weak, because the compressed and the plain one bear the same.
    answer.set_etag(encoded.etag, weak=True)
    if "If-None-Match" in request.headers:
        answer.make_conditional(request)
    return answer


def _bare(body: bytes, media_type: str, *, packed: bool, kept: str) -> Response:
    answer = Response(body, content_type=media_type)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = kept
    return answer


def _takes_gzip() -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")
