"""A plan on its map: the incident, who helps, and each one's way."""

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from webmap.layers.closure_layer import ClosureLayer
from webmap.layers.literal import literal


class PlanLayer(Layer):
    """An incident with its helpers, numbered, and their ways, told apart in black and white too.

    It is empty until the page shows a plan.

    Parameters
    ----------
    categories_url
        Where the script learns colours, shapes and glyphs.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.planLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, categories_url: str) -> None:
        super().__init__(name="plan", overlay=True)
        self._name = "PlanLayer"
        self._id = "linju"
        self.literal = literal({"categoriesUrl": categories_url})


class PlanDesk(MacroElement):
    """The page around the map of a plan: what is to be done, a sheet of paper, a link's page.

    Add it last, to the map that has the layers. Which page it is, the page's own script knows.

    Parameters
    ----------
    layer
        What shows the plan on the map.
    closures
        What shows the closures as they were.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openPlan({
            map: {{ this._parent.get_name() }},
            layer: {{ this.layer.get_name() }},
            closures: {{ this.closures.get_name() }},
        });
        {% endmacro %}
    """)

    def __init__(self, layer: PlanLayer, closures: ClosureLayer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "PlanDesk"
        self._id = "linju"
        self.layer = layer
        self.closures = closures
