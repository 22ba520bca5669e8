"""The magnets."""

from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class MerchantLayer(Layer):
    """Merchant magnets that follow the map: the page holds an address, no data.

    Parameters
    ----------
    items_url
        Where the script asks for merchants; it adds ``bbox``, ``zoom`` and
        the filters.
    categories_url
        Where the script learns colours, shapes and glyphs.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.merchantLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, items_url: str, categories_url: str) -> None:
        super().__init__(name="merchants", overlay=True)
        self._name = "MerchantLayer"
        self._id = "linju"
        self.literal = literal({"itemsUrl": items_url, "categoriesUrl": categories_url})
