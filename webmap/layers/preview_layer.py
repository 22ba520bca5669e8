"""What a file would put on the map."""

from branca.element import MacroElement
from folium.template import Template

from webmap.layers.literal import literal


class PreviewLayer(MacroElement):
    """Places of an uploaded file, each looking like what would become of it.

    Parameters
    ----------
    points_url
        Where the script asks for the places: name, category, row, and fate.
    categories_url
        Where the script learns colours, shapes and glyphs.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.previewLayer({{ this._parent.get_name() }}, {{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, points_url: str, categories_url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "PreviewLayer"
        self._id = "linju"
        self.literal = literal({"pointsUrl": points_url, "categoriesUrl": categories_url})
