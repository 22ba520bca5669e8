"""What a page's script sends: JSON, declared once as a model that refuses what it does not know."""

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from geodata.errors import Invalid


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
