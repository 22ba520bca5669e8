"""An incident and the answer to it as JSON, for every page that asks."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from geodata import emergency, scenarios
from geodata.emergency import Helper, Question
from geodata.modes import Mode
from geodata.scenarios import Direction, Scenario
from geodata.store import Reader
from webmap import mapping, ways
from webmap.answers import Body, Moment
from webmap.closed import ClosureDocument, documents
from webmap.errors import sentence, told_as
from webmap.features import MerchantFeature, features
from webmap.i18n import either
from webmap.request import calendar, current_actor, now
from webmap.ways import ReachFeature, RouteFeature

_MOST_LEFT_OUT = 200

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Place = Annotated[
    tuple[Longitude, Latitude], Field(description="Longitude and latitude, degrees, WGS 84")
]


class Incident(Body):
    """What happened where, and how one goes."""

    at: Place
    scenario: Annotated[str, Field(max_length=40, description="An id of /api/scenarios")]
    modes: Annotated[
        tuple[Mode, ...],
        Field(max_length=3, description="Those of the scenario where none is told"),
    ] = ()
    departure: Annotated[
        Moment | None, Field(description="When one leaves; now where it is not told")
    ] = None
    without: Annotated[
        tuple[Annotated[str, Field(max_length=40)], ...],
        Field(max_length=_MOST_LEFT_OUT, description="Ids of merchants to leave out"),
    ] = ()

    around: Annotated[
        bool, Field(description="Whether rings and homes are told; helpers alone are sooner there")
    ] = True
    who: Annotated[
        bool, Field(description="Whether helpers are told; rings and homes can follow alone")
    ] = True

    def question(self, tx: Reader) -> Question:
        """Return it as geodata has it.

        Raises
        ------
        NotFound
            ``scenario_not_found``.
        """
        return Question(
            at=self.at,
            scenario=scenarios.get(tx, self.scenario),
            departure=self.departure or now(),
            modes=tuple(dict.fromkeys(self.modes)),
            without=frozenset(self.without),
            around=self.around,
            who=self.who,
        )


class ScenarioDocument(BaseModel):
    """What can happen, and what is asked then; its name is in the reader's language."""

    id: str
    name: str
    categories: list[str]
    words: list[str]
    modes: list[Mode]
    helpers: int
    direction: Direction
    rings: list[int]
    cordon_m: int
    checklist: list[str]


class HelperDocument(BaseModel):
    """A merchant that can help.

    ``duration_s`` is null where no way is known: where it is ``cut_off`` by closures, or where
    the answer has a ``trouble``. ``route`` is there for the first few.
    """

    merchant: MerchantFeature
    mode: Mode
    open: bool | None
    duration_s: float | None
    distance_m: float
    cut_off: bool
    route: RouteFeature | None


class HomesDocument(BaseModel):
    """Who lives within so many minutes on foot: buildings, and what is known of them."""

    minutes: int
    buildings: int
    households: int
    residents: int
    elders_alone: int


class Trouble(BaseModel):
    """Why times and ways are not told, and helpers stand in the order of straight lines.

    ``code`` is ``engine_unavailable``, ``streets_missing``, ``off_network`` and so on, as a
    problem's title.
    """

    code: str
    text: str


class AnswerDocument(BaseModel):
    """Who can help, which way, how far one gets, and who lives near by.

    ``inside`` are the ids of those ``closures`` in which the place lies: they are obeyed up to
    their edge only.
    """

    scenario: ScenarioDocument
    at: Place
    departure: AwareDatetime
    streets: str
    helpers: list[HelperDocument]
    rings: list[ReachFeature]
    homes: HomesDocument | None
    closures: list[ClosureDocument]
    inside: list[str]
    trouble: Trouble | None


def answered(tx: Reader, question: Question) -> dict[str, Any]:
    """Return the answer to a question as :class:`AnswerDocument`."""
    inuse = mapping.streets()
    found = emergency.answer(tx, inuse, question, actor=current_actor(), calendar=calendar())
    return document(tx, question, found, streets=inuse.name if inuse else "")


def document(
    tx: Reader, question: Question, found: emergency.Answer, *, streets: str
) -> dict[str, Any]:
    """Return an answer as :class:`AnswerDocument`; ``streets`` are those that were asked."""
    at = question.departure
    shops, _ = features([one.row for one in found.helpers], at)
    return {
        "scenario": scenario_document(question.scenario),
        "at": question.at,
        "departure": at,
        "streets": streets,
        "helpers": [
            _helper(tx, one, shop, question, streets)
            for one, shop in zip(found.helpers, shops, strict=True)
        ],
        "rings": [] if found.rings is None else ways.rings(tx, found.rings, at),
        "homes": found.homes,
        "closures": documents(tx, found.closures, at),
        "inside": [one.id for one in found.inside],
        "trouble": _trouble(found) if found.trouble else None,
    }


def _trouble(found: emergency.Answer) -> dict[str, str]:
    return {"code": told_as(found.trouble)[0], "text": sentence(found.trouble, found.details)}


def scenario_document(one: Scenario) -> dict[str, Any]:
    """Return a scenario in the reader's language."""
    told = {name: getattr(one, name) for name in ScenarioDocument.model_fields}
    return told | {"name": either(one.name, one.name_en)}


def _helper(
    tx: Reader, one: Helper, shop: dict[str, Any], question: Question, streets: str
) -> dict[str, Any]:
    _, end = question.ends((one.row.lon, one.row.lat))
    route = one.way and ways.feature(tx, one.way, one.mode, end=end, streets=streets)
    return {
        "merchant": shop,
        "mode": one.mode,
        "open": one.open,
        "duration_s": one.duration_s and round(one.duration_s, 1),
        "distance_m": round(one.distance_m, 1),
        "cut_off": one.cut_off,
        "route": route,
    }
