"""Operations that write: a JSON body in, under a version seen or a key of its own."""

import inspect
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import wraps
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import (
    BadRequest,
    PreconditionRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from geodata.errors import Invalid
from geodata.store import LONGEST_KEY, SHORTEST_KEY
from webmap import limits
from webmap.answers.declared import (
    OPERATIONS,
    REFUSALS,
    Body,
    Operation,
    Parameters,
    parsed,
    refused,
    summary_of,
)
from webmap.answers.reading import turn
from webmap.limits import Limit
from webmap.request import current_actor

LARGEST_BODY = 64 * 1024
"""Bytes; a merchant with every text as long as it may be takes a fifth of it."""

_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:-[^"]*)?"')
_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}")


class Written(NamedTuple):
    """What a writing view returns: a document, and what its answer says of it.

    ``status`` is one of those that the operation declares, the first of them where None.
    """

    document: dict[str, Any]
    status: int | None = None
    version: int | None = None
    location: str = ""


def write(
    blueprint: Blueprint,
    method: Literal["POST", "PATCH", "DELETE"],
    path: str,
    *,
    answers: type[BaseModel],
    statuses: Mapping[int, str],
    limit: Limit,
    personal: bool = False,
    refuses: Mapping[int, str] = MappingProxyType({}),
) -> Callable[[Callable[..., Written]], Callable[..., Response]]:
    """Make a view of a function that takes a JSON body and returns :class:`Written`.

    The function's first argument is a :class:`Body` model; for DELETE, which has no body, a
    :class:`Parameters` model of the address. Further ones come from the path, but
    for two: ``version`` is the one that the request's If-Match says was seen, and must be there;
    ``key`` is its Idempotency-Key, or "". Its docstring is the summary in the OpenAPI document.
    ``statuses`` are those of a success, with what each means; ``limit`` is how often residents
    and merchants may. ``personal`` is what asks for ways, as in :func:`api`: a thread is left to
    those who only look at the map. ``refuses`` are statuses of refusals of its own, with what each
    means: 404 where the body names something that may not be there.
    """

    def decorate(view: Callable[..., Written]) -> Callable[..., Response]:
        first, *rest = inspect.signature(view).parameters.values()
        model: type[Body | Parameters] = first.annotation
        names = tuple(one.name for one in rest if one.name not in _HEADERS)
        heeded = {one.name: _HEADERS[one.name] for one in rest if one.name in _HEADERS}

        @wraps(view)
        def answer(**path_values: str) -> Response:
            limits.act(limit, current_actor())
            asked = parsed(model if issubclass(model, Parameters) else Parameters)
            told = {name: read() for name, (_, read) in heeded.items()}
            body = _body(model) if issubclass(model, Body) else asked
            with turn() if personal else nullcontext():
                done = view(body, **path_values, **told)
            return _answered(done, next(iter(statuses)))

        blueprint.route(path, methods=[method])(answer)
        OPERATIONS.append(
            Operation(
                method=method,
                path=path,
                name=view.__name__,
                summary=summary_of(view),
                parameters=model if issubclass(model, Parameters) else Parameters,
                answers=answers,
                media_type="application/json",
                path_parameters=names,
                successes=statuses,
                refusals={
                    **_refusals(inside=bool(names) or personal, heeded=heeded, method=method),
                    **refuses,
                },
                tagged="version" in heeded,
                ways=personal,
                body=model if issubclass(model, Body) else None,
                headers=tuple(header for header, _ in heeded.values()),
            )
        )
        return answer

    return decorate


def _refusals(*, inside: bool, heeded: Mapping[str, object], method: str) -> dict[int, str]:
    told = {
        **REFUSALS,
        403: "The actor may not do this here",
        429: "Too often in a short time",
    }
    if method == "DELETE":
        told[409] = "It is not there any more"
    else:
        told[413] = f"More than {LARGEST_BODY // 1024} kB"
        told[415] = "The body is not application/json"
    if inside:
        told[404] = "There is no such thing"
    if heeded:
        told[409] = "It is not there any more, or was asked for differently before"
    if "version" in heeded:
        told[412] = "Somebody else was quicker: details tell the current version"
        told[428] = "There is no If-Match"
    return told


def _body[B: Body](model: type[B]) -> B:
    """Return the request's body as a model.

    Raises
    ------
    Invalid
        ``field_unknown``, ``field_invalid``; details name the fields.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    # A body that does not tell its length is cut off where it ends: one byte more shows that.
    request.max_content_length = LARGEST_BODY + 1
    told = request.get_data(cache=False)
    if len(told) > LARGEST_BODY:
        raise RequestEntityTooLarge
    try:
        return model.model_validate_json(told)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise BadRequest from error
        raise refused(error, "field") from error


def _seen() -> int:
    # Ours are weak, as what is open changes with the clock; the version at their head is not.
    found = _TAG.fullmatch(request.headers.get("If-Match", "").strip())
    if found is None:
        raise PreconditionRequired
    return int(found[1])


def _key() -> str:
    told = request.headers.get("Idempotency-Key", "")
    if told and not _KEY.fullmatch(told):
        reason = f"{SHORTEST_KEY} to {LONGEST_KEY} visible ASCII characters"
        raise Invalid("field_invalid", names=["Idempotency-Key"], reasons=[reason])
    return told


_HEADERS: Mapping[str, tuple[str, Callable[[], int | str]]] = {
    "version": ("If-Match", _seen),
    "key": ("Idempotency-Key", _key),
}
"""What a view may ask of the request's headers: its argument, the header, how it is read."""


def _answered(done: Written, status: int) -> Response:
    answer = Response(orjson.dumps(done.document), done.status or status)
    answer.content_type = "application/json"
    answer.headers["Cache-Control"] = "no-store"
    if done.version is not None:
        answer.set_etag(str(done.version), weak=True)
    if done.location:
        answer.headers["Location"] = done.location
    return answer
