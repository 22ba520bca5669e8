"""What is closed, and for how long: hatched on the map, alive on every open page."""

from collections.abc import Mapping

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from webmap.layers.literal import literal


class ClosureLayer(Layer):
    """Closures in force as barrier tape, coming ones pale; the page holds an address, no data.

    The script asks again and again for as long as the page is seen, so that what one worker
    draws stands on all other maps a moment later. It fires ``closures`` with what there is.

    Parameters
    ----------
    closures_url
        Where the script asks for closures; "" where it shows some that the page gives it.
    every_s
        So many seconds apart; where staff look 3, where residents do 30.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = linju.closureLayer({{ this.literal }});
        {% endmacro %}
    """)

    def __init__(self, closures_url: str, *, every_s: float = 3) -> None:
        super().__init__(name="closures", overlay=True)
        self._name = "ClosureLayer"
        self._id = "linju"
        self.literal = literal({"closuresUrl": closures_url, "every": round(every_s * 1000)})


class ClosureNotice(MacroElement):
    """A calm line in the panel that tells how many closures there are, and of each on demand.

    Add it last, to the map that has the layer. It wants the element ``#closures-told`` of
    ``templates/map/index.html`` in the page.

    Parameters
    ----------
    layer
        What shows the closures on the map.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.closureNotice({{ this._parent.get_name() }}, {{ this.layer.get_name() }});
        {% endmacro %}
    """)

    def __init__(self, layer: ClosureLayer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "ClosureNotice"
        self._id = "linju"
        self.layer = layer


class ClosureDesk(MacroElement):
    """The page around the map at which closures are drawn, prolonged and lifted.

    Add it last, to the map that has the layer. It wants the elements of
    ``templates/closures/index.html`` in the page.

    Parameters
    ----------
    layer
        What shows the closures on the map.
    urls
        Where the script asks and writes: ``closures``, ``touched``, ``history``.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        linju.openClosures({
            map: {{ this._parent.get_name() }},
            layer: {{ this.layer.get_name() }},
            urls: {{ this.literal }},
        });
        {% endmacro %}
    """)

    def __init__(self, layer: ClosureLayer, urls: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self._name = "ClosureDesk"
        self._id = "linju"
        self.layer = layer
        self.literal = literal(dict(urls))
