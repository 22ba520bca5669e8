"""The ground from a tile source that the operator has chosen."""

from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal

_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
)
_TIANDITU_SUBDOMAINS = "01234567"


class TileGround(Layer):
    """Tiles of any XYZ or WMTS source, under everything else.

    Use it when the operator has set a source; without one the ground is paper.
    The address may hold ``{z} {x} {y} {s} {key}``, and so fits 天地图
    (WMTS with a key) as well as a plain tile server.

    Parameters
    ----------
    url
        Address of a tile; ``tianditu`` for 天地图 with its names, which wants
        only a key.
    datum
        Datum of the tiles: ``wgs84``, or ``gcj02``, which the script moves
        to where WGS 84 has them (at most 2 px off within 400 px of the
        middle, measured at zoom 15).
    overlay_url
        A second source drawn on top of the first, such as names; ``""`` for none.
    key, subdomains
        What stands for ``{key}`` and, letter by letter, for ``{s}``.
    attribution, review_number
        What the law wants to be read: the source, and the map's 审图号.
    max_zoom
        Deepest zoom that the source has; beyond it tiles are enlarged.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.tileGround({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(
        self,
        url: str,
        *,
        datum: str = "wgs84",
        overlay_url: str = "",
        key: str = "",
        subdomains: str = "",
        attribution: str = "",
        review_number: str = "",
        max_zoom: int = 18,
    ) -> None:
        if url == "tianditu":
            url = _TIANDITU.format(layer="vec")
            overlay_url = overlay_url or _TIANDITU.format(layer="cva")
            subdomains = subdomains or _TIANDITU_SUBDOMAINS
            attribution = attribution or "天地图"
        super().__init__(name="ground", overlay=False)
        self._name = "TileGround"
        self._id = "linju"
        self.literal = literal(
            {
                "urls": [address for address in (url, overlay_url) if address],
                "datum": datum,
                "key": key,
                "subdomains": subdomains,
                "attribution": attribution,
                "reviewNumber": review_number,
                "maxNativeZoom": max_zoom,
            }
        )
