"""What an operation declares: its parameters, its body, and every way in which it can end."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from geodata.errors import Invalid
from geodata.geometry import BBox

_TOLD = 5  # of what is wrong


class Parameters(BaseModel):
    """Base of every view's parameters: what is not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Annotated[Literal["zh", "en"], Field(description="Language of names and sentences")] = (
        "zh"
    )


class Body(BaseModel):
    """Base of what is sent as JSON: what is not declared is refused, and no type is guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def without_defaults(schema: dict[str, Any]) -> None:
    """Say nothing of defaults: what is not told stays as it is."""
    for told in schema["properties"].values():
        told.pop("default", None)


def _bbox(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        west, south, east, north = (float(part) for part in value.split(","))
        return BBox(west, south, east, north)
    except (ValueError, Invalid) as error:
        raise ValueError("west,south,east,north in degrees, in this order") from error


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(dict.fromkeys(part for part in value.split(",") if part))
    return value


Box = Annotated[
    BBox,
    BeforeValidator(_bbox),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^-?[0-9.]+(,-?[0-9.]+){3}$",
            "examples": ["123.4,41.7,123.5,41.8"],
        }
    ),
]


def _of_our_time(value: datetime) -> datetime:
    if not _FIRST <= value < _LAST:
        raise ValueError("a moment of this century")
    return value


_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
"""A moment with its zone. Others than those of our time are a mistake, and beyond what a calendar
can reckon with."""

Listed = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"type": "string", "examples": ["clinic,repair"]}),
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, as the OpenAPI document tells it.

    ``successes`` and ``refusals`` are every status that can be answered, each with what it
    means; ``headers`` are those of a request that it heeds. ``ways``: whether it asks for ways.
    """

    method: str
    path: str
    name: str
    summary: str
    parameters: type[Parameters]
    answers: type[BaseModel]
    media_type: str
    path_parameters: tuple[str, ...]
    successes: Mapping[int, str]
    refusals: Mapping[int, str]
    tagged: bool
    body: type[Body] | None = None
    headers: tuple[str, ...] = ()
    ways: bool = False


OPERATIONS: list[Operation] = []

REFUSALS: Mapping[int, str] = {
    400: "The request could not be understood, or came with a cookie but without its CSRF token",
    401: "The token is not known, or has ended",
    422: "Something in the request is not right, or not known",
    503: "A part is away or busy; try again",
}
"""What every operation can answer."""


def summary_of(view: Callable[..., object]) -> str:
    """Return the first line of a view's docstring."""
    return (inspect.getdoc(view) or "").split("\n", 1)[0]


def parsed[P: Parameters](model: type[P]) -> P:
    """Return the request's parameters as a model.

    Raises
    ------
    Invalid
        ``parameter_unknown``, ``parameter_invalid``; details name the parameters.
    """
    told = request.args.to_dict(flat=False)
    repeated = [name for name, values in told.items() if len(values) > 1]
    if repeated:
        raise Invalid("parameter_invalid", names=repeated, reasons=["given more than once"])
    try:
        return model.model_validate({name: values[0] for name, values in told.items()})
    except ValidationError as error:
        raise refused(error, "parameter") from error


def refused(error: ValidationError, what: Literal["parameter", "field"]) -> Invalid:
    """Return what is wrong with parameters or fields: ``…_unknown`` first, or ``…_invalid``."""
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    if unknown := [_named(e["loc"]) for e in wrong if e["type"] == "extra_forbidden"]:
        told = {"names" if what == "parameter" else "fields": unknown[:_TOLD]}
        return Invalid(f"{what}_unknown", **told)
    return Invalid(
        f"{what}_invalid",
        names=list(dict.fromkeys(_named(e["loc"]) for e in wrong))[:_TOLD],
        reasons=[str(e["msg"]) for e in wrong[:_TOLD]],
    )


def _named(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc))
