"""The OpenAPI document, made from the very declarations that the views parse by."""

import re
from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response, request
from pydantic.json_schema import models_json_schema

from webmap import answers
from webmap.answers import Operation

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
    operations = sorted(answers.OPERATIONS, key=lambda operation: operation.path)
    _, schemas = models_json_schema(
        [(operation.answers, "serialization") for operation in operations], ref_template=_REF
    )
    components = schemas.get("$defs", {}) | {"Problem": _PROBLEM}
    paths = {
        _openapi_path(operation.path): {"get": _operation(operation)} for operation in operations
    }
    paths["/api/openapi.json"] = {"get": _itself()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "邻距 Linju",
            "version": "1",
            "description": "A neighbourhood's merchants and areas. Positions are WGS 84.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _openapi_path(path: str) -> str:
    return re.sub(r"<(\w+)>", r"{\1}", path)


def _operation(operation: Operation) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=operation.answers.__name__)}
    found: dict[str, Any] = {
        "operationId": f"{operation.answers.__name__[0].lower()}{operation.answers.__name__[1:]}",
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": {
            "200": {
                "description": "What was asked for",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {operation.media_type: {"schema": schema}},
            },
            "304": {"description": "What the If-None-Match says is still true"},
            "422": _problem("A parameter is not right, or not known"),
            "503": _problem("A part is away or busy; try again"),
        },
    }
    if operation.personal:
        # What tells where somebody is is never kept, so there is nothing to compare.
        del found["responses"]["304"], found["responses"]["200"]["headers"]
        found["responses"]["404"] = _problem("There is no way")
    if operation.path_parameters or "parent" in operation.parameters.model_fields:
        found["responses"]["404"] = _problem("There is no such thing")
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


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model="Problem")}
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
            "422": _problem("A parameter is not known"),
        },
    }
