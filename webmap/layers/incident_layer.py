"""What happened where, and who can help."""

from collections.abc import Mapping

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from webmap.layers.closure_layer import ClosureLayer
from webmap.layers.literal import literal


class IncidentLayer(Layer):
    """An incident that can be dragged, and its answer: helpers, ways, rings.

    It is empty until the page has asked.

    Parameters
    ----------
    categories_url
        Where the script learns colours, shapes and glyphs.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.incidentLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, categories_url: str) -> None:
        super().__init__(name="incident", overlay=True)
        self._name = "IncidentLayer"
        self._id = "linju"
        self.literal = literal({"categoriesUrl": categories_url})


class EmergencyDesk(MacroElement):
    """The page around the map of an incident: question and answer follow each other.

    Add it last, to the map that has the layer. It wants the elements of
    ``templates/emergency/index.html`` in the page.

    Parameters
    ----------
    layer
        What shows incident and answer on the map.
    closures
        What shows, and follows, what is closed.
    urls
        Where the script asks and writes: ``answer``, ``ways``, ``homes``, ``merchants``,
        ``place``, ``closures``; ``plans`` where an answer can be kept as one.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openEmergency({
            map: {{ this._parent.get_name() }},
            layer: {{ this.layer.get_name() }},
            closures: {{ this.closures.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(
        self, layer: IncidentLayer, closures: ClosureLayer, urls: Mapping[str, str]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "EmergencyDesk"
        self._id = "linju"
        self.layer = layer
        self.closures = closures
        self.literal = literal(dict(urls))
