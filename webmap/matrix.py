"""The service matrix: its page, its files, its JSON."""

import io
from dataclasses import asdict
from typing import Annotated, Any, Literal

import geopandas as gpd
import pandas as pd
from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from geodata import areas, categories, divisions, exchange, matrix
from geodata.exchange import Format
from webmap import i18n, matrix_sheet
from webmap.answers import Answer, Parameters, api, parsed
from webmap.i18n import either
from webmap.i18n import gettext as _
from webmap.request import store

bp = Blueprint("matrix", __name__)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class MatrixQuery(Parameters):
    """Which part of the matrix."""

    level: Annotated[
        Literal["province", "city", "district", "street", "community", "grid"] | None,
        Field(description="Level of the rows; by default the one below the parent"),
    ] = None
    parent: Annotated[
        str, Field(pattern=r"^\d{0,15}$", description="Code of the area inside which to count")
    ] = ""


class PageQuery(MatrixQuery):
    """The page's own choices besides."""

    reading: Literal["", "per_1000"] = ""
    mode: str = ""


class MatrixRow(BaseModel):
    """An area and how many merchants of each category it has."""

    code: str
    name: str
    residents: int | None
    counts: dict[str, int]


class MatrixTotals(BaseModel):
    """Sums over the areas; residents only where every area's number is known."""

    residents: int | None
    counts: dict[str, int]


class MatrixDocument(BaseModel):
    """Areas × categories. ``elsewhere``: merchants that lie in none of the areas."""

    level: str
    parent: str
    areas: list[MatrixRow]
    elsewhere: dict[str, int]
    totals: MatrixTotals


@api(bp, "/api/matrix", answers=MatrixDocument)
def table(asked: MatrixQuery) -> Answer:
    """Return how many merchants of each category the areas have."""
    return Answer(_document(_counted(asked), asked))


@bp.get("/matrix")
def page() -> ResponseReturnValue:
    """Show the matrix as a table that leads to the map."""
    asked = parsed(PageQuery)
    with store().reading() as tx:
        shown = [
            asdict(category) | {"name": either(category.name, category.name_en)}
            for category in categories.listed(tx)
        ]
        trail = areas.path(tx, divisions.normalise(asked.parent)) if asked.parent else []
    told = _document(_counted(asked), asked)
    sheet = matrix_sheet.sheet(told, shown, asked.reading)
    return render_template(
        "matrix/index.html",
        table=told,
        trail=trail,
        categories=sheet.categories,
        rows=sheet.rows,
        totals=sheet.totals,
        level_name=sheet.level_name,
        can_read_per_1000=sheet.can_read_per_1000,
        reading=asked.reading,
    )


@bp.get("/matrix.xlsx")
def xlsx() -> ResponseReturnValue:
    """Download the matrix as a spreadsheet."""
    return _download(Format.XLSX, _XLSX)


@bp.get("/matrix.csv")
def csv() -> ResponseReturnValue:
    """Download the matrix as comma-separated text that Excel opens."""
    return _download(Format.CSV, "text/csv; charset=utf-8")


def _download(kind: Format, media_type: str) -> Response:
    counted = _counted(parsed(PageQuery))
    with store().reading() as tx:
        names = {c.id: either(c.name, c.name_en) for c in categories.listed(tx)}
    shown = matrix.categories_of(counted)
    table = pd.DataFrame(counted[["code", "name", "residents", *shown]])
    table[_("Total")] = table[shown].sum(axis="columns")
    file = io.BytesIO()
    table = table.rename(columns=names)
    exchange.write(table, file, kind, language="en" if i18n.language() == "en" else "zh")
    answer = Response(file.getvalue(), content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="linju-matrix.{kind}"'
    return answer


def _counted(asked: MatrixQuery) -> gpd.GeoDataFrame:
    with store().reading() as tx:
        return matrix.counts(tx, level=asked.level, parent=asked.parent)


def _document(counted: gpd.GeoDataFrame, asked: MatrixQuery) -> dict[str, Any]:
    names = matrix.categories_of(counted)
    per_area = zip(*(counted[category].tolist() for category in names), strict=True)
    residents = [
        None if n is None else int(n)
        for n in counted["residents"].astype(object).where(counted["residents"].notna(), None)
    ]
    rows = [
        {
            "code": code,
            "name": label,
            "residents": n,
            "counts": dict(zip(names, numbers, strict=True)),
        }
        for code, label, n, numbers in zip(
            counted["code"], counted["name"], residents, per_area, strict=True
        )
    ]
    known = all(n is not None for n in residents) and residents
    return {
        "level": counted.attrs["level"],
        "parent": asked.parent,
        "areas": rows,
        "elsewhere": counted.attrs["elsewhere"],
        "totals": {
            "residents": sum(residents) if known else None,
            "counts": {category: int(counted[category].sum()) for category in names},
        },
    }
