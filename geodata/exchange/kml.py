"""Placemarks out of KML: names, data and geometries, and nothing that reaches outside."""

from xml.parsers import expat

from geodata.errors import Invalid

_FIELDS = {
    "name": "name",
    "description": "description",
    "address": "address",
    "phoneNumber": "phone",
}
_SHAPES = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"})
_PIECES = frozenset({"coordinates", "value", "SimpleData", *_FIELDS})
_DEEPEST = 200

type Shape = dict[str, object]
type Placemark = tuple[dict[str, object], object]


def placemarks(text: str, name: str) -> list[Placemark]:
    """Return properties and GeoJSON geometry of every placemark, in the file's order.

    Parameters
    ----------
    text
        The document. Links, styles, overlays and schemas in it are passed over:
        nothing is ever fetched.
    name
        The file's name, for the error.

    Returns
    -------
    list
        A geometry that makes no sense is None. Heights are dropped.

    Raises
    ------
    Invalid
        ``file_unreadable`` with ``reason`` "content": no XML, or it declares a
        document type (the way to entities that grow without end).

    Examples
    --------
    >>> placemarks("<kml><Placemark><name>a</name><Point><coordinates>1,2</coordinates>"
    ...            "</Point></Placemark></kml>", "a.kml")
    [({'name': 'a'}, {'type': 'Point', 'coordinates': [1.0, 2.0]})]
    """
    reader = _Reader()
    # The text is decoded already, so whatever encoding it declares is overruled.
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.buffer_text = True
    try:
        parser.Parse(text.encode(), True)  # noqa: FBT003 - expat takes it by position only
    except (expat.ExpatError, _RefusedError, UnicodeEncodeError) as error:
        raise Invalid("file_unreadable", path=name, format="kml", reason="content") from error
    return reader.found


class _RefusedError(Exception):
    """The document holds what no office's map needs."""


class _Reader:
    """Follows the elements of a document and gathers its placemarks."""

    def __init__(self) -> None:
        self.found: list[Placemark] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._properties: dict[str, object] | None = None
        self._key = ""
        self._open: list[tuple[str, list[Shape | None]]] = []
        self._ring: list[list[float]] | None = None
        self._rings: list[list[list[float]] | None] = []
        self._shapes: list[Shape | None] = []

    def refuse(self, *_: object) -> None:
        raise _RefusedError

    def start(self, element: str, attributes: dict[str, str]) -> None:
        tag = element.rpartition(":")[2]
        self._path.append(tag)
        if len(self._path) > _DEEPEST:
            raise _RefusedError
        if tag == "Placemark":
            self._properties, self._shapes, self._open = {}, [], []
        elif tag in {"Data", "SimpleData"}:
            self._key = attributes.get("name", "")
        elif tag in _SHAPES and tag != "LinearRing":
            self._open.append((tag, []))
            self._rings = [] if tag == "Polygon" else self._rings
        if tag in _PIECES:
            self._text = []

    def characters(self, data: str) -> None:
        self._text.append(data)

    def end(self, element: str) -> None:
        tag = element.rpartition(":")[2]
        self._path.pop()
        if self._properties is None:
            return
        above = self._path[-1] if self._path else ""
        if tag == "Placemark":
            self.found.append((self._properties, _one(self._shapes)))
            self._properties = None
        elif tag in _FIELDS and above == "Placemark":
            self._properties[_FIELDS[tag]] = "".join(self._text)
        elif tag == "SimpleData" or (tag == "value" and above == "Data"):
            self._properties[self._key] = "".join(self._text)
        else:
            self._end_of_shape(tag, above)

    def _end_of_shape(self, tag: str, above: str) -> None:
        if tag == "coordinates":
            self._ring = _vertices("".join(self._text))
        elif tag == "LinearRing" and above in {"outerBoundaryIs", "innerBoundaryIs"}:
            self._rings.append(self._ring)
        elif tag in _SHAPES and self._open and self._open[-1][0] == tag:
            _, members = self._open.pop()
            holder = self._open[-1][1] if self._open else self._shapes
            holder.append(self._made(tag, members))

    def _made(self, tag: str, members: list[Shape | None]) -> Shape | None:
        if tag == "MultiGeometry":
            return _one(members)
        if tag == "Polygon":
            rings = [ring for ring in self._rings if ring]
            return {"type": tag, "coordinates": rings} if len(rings) == len(self._rings) else None
        if not self._ring:
            return None
        return {"type": tag, "coordinates": self._ring[0] if tag == "Point" else self._ring}


def _vertices(text: str) -> list[list[float]] | None:
    """Read "lon,lat[,height] …"; None when it is not that."""
    vertices = []
    for word in text.split():
        try:
            lon, lat = (float(number) for number in word.split(",")[:2])
        except ValueError:
            return None
        if not (abs(lon) <= 360 and abs(lat) <= 360):  # noqa: PLR2004 - degrees; refuses nan too
            return None
        vertices.append([lon, lat])
    return vertices


def _one(shapes: list[Shape | None]) -> Shape | None:
    """Join the geometries of one placemark; one that makes no sense spoils them all."""
    whole = [shape for shape in shapes if shape is not None]
    if not whole or len(whole) < len(shapes):
        return None
    if len(whole) == 1:
        return whole[0]
    if all(shape["type"] == "Polygon" for shape in whole):
        return {"type": "MultiPolygon", "coordinates": [shape["coordinates"] for shape in whole]}
    return {"type": "GeometryCollection", "geometries": whole}
