"""Files that are made for one answer."""

import mimetypes
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Response, send_file

from webmap.receiving import uploads

GPX = "application/gpx+xml"

_TYPES = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "kml": "application/vnd.google-earth.kml+xml",
}


def attached(body: bytes, name: str, kind: str) -> Response:
    """Send a file that is made already; ``name`` is a word of ours, as of :func:`sent`."""
    answer = Response(body, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.cache_control.no_store = True
    return answer


def sent(write: Callable[[Path], None], name: str) -> Response:
    """Send a file that ``write`` makes at a path; it goes when the answer has gone.

    ``name`` is for the reader's folder of downloads, and is a word of ours: no text of people
    reaches a header.
    """
    folder = Path(tempfile.mkdtemp(dir=uploads().parts(), prefix="out-"))
    path = folder / name
    try:
        write(path)
        kind = _TYPES.get(name.rpartition(".")[2]) or mimetypes.guess_type(name)[0]
        answer = send_file(path, mimetype=kind, as_attachment=True, download_name=name, etag=False)
    except BaseException:
        shutil.rmtree(folder)
        raise
    # What is passed through to the server never tells that it is closed.
    answer.direct_passthrough = False
    answer.call_on_close(partial(shutil.rmtree, folder))
    answer.cache_control.no_store = True
    return answer
