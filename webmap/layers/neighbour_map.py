"""The map itself: Folium's, without anything from another host."""

from collections.abc import Sequence

import folium
from folium.template import Template

from webmap.layers.literal import literal


class NeighbourMap(folium.Map):
    """A map whose page asks nobody but its own server.

    Use it instead of `folium.Map`, which links thirteen files of other hosts,
    forbids pinch zoom and writes styles into the page. Everything that it
    shows comes from layers; it has no ground of its own.

    Parameters
    ----------
    location
        Centre of the first view, latitude first as Leaflet has it, WGS 84.
    zoom_start
        Zoom of the first view when the address names none.
    max_zoom
        Deepest zoom. Said here because a map without tiles forgets it.
    static_url
        Address of the folder of static files, with the closing slash.

    Examples
    --------
    >>> NeighbourMap([41.77, 123.47]).get_name()
    'neighbour_map_linju'
    """

    default_js = [("leaflet", "vendor/leaflet/leaflet.js")]  # noqa: RUF012  as Folium declares it
    default_css = [("leaflet_css", "vendor/leaflet/leaflet.css")]  # noqa: RUF012  likewise

    _template = Template("""
        {% macro html(this, kwargs) %}
        <div id="{{ this.get_name() }}" class="neighbour-map"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.neighbourMap(
            "{{ this.get_name() }}", {{ this.literal }}
        );
        {% endmacro %}
    """)

    def __init__(
        self,
        location: Sequence[float],
        *,
        zoom_start: int = 15,
        min_zoom: int = 9,
        max_zoom: int = 19,
        static_url: str = "/static/",
    ) -> None:
        super().__init__(location, tiles=None, zoom_start=zoom_start, zoom_control=False)
        self._name = "NeighbourMap"
        # A constant instead of a random word, so that the script is the same
        # at every start and in every process, and can be cached.
        self._id = "linju"
        self.default_js = [(name, static_url + path) for name, path in type(self).default_js]
        self.default_css = [(name, static_url + path) for name, path in type(self).default_css]
        self.options |= {"min_zoom": min_zoom, "max_zoom": max_zoom}

    @property
    def literal(self) -> str:
        """The options as the script has them."""
        return literal(
            {
                "center": list(self.location),
                "zoom": self.options["zoom"],
                "minZoom": self.options["min_zoom"],
                "maxZoom": self.options["max_zoom"],
            }
        )

    def html(self) -> str:
        """Render the map's element for a page of our own."""
        return self._part("html")

    def script(self) -> str:
        """Render the map and its layers as one script for a file of our own."""
        return self._part("script")

    def _part(self, name: str) -> str:
        figure = self.get_root()
        figure.render()
        return "".join(
            f"{line.strip()}\n"
            for line in getattr(figure, name).render().splitlines()
            if line.strip()
        )
