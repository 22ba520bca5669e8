"""The panel beside the map."""

from branca.element import MacroElement
from folium.template import Template

from webmap.layers.boundary_layer import BoundaryLayer
from webmap.layers.merchant_layer import MerchantLayer


class Panel(MacroElement):
    """The page around a map: search, legend, list and card follow what it shows.

    Add it last, to the map that has both layers. It wants the elements of
    ``templates/map/index.html`` in the page.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openPage({
            map: {{ this._parent.get_name() }},
            merchants: {{ this.merchants.get_name() }},
            boundaries: {{ this.boundaries.get_name() }},
        });
        {% endmacro %}
    """)

    def __init__(self, merchants: MerchantLayer, boundaries: BoundaryLayer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "Panel"
        self._id = "linju"
        self.merchants = merchants
        self.boundaries = boundaries
