"""Where the next merchant would help most, over HTTP: a job, since it takes its time."""

from typing import Annotated

from flask import url_for
from pydantic import Field

from geodata.siting import MOST, MOST_POINTS, Asked, Objective, Weight
from webmap import limits
from webmap.answers import Body, Written, write
from webmap.job_document import JobDocument
from webmap.job_document import document as job_document
from webmap.siting.beginning import begin
from webmap.siting.blueprint import bp

type Place = tuple[
    Annotated[float, Field(ge=-180, le=180)],
    Annotated[float, Field(ge=-90, le=90)],
]


class SitingAsked(Body):
    """For whom another merchant of which category is wanted, and where it might be."""

    area: Annotated[str, Field(pattern=r"^\d{2,15}$", description="An area's code")]
    category: Annotated[str, Field(max_length=60, description="A category's id")]
    count: Annotated[int, Field(ge=1, le=MOST, description="New merchants")] = 1
    objective: Annotated[
        Objective,
        Field(
            description="cover: most people within the minutes (maximal covering); walk: the"
            " shortest mean walk (p-median), in which whoever walks longer than 30 minutes, or has"
            " no way, counts as walking 30"
        ),
    ] = Objective.COVER
    weight: Annotated[Weight, Field(description="Who counts")] = Weight.HOUSEHOLDS
    minutes: Annotated[float, Field(ge=1, le=30, description="A walk that is near enough")] = 15
    points: Annotated[
        list[Place],
        Field(
            default_factory=list,
            max_length=MOST_POINTS,
            description="Places to choose from, longitude and latitude, WGS 84; none are the"
            " streets of the area's homes",
        ),
    ]
    closures: Annotated[bool, Field(description="Whether streets closed now are obeyed")] = False

    def asked(self) -> Asked:
        """Return it as geodata has it."""
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return Asked(**told | {"points": tuple(self.points)}).checked()


@write(
    bp,
    "POST",
    "/api/matrix/siting",
    answers=JobDocument,
    statuses={202: "A job that finds it; where it is told stands in Location"},
    limit=limits.AMEND,
    refuses={404: "There is no such area or category"},
)
def ask(told: SitingAsked) -> Written:
    """Ask where new merchants would help most: a job, whose answer is a SitingDocument."""
    job = begin(told.asked())
    return Written(job_document(job), location=url_for("jobs.one", job_id=job.id))
