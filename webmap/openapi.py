"""The OpenAPI document, made from the very declarations that the views parse by."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any, Literal

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from webmap import answers
from webmap.answers import Operation
from webmap.sessions import COOKIE

bp = Blueprint("openapi", __name__)

_REF = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457; title is a code that never changes",
    "required": ["type", "title", "status", "detail", "details"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the reader's language"},
        "details": {"type": "object"},
    },
}

_WAY_PROBLEM = {
    "description": "A problem of what asks for ways. title is, among others, off_network, "
    "no_route, inside_closure, engine_unavailable, streets_missing or closures_too_large",
    "allOf": [
        {"$ref": _REF.format(model="Problem")},
        {
            "properties": {
                "details": {
                    "properties": {
                        "which": {
                            "description": "off_network, inside_closure: which end it is",
                            "type": "string",
                        },
                        "snap_m": {
                            "description": "off_network: how far the nearest street is",
                            "type": ["number", "null"],
                        },
                        "limit_m": {
                            "description": "off_network: how far it may be",
                            "type": "number",
                        },
                        "blamed": {
                            "description": "no_route, inside_closure: the ids of the closures to "
                            "blame, to residents the public ones; none where closures are not",
                            "type": "array",
                            "items": {"type": "string"},
                        },
                        "ways_out": {
                            "description": "no_route: sets of closures; lifting one opens a way",
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["lift", "duration_s", "distance_m"],
                                "properties": {
                                    "lift": {"type": "array", "items": {"type": "string"}},
                                    "duration_s": {"type": "number"},
                                    "distance_m": {"type": "number"},
                                },
                            },
                        },
                        "by_vehicle": {
                            "description": "no_route: how near a vehicle gets, and the walk from "
                            "there",
                            "type": "object",
                        },
                        "reason": {
                            "description": "engine_unavailable: failed, slow or unreachable",
                            "type": "string",
                        },
                    }
                }
            }
        },
    ],
}
_OF_WAYS = {
    404: "; among others `no_route` and `inside_closure`, each with the closures to blame",
    422: "; among others `off_network`: no street is near enough",
    503: "; among others `engine_unavailable` and `streets_missing`",
}
"""What an operation that asks for ways can answer besides."""

_DOORS = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A machine's token, made by an administrator: it acts as a worker of its "
        "area until it expires or is ended",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A browser's session; a writing request also bears the `csrf` that "
        "GET /session tells, in X-CSRF-Token",
    },
}
_HEADERS = {
    "ETag": {
        "description": "Of one merchant it begins with the version, and serves as If-Match",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where it will be once it is on the map",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which it is worth trying again",
        "schema": {"type": "integer"},
    },
}
_REQUEST_HEADERS = {
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The version that was seen: an ETag of ours, or the bare version in quotes",
        "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}(-[^"]*)?"$'},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Random, 16 to 200 visible ASCII characters: the same request under the "
        "same key is carried out once, however often it is sent",
        "schema": {"type": "string", "pattern": "^[!-~]{16,200}$"},
    },
}


@bp.get("/api/openapi.json")
def document() -> Response:
    """Return the description of the API (OpenAPI 3.1)."""
    answers.parsed(answers.Parameters)
    answer = Response(_encoded(), mimetype="application/json")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@cache
def _encoded() -> bytes:
    return orjson.dumps(describe())


def describe() -> dict[str, Any]:
    """Return the OpenAPI document of every operation."""
    operations = sorted(answers.OPERATIONS, key=lambda one: (one.path, one.method))
    told: list[tuple[type[BaseModel], Literal["serialization", "validation"]]] = []
    for operation in operations:
        told.append((operation.answers, "serialization"))
        if operation.body is not None:
            told.append((operation.body, "validation"))
    _, schemas = models_json_schema(told, ref_template=_REF)
    components = schemas.get("$defs", {}) | {"Problem": _PROBLEM, "WayProblem": _WAY_PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        methods = paths.setdefault(_openapi_path(operation.path), {})
        methods[operation.method.lower()] = _operation(operation)
    paths["/api/openapi.json"] = {"get": _itself()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "邻距 Linju",
            "version": "1",
            "description": "A neighbourhood's merchants and areas. Positions are WGS 84.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _DOORS},
        "security": [{}, {"token": []}, {"cookie": []}],
    }


def _openapi_path(path: str) -> str:
    return re.sub(r"<(\w+)>", r"{\1}", path)


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            *_path_parameters(operation),
            *_query_parameters(operation),
            *(_REQUEST_HEADERS[name] for name in operation.headers),
        ],
        "responses": {
            **{str(status): _success(operation, status) for status in operation.successes},
            **{str(status): _refusal(operation, status) for status in sorted(operation.refusals)},
        },
    }
    if operation.body is not None:
        schema = {"$ref": _REF.format(model=operation.body.__name__)}
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return found


def _success(operation: Operation, status: int) -> dict[str, Any]:
    found: dict[str, Any] = {"description": operation.successes[status]}
    if status == HTTPStatus.NOT_MODIFIED:
        return found
    schema = {"$ref": _REF.format(model=operation.answers.__name__)}
    found["content"] = {operation.media_type: {"schema": schema}}
    names = ["ETag"] if operation.tagged else []
    names += ["Location"] if status == HTTPStatus.CREATED else []
    if names:
        found["headers"] = {name: _HEADERS[name] for name in names}
    return found


def _refusal(operation: Operation, status: int) -> dict[str, Any]:
    if operation.ways and status in _OF_WAYS:
        found = _problem(operation.refusals[status] + _OF_WAYS[status], "WayProblem")
    else:
        found = _problem(operation.refusals[status])
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        found["headers"] = {"Retry-After": _HEADERS["Retry-After"]}
    return found


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in operation.path_parameters
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.parameters.model_json_schema(ref_template=_REF)
    found = []
    for name, told in schema.get("properties", {}).items():
        kept = {k: v for k, v in told.items() if k not in ("title", "description")}
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": told.get("description", ""),
                "schema": kept,
            }
        )
    return found


def _problem(description: str, model: str = "Problem") -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=model)}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }


def _itself() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "Return the description of the API.",
        "responses": {
            "200": {
                "description": "This document",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "304": {"description": "What the If-None-Match says is still true"},
            **{str(status): _problem(told) for status, told in answers.REFUSALS.items()},
        },
    }
