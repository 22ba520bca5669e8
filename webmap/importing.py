"""What happens to an uploaded file: looked at, rehearsed, brought in, taken back.

Each step writes what came of it into its upload; none of them speaks to a person.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import geopandas as gpd
import orjson

from geodata import categories, exchange, merchants
from geodata.datum import Datum
from geodata.errors import Conflict, LinjuError
from geodata.exchange import HEADINGS, Kind, Look, Problem, Reading, Report, Source
from geodata.merging import Merged
from geodata.policy import Action, Actor, require
from geodata.store import Progress, Store
from webmap.uploads import Failure, Move, Stage, Upload, Uploads

SHOWN_POINTS = 2000
"""Points of a preview."""

FIELDS = tuple(name for name in HEADINGS[Kind.MERCHANTS] if name != "area")
"""What a column of merchants may be."""

SEVERAL = frozenset({"phones"})
"""What several columns may be."""

_PATIENCE_S = 1.5

type Job = Callable[[Upload, Move], None]

_log = logging.getLogger(__name__)


class Desk:
    """The steps, for somebody who acts in a store."""

    def __init__(self, store: Store, uploads: Uploads, actor: Actor) -> None:
        self._store = store
        self._uploads = uploads
        self._actor = actor

    def look(self, upload: Upload, *, sheet: str = "") -> None:
        """Tell how the file would be understood, and forget what came of an earlier choice."""
        upload.sheet, upload.look, upload.failure = sheet, None, None
        upload.stage, upload.columns, upload.datum = Stage.COLUMNS, None, ""
        with _failing(upload):
            told = exchange.look(self._uploads.path(upload), Kind.MERCHANTS, sheet=sheet or None)
            upload.sheet = told.sheet
            upload.columns = {name: [*at] for name, at in told.seen.columns.items()}
            upload.look = {
                "format": str(told.format),
                "sheets": told.sheets,
                "headings": told.headings,
                "samples": told.samples,
                "rows": told.rows,
                "shapes": told.shapes,
                "pinned": told.pinned,
                "naming": told.naming,
                "evidence": self._evidence(told),
            }
        self._uploads.save(upload)

    def weigh(self, upload: Upload) -> None:
        """Tell what speaks for each datum, with the columns as they were chosen."""
        told = exchange.look(
            self._uploads.path(upload),
            Kind.MERCHANTS,
            sheet=upload.sheet or None,
            columns=_choice(upload),
        )
        upload.look = (upload.look or {}) | {"evidence": self._evidence(told)}

    def start(self, upload: Upload, job: Job, *, during: Stage, before: Stage) -> None:
        """Let a job run beside the requests, and wait a moment for the short ones.

        Raises
        ------
        Conflict
            ``upload_busy``.
        """
        self._uploads.claim(upload)
        upload.stage, upload.failure = during, None
        self._uploads.save(upload)
        thread = threading.Thread(target=self._run, args=(upload, job, before), daemon=True)
        thread.start()
        thread.join(_PATIENCE_S)

    def settle(self, upload: Upload) -> Upload:
        """Return an upload as it is, also when the process that worked on it has died."""
        if upload.stage not in {Stage.CHECKING, Stage.WORKING}:
            return upload
        if self._uploads.progress(upload) is not None:
            return upload
        upload = self._uploads.find(upload.id, by=upload.by)
        if upload.stage not in {Stage.CHECKING, Stage.WORKING}:
            return upload  # it ended in between
        upload.failure = Failure(code="upload_stopped")
        upload.stage = Stage.COLUMNS if upload.stage is Stage.CHECKING else Stage.CHECKED
        with self._store.reading() as tx:
            record = next(iter(tx.records("batch", id=upload.undoes or upload.batch)), None)
        if record and upload.undoes:
            upload.stage = Stage.DONE
            if record["undone"]:
                upload.failure = None
                upload.numbers = {"undone": record["taken_back"], "kept": record["kept"]}
        elif record:
            upload.stage, upload.failure = Stage.DONE, None
            upload.numbers |= {name: record[name] for name in _NUMBERS}
        self._uploads.save(upload)
        return upload

    def check(self, upload: Upload, move: Move) -> None:
        """Read the file and rehearse its import; nothing is changed."""
        reading = self._read(upload, move)
        upload.doubt = self._doubt(reading.frame)
        with self._store.reading() as tx:
            done = merchants.merge(
                tx,
                reading.frame,
                actor=self._actor,
                progress=_rest_of(move),
                leave_outside=True,
            )
        self._tell(upload, reading, done)
        points = _points(reading.frame, done)
        self._uploads.write(upload, "points.json", orjson.dumps(points))
        upload.stage = Stage.CHECKED

    def bring_in(self, upload: Upload, move: Move) -> None:
        """Import the file as it was rehearsed."""
        reading = self._read(upload, move)
        with self._store.writing() as tx:
            if tx.meta("demo") == "yes":
                raise Conflict("demo_present")
            done = merchants.bring_in(
                tx,
                reading.frame,
                actor=self._actor,
                file=upload.file,
                left_out=reading.report.bad,
                batch=upload.batch,
                progress=_rest_of(move),
            )
            tx.note("import", by=self._actor, target=upload.batch, area=self._actor.scope)
        self._tell(upload, reading, done)
        upload.stage = Stage.DONE

    def take_back(self, upload: Upload, move: Move) -> None:
        """Undo an import."""
        with self._store.writing() as tx:
            done = merchants.undo_batch(tx, upload.undoes, actor=self._actor, progress=move)
            tx.note("undo_import", by=self._actor, target=upload.undoes, area=self._actor.scope)
        upload.numbers = {"undone": done.undone, "kept": len(done.kept)}
        upload.stage = Stage.DONE

    def _run(self, upload: Upload, job: Job, before: Stage) -> None:
        with self._uploads.running(upload) as move:
            with _failing(upload):
                job(upload, move)
            if upload.failure is not None:
                upload.stage = Stage.DONE if upload.undoes else before
            self._uploads.save(upload)

    def _read(self, upload: Upload, move: Move) -> Reading:
        require(self._actor, Action.MERCHANT_EDIT, area=self._actor.scope)
        with self._store.reading() as tx:
            known = categories.listed(tx)
        return exchange.read_merchants(
            self._uploads.path(upload),
            categories=known,
            datum=Datum(upload.datum) if upload.datum else None,
            sheet=upload.sheet or None,
            columns=_choice(upload),
            # Reading is the first third of the way.
            progress=lambda done, total: move(done, 3 * total),
        )

    def _tell(self, upload: Upload, reading: Reading, done: Merged) -> None:
        # Which columns are left aside was somebody's choice.
        problems = [p for p in reading.report.problems if p.reason != "heading_unknown"]
        problems += [Problem(row, "name", "duplicate_in_file") for row in done.repeats]
        problems += [Problem(row, "lon", "outside_scope") for row in done.outside]
        problems += [Problem(row, "id", "waits_for_review") for row in done.waiting]
        problems.sort(key=lambda problem: problem.row)
        left_out = len(done.repeats) + len(done.outside) + len(done.waiting)
        upload.numbers = {
            "rows": reading.report.rows,
            "added": done.added,
            "changed": done.changed,
            "unchanged": done.unchanged,
            "left_out": reading.report.bad + left_out,
            "problems": len(problems),
        }
        told = [(p.row, p.field, p.reason, p.value, p.hint) for p in problems]
        self._uploads.write(upload, "problems.json", orjson.dumps(told))

    def _evidence(self, told: Look) -> dict[str, Any] | None:
        with self._store.reading() as tx:
            named = partial(merchants.named, tx)
            found = exchange.weigh_datums(told.places, tx.frame("area"), named)
        if len(set(found.agreeing.values())) == 1:
            return None  # nothing, or the same for all
        counts = {str(datum): n for datum, n in found.agreeing.items()}
        return {"for": counts, "all": found.evidence, "best": str(found.best or "")}

    def _doubt(self, frame: gpd.GeoDataFrame) -> dict[str, Any] | None:
        with self._store.reading() as tx:
            named = partial(merchants.named, tx)
            doubt = exchange.suspect_datum(frame, tx.frame("area"), named)
        if doubt is None:
            return None
        return {
            "told": str(doubt.told),
            "better": str(doubt.better),
            "n": doubt.agreeing[doubt.better],
            "m": doubt.agreeing[doubt.told],
            "all": doubt.evidence,
        }


def _rest_of(move: Move) -> Progress:
    """Return the progress of what comes after the reading."""
    return lambda done, total: move(total + 2 * done, 3 * total)


def _choice(upload: Upload) -> dict[str, Sequence[int]]:
    """Return what was chosen for every field: what was not is left aside, not recognised."""
    chosen = upload.columns or {}
    return {name: chosen.get(name, ()) for name in HEADINGS[Kind.MERCHANTS]}


_NUMBERS = ("added", "changed", "unchanged", "left_out")


def problems_of(uploads: Uploads, upload: Upload) -> list[Problem]:
    """Return what the last rehearsal or import said of the rows, in their order."""
    return [Problem(*told) for told in orjson.loads(uploads.read(upload, "problems.json"))]


def report_of(uploads: Uploads, upload: Upload) -> Report:
    """Return the account of the last rehearsal or import."""
    source = Source(upload.file, upload.suffix.removeprefix("."))
    return Report(source, problems=problems_of(uploads, upload))


@contextmanager
def _failing(upload: Upload) -> Iterator[None]:
    """Let a failure become part of what is known of the upload."""
    try:
        yield
    except LinjuError as error:
        # The file lies under a name of ours, which tells its owner nothing.
        details = error.details | ({"path": upload.file} if upload.file else {})
        told = orjson.loads(orjson.dumps(details, default=str))
        upload.failure = Failure(code=error.code, details=told)
    except Exception:  # noqa: BLE001 - a job has nobody above it who could tell
        _log.exception("import failed")
        upload.failure = Failure(code="internal")


def _points(frame: gpd.GeoDataFrame, done: Merged) -> dict[str, Any]:
    """Return an even sample of the good rows as GeoJSON."""
    step = max(1, -(-len(frame) // SHOWN_POINTS))
    some = frame.iloc[::step]
    columns = zip(
        some["row"].tolist(),
        some["name"].tolist(),
        some["category"].tolist(),
        some.geometry.x.round(6).tolist(),
        some.geometry.y.round(6).tolist(),
        strict=True,
    )
    features = [
        {
            "type": "Feature",
            "id": row,
            "geometry": {"type": "Point", "coordinates": (lon, lat)},
            "properties": {
                "row": row,
                "name": name,
                "category": category,
                "fate": done.fates.get(row, "left_out"),
            },
        }
        for row, name, category, lon, lat in columns
    ]
    return {"type": "FeatureCollection", "of": len(frame), "features": features}
