"""Where the next ones would help most: the places given and found, on the map of merchants."""

from branca.element import MacroElement
from folium.template import Template

from webmap.layers.literal import literal
from webmap.layers.merchant_layer import MerchantLayer


class SitingDesk(MacroElement):
    """The page around the map with places given and found. Add it last, to the map of merchants.

    It wants the elements of ``templates/siting/index.html`` in the page, one of which says
    where the job is asked for.

    Parameters
    ----------
    merchants
        What shows the merchants that are there.
    points_url
        Where the script asks what was pasted means; by POST.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openSiting({
            map: {{ this._parent.get_name() }},
            merchants: {{ this.merchants.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(self, merchants: MerchantLayer, points_url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "SitingDesk"
        self._id = "linju"
        self.merchants = merchants
        self.literal = literal({"points": points_url})
