"""The ground of one's own: vector tiles from one file of this server."""

from typing import ClassVar

from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class StreetGround(Layer):
    """Streets, blocks, water and green, in warm greys under everything else.

    Use it where a ground has been built; `TileGround` where the operator has
    set a source, and neither for paper. The page must have loaded `scripts`
    before the map's own script runs; `NeighbourMap` does not name them, so
    that a map without this ground does not fetch their 128 kB.

    Parameters
    ----------
    url
        Where the PMTiles file is served, in pieces (HTTP Range). It must
        change when the file does. Where it cannot be had the paper stays.
    attribution
        Whose data it is, as text; ``""`` for nobody's.
    max_data_zoom
        Deepest zoom of the tiles in the file: what
        ``geodata.roads.ground.MAX_ZOOM`` says.
    """

    scripts: ClassVar[tuple[str, ...]] = ("vendor/protomaps-leaflet/protomaps-leaflet.js",)
    """Paths below the folder of static files."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.streetGround({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, url: str, attribution: str = "", *, max_data_zoom: int = 15) -> None:
        super().__init__(name="ground", overlay=False)
        self._name = "StreetGround"
        self._id = "linju"
        self.literal = literal(
            {"url": url, "attribution": attribution, "maxDataZoom": max_data_zoom}
        )
