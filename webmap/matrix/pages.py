"""The service matrix: its page and its files."""

import io
from dataclasses import asdict
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from flask import Response, render_template
from flask.typing import ResponseReturnValue

from geodata import areas, categories, divisions, exchange, matrix
from geodata.exchange import Format
from geodata.matrix import Reading
from webmap import i18n, matrix_sheet
from webmap.answers import parsed
from webmap.i18n import either
from webmap.i18n import gettext as _
from webmap.matrix.asking import MatrixQuery
from webmap.matrix.blueprint import bp
from webmap.matrix.documents import document
from webmap.request import store

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PageQuery(MatrixQuery):
    """The page's own choices besides."""

    reading: Literal["", "per_1000"] = ""
    mode: str = ""


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
    return document(counted, counted, Reading.COUNT, parent=asked.parent, minutes=0)
