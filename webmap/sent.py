"""What a page's script sends: JSON, declared once as a model that refuses what it does not know."""

from typing import Annotated

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geodata.errors import Invalid

_MOST = 2**31 - 1

Version = Annotated[int, Field(ge=0, le=_MOST)]
"""A version of a row: more than any row will ever have would be a mistake of who asks."""


def whole(written: str) -> int:
    """Return a version that a form tells; what is none is 0, which no row has."""
    plain = written.isascii() and written.isdecimal() and len(written) <= len(str(_MOST))
    return min(int(written), _MOST) if plain else 0


class Sent(BaseModel):
    """Base of what scripts send."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def sent[S: Sent](model: type[S]) -> S:
    """Return the request's JSON as a model.

    Raises
    ------
    Invalid
        ``parameter_invalid``; details name the fields.
    """
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        names = [".".join(map(str, one["loc"])) for one in wrong]
        raise Invalid("parameter_invalid", names=list(dict.fromkeys(names))) from error
