"""Pages and an API over geodata: this is the only place where the parts are joined."""

import csv
import logging
import os
from pathlib import Path

from flask import Flask
from flask_compress import Compress

from geodata.errors import Invalid
from geodata.hours import CALENDAR, Calendar
from geodata.roads import Roads
from geodata.store import open_store
from webmap import (
    accounts,
    answers,
    areas,
    categories,
    cli,
    closures,
    daily,
    elders,
    emergency,
    errors,
    files,
    health,
    history,
    homes,
    i18n,
    jobs,
    limits,
    map,  # noqa: A004 - the subject's word
    matrix,
    merchants,
    near,
    openapi,
    pages,
    plans,
    poster,
    receiving,
    registration,
    request,
    review,
    rounds,
    running,
    scenarios,
    security,
    sessions,
    siting,
)
from webmap import (
    roads as roads_pages,
)
from webmap.config import Settings

SUBJECTS = (
    map,
    merchants,
    registration,
    accounts,
    near,
    closures,
    emergency,
    scenarios,
    plans,
    roads_pages,
    categories,
    files,
    areas,
    homes,
    elders,
    matrix,
    siting,
    jobs,
    poster,
    health,
    openapi,
    review,
    history,
    rounds,
)
"""The modules with a blueprint ``bp``."""

_STATIC = Path(__file__).parents[1] / "static"


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application: open the store, join the subjects.

    ``settings`` are those of the environment where none are given, so that
    ``flask --app webmap`` works too.

    Raises
    ------
    Invalid, Unavailable
        As :meth:`Settings.from_env` and :func:`geodata.store.open_store` tell.
    """
    settings = settings or Settings.from_env(os.environ)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("pyogrio").setLevel(logging.WARNING)
    app = Flask(__name__, static_folder=str(_STATIC), static_url_path="/static")
    app.request_class = receiving.Request
    app.config.update(
        MAX_CONTENT_LENGTH=receiving.LARGEST,
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "image/svg+xml",
        ],
    )
    calendar = _calendar(settings)
    roads = Roads(settings.roads_folder, settings.valhalla_url)
    store = open_store(settings.store_url)
    app.extensions |= request.bind(store, settings, calendar, roads)
    answers.init_app(app, settings.threads)
    Compress(app)
    for part in (i18n, pages, errors):
        part.init_app(app)
    security.init_app(app, settings)
    sessions.init_app(app, store, settings.secret_file)
    limits.init_app(app, settings.limits)
    running.init_app(app, store)
    daily.init_app(app, store, roads, settings.dask)
    for subject in SUBJECTS:
        app.register_blueprint(subject.bp)
    cli.init_app(app)
    return app


def _calendar(settings: Settings) -> Calendar:
    if not settings.holidays:
        return CALENDAR
    try:
        with Path(settings.holidays).open(encoding="utf-8-sig", newline="") as file:
            return Calendar.from_table(csv.DictReader(file))
    except OSError as error:
        raise Invalid(
            "setting_invalid", name="LINJU_HOLIDAYS", reason=error.strerror or ""
        ) from error
