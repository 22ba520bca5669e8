"""Files in and out, for staff: a spreadsheet is brought in step by step, the map written out."""

import re
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import Field
from werkzeug.exceptions import BadRequest

from geodata import areas, browse, categories, exchange, ids, merchants, wording
from geodata.datum import Datum
from geodata.errors import Conflict, Invalid
from geodata.exchange import Kind
from geodata.exchange.tables import Format
from geodata.policy import Action, require
from geodata.store import PUBLIC
from webmap import downloads, i18n, mapping
from webmap.answers import Listed, Parameters, parsed
from webmap.changes import Words
from webmap.errors import sentence
from webmap.i18n import gettext
from webmap.importing import FIELDS, SEVERAL, SHOWN_POINTS, Desk, problems_of, report_of
from webmap.layers import PreviewLayer
from webmap.pages import page_url
from webmap.receiving import uploads
from webmap.reports import FIELDS as FIELD_NAMES
from webmap.reports import told
from webmap.request import calendar, current_actor, is_demo, now, settings, store
from webmap.uploads import Failure, Stage, Upload

bp = Blueprint("files", __name__, url_prefix="/files")

SHOWN_PROBLEMS = 200
"""Problems that the page lists; the report has all of them."""

_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_LONGEST_NAME = 120
_DATUM_NAMES = {Datum.WGS84: "WGS 84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
_UNTOLD = "datum_untold"
_SHOWN: tuple[str, ...] = PUBLIC
_STATUSES: tuple[str, ...] = tuple(map(str, merchants.Status))


class ExportQuery(Parameters):
    """What to write: the filter as the map's address has it, and how."""

    cat: Annotated[Listed | None, Field(description="Category ids, with commas")] = None
    q: Annotated[str, Field(max_length=100)] = ""
    open: Literal["now", ""] = ""
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    format: Format = Format.XLSX
    datum: Datum = Datum.WGS84
    headings: Literal["zh", "en"] = "zh"
    all: Annotated[Literal["1", ""], Field(description="The pending and the retired too")] = ""
    mode: str = ""


@bp.get("")
def page() -> ResponseReturnValue:
    """Show where files go in and out, and what came in lately."""
    actor = current_actor()
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    with store().reading() as tx:
        known = categories.listed(tx)
        lately = merchants.recent_batches(tx, actor=actor)
        people = Words(tx, names={one[by] for one in lately for by in ("by", "undone_by")})
        code = request.args.get("area", "")
        area = tx.find("area", code) if code.isdigit() else None
    asked = {name: request.args.get(name, "") for name in ("cat", "q", "open", "area")}
    names = {category.id: i18n.either(category.name, category.name_en) for category in known}
    chosen = [names[one] for one in asked["cat"].split(",") if one in names]
    return render_template(
        "files/index.html",
        upload_mb=settings().upload_mb,
        lately=[
            one | {"by": people.who(one["by"]), "undone_by": people.who(one["undone_by"])}
            for one in lately
        ],
        asked={name: value for name, value in asked.items() if value},
        chosen=chosen,
        area_name=area["name"] if area else asked["area"],
        formats=[*Format],
        datums=_DATUM_NAMES,
    )


@bp.post("/upload")
def upload() -> ResponseReturnValue:
    """Take a file, and look at it."""
    actor = current_actor()
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Invalid("upload_missing")
    # Windows browsers of old sent the whole path; its rules know both kinds of slash.
    name = wording.clean(PureWindowsPath(given.filename).name)[-_LONGEST_NAME:]
    suffix = Path(name).suffix.lower()
    made = uploads().create(
        by=actor.name, file=name, suffix=suffix if _SUFFIX.fullmatch(suffix) else ""
    )
    given.save(uploads().path(made))
    _desk().look(made)
    return _to(made)


@bp.get("/<upload_id>")
def single(upload_id: str) -> ResponseReturnValue:
    """Show an upload: its columns, how far its job is, what would happen, or what did."""
    found = _found(upload_id)
    shared: dict[str, Any] = {"upload": found, "failure": _failure(found)}
    if found.stage is Stage.COLUMNS:
        return render_template("files/columns.html", **shared, **_columns(found))
    if found.stage in {Stage.CHECKING, Stage.WORKING}:
        done, total = uploads().progress(found) or (0, 0)
        return render_template("files/working.html", **shared, done=done, total=total)
    if found.undoes:
        return render_template("files/undone.html", **shared)
    shared |= _problems(found)
    if found.stage is Stage.DONE:
        return render_template("files/done.html", **shared)
    with store().reading() as tx:
        known = categories.listed(tx)
    demo = is_demo()
    return render_template(
        "files/preview.html",
        **shared,
        **mapping.element(),
        map_script_url=page_url("files.map_script", upload_id=found.id),
        categories=known,
        refused=demo,
        shown_points=SHOWN_POINTS,
        datums=_DATUM_NAMES,
    )


@bp.get("/<upload_id>/state")
def state(upload_id: str) -> Response:
    """Tell a waiting page how far the job is."""
    found = _found(upload_id)
    done, total = uploads().progress(found) or (0, 0)
    answer = jsonify(stage=found.stage, done=done, total=total)
    answer.cache_control.no_store = True
    return answer


@bp.post("/<upload_id>/sheet")
def sheet(upload_id: str) -> ResponseReturnValue:
    """Look at another sheet of the file."""
    found = _idle(upload_id)
    _desk().look(found, sheet=request.form.get("sheet", ""))
    return _to(found)


@bp.post("/<upload_id>/check")
def check(upload_id: str) -> ResponseReturnValue:
    """Rehearse the import with the columns that were chosen."""
    found = _idle(upload_id)
    if found.look is None:
        return _to(found)
    _choose(found)
    found.failure = _amiss(found)
    desk = _desk()
    if found.failure is not None:
        found.stage = Stage.COLUMNS
        if found.failure.code == _UNTOLD:
            desk.weigh(found)
        uploads().save(found)
        return _to(found)
    desk.start(found, desk.check, during=Stage.CHECKING, before=Stage.COLUMNS)
    return _to(found)


@bp.post("/<upload_id>/back")
def back(upload_id: str) -> ResponseReturnValue:
    """Go back to the columns, with what was chosen."""
    found = _idle(upload_id)
    if found.stage is Stage.CHECKED:
        found.stage, found.failure = Stage.COLUMNS, None
        uploads().save(found)
    return _to(found)


@bp.post("/<upload_id>/import")
def bring_in(upload_id: str) -> ResponseReturnValue:
    """Import what was rehearsed."""
    found = _idle(upload_id)
    if found.stage is not Stage.CHECKED:
        return _to(found)
    if is_demo():
        raise Conflict("demo_present")
    desk = _desk()
    (found.batch,) = ids.fresh(1)
    desk.start(found, desk.bring_in, during=Stage.WORKING, before=Stage.CHECKED)
    return _to(found)


@bp.post("/<upload_id>/discard")
def discard(upload_id: str) -> ResponseReturnValue:
    """Forget an upload."""
    uploads().discard(_idle(upload_id))
    return redirect(page_url(".page"), code=303)


@bp.get("/<upload_id>/points.json")
def points(upload_id: str) -> Response:
    """Give the map of a preview its places."""
    answer = Response(
        uploads().read(_found(upload_id), "points.json"), mimetype="application/geo+json"
    )
    answer.cache_control.no_store = True
    return answer


@bp.get("/<upload_id>/map.js")
def map_script(upload_id: str) -> Response:
    """Serve what Folium writes for the map of a preview."""
    found = _found(upload_id)
    whole, _boundaries = mapping.grounded()
    layer = PreviewLayer(
        page_url(".points", upload_id=found.id),
        page_url("categories.listed", lang=i18n.language(), mode=None),
    )
    layer.add_to(whole)
    return mapping.as_script(whole)


@bp.get("/<upload_id>/report.<kind>")
def report(upload_id: str, kind: str) -> ResponseReturnValue:
    """Send every problem as a spreadsheet."""
    found = _found(upload_id)
    account = report_of(uploads(), found)
    language: Literal["zh", "en"] = "en" if i18n.language() == "en" else "zh"

    def write(path: Path) -> None:
        exchange.write_report(account, path, kind, tell=told, language=language)

    return downloads.sent(write, f"linju-import-report.{kind}")


@bp.post("/imports/<batch>/undo")
def undo(batch: str) -> ResponseReturnValue:
    """Take a whole import back."""
    actor = current_actor()
    with store().reading() as tx:
        record = tx.record("batch", batch)
    require(actor, Action.MERCHANT_EDIT, area=record["scope"])
    if record["undone"]:
        raise Conflict("batch_undone", by=record["undone_by"], at=record["undone"])
    made = uploads().create(by=actor.name, file=record["file"], undoes=batch)
    desk = _desk()
    desk.start(made, desk.take_back, during=Stage.WORKING, before=Stage.DONE)
    return _to(made)


@bp.get("/export")
def export() -> ResponseReturnValue:
    """Send what the filter shows as a file."""
    asked, actor = parsed(ExportQuery), current_actor()
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    area, statuses = asked.area, _SHOWN
    if asked.all:
        area, statuses = area or actor.scope, _STATUSES
        require(actor, Action.MERCHANT_READ_PRIVATE, area=areas.prefix(area))
    query = browse.Query(
        categories=asked.cat or None, text=asked.q, open_now=asked.open == "now", area=area
    )
    with store().writing() as tx:
        tx.note("export", by=actor, target=str(asked.format), area=area)
        frame = browse.frame(tx, query, now(), statuses=statuses, calendar=calendar())
        english = asked.headings == "en"
        names = {c.id: c.name_en if english else c.name for c in categories.listed(tx)}

    def write(path: Path) -> None:
        exchange.write(
            frame[[name for name in frame.columns if name in merchants.EXPORTED]],
            path,
            asked.format,
            datum=asked.datum,
            language=asked.headings,
            categories=names,
        )

    day = now().date().isoformat()
    return downloads.sent(write, f"linju-{day}-{asked.datum}.{asked.format}")


def _desk() -> Desk:
    return Desk(store(), uploads(), current_actor())


def _found(upload_id: str) -> Upload:
    actor = current_actor()
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    return _desk().settle(uploads().find(upload_id, by=actor.name))


def _idle(upload_id: str) -> Upload:
    found = _found(upload_id)
    if found.stage in {Stage.CHECKING, Stage.WORKING}:
        raise Conflict("upload_busy")
    return found


def _to(found: Upload) -> ResponseReturnValue:
    return redirect(page_url(".single", upload_id=found.id), code=303)


def _failure(found: Upload) -> str:
    if found.failure is None:
        return ""
    details = dict(found.failure.details)
    for name in ("columns", "fields"):
        if isinstance(details.get(name), list):
            details[name] = [gettext(FIELD_NAMES.get(one, one)) for one in details[name]]
    return sentence(found.failure.code, details)


def _columns(found: Upload) -> dict[str, Any]:
    look = found.look or {"headings": [], "samples": [], "sheets": []}
    field_of = {at: name for name, places in (found.columns or {}).items() for at in places}
    lines = [
        {"at": at, "heading": heading, "samples": samples, "field": field_of.get(at, "")}
        for at, (heading, samples) in enumerate(zip(look["headings"], look["samples"], strict=True))
        if heading or samples
    ]
    return {
        "look": found.look,
        "lines": lines,
        "fields": {name: gettext(FIELD_NAMES[name]) for name in FIELDS},
        "datums": _DATUM_NAMES,
        "as_told": _as_told(found) if found.look else None,
        "evidence": look.get("evidence"),
        "untold": found.failure is not None and found.failure.code == _UNTOLD,
    }


def _as_told(found: Upload) -> str | None:
    """Name the datum that the file itself tells: "" where each row does, None where none is told.

    Nothing is assumed of a table that is silent: the wrong datum moves every place, and who
    presses on without a look would never know.
    """
    look = found.look or {}
    if look.get("pinned"):
        return _DATUM_NAMES[Datum.WGS84]
    seen = _understood(found)
    if seen.datum:
        return _DATUM_NAMES[seen.datum]
    return "" if {*seen.columns.get("datum", ())} & {*look.get("naming", ())} else None


def _choose(found: Upload) -> None:
    """Take over what a form says of columns and datum."""
    datum = request.form.get("datum", "")
    if datum not in {*map(str, Datum), "file", ""}:
        raise BadRequest
    found.datum = "" if datum == "file" else datum
    if request.form.get("what") != "columns":
        return  # the datum alone was mended
    chosen: dict[str, list[int]] = {}
    for at in range(len((found.look or {}).get("headings", ()))):
        field = request.form.get(f"c{at}", "")
        if field in FIELDS:
            chosen.setdefault(field, []).append(at)
    found.columns = chosen


def _amiss(found: Upload) -> Failure | None:
    """Return what keeps the columns from being read."""
    chosen, look = found.columns or {}, found.look or {}
    twice = [name for name, at in chosen.items() if len(at) > 1 and name not in SEVERAL]
    if twice:
        return Failure(code="column_twice", details={"fields": twice})
    if missing := _understood(found).missing:
        headings = [heading for heading in look["headings"] if heading]
        return Failure(
            code="columns_untold", details={"fields": [*missing], "found": headings[:30]}
        )
    if not found.datum and _as_told(found) is None:
        return Failure(code=_UNTOLD)
    return None


def _understood(found: Upload) -> exchange.Understanding:
    """Return what the chosen columns say."""
    chosen, look = found.columns or {}, found.look or {}
    return exchange.understand(
        look["headings"],
        Kind.MERCHANTS,
        columns={name: chosen.get(name, ()) for name in (*FIELDS, "area")},
        shapes=look["shapes"],
    )


def _problems(found: Upload) -> dict[str, Any]:
    every = problems_of(uploads(), found)
    return {
        "problems": [
            {
                "row": problem.row,
                "field": gettext(FIELD_NAMES.get(problem.field, problem.field)),
                "value": problem.value,
                "out": problem.severity is exchange.Severity.ERROR,
                "words": told(problem),
            }
            for problem in every[:SHOWN_PROBLEMS]
        ],
        "more": max(0, len(every) - SHOWN_PROBLEMS),
    }
