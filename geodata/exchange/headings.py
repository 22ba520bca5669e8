"""Which column of an office's table means what, by its heading in Chinese or English."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.exchange.vocabulary import HEADINGS, Kind, plain

type Chosen = str | int
"""A heading as it stands in the file, or a column's position from 0, for headings that repeat."""

type Choice = Mapping[str, Chosen | Collection[Chosen]]
"""Field → heading, or headings: what people chose instead of what was recognised."""

_SEVERAL = frozenset({"phones"})
_NEEDED: dict[Kind, tuple[str, ...]] = {
    Kind.MERCHANTS: ("name", "category"),
    Kind.HOMES: ("name",),
    Kind.AREAS: ("code", "name"),
    Kind.ELDERS: ("home", "name"),
}

_BRACKETED = re.compile(r"[(\[{【〔].*?(?:[)\]}】〕]|$)")
_NUMBER = re.compile(r"[0-9一二三四五六]+$")
_DATUM_NAME = (
    "(?:bd09(?:ll)?|bd|baidu|百度|gcj02|gcj|amap|gaode|高德|腾讯|火星|wgs84|wgs|gps|cgcs2000)"
)
_DATUM_AT_END = re.compile(rf"^{_DATUM_NAME}(?:地图)?(?=.)|(?<=.){_DATUM_NAME}$")
_DATUMS = {
    Datum.BD09: re.compile(r"bd[-_ ]?09|baidu|百度|(?<![a-z])bd(?![a-z])"),
    Datum.GCJ02: re.compile(r"gcj|amap|gaode|tencent|高德|腾讯|火星|国测局"),
    Datum.WGS84: re.compile(r"wgs|gps|cgcs|天地图|国家2000|2000国家|大地2000"),
}


@dataclass(frozen=True, slots=True)
class Understanding:
    """What :func:`understand` made of a table's headings."""

    columns: dict[str, tuple[int, ...]]
    """Field → positions of its columns, from 0; several for phones only."""
    ignored: tuple[int, ...]
    """Columns that have a heading and mean nothing to us."""
    missing: tuple[str, ...]
    """Fields that must be there and are not."""
    datum: Datum | None
    """Which datum the headings of the position name, if they do."""


def understand(
    headings: Sequence[str],
    kind: Kind,
    *,
    columns: Choice | None = None,
    shapes: bool = False,
    datum: Datum | None = None,
) -> Understanding:
    """Tell which column is which field, by the headings.

    Case, spaces, punctuation, full-width letters and units in brackets do not
    matter. Where two headings mean one field, the more exact one wins and then
    the first; phones take all of theirs.

    Parameters
    ----------
    headings
        As they stand in the file; "" for a column without one.
    kind
        What the rows are.
    columns
        Field → heading or position (several for phones) that overrides what would have
        been recognised; "" leaves the field out.
    shapes
        True where each row has a geometry of its own, as in GeoJSON: then
        no column of positions is needed.
    datum
        Where positions are given in several datums, prefer this one.

    Returns
    -------
    Understanding
        Nothing is raised for a missing field: a browser shows it and lets
        people choose.

    Raises
    ------
    Invalid
        ``column_missing`` with ``columns`` and ``found`` when ``columns`` names a
        heading, or the position of a column, that the table does not have;
        ``field_unknown`` with ``fields`` for a field that the kind does not have.

    Examples
    --------
    >>> seen = understand(["店名", "经营类别", "经度(百度)", "纬度(百度)", "价格"], Kind.MERCHANTS)
    >>> seen.columns
    {'name': (0,), 'category': (1,), 'lon': (2,), 'lat': (3,)}
    >>> seen.datum, seen.ignored, seen.missing
    (<Datum.BD09: 'bd09'>, (4,), ())
    """
    found = _overrides(headings, kind, columns or {})
    words = [heading_word(heading) for heading in headings]
    taken = {position for positions in found.values() for position in positions}
    for name, aliases in HEADINGS[kind].items():
        if name not in found:
            matches = _matches(words, aliases.split(), taken, numbered=name in _SEVERAL)
            found[name] = _pick(name, matches, headings, found, datum)
            taken.update(found[name])
    found = {name: found[name] for name in HEADINGS[kind] if found[name]}
    return Understanding(
        found,
        tuple(at for at, word in enumerate(words) if word and at not in taken),
        _missing(found, kind, shapes=shapes),
        _heading_datum(found, headings),
    )


def datum_named(text: str) -> Datum | None:
    """Return the datum that a cell or heading names, None when it names none or two.

    Examples
    --------
    >>> datum_named("百度坐标"), datum_named("GCJ-02"), datum_named("CGCS2000"), datum_named("?")
    (<Datum.BD09: 'bd09'>, <Datum.GCJ02: 'gcj02'>, <Datum.WGS84: 'wgs84'>, None)
    """
    lower = unicodedata.normalize("NFKC", text).casefold()
    named = [datum for datum, pattern in _DATUMS.items() if pattern.search(lower)]
    return named[0] if len(named) == 1 else None


def heading_word(heading: str) -> str:
    """Reduce a heading to the word that is looked up.

    Examples
    --------
    >>> heading_word(" *经 度（百度） "), heading_word("bd_lon"), heading_word("Phone-Number")
    ('经度', 'lon', 'phonenumber')
    """
    whole = unicodedata.normalize("NFKC", heading)
    return _DATUM_AT_END.sub("", plain(_BRACKETED.sub("", whole)) or plain(whole))


def several(choice: Chosen | Collection[Chosen]) -> list[Chosen]:
    """Return what was chosen for a field, one or several, without blanks."""
    chosen = [choice] if isinstance(choice, str | int) else choice
    return [each for each in chosen if each != ""]


def _overrides(headings: Sequence[str], kind: Kind, columns: Choice) -> dict[str, tuple[int, ...]]:
    unknown = sorted(set(columns) - set(HEADINGS[kind]))
    if unknown:
        raise Invalid("field_unknown", fields=unknown)
    stripped = [heading.strip() for heading in headings]
    at: dict[Chosen, int] = {position: position for position in range(len(stripped))}
    # The first of equal headings.
    at |= {heading: position for position, heading in reversed([*enumerate(stripped)])}
    wanted = {
        name: [each.strip() if isinstance(each, str) else each for each in several(choice)]
        for name, choice in columns.items()
    }
    absent = [str(each) for chosen in wanted.values() for each in chosen if each not in at]
    if absent:
        raise Invalid("column_missing", columns=absent, found=[text for text in stripped if text])
    return {name: tuple(at[each] for each in chosen) for name, chosen in wanted.items()}


def _matches(
    words: Sequence[str], aliases: Sequence[str], taken: Collection[int], *, numbered: bool
) -> list[int]:
    """Return the columns whose word is one of the aliases, the most exact first."""
    rank = {alias: place for place, alias in enumerate(aliases)}
    ranked = []
    for at, word in enumerate(words):
        known = _NUMBER.sub("", word) if numbered else word
        if known in rank and at not in taken:
            ranked.append((rank[known], at))
    return [at for _, at in sorted(ranked)]


def _pick(
    name: str,
    matches: list[int],
    headings: Sequence[str],
    found: Mapping[str, tuple[int, ...]],
    datum: Datum | None,
) -> tuple[int, ...]:
    """Choose among the columns that mean one field; a latitude goes with its longitude."""
    if name in _SEVERAL:
        return tuple(sorted(matches))
    if name == "lat" and found["lon"]:
        datum = datum_named(headings[found["lon"][0]])
    if name in {"lat", "lon", "position"}:
        matches = sorted(matches, key=lambda at: datum_named(headings[at]) != datum)
    return tuple(matches[:1])


def _missing(found: Collection[str], kind: Kind, *, shapes: bool) -> tuple[str, ...]:
    missing = [name for name in _NEEDED[kind] if name not in found]
    # A home has its position already.
    if shapes or "geometry" in found or kind is Kind.ELDERS:
        return tuple(missing)
    if kind is Kind.AREAS:
        return (*missing, "geometry")
    if "position" not in found:
        missing += [name for name in ("lon", "lat") if name not in found]
    return tuple(missing)


def _heading_datum(found: Mapping[str, tuple[int, ...]], headings: Sequence[str]) -> Datum | None:
    for name in ("lon", "position", "geometry", "lat"):
        named = datum_named(headings[found[name][0]]) if name in found else None
        if named:
            return named
    return None
