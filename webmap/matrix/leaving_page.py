"""Who is left out, for people: homes on a map and in a list, and as a file."""

from collections.abc import Mapping
from math import isnan
from typing import Annotated, Any, Literal, NamedTuple

import geopandas as gpd
from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata import exchange, matrix
from geodata.policy import Action, require
from geodata.roads import Streets
from geodata.store import Reader
from webmap import downloads, i18n, mapping, matrix_sheet, matrix_ways
from webmap.answers import parsed, turn
from webmap.i18n import gettext as _
from webmap.layers import LeftOutDesk, LeftOutLayer
from webmap.layers.left_out_layer import CIVIDIS, FARTHEST_MIN
from webmap.matrix import choosing
from webmap.matrix.asking import known
from webmap.matrix.blueprint import bp
from webmap.matrix.choosing import Hours
from webmap.matrix.leaving import MOST
from webmap.pages import page_url
from webmap.request import calendar, current_actor, parts, store, streets

LISTED = 200
"""So many homes stand in the list; a file has all."""


class HomesQuery(Hours):
    """Which homes, and how the list of them is sorted."""

    category: Annotated[str, Field(max_length=60)] = ""
    sort: Literal["", "name", "minutes", "households", "elders_alone"] = ""
    order: Literal["up", "down"] = "down"


class ListedHome(NamedTuple):
    """A home in the list; what is not known of it is a dash."""

    key: str
    name: str
    lon: float
    lat: float
    minutes: str
    households: str
    elders_alone: str


@bp.get("/matrix/left-out")
def left_out_page() -> ResponseReturnValue:
    """Show the homes from which a category is too far."""
    actor = current_actor()
    require(actor, Action.HOME_READ, area=actor.scope)
    asked = parsed(HomesQuery)
    with store().reading() as tx:
        shown = matrix_ways.shown(tx)
        places = choosing.places(tx, asked.parent)
    asked = _settled(asked, shown)
    told = _told(asked) if shown and matrix_ways.can_walk() else None
    return render_template(
        "matrix/left-out.html",
        asked=asked,
        told=told,
        streets=matrix_ways.can_walk(),
        homes=_listed(_sorted(told, asked)) if told is not None else [],
        categories=shown,
        places=places,
        days=choosing.days(),
        minutes=sorted({*choosing.MINUTES, asked.minutes}),
        when=choosing.when(asked.at()),
        ways=matrix_ways.ways(asked.parent),
        files={kind: _file_url(kind) for kind in ("xlsx", "geojson", "gpkg")},
        homes_url=_homes_url(asked) if told is not None else "",
        stops=_stops(),
        farthest=FARTHEST_MIN,
        map_script_url=url_for(".left_out_script", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/matrix/left-out/map.js")
def left_out_script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    whole, _boundaries = mapping.grounded()
    layer = LeftOutLayer()
    for part in (layer, LeftOutDesk(layer)):
        part.add_to(whole)
    return mapping.as_script(whole)


@bp.get("/matrix/left-out.<any(xlsx, geojson, gpkg):kind>")
def left_out_file(kind: str) -> Response:
    """Download the homes that are left out, all of them, the worst first."""
    asked = parsed(HomesQuery)
    streets()
    with store().reading() as tx:
        asked = _settled(asked, matrix_ways.shown(tx))
    homes = _sorted(_told(asked), asked)
    table = homes.drop(columns=["off_network", "minutes"])
    # Up, as on the page: who is left out after 10 minutes is not told to walk 10.
    table[_("Minutes on foot")] = homes["minutes"].map(matrix_sheet.tenths, na_action="ignore")
    table[_("No street near")] = ["✓" if off else "" for off in homes["off_network"]]
    table = gpd.GeoDataFrame(table, geometry=homes.geometry, crs=homes.crs)
    language: Literal["zh", "en"] = "en" if i18n.language() == "en" else "zh"
    name = f"linju-left-out-{asked.category}-{asked.minutes}min.{kind}"
    return downloads.sent(lambda path: exchange.write(table, path, language=language), name)


def _told(asked: HomesQuery) -> gpd.GeoDataFrame:
    actor, inuse, days = current_actor(), mapping.streets(), calendar()
    with turn(), store().reading() as tx:
        return _left_out(tx, inuse, asked, actor=actor, calendar=days, parts=parts())


def _left_out(tx: Reader, inuse: Streets | None, asked: HomesQuery, **how: Any) -> gpd.GeoDataFrame:
    known(tx, [asked.category])
    wanted = asked.asked(parent=asked.parent or how["actor"].scope)
    return matrix.left_out(tx, inuse, wanted, asked.category, asked.minutes, **how)


def _settled(asked: HomesQuery, shown: list[dict[str, str]]) -> HomesQuery:
    """Return what is asked with a category: the clinic, or the first there is."""
    if asked.category or not shown:
        return asked
    ids = [one["id"] for one in shown]
    return asked.model_copy(update={"category": "clinic" if "clinic" in ids else ids[0]})


def _sorted(homes: gpd.GeoDataFrame, asked: HomesQuery) -> gpd.GeoDataFrame:
    if not asked.sort:
        return homes
    keys: Mapping[str, Any] = {
        # No way at all is farther than any way; where there is no street nothing is known.
        "minutes": homes["minutes"].fillna(1e9).mask(homes["off_network"]),
    }
    column = keys.get(asked.sort, homes[asked.sort])
    order = column.sort_values(
        ascending=asked.order == "up", na_position="last", kind="stable"
    ).index
    return homes.loc[order]


def _listed(homes: gpd.GeoDataFrame) -> list[ListedHome]:
    found = homes.head(LISTED)
    columns = ("id", "name", "lon", "lat", "minutes", "households", "elders_alone", "off_network")
    rows = zip(*(found[name].tolist() for name in columns), strict=True)
    return [
        ListedHome(
            key,
            name or _("a home without a name"),
            lon,
            lat,
            _walk(minutes, off),
            *map(_number, people),
        )
        for key, name, lon, lat, minutes, *people, off in rows
    ]


def _walk(minutes: float, off: bool) -> str:  # noqa: FBT001 - as the columns have it
    if off:
        return _("no street")
    return _("no way") if isnan(minutes) else matrix_sheet.whole_minutes(minutes)


def _number(value: float) -> str:
    return "–" if isnan(value) else f"{value:,.0f}"


def _file_url(kind: str) -> str:
    return page_url("matrix.left_out_file", kind=kind, **request.args)


def _homes_url(asked: HomesQuery) -> str:
    """Return where the map's script asks for the homes, near ones too."""
    at = asked.at()
    return url_for(
        ".left_out",
        category=asked.category,
        minutes=0,
        area=asked.parent or None,
        at=at.isoformat() if at else None,
        closures="true" if asked.closures else None,
        limit=MOST,
    )


def _stops() -> list[tuple[str, str]]:
    """Return the colours of the scale, each with how far along it is."""
    return [(f"{100 * n / (len(CIVIDIS) - 1):.0f}%", colour) for n, colour in enumerate(CIVIDIS)]
