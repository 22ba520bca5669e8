"""The API's operations: declared once, and thereby parsed, refused, answered and documented.

A view declares what it is asked as pydantic models, which parse it, refuse what they do not
know, and describe themselves in the OpenAPI document. :mod:`reading` keeps the bytes of an
answer while they are true; :mod:`writing` takes a JSON body in.
"""

from webmap.answers.declared import (
    OPERATIONS,
    REFUSALS,
    Body,
    Box,
    Listed,
    Moment,
    Operation,
    Parameters,
    parsed,
    without_defaults,
)
from webmap.answers.reading import KEPT_BYTES, PATIENCE, Answer, api, init_app, turn
from webmap.answers.writing import LARGEST_BODY, Written, write

__all__ = [
    "KEPT_BYTES",
    "LARGEST_BODY",
    "OPERATIONS",
    "PATIENCE",
    "REFUSALS",
    "Answer",
    "Body",
    "Box",
    "Listed",
    "Moment",
    "Operation",
    "Parameters",
    "Written",
    "api",
    "init_app",
    "parsed",
    "turn",
    "without_defaults",
    "write",
]
