"""The way to a place."""

from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class WayLayer(Layer):
    """One way along streets, drawn when the reader asks for it; empty until then.

    Parameters
    ----------
    route_url
        Where the script asks for a way; it adds ``from``, ``to`` and ``mode``.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.wayLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, route_url: str) -> None:
        super().__init__(name="way", overlay=True)
        self._name = "WayLayer"
        self._id = "linju"
        self.literal = literal({"routeUrl": route_url})
