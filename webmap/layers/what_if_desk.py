"""What if: merchants switched off and imagined, and streets closed, on the map of merchants."""

from collections.abc import Mapping

from branca.element import MacroElement
from folium.template import Template

from webmap.layers.literal import literal
from webmap.layers.merchant_layer import MerchantLayer


class WhatIfDesk(MacroElement):
    """The page around the map at which one imagines. Add it last, to the map with the merchants.

    It wants the elements of ``templates/matrix/what-if.html`` in the page.

    Parameters
    ----------
    merchants
        What shows the merchants that are there.
    urls
        Where the script asks: ``compare``, and ``merchants`` by name.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openWhatIf({
            map: {{ this._parent.get_name() }},
            merchants: {{ this.merchants.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(self, merchants: MerchantLayer, urls: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "WhatIfDesk"
        self._id = "linju"
        self.merchants = merchants
        self.literal = literal(dict(urls))
