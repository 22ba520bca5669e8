"""From a failure to what the caller reads: a page, or problem+json (RFC 9457) for programs."""

from collections.abc import Mapping
from http import HTTPStatus
from string import Formatter
from typing import Any

import orjson
from flask import Flask, Response, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from geodata.errors import Conflict, Forbidden, Invalid, LinjuError, NotFound, Unavailable
from webmap.i18n import gettext, marked

STATUS: Mapping[type[LinjuError], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}

SENTENCES: Mapping[str, str] = {
    "parameter_invalid": marked("A parameter of the address is not right: {names}."),
    "parameter_unknown": marked("The address has a parameter that is not known here: {names}."),
    "field_invalid": marked("A field of the request is not right: {names}."),
    "bbox_invalid": marked("The box must be west, south, east, north in degrees, in this order."),
    "area_code_invalid": marked("{value} is not an area code: 2, 4, 6, 9, 12 or 15 digits."),
    "area_ambiguous": marked("Several areas are called so. Which one: {names}?"),
    "area_not_found": marked("There is no area {key} here."),
    "level_unknown": marked("There is no level {level}."),
    "level_not_inside": marked("An area of that kind does not lie inside {parent}."),
    "minutes_not_kept": marked("Of shares only those within {kept} minutes are kept."),
    "merchant_not_found": marked("This place is not on the map."),
    "merchant_retired": marked("This place was on the map once and is not there any more."),
    "merchant_invalid": marked("Something in the entry is not right."),
    "field_unknown": marked("There is no such field: {fields}."),
    "merchant_merged": marked("This place is on the map under another number now."),
    "version_not_found": marked("There is no version {version} of it."),
    "batch_not_found": marked("Nothing is known here of that import."),
    "batch_undone": marked("{by} has undone this import already."),
    "upload_not_found": marked(
        "This upload is not here any more: uploads are kept for a day. Upload the file again."
    ),
    "upload_busy": marked("Another file is just being worked on. Try again when that is done."),
    "upload_stopped": marked("The server stopped in the middle. Nothing was changed; try again."),
    "upload_missing": marked("Please choose a file."),
    "demo_present": marked(
        "This instance holds the demonstration. Real data beside it would mislead, so nothing was"
        " imported. Let the operator take the demonstration away first."
    ),
    "columns_untold": marked("Please tell which column holds: {fields}."),
    "datum_untold": marked(
        "The file does not say where its coordinates come from. Please choose it below."
    ),
    "column_twice": marked("Two columns are both taken for: {fields}. Choose one of them."),
    "undo_superseded": marked(
        "This was changed again later ({fields}). Undo the later change first."
    ),
    "merge_impossible": marked("These two cannot be made one: choose a place that is on the map."),
    "closure_not_found": marked("There is no such closure."),
    "scenario_not_found": marked("There is no such scenario."),
    "scenario_invalid": marked("Something in the scenario is not right."),
    "plan_not_found": marked("There is no such plan."),
    "plan_invalid": marked("Something in the plan is not right."),
    "plan_step": marked(
        "A plan goes from open to under way to done, and back, one step at a time."
    ),
    "plan_why_missing": marked("Say in a few words why the plan goes back a step."),
    "share_invalid": marked("A link cannot open for so long, or what it is called is too long."),
    "share_ended": marked("This link was ended. Ask the community office for a new one."),
    "share_expired": marked("This link has expired. Ask the community office for a new one."),
    "share_not_valid": marked(
        "This link is not complete. Copy the whole of it, or ask the community office for a new"
        " one."
    ),
    "round_not_found": marked("There is no such round of visits."),
    "visit_not_found": marked("There is no such visit in this round."),
    "elder_not_found": marked("There is no such entry among the elders living alone."),
    "elder_invalid": marked("Something in the entry is not right."),
    "elder_known": marked("Somebody of this name is entered for this flat already."),
    "elder_swapped": marked(
        "What is sealed in this entry belongs to another one: somebody has changed the store from"
        " outside. It is not shown. Please tell the administrator."
    ),
    "elders_key_invalid": marked("This is not a key. The command elders new-key makes one."),
    "elders_key_missing": marked(
        "No key is set on this server, so names of elders living alone can be neither entered nor"
        " shown. Nothing is lost. Whoever runs the server sets one: LINJU_ELDERS_KEY."
    ),
    "elders_key_wrong": marked(
        "What is kept of elders living alone was sealed with another key than the one that is set,"
        " so it cannot be opened. Nothing is lost, and nothing is written over. Whoever runs the"
        " server puts the former key back: LINJU_ELDERS_KEY."
    ),
    "proposal_not_found": marked("There is no such proposal."),
    "proposal_decided": marked("{by} has decided this already."),
    "reopen_impossible": marked("There is no decision here to undo."),
    "reason_missing": marked("Please give a reason: whoever asked will read it."),
    "words_too_long": marked("Please say it in {longest} characters at most."),
    "idempotency_key_length": marked("An Idempotency-Key has {shortest} to {longest} characters."),
    "registration_decided": marked(
        "This was registered before, and has been looked at since. Open your private link instead."
    ),
    "sign_in_locked": marked(
        "Too many wrong passwords for this name. Try again in {seconds} seconds."
    ),
    "sign_in_refused": marked("Name, password or code is not right."),
    "code_missing": marked("Please enter the one-time code of your authenticator app as well."),
    "code_wrong": marked("This code is not right, or has been used. Wait for the next one."),
    "password_wrong": marked("The present password is not right."),
    "not_signed_in": marked("Please sign in first."),
    "account_invalid": marked("Something in the account is not right."),
    "own_account": marked("This is your own account: change it on its own page."),
    "account_name_taken": marked("The name {name} is taken already. Choose another one."),
    "last_admin": marked("This is the last administrator of everything. Name another one first."),
    "invitation_not_valid": marked(
        "This invitation has been used or has expired. Ask for a new one."
    ),
    "link_not_valid": marked(
        "This private link has ended or is not complete. Ask the community office for a new one."
    ),
    "merchant_owned": marked("This shop has an account already."),
    "account_not_found": marked("There is no such account."),
    "guess_not_found": marked("There is no such entry."),
    "key_not_found": marked("There is no such key."),
    "contact_not_found": marked("No contact is known."),
    "credit_code_invalid": marked(
        "This is no unified social credit code. Compare its 18 characters with the licence."
    ),
    "colour_invalid": marked("A colour is # and six of 0–9 and A–F, such as #0072B2."),
    "pasted_no_position": marked("There is no position in this text."),
    "pasted_outside": marked("This position is not in China: longitude {lon}, latitude {lat}."),
    "pasted_short_link": marked(
        "A short link of {host} does not hold the position. Open it, then copy the whole"
        " address from there."
    ),
    "pasted_link_unsupported": marked(
        "The position cannot be read from this link ({host}). Copy the coordinates instead."
    ),
    "pasted_too_long": marked("This text is too long. Paste only the link or the coordinates."),
    "pasted_line_wrong": marked("Line {line}: no position in China can be read from it."),
    "pasted_datum_open": marked("Please choose where these numbers come from."),
    "pasted_too_many": marked("{most} places at most."),
    "home_not_found": marked("This building is not known here."),
    "category_invalid": marked("Something in the category is not right."),
    "category_not_found": marked("There is no such category."),
    "hours_unreadable": marked("These opening hours cannot be read: {text}"),
    "forbidden": marked("You may not do this here."),
    "version_stale": marked("Somebody else has changed this in the meantime. Read it again."),
    "key_taken": marked("This is there already."),
    "idempotency_key_reused": marked("This key was used for another request before."),
    "idempotency_key_busy": marked("The same request is just being carried out."),
    "service_busy": marked("Too many are asking for ways. Try again in a moment."),
    "store_busy": marked("The store is busy. Try again in a moment."),
    "disk_full": marked("The disk is full. Nothing was lost; make room and try again."),
    "store_unreachable": marked("The store cannot be reached just now."),
    "store_unreadable": marked("The store's file is damaged or is not one of Linju's."),
    "store_foreign": marked("The file {path} belongs to another program."),
    "store_newer": marked(
        "The store was made by a newer Linju (step {found}, known here {known})."
    ),
    "store_url": marked("A store is the path of a file or a postgresql:// address."),
    "postgis_missing": marked("The database has no PostGIS, and may not install it."),
    "demo_missing": marked("There is no demonstration here."),
    "demo_mixed": marked(
        "People have entered or changed something in the demonstration (places: {places},"
        " proposals: {proposals}); nothing was removed. If that was only tried out, take it away"
        " with it: demo --remove --trials"
    ),
    "file_exists": marked("There is a file {path} already; choose another name."),
    "backup_missing": marked("There is no file {path}."),
    "backup_unreadable": marked("{path} is not a backup of Linju."),
    "file_missing": marked("There is no file {path}."),
    "file_empty": marked("The file {path} holds nothing."),
    "file_unreadable": marked("The file {path} is damaged, or is not what its name says."),
    "file_unwritable": marked("The file {path} cannot be written: {reason}."),
    "file_too_large": marked("The file {path} is too large."),
    "format_unknown": marked("Files of this kind are not known here; known are {formats}."),
    "format_unsuited": marked("This cannot be written as {format}."),
    "encoding_unknown": marked("The text of {path} is neither UTF-8 nor GB18030."),
    "no_header": marked(
        "No line of headings was found: the first lines name none of the columns that are needed."
    ),
    "column_missing": marked("Columns are missing: {columns}. Found were: {found}."),
    "sheet_missing": marked("There is no sheet {sheet}; there are {sheets}."),
    "crs_unknown": marked("The coordinate system of the file is not known: {crs}"),
    "quote_unclosed": marked("A quotation mark in row {row} is never closed."),
    "cell_too_large": marked("A cell holds more than {limit} characters."),
    "too_many_rows": marked("The file has more than {limit} rows."),
    "too_many_columns": marked("The file has more than {limit} columns."),
    "coordinates_invalid": marked("A coordinate in row {row} is not a number."),
    "position_invalid": marked("A position is not on the globe."),
    "calendar_date_invalid": marked("Row {row} of the holidays has no date: {value}"),
    "calendar_date_twice": marked("Two rows of the holidays disagree about {value}."),
    "calendar_kind_invalid": marked("Row {row} of the holidays is neither off nor worked: {value}"),
    "off_network": marked("No street is within {limit_m} m of this place."),
    "no_route": marked("There is no way from here to there."),
    "streets_missing": marked("No streets are installed here, so ways cannot be found."),
    "streets_unreadable": marked("The streets' files are damaged. Build them again."),
    "streets_newer": marked(
        "These streets were made by a newer Linju (format {found}, known here {known})."
    ),
    "streets_version_not_found": marked("There are no streets {name} here."),
    "streets_unfit": marked(
        "The new streets did not pass their check ({reason}). Those in use are untouched."
    ),
    "streets_elsewhere": marked(
        "None of the {n} places on the map lies within 300 m of these streets, which are at"
        " {bounds} (west, south, east, north). Those in use are untouched. Meant all the same:"
        " --anyway"
    ),
    "roads_busy": marked("Streets are just being built. Try again when that is done."),
    "rollback_missing": marked("There are no former streets to go back to."),
    "extract_unreadable": marked(
        "{path} cannot be read as OpenStreetMap data: {reason}. Those in use are untouched."
    ),
    "extract_without_streets": marked("There are no streets in {path}."),
    "clip_unknown": marked(
        "{clip} is no clip: an area's code, west,south,east,north, or a file of areas."
    ),
    "clip_without_streets": marked("There are no streets inside the clip."),
    "closure_kind": marked("Only areas, stretches and points can be closed, not a {kind}."),
    "closure_empty": marked("Nothing is drawn yet."),
    "closure_shape": marked("What is drawn is not a proper shape. Please draw it again."),
    "closure_coordinates": marked("What is drawn does not lie on the globe."),
    "closure_corners": marked(
        "The drawing has {corners} corners, and may have {most}. Draw it more simply."
    ),
    "closure_crosses_itself": marked(
        "The outline crosses itself at {lon}, {lat}. Move its corners until no line crosses"
        " another."
    ),
    "closure_too_large": marked(
        "The drawing measures {size} {unit}, and may measure {most} {unit}. Draw smaller parts."
    ),
    "closure_far_off": marked("The drawing is {km} km away from everything on the map."),
    "closure_reason_missing": marked("Say why it is closed: everybody who meets it will read it."),
    "closure_times": marked("It would end before it begins."),
    "closure_past": marked("Its end is past already. Choose a later one."),
    "closure_too_long": marked("A closure lasts {days} days at most. Prolong it later."),
    "closures_full": marked(
        "With it the closures in force at one time would have {corners} corners and {km} km of"
        " outline in all, and may have {most} and {most_km} km. Lift those that are not needed any"
        " more, draw this one more simply, or let it end sooner."
    ),
    "closure_over": marked("This closure is over already. Draw it again if it is needed."),
    "inside_closure": marked(
        "The street there is closed: nobody gets in or out while the closure is in force."
    ),
    "closures_invalid": marked("Closure {at} is not a proper shape: {reason}."),
    "closures_too_large": marked("The closures are too many or too large for one question."),
    "cluster_unreachable": marked("The machines that work the matrix out cannot be reached."),
    "engine_failed": marked("The ways cannot be found just now."),
    "engine_unreachable": marked("The server that finds the ways cannot be reached."),
    "engine_slow": marked("The server that finds the ways took too long."),
    "rounds_too_large": marked(
        "These are {visits} visits and {workers} workers. Please ask for {most_visits} visits and"
        " {most_workers} workers at most."
    ),
    "round_invalid": marked("Something in the visits or the workers is not right."),
    "round_begun": marked("Visits are ticked off already, so the order stands."),
    "round_accepted": marked(
        "The order of this round stands. Put an urgent visit between, or take the round back to"
        " planning as long as nothing is ticked off."
    ),
    "round_not_accepted": marked("This round is not accepted yet. Accept it first."),
    "round_sealed": marked(
        "What was typed about these visits was sealed with another key than the one that is set, so"
        " it can be neither shown nor changed. Places and times are as they were, and nothing is"
        " lost. Whoever runs the server puts the former key back: LINJU_ELDERS_KEY."
    ),
    "visit_known": marked("This visit is in the round already."),
    "round_over": marked("This round is done. Open it again to change it."),
    "round_step": marked("This round cannot take that step now."),
    "solver_failed": marked("The rounds cannot be planned just now."),
    "solver_slow": marked("Planning these rounds takes too long. Ask for fewer visits at once."),
    "siting_invalid": marked("Something in the question is not right."),
    "siting_no_homes": marked(
        "In this area no home is known from which one could walk, with how many live there."
    ),
    "siting_too_many_homes": marked(
        "This area has {homes} homes; up to {most} can be reckoned with. Choose a smaller one."
    ),
    "siting_no_places": marked("None of the places is near a street that one can walk on."),
    "siting_failed": marked("The search failed. Please try again."),
    "job_not_found": marked("There is no such task, or it was too long ago."),
    "job_unfinished": marked("There is no result of this task."),
    "job_over": marked("This task has ended already."),
    "job_lost": marked("The search was interrupted. Please start it again."),
    "job_failed": marked("The search failed. Please try again."),
    "jobs_full": marked("Other searches are waiting. Please try again in a minute."),
    "ground_failed": marked("The basemap could not be drawn."),
    "ground_unavailable": marked("The basemap cannot be drawn on this kind of machine."),
    "setting_unknown": marked("There is no setting {name}. Did you mean {meant}?"),
    "setting_invalid": marked("The setting {name} is not right: {reason}."),
    "bad_request": marked("The request could not be understood."),
    "not_found": marked("There is no such page."),
    "method_not_allowed": marked("This address cannot be used in that way."),
    "csrf_failed": marked(
        "This page was open for too long, or was sent from elsewhere. Go back, load it again and"
        " send it once more."
    ),
    "token_invalid": marked("This token is not known, or has ended."),
    "media_type_unsupported": marked("Send JSON here, and say so: application/json."),
    "version_missing": marked(
        'Say which version you have seen: If-Match: "7", as the ETag or the version tell it.'
    ),
    "too_large": marked("That is too large to be sent here."),
    "too_many": marked("That was very often in a short time. Please wait a moment and try again."),
    "internal": marked("Something went wrong here. It has been noted."),
}
"""A sentence for every code, with its details as placeholders."""

_POSITION = marked("position")
_FIELDS: Mapping[str, str] = {
    "name": marked("name"),
    "category": marked("category"),
    "lon": _POSITION,
    "lat": _POSITION,
    "source_datum": _POSITION,
    "source_lon": _POSITION,
    "source_lat": _POSITION,
    "address": marked("address"),
    "phones": marked("phone"),
    "hours": marked("opening hours"),
    "note": marked("note"),
    "area": marked("area"),
    "status": marked("status"),
    "closed_until": marked("closed until"),
    "owner": marked("owner"),
}
"""What a merchant's columns are called in a sentence."""

ENGINE_UNAVAILABLE = "engine_unavailable"
_ENGINE = frozenset({"engine_failed", "engine_slow", "engine_unreachable"})
_OURS = frozenset({"path", "reason", "host"})
_HTTP_CODES = {
    400: "bad_request",
    401: "token_invalid",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type_unsupported",
    428: "version_missing",
    429: "too_many",
    500: "internal",
}


def sentence(code: str, details: Mapping[str, object]) -> str:
    """Say an error in the reader's language."""
    told = {name: _plain(value) for name, value in details.items()}
    if isinstance(fields := details.get("fields"), list):
        told["fields"] = _plain(list(dict.fromkeys(map(_field, fields))))
    said = SENTENCES.get(code, SENTENCES["bad_request"])
    nothing = dict.fromkeys((name for _, name, _, _ in Formatter().parse(said) if name), "")
    return gettext(said, **(nothing | told))


def told_as(code: str) -> tuple[str, dict[str, str]]:
    """Return the code that programs read for one of geodata's, and what says more.

    Whatever ails the engine, a program does the same: it tries again, or orders by the straight
    line. So there is one code for all of it; which ``reason`` it was stands beside.
    """
    if code in _ENGINE:
        return ENGINE_UNAVAILABLE, {"reason": code.removeprefix("engine_")}
    return code, {}


def _field(name: str) -> str:
    known = _FIELDS.get(name)
    return gettext(known) if known else name


def _plain(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else value


def init_app(app: Flask) -> None:
    """Answer every failure of an application."""
    app.register_error_handler(LinjuError, failed)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def failed(error: LinjuError) -> tuple[Response, int]:
    """Answer a failure of geodata."""
    details = error.details
    if isinstance(error, Unavailable):
        # Paths and the words of libraries are for the operator, not for whoever asks.
        current_app.logger.warning("%s", error)
        details = {name: value for name, value in details.items() if name not in _OURS}
    status = STATUS[type(error)]
    if error.code == "version_stale" and "If-Match" in request.headers:
        status = HTTPStatus.PRECONDITION_FAILED
    return _answer(error.code, status, details)


def _http(error: HTTPException) -> tuple[Response, int] | HTTPException:
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return error
    code = "csrf_failed" if isinstance(error, CSRFError) else _HTTP_CODES.get(status, "bad_request")
    answer, status = _answer(code, status, {})
    if (seconds := getattr(error, "retry_after", None)) is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer, status


def _unforeseen(error: Exception) -> tuple[Response, int]:
    current_app.logger.error("unforeseen", exc_info=error)
    return _answer("internal", 500, {})


def _answer(code: str, status: int, details: Mapping[str, Any]) -> tuple[Response, int]:
    told = sentence(code, details)
    if for_program():
        code, more = told_as(code)
        body = problem(code, status, told, {**details, **more})
        answer = Response(body, mimetype="application/problem+json")
    else:
        title = gettext(_TITLES.get(status, _TITLES[500]))
        page = render_template("error.html", status=status, title=title, sentence=told)
        answer = Response(page, mimetype="text/html")
    answer.cache_control.no_store = True
    if status == STATUS[Unavailable]:
        answer.headers["Retry-After"] = "5"
    return answer, status


def for_program() -> bool:
    """Tell whether a program or a page's script reads the answer, rather than a person."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


_TITLES: Mapping[int, str] = {
    400: marked("Not understood"),
    401: marked("Not allowed"),
    403: marked("Not allowed"),
    404: marked("Not found"),
    405: marked("Not possible"),
    413: marked("Too large"),
    422: marked("Not understood"),
    429: marked("Just a moment"),
    500: marked("Something went wrong"),
    503: marked("Just a moment"),
}


def problem(code: str, status: int, detail: str, details: Mapping[str, Any]) -> bytes:
    """Return a problem document; ``title`` is the code that programs read."""
    return orjson.dumps(
        {
            "type": "about:blank",
            "title": code,
            "status": status,
            "detail": detail,
            "details": dict(details),
        },
        default=str,
    )
