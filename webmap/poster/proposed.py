"""What a report proposes: where the next merchants would help, as staff have had it found."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geodata import accounts, jobs
from geodata.jobs import Job
from geodata.policy import Actor
from geodata.store import Reader
from webmap import changes, sited
from webmap.poster import sheet
from webmap.poster.magnets import Look
from webmap.poster.picture import Picture, Pins
from webmap.sited import Found


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where merchants of a category would help; the map shows the places by their rank."""

    look: Look
    question: str
    found: Found
    picture: Picture | None


def proposals(
    tx: Reader,
    known: sheet.Known,
    drawn: Callable[[Pins], Picture | None],
    chosen: str = "",
    *,
    actor: Actor,
) -> list[Proposal]:
    """Return of each category what was found last for the area, as categories are ordered.

    ``chosen`` is the job that is told instead of the last of its category.
    """
    own = known.land.own
    if own is None:
        return []
    last: dict[str, Job] = {}
    found = jobs.answered(tx, "siting", area=own["code"], actor=actor)
    for job in sorted(found, key=lambda one: one.id != chosen):
        last.setdefault(job.asked["category"], job)
    looks = [look for look in known.looks if look.id in last]
    titles = accounts.titles(tx, [last[look.id].by for look in looks])
    made = []
    for look in looks:
        job = last[look.id]
        told = sited.found(job, changes.who(job.by, "", titles))
        at = np.array([(place.lon, place.lat) for place in told.places]).reshape(-1, 2)
        pins = Pins(at, [look.mark] * len(at), [place.rank for place in told.places])
        question = sited.question(job.asked, "", look.name)
        made.append(Proposal(look, question, told, drawn(pins) if told.places else None))
    return made
