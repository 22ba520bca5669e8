"""Small things to test with, each with what the test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import rounds
from geodata.closures import Drawing
from geodata.hours import SHANGHAI
from geodata.merchants import MerchantEntry
from geodata.modes import Mode
from geodata.plans import Draft
from geodata.policy import Actor, Role
from geodata.walking import Graph

ADMIN = Actor("admin", Role.ADMIN)
WORKER = Actor("worker", Role.WORKER, "210103006")
CENTRE = (123.47, 41.775)

HOSTILE = (
    "{{7*7}}",
    "{%x%}",
    "{{cycler.__init__.__globals__.os.popen('id').read()}}",
    "</script><img src=x onerror=alert(1)>",
    "`${1}`",
    "'\"><svg onload=alert(1)>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "\u202egnp.exe\u202c",
    "长" * 200,
    "🧧👨‍👩‍👧‍👦店",
    "泉富\u200b便民",
)


def entry(name: str = "泉富便民超市", **told: Any) -> MerchantEntry:
    """Return what somebody tells of a shop in the middle of the demonstration."""
    known = {"category": "shopping", "lon": CENTRE[0], "lat": CENTRE[1]}
    return MerchantEntry(name=name, **(known | told))


def drawing(geometry: BaseGeometry | None = None, **told: Any) -> Drawing:
    """Return a closure as somebody draws it; here, from now on, for a day."""
    ends = datetime.now(UTC) + timedelta(days=1)
    known = {"geometry": shapely.Point(CENTRE), "reason": "管道维修", "ends": ends}
    if geometry is not None:
        known["geometry"] = geometry
    return Drawing(**(known | told))


def plan(**told: Any) -> Draft:
    """Return a plan as somebody asks for it; of a burst pipe here, with three lines to tick."""
    lines = ("先关总阀", "联系维修点", "逐户告知")
    scenario = {
        "id": "leak",
        "name": "跑水停电",
        "categories": ["repair"],
        "words": ["五金"],
        "modes": ["foot"],
        "helpers": 4,
        "direction": "come",
        "rings": [5],
        "cordon_m": 0,
        "checklist": list(lines),
    }
    answer = {
        "scenario": scenario,
        "at": list(CENTRE),
        "departure": "2026-11-24T02:00:00+00:00",
        "streets": "",
        "helpers": [],
        "rings": [],
        "homes": None,
        "inside": [],
        "trouble": None,
    }
    incident = {
        "scenario": "leak",
        "title": ["跑水停电", "Burst pipe or outage"],
        "modes": [],
        "departure": None,
        "without": [],
        "helpers": [],
    }
    known: dict[str, Any] = {
        "name": "泉园路跑水",
        "at": CENTRE,
        "incident": incident,
        "answer": answer,
        "checklist": lines,
    }
    return Draft(**(known | told))


def round_draft(
    at: tuple[float, float] = CENTRE, name: str = "十一月走访", **told: Any
) -> rounds.Draft:
    """Return a round of two workers, tomorrow: 王 visits a and b, 李 nobody, and c is left."""
    # What is typed about a round of long ago is not kept.
    tomorrow = (datetime.now(SHANGHAI) + timedelta(days=1)).date()

    def clock(time: str) -> datetime:
        return datetime.fromisoformat(f"{tomorrow}T{time}").replace(tzinfo=SHANGHAI)

    visits = [rounds.Visit(one, at, 10, ((clock("09:00"), clock("10:00")),)) for one in "abc"]
    stops = tuple(
        rounds.Stop(one, clock(f"09:{n}0"), clock(f"09:{n}0"), clock(f"09:{n}9"), 60, 75.0)
        for n, one in enumerate("ab", 1)
    )
    line = shapely.MultiLineString([[at, at], [at, at], [at, at]])
    known: dict[str, Any] = {
        "name": name,
        "workers": [
            rounds.Worker(who, at, at, clock("09:00"), clock("12:00"), skills=frozenset({"护士"}))
            for who in ("王", "李")
        ],
        "visits": visits,
        "labels": {"a": rounds.Label("1号楼", "有狗")},
        "solution": rounds.Solution(
            (
                rounds.Round(
                    "王", Mode.FOOT, stops, clock("09:05"), clock("09:40"), 180, 225.0, line
                ),
                rounds.Round(
                    "李",
                    Mode.FOOT,
                    (),
                    clock("09:00"),
                    clock("09:00"),
                    0,
                    0.0,
                    shapely.MultiLineString(),
                ),
            ),
            (rounds.Unassigned("c", rounds.Reason.NO_TIME_LEFT, {"workers": 2}),),
        ),
        "closures": ("C",),
    }
    return rounds.Draft(**(known | told))


def square(lon: float, lat: float, half: float = 0.01) -> shapely.MultiPolygon:
    """Return a square around a point, by half its side in degrees."""
    return shapely.MultiPolygon([shapely.box(lon - half, lat - half, lon + half, lat + half)])


def off_the_streets(graph: Graph) -> shapely.Point:
    """Return a place of the demonstration from which every street is 20 m away at least."""
    lon, lat = CENTRE
    streets = shapely.union_all(graph.lines).buffer(2.5e-4)
    return shapely.point_on_surface(shapely.difference(square(lon, lat), streets))


def areas_frame(*rows: tuple[str, str, shapely.MultiPolygon], residents: Any = None) -> Any:
    """Return areas as an import gives them: (code, name, polygon) each."""
    codes, names, shapes = zip(*rows, strict=True)
    data = {"code": codes, "name": names, "residents": [residents] * len(rows)}
    return gpd.GeoDataFrame(data, geometry=list(shapes), crs=4326)


def merchants_frame(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return merchants as an import gives them."""
    full = []
    for number, row in enumerate(rows, start=2):
        blank = dict.fromkeys(("id", "address", "phones", "hours", "note"), "")
        told = blank | {"row": number, "category": "shopping", "source_datum": "wgs84"}
        told |= {"lon": CENTRE[0], "lat": CENTRE[1]} | row
        told |= {"source_lon": told["lon"], "source_lat": told["lat"]}
        full.append(told)
    points = shapely.points([row.pop("lon") for row in full], [row.pop("lat") for row in full])
    return gpd.GeoDataFrame(full, geometry=list(points), crs=4326)


def homes_frame(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return homes as an import gives them."""
    blank: dict[str, Any] = {"id": "", "address": "", "households": None, "residents": None}
    full = [blank | {"elders_alone": None, "lon": CENTRE[0], "lat": CENTRE[1]} | r for r in rows]
    points = shapely.points([row.pop("lon") for row in full], [row.pop("lat") for row in full])
    return gpd.GeoDataFrame(full, geometry=list(points), crs=4326)
