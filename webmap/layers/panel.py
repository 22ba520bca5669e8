"""The panel beside the map."""

from branca.element import MacroElement
from folium.template import Template

from webmap.layers.boundary_layer import BoundaryLayer
from webmap.layers.literal import literal
from webmap.layers.merchant_layer import MerchantLayer
from webmap.layers.reach_layer import ReachLayer
from webmap.layers.way_layer import WayLayer


class Panel(MacroElement):
    """The page around a map: search, legend, list, card and ways follow what it shows.

    Add it last, to the map that has the layers. It wants the elements of
    ``templates/map/index.html`` in the page.

    Parameters
    ----------
    nearest_url
        Where the script asks for merchants by the time it takes to get there; "" where no
        streets are installed: distances are straight lines then.
    homes_url
        Where the script asks for buildings by their name.
    streets
        Version of the streets that this map shows: answers that name another one tell the
        page that it is outdated.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openPage({
            map: {{ this._parent.get_name() }},
            merchants: {{ this.merchants.get_name() }},
            boundaries: {{ this.boundaries.get_name() }},
            way: {{ this.way.get_name() }},
            reach: {{ this.reach.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(
        self,
        merchants: MerchantLayer,
        boundaries: BoundaryLayer,
        way: WayLayer,
        reach: ReachLayer,
        *,
        nearest_url: str,
        homes_url: str,
        streets: str = "",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "Panel"
        self._id = "linju"
        self.merchants = merchants
        self.boundaries = boundaries
        self.way = way
        self.reach = reach
        self.literal = literal({"nearest": nearest_url, "homes": homes_url, "streets": streets})
