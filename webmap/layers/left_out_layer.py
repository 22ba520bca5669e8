"""Homes on the map, coloured by how long the walk to the nearest merchant of a category is."""

from typing import Final

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal

CIVIDIS: Final = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)
"""Evenly spaced stops of a scale made for eyes of all kinds: its lightness alone tells the order
(Nunez, Anderton & Renslow, PLoS ONE 13(7), 2018). Here dark is near and light is far, as in the
matrix dark is well served."""

FARTHEST_MIN: Final = 30
"""Longer walks have the colour of this one."""


class LeftOutLayer(Layer):
    """Homes as points on one canvas; empty until the page fills it."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.leftOutLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self) -> None:
        super().__init__(name="left_out", overlay=True)
        self._name = "LeftOutLayer"
        self._id = "linju"
        self.literal = literal({"colours": CIVIDIS, "farthest": FARTHEST_MIN})


class LeftOutDesk(MacroElement):
    """The page around the map of homes that are left out. Add it last, to the map with the layer.

    It wants the elements of ``templates/matrix/left-out.html`` in the page, one of which says
    where the homes are asked for.

    Parameters
    ----------
    layer
        What shows the homes.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openLeftOut({
            map: {{ this._parent.get_name() }},
            layer: {{ this.layer.get_name() }},
        });
        {% endmacro %}
    """)

    def __init__(self, layer: LeftOutLayer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "LeftOutDesk"
        self._id = "linju"
        self.layer = layer
