"""What a request may carry: little, but for a file that somebody of the staff uploads."""

import tempfile
from typing import IO, override

import flask

from geodata.policy import Action, can
from webmap.request import current_actor, settings
from webmap.uploads import Uploads

LARGEST = 1_000_000
"""Bytes of any other request."""

UPLOAD = "files.upload"
"""The endpoint that takes files."""

_MEGABYTE = 1_000_000
_BESIDE_BYTES = 100_000  # what a form's other fields take


class Request(flask.Request):
    """A request whose file goes straight into the folder of uploads."""

    @property
    def max_content_length(self) -> int | None:
        """The bytes that the body may have; asked before a byte of it is read."""
        if self.endpoint != UPLOAD:
            return super().max_content_length
        actor = current_actor()
        if not can(actor, Action.MERCHANT_EDIT, area=actor.scope):
            return super().max_content_length
        return settings().upload_mb * _MEGABYTE + _BESIDE_BYTES

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        flask.Request.max_content_length.fset(self, value)  # type: ignore[attr-defined]  # a property to its stubs

    @override
    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.endpoint != UPLOAD:
            return super()._get_file_stream(
                total_content_length, content_type, filename, content_length
            )
        return tempfile.TemporaryFile(dir=uploads().parts())


def uploads() -> Uploads:
    """Return the uploads of the running application."""
    return Uploads(settings().uploads_folder)
