"""What an import says of a row, in the reader's language: what is wrong, what would mend it."""

from collections.abc import Mapping

from geodata.exchange import Problem
from webmap.i18n import gettext, marked

FIELDS: Mapping[str, str] = {
    "id": marked("number"),
    "name": marked("name"),
    "home": marked("building"),
    "category": marked("category"),
    "lon": marked("longitude"),
    "lat": marked("latitude"),
    "position": marked("position"),
    "geometry": marked("shape"),
    "datum": marked("datum"),
    "address": marked("address"),
    "phones": marked("phone"),
    "hours": marked("opening hours"),
    "note": marked("note"),
    "status": marked("status"),
    "closed_until": marked("closed until"),
    "code": marked("area code"),
    "level": marked("level"),
    "residents": marked("residents"),
    "households": marked("households"),
    "elders_alone": marked("elders living alone"),
}

REASONS: Mapping[str, str] = {
    "missing": marked("{field} is missing"),
    "not_a_number": marked("{field} is not a number"),
    "lon_lat_swapped": marked("longitude and latitude are swapped"),
    "outside_china": marked("the position lies outside China"),
    "position_unreadable": marked("the position cannot be read"),
    "geometry_missing": marked("there is no shape"),
    "geometry_unreadable": marked("the shape cannot be read"),
    "geometry_not_areal": marked("the shape is not an area"),
    "geometry_mended": marked("the border crossed itself and was mended"),
    "geometry_reduced": marked("{hint} shapes were no points: a point inside each was taken"),
    "category_unknown": marked("the category is not known"),
    "datum_unknown": marked("the datum is not known"),
    "datum_differs": marked("the file says its datum is {hint}; what you told was taken"),
    "status_unknown": marked("the status is not known"),
    "date_unreadable": marked("the date cannot be read"),
    "too_long": marked("{field} is longer than {hint} characters"),
    "too_many_cells": marked("the row has more cells than headings"),
    "duplicate_in_file": marked("the same place stands in the file before"),
    "home_unknown": marked("no such building is known here"),
    "home_ambiguous": marked("several buildings are called so"),
    "namesakes": marked("several people of this name live in the building"),
    "told_before": marked("the same person stands in the file before"),
    "outside_scope": marked("the place lies outside the area that you look after"),
    "waits_for_review": marked("this entry waits for review"),
    "code_invalid": marked("this is not an area code"),
    "level_differs": marked("the code is that of another level: {hint}"),
    "hours_unreadable": marked(
        "the opening hours are shown as written, but cannot be reckoned with"
    ),
    "phone_unreadable": marked("this does not look like a phone number"),
    "id_foreign": marked("{hint} numbers are not Linju's and were left aside"),
    "heading_unknown": marked("the column was not understood and is ignored"),
    "formula_uncalculated": marked("{hint} formulas have no value"),
}

MENDS: Mapping[str, str] = {
    "fill_in": marked("fill it in"),
    "write_number": marked("write a plain number"),
    "swap": marked("swap the two columns"),
    "check_position": marked("check it on the map"),
    "write_position": marked("write longitude and latitude in degrees"),
    "draw": marked("give the row a shape"),
    "draw_area": marked("draw a closed outline"),
    "choose_category": marked("choose one of the categories ({hint}?)"),
    "choose_datum": marked("write WGS84, GCJ02 or BD09"),
    "check_datum": marked("check --datum"),
    "choose_status": marked("write published, closed or retired"),
    "write_date": marked("write it like 2026-11-22"),
    "shorten": marked("shorten it"),
    "quote_cell": marked("put cells with commas between quotation marks"),
    "remove_row": marked("remove one of the two"),
    "write_home": marked("write the building's name as it is on the map, or its number"),
    "write_home_number": marked(
        "write the address before the building's name, or the building's number"
    ),
    "write_flat": marked("write the flat"),
    "ask_responsible": marked("ask whoever looks after that area"),
    "decide_there": marked("decide it at the review desk"),
    "write_code": marked("write 6, 9, 12 or 15 digits"),
    "check_code": marked("check the code"),
    "rewrite_hours": marked("write them like 周一至周五 8:30-17:00"),
    "check_phone": marked("check the number"),
    "nothing": marked("nothing needs to be done"),
    "choose_column": marked("rename the heading if it matters"),
    "calculate": marked("open the file, let it calculate, save it"),
}


def told(problem: Problem) -> tuple[str, str]:
    """Say what is wrong with a row and what would mend it."""
    field = gettext(FIELDS.get(problem.field, problem.field))
    hint = problem.hint or "?"
    return (
        gettext(REASONS[problem.reason], field=field, hint=hint),
        gettext(MENDS[problem.mend], hint=hint),
    )
