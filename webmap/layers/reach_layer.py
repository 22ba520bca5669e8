"""How far one gets."""

from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class ReachLayer(Layer):
    """Rings of 5, 10 and 15 minutes around a place, under the magnets; empty until asked for.

    Parameters
    ----------
    reach_url
        Where the script asks for rings; it adds ``from`` and ``mode``.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.reachLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, reach_url: str) -> None:
        super().__init__(name="reach", overlay=True)
        self._name = "ReachLayer"
        self._id = "linju"
        self.literal = literal({"reachUrl": reach_url})
