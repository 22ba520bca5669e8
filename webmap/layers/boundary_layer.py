"""The areas on the paper."""

from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class BoundaryLayer(Layer):
    """Boundaries of the areas in view, the home area on lighter paper.

    Parameters
    ----------
    areas_url
        Where the script asks for polygons; it adds ``level`` and ``bbox``.
    home
        Code of the area that the office looks after; ``""`` for none.
    filled
        Whether areas are paper; over tiles they are lines only.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.boundaryLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, areas_url: str, home: str = "", *, filled: bool = True) -> None:
        super().__init__(name="areas", overlay=True)
        self._name = "BoundaryLayer"
        self._id = "linju"
        self.literal = literal({"areasUrl": areas_url, "home": home, "filled": filled})
