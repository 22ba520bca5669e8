"""The one place that a form asks for."""

from branca.element import MacroElement
from folium.template import Template

from webmap.layers.literal import literal


class PlacePicker(MacroElement):
    """A pin that is put by a tap and moved by dragging or arrow keys; it fills a form's fields.

    It wants the elements of ``templates/registration/_fields.html`` in the page, and starts
    with what stands in their fields.

    Parameters
    ----------
    place_url
        Where the script asks for a position in words, and for what was pasted; by POST.
    homes_url
        Where the script asks for buildings by their name.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.placePicker(
            {{ this._parent.get_name() }}, {{ this.literal }}
        );
        {% endmacro %}
    """)

    def __init__(self, place_url: str, homes_url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "PlacePicker"
        self._id = "linju"
        self.literal = literal({"placeUrl": place_url, "homesUrl": homes_url})
