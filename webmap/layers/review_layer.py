"""One proposal on the map of those who review."""

from collections.abc import Mapping

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class ReviewLayer(Layer):
    """Where a proposal would stand, where it stands now, and what it may be the same as.

    It is empty until the desk shows a proposal: the wanted pin as a magnet, the present one
    with a line to it, likely duplicates as numbers.

    Parameters
    ----------
    categories_url
        Where the script learns colours, shapes and glyphs.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.reviewLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, categories_url: str) -> None:
        super().__init__(name="review", overlay=True)
        self._name = "ReviewLayer"
        self._id = "linju"
        self.literal = literal({"categoriesUrl": categories_url})


class ReviewDesk(MacroElement):
    """The page around the map of a review: queue, proposal and decisions follow each other.

    Add it last, to the map that has the layer. It wants the elements of
    ``templates/review/index.html`` in the page.

    Parameters
    ----------
    layer
        What shows the proposal on the map.
    urls
        Where the script asks and writes: ``queue``, ``items``, ``contact``, ``merchants``.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openReview({
            map: {{ this._parent.get_name() }},
            layer: {{ this.layer.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(self, layer: ReviewLayer, urls: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "ReviewDesk"
        self._id = "linju"
        self.layer = layer
        self.literal = literal(dict(urls))
