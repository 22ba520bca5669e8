"""Rounds of visits: whom one visits, from where, and each worker's way in its own look."""

from collections.abc import Mapping

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class RoundLayer(Layer):
    """Visits, workers' starts and rounds; empty until the page fills it."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.roundLayer();
        {% endmacro %}
    """)

    def __init__(self) -> None:
        super().__init__(name="rounds", overlay=True)
        self._name = "RoundLayer"
        self._id = "linju"


class RoundDesk(MacroElement):
    """The page around the map of rounds. Add it last, to the map that has the layer.

    Parameters
    ----------
    layer
        What shows the rounds on the map.
    part
        Which page: ``new`` plans, ``one`` follows, ``sheet`` is printed. It wants the elements of
        the template of this name in ``templates/rounds``.
    urls
        Where the script asks and writes: ``solve``, ``homes``, ``sheet``, ``kept``.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openRounds["{{ this.part }}"]({
            map: {{ this._parent.get_name() }},
            layer: {{ this.layer.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(self, layer: RoundLayer, part: str, urls: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "RoundDesk"
        self._id = "linju"
        self.layer = layer
        self.part = part
        self.literal = literal(dict(urls))
