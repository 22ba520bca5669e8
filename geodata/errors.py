"""The five ways in which a request to geodata can fail, by what the caller can do."""


class LinjuError(Exception):
    """Base of every error that geodata raises on purpose.

    The class tells the caller what to do; ``code`` tells what went wrong, in a
    word that never changes. There is no sentence for people here: webmap puts
    ``code`` and ``details`` into the reader's language.
    """

    def __init__(self, code: str, /, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{self.code}({told})" if told else self.code


class Invalid(LinjuError):
    """The input breaks a rule: correct it. ``details`` maps field to reason."""


class NotFound(LinjuError):
    """What was asked for does not exist here: give up."""


class Forbidden(LinjuError):
    """The actor may not do this here: ask someone who may."""


class Conflict(LinjuError):
    """Somebody was quicker, or it was done already: read again."""


class Unavailable(LinjuError):
    """A part is away or busy: try again later."""
