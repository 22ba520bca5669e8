"""What somebody pasted as a position: coordinates, or a link shared by a map service.

Nothing here asks the network. A link is read for what stands in it, so a short
link, which holds no position, is refused by name.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

from geodata.datum import Datum, convert
from geodata.errors import Invalid

LONGEST = 2000
"""The most characters that are looked at: some 200 Chinese ones in a link, plus the link."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A position in China as it was written.

    Attributes
    ----------
    lon, lat
        Degrees in ``datum``, not converted.
    datum
        None where neither the link nor the words tell it: ask the person.
    name
        The title found in the link or between 【】, else "". Other people's text.
    source
        Who wrote it: "amap", "baidu", "tencent", "osm", "geo", "apple",
        "google", or "plain" for coordinates in text.
    """

    lon: float
    lat: float
    datum: Datum | None
    name: str
    source: str


def read(text: str) -> Pasted:
    """Understand a pasted position, in whatever form a phone or a map hands it out.

    Links of 高德, 百度, 腾讯, OpenStreetMap, Apple and Google are read, ``geo:`` URIs,
    and coordinates in text. Bring the answer into WGS 84 with
    :func:`geodata.datum.convert` once its datum is known.

    Parameters
    ----------
    text
        At most :data:`LONGEST` characters: a link, the sentence around it,
        or two numbers in either order, decimal or with minutes and
        seconds, separated by anything. Full-width signs are understood.

    Returns
    -------
    Pasted
        The first position found; one in a link comes before one in the text.

    Raises
    ------
    Invalid
        ``pasted_too_long``; ``pasted_no_position`` (blank text too);
        ``pasted_outside`` with ``lon`` and ``lat`` for a place outside
        73–136° E, 3–54° N; ``pasted_short_link`` and
        ``pasted_link_unsupported``, both with ``host``.

    Notes
    -----
    No number can be both a longitude and a latitude of China, so the ranges tell
    the order, even where a label or a link's own rule says otherwise.
    Unlabelled numbers need a decimal point: "41 123" is nowhere in particular.

    The datum is what the service documents for the link (高德 "URI API", 百度
    "地图调起API", 腾讯 "地图调起 URI API", RFC 5870 for ``geo:``). Apple and Google
    document none for China, where their maps are shifted, so it stays open. For
    text it is what a word in it names, if all such words agree: CGCS2000 and
    天地图 count as WGS 84, from which they differ by less than a metre.

    Baidu's metres (``bd09mc``, and ``@x,y`` in an address of its web map) are
    not read: the projection is unpublished, and ``@`` is the middle of the
    view, not the place.

    Examples
    --------
    >>> read("经度：１２３．４３７６，纬度：４１．８０８１（高德）")
    Pasted(lon=123.4376, lat=41.8081, datum=<Datum.GCJ02: 'gcj02'>, name='', source='plain')
    >>> read("【泉富超市】 https://uri.amap.com/marker?position=123.4376,41.8081").name
    '泉富超市'
    >>> read("https://surl.amap.com/1vBbta81o91c")
    Traceback (most recent call last):
    geodata.errors.Invalid: pasted_short_link(host='surl.amap.com')
    """
    if len(text) > LONGEST:
        raise Invalid("pasted_too_long")
    outcomes = [_linked(found[0]) for found in _LINK.finditer(text)]
    outcomes.append(_plain(_LINK.sub(" ", text)))
    for outcome in outcomes:
        if isinstance(outcome, _Found):
            name = _clean(outcome.name) or _title(text)
            return Pasted(outcome.lon, outcome.lat, outcome.datum, name, outcome.source)
    raise max((o for o in outcomes if isinstance(o, Invalid)), key=lambda o: _TELLING[o.code])


def lines(text: str, datum: Datum | None, *, most: int) -> list[tuple[float, float]]:
    """Understand several positions, one a line, and bring them into WGS 84.

    Parameters
    ----------
    text
        Lines as :func:`read` understands them; blank ones are passed over.
    datum
        That of the lines which do not tell theirs.
    most
        So many positions at most.

    Returns
    -------
    list
        Longitude and latitude, degrees, WGS 84, in the order of the lines.

    Raises
    ------
    Invalid
        ``pasted_line_wrong`` with ``line``, from 1: of the first that is no position in China;
        ``pasted_datum_open`` with ``line``: it tells no datum, and ``datum`` is None;
        ``pasted_too_many`` with ``most``.

    Examples
    --------
    >>> lines("geo:41.8081,123.4376", None, most=1)
    [(123.4376, 41.8081)]
    """
    found: list[tuple[float, float]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if len(found) == most:
            raise Invalid("pasted_too_many", most=most)
        try:
            told = read(line)
        except Invalid as error:
            raise Invalid("pasted_line_wrong", line=number) from error
        given = told.datum or datum
        if given is None:
            raise Invalid("pasted_datum_open", line=number)
        lon, lat = convert(told.lon, told.lat, given, Datum.WGS84)
        found.append((float(lon), float(lat)))
    return found


# Of several failures the one that tells the person most is raised.
_TELLING = {
    "pasted_no_position": 0,
    "pasted_link_unsupported": 1,
    "pasted_outside": 2,
    "pasted_short_link": 3,
}

_WEST, _EAST, _SOUTH, _NORTH = 73.0, 136.0, 3.0, 54.0
_MOST_LON, _MOST_LAT = 180.0, 90.0
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class _Point:
    """Two numbers as they were written; their order is only what the writer's rule says."""

    first: float
    second: float
    lon_first: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    lon: float
    lat: float
    datum: Datum | None
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class _Link:
    host: str
    path: str
    fragment: str
    query: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.query.get(name, "")

    def point(self, name: str, *, lon_first: bool = False) -> _Point | None:
        return _point(self[name], lon_first=lon_first)

    def point_of(self, lon: str, lat: str) -> _Point | None:
        return _point(f"{self[lon]},{self[lat]}", lon_first=True)


type _Read = tuple[_Point | None, Datum | None, str]


def _settle(point: _Point) -> tuple[float, float] | Invalid | None:
    """Tell which number is which; None where the two are no position on the globe."""
    orders = ((point.second, point.first), (point.first, point.second))
    for lon, lat in orders:
        if _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH:
            return lon, lat
    for lon, lat in reversed(orders) if point.lon_first else orders:
        if abs(lon) <= _MOST_LON and abs(lat) <= _MOST_LAT:
            return Invalid("pasted_outside", lon=lon, lat=lat)
    return None


_NUMBER = re.compile(r"\s*([-+]?[0-9]{1,3}(?:\.[0-9]{1,30})?)\s*")
_BOTH = 2  # longitude and latitude


def _point(written: str, *, lon_first: bool = False) -> _Point | None:
    """Read "number,number", or "number,number,label,…"."""
    parts = written.replace("，", ",").split(",", 3)
    numbers = [_NUMBER.fullmatch(part) for part in parts[:_BOTH]]
    first, second = numbers if len(numbers) == _BOTH else (None, None)
    if not (first and second):
        return None
    label = parts[_BOTH] if len(parts) > _BOTH else ""
    return _Point(float(first[1]), float(second[1]), lon_first, label)


# Emoji are put together with these.
_JOINERS = "\u200c\u200d"


def _clean(name: str) -> str:
    """Take out what nobody sees, direction marks and lone surrogates among it."""
    seen = "".join(sign if sign.isprintable() or sign in _JOINERS else " " for sign in name)
    return " ".join(seen.split())[:_LONGEST_NAME].strip()


# The name of the service itself stands between 【】 as well.
_TITLE = re.compile("【([^【】]{1,200})】")


def _title(text: str) -> str:
    titles = (_clean(found[1]) for found in _TITLE.finditer(text))
    return next((title for title in titles if title and not title.endswith("地图")), "")


# Links ------------------------------------------------------------------------------------

# With a scheme, or as an address bar shows it: a host, then / or ?.
_LINK = re.compile(
    r"""(?<![a-z0-9])
        (?: geo:(?=[-+0-9]) | [a-z][a-z0-9+.-]{1,20}://
          | (?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12}(?=[/?]) )
        [^\s<>"“”「」《》【】]+""",
    re.VERBOSE | re.IGNORECASE,
)


def _linked(link: str) -> _Found | Invalid:
    try:
        parts = urlsplit(link if _has_scheme(link) else f"https://{link}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return Invalid("pasted_link_unsupported", host="")
    query = dict(parse_qsl(parts.query))
    told = _Link(host, unquote(parts.path), parts.fragment, query)
    if parts.scheme.lower() == "geo":
        return _answer(_geo(told), "geo") or Invalid("pasted_no_position")
    if _is_one_of(host, _SHORT):
        return Invalid("pasted_short_link", host=_clean(host))
    reads = (
        _answer(reader(told), source)
        for source, hosts, reader in _SERVICES
        if _is_one_of(host, hosts)
    )
    return next(reads, None) or Invalid("pasted_link_unsupported", host=_clean(host))


def _has_scheme(link: str) -> bool:
    return "://" in link.partition("?")[0] or link[:4].lower() == "geo:"


def _is_one_of(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def _answer(read: _Read, source: str) -> _Found | Invalid | None:
    point, datum, name = read
    settled = _settle(point) if point else None
    if isinstance(settled, tuple):
        return _Found(*settled, datum, name, source)
    return settled


_AMAP = {"": Datum.GCJ02, "gaode": Datum.GCJ02, "wgs84": Datum.WGS84}


def _amap(link: _Link) -> _Read:
    point = (
        link.point("position", lon_first=True)
        or link.point("lnglat", lon_first=True)
        or link.point_of("lng", "lat")
        or link.point("q")
        or _point(link["p"].partition(",")[2])  # after the id of the place
    )
    # dev=1: "these are not shifted yet".
    datum = Datum.WGS84 if link["dev"] == "1" else _AMAP.get(link["coordinate"].lower())
    return point, datum, link["name"] or (point.label if point else "")


_BAIDU = {
    "": Datum.BD09,
    "bd09": Datum.BD09,
    "bd09ll": Datum.BD09,
    "gcj02": Datum.GCJ02,
    "gcj02ll": Datum.GCJ02,
    "wgs84": Datum.WGS84,
    "wgs84ll": Datum.WGS84,
}


def _baidu(link: _Link) -> _Read:
    kind = link["coord_type"].lower()
    if kind == "bd09mc":
        return None, None, ""
    point = link.point("location") or link.point("latlng")
    return point, _BAIDU.get(kind), link["title"] or link["name"]


_TENCENT = {"": Datum.GCJ02, "1": Datum.WGS84, "2": Datum.GCJ02}


def _tencent(link: _Link) -> _Read:
    marker = dict(part.partition(":")[::2] for part in link["marker"].split(";"))
    point = (
        _point(marker.get("coord", ""))
        or link.point_of("pointx", "pointy")
        or link.point("coord", lon_first=True)
    )
    name = marker.get("title") or link["name"] or link["n"]
    return point, _TENCENT.get(link["coord_type"]), name


def _osm(link: _Link) -> _Read:
    view = dict(parse_qsl(link.fragment)).get("map", "").partition("/")[2]
    point = link.point_of("mlon", "mlat") or _point(view.replace("/", ","))
    return point, Datum.WGS84, ""


def _geo(link: _Link) -> _Read:
    """Read RFC 5870, and Android's ``geo:0,0?q=lat,lon(label)``."""
    where, *parameters = link.path.split(";")
    sought, _, label = link["q"].partition("(")
    crs = dict(part.lower().partition("=")[::2] for part in parameters).get("crs", "wgs84")
    point = _point(sought)
    if not point and where != "0,0":
        point = _point(where)
    return point, Datum.WGS84 if crs == "wgs84" else None, label.removesuffix(")")


def _apple(link: _Link) -> _Read:
    sought = link.point("q")
    point = link.point("coordinate") or link.point("ll") or sought
    return point, None, link["name"] or ("" if sought else link["q"])


_GOOGLE_PLACE = re.compile(r"!3d(-?[0-9.]{1,24})!4d(-?[0-9.]{1,24})")
_GOOGLE_VIEW = re.compile(r"/@(-?[0-9.]{1,24},-?[0-9.]{1,24}),")
_GOOGLE_NAME = re.compile(r"/maps/place/([^/@]{1,200})")


def _google(link: _Link) -> _Read:
    # The place itself comes before the middle of the view.
    place, view = _GOOGLE_PLACE.search(link.path), _GOOGLE_VIEW.search(link.path)
    point = (
        (_point(f"{place[1]},{place[2]}") if place else None)
        or link.point("query")
        or _point(link["q"].removeprefix("loc:"))
        or link.point("ll")
        or (_point(view[1]) if view else None)
    )
    name = _GOOGLE_NAME.search(link.path)
    return point, None, name[1].replace("+", " ") if name and not _point(name[1]) else ""


_SHORT = (
    "surl.amap.com",
    "j.map.baidu.com",
    "dwz.cn",
    "url.cn",
    "t.cn",
    "goo.gl",
    "maps.apple",
    "bit.ly",
    "tinyurl.com",
)
_SERVICES: tuple[tuple[str, tuple[str, ...], Callable[[_Link], _Read]], ...] = (
    ("amap", ("amap.com", "gaode.com"), _amap),
    ("baidu", ("map.baidu.com",), _baidu),
    ("tencent", ("map.qq.com", "map.wap.qq.com"), _tencent),
    ("osm", ("openstreetmap.org", "osm.org"), _osm),
    ("apple", ("maps.apple.com",), _apple),
    ("google", ("google.com", "google.cn", "google.com.hk"), _google),
)


# Text -------------------------------------------------------------------------------------

# A service counts only where it is not the beginning of another name: 高德置地 is a
# shopping centre. Such a mention leaves the datum open, whatever else is named.
_SERVICE_ENDS = r"(?=地图|坐标|经纬|导航|定位|[的系]|[^\u4e00-\u9fff]|$)"
_WORDS = {
    Datum.WGS84: r"""wgs[\s_-]?(?:19)?84|(?<![a-z])gps(?![a-z])|天地图|(?:cgcs|国家)\s?2000
        |epsg:(?:4326|4490)(?!\d)|大地2000""",
    Datum.GCJ02: rf"gcj[\s_-]?0?2(?!\d)|火星|国测局|(?:高德|腾讯){_SERVICE_ENDS}",
    Datum.BD09: rf"bd[\s_-]?0?9(?:ll)?(?!\d)|百度{_SERVICE_ENDS}",
}
_DATUM_WORD = re.compile(
    "|".join(f"(?P<{datum}>{words})" for datum, words in _WORDS.items())
    + "|(?P<unsure>高德|腾讯|百度)",
    re.VERBOSE | re.IGNORECASE,
)

_COORDINATE = re.compile(
    r"""(?: (?<![a-z])
            (?P<axis> 纬度 | 经度 | [东西]经 | [南北]纬
                    | longitude | latitude | long? | lng | lat | [NSEW] )
            ["')\]]? \s{0,3} [为是]? [:=]? \s{0,3}
          | (?<![0-9a-z.])
          | (?<=[0-9°度'′’分"″”秒][NSEW]) )
        (?P<sign>[-+−])?
        (?P<degrees>[0-9]{1,3} (?:\.[0-9]{1,30})?) (?![0-9]|\.[0-9])
        (?: \s{0,2} (?P<mark>[°度]) \s{0,2}
            (?: (?P<minutes>[0-9]{1,2} (?:\.[0-9]{1,30})?) \s{0,2} ['′’分] (?!')
                (?: \s{0,2} (?P<seconds>[0-9]{1,2} (?:\.[0-9]{1,30})?) \s{0,2} (?:["″”秒]|'') )?
            )? )?
        (?(axis) | (?: \s{0,2} (?P<after>[NSEW]) (?![a-z]) )? )""",
    re.VERBOSE | re.IGNORECASE,
)
_LON_AXIS = re.compile(r"[EW]|.*经.*|lon.*|lng", re.IGNORECASE)
_NEGATIVE_AXIS = re.compile(r"[SW]|[南西].", re.IGNORECASE)
_SEPARATORS = re.compile(r"""[\s,、;。/|()\[\]{}"'&_~-]{0,10}""")
_FARTHEST_LABELLED = 20
_EXACT_DECIMALS = 3
_SEXAGESIMAL = 60.0


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    axis: str
    likely: bool
    """Whether it is likely to be a coordinate wherever it stands in the world."""
    start: int
    end: int


def _plain(text: str) -> _Found | Invalid:
    # NFKC would make a letter of the sign that many keyboards give for degrees,
    # and makes two primes of a double prime.
    said = unicodedata.normalize("NFKC", re.sub("[º˚]", "°", text)).replace("′′", "″")
    named = {found.lastgroup for found in _DATUM_WORD.finditer(said)}
    datum = next((datum for datum in Datum if named == {datum.value}), None)
    said = _DATUM_WORD.sub(" ", said)
    failure = Invalid("pasted_no_position")
    for first, second in pairwise(_numbers(said)):
        if not _belong(first, second, said[first.end : second.start]):
            continue
        lon_first = first.axis == "lon" or second.axis == "lat"
        settled = _settle(_Point(first.value, second.value, lon_first))
        if isinstance(settled, tuple):
            return _Found(*settled, datum, "", "plain")
        if settled and first.likely and second.likely:
            failure = settled
    return failure


def _belong(first: _Number, second: _Number, gap: str) -> bool:
    if first.axis and second.axis and first.axis != second.axis:
        return len(gap) <= _FARTHEST_LABELLED
    return _SEPARATORS.fullmatch(gap) is not None


def _numbers(said: str) -> Iterator[_Number]:
    """Find what may be a coordinate: with a label, a degree sign or a decimal point."""
    for found in _COORDINATE.finditer(said):
        minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
        axis = found["axis"] or found["after"] or ""
        decimals = found["degrees"].partition(".")[2]
        if max(minutes, seconds) >= _SEXAGESIMAL or not (axis or found["mark"] or decimals):
            continue
        value = float(found["degrees"]) + (minutes + seconds / _SEXAGESIMAL) / _SEXAGESIMAL
        negative = found["sign"] in ("-", "−") or _NEGATIVE_AXIS.fullmatch(axis)
        yield _Number(
            -value if negative else value,
            ("lon" if _LON_AXIS.fullmatch(axis) else "lat") if axis else "",
            bool(axis or found["mark"]) or len(decimals) >= _EXACT_DECIMALS,
            *found.span(),
        )
