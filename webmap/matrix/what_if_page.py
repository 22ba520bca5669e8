"""What if, for people: a map on which one imagines, and what of the matrix would be otherwise."""

from typing import Annotated

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata.matrix import ON_FOOT, Reading
from geodata.policy import Action, require
from webmap import i18n, mapping, matrix_ways
from webmap.answers import Parameters, parsed
from webmap.layers import MerchantLayer, WhatIfDesk
from webmap.matrix import choosing
from webmap.matrix.blueprint import bp
from webmap.request import current_actor, store


class WhatIfQuery(Parameters):
    """Nothing but where the map opens: what is imagined is nowhere but in the page."""

    c: Annotated[str, Field(max_length=60)] = ""
    z: Annotated[str, Field(max_length=10)] = ""
    mode: str = ""


@bp.get("/matrix/what-if")
def what_if_page() -> ResponseReturnValue:
    """Show a map on which merchants are switched off and imagined, and streets closed."""
    parsed(WhatIfQuery)
    actor = current_actor()
    require(actor, Action.HOME_READ, area=actor.scope)
    walkable = matrix_ways.can_walk()
    with store().reading() as tx:
        shown = matrix_ways.shown(tx)
        places = choosing.places(tx, "")
    return render_template(
        "matrix/what-if.html",
        streets=walkable,
        readings=[one for one in choosing.readings(15) if walkable or one.reading not in ON_FOOT],
        first=Reading.MEDIAN if walkable else Reading.COUNT,
        minutes=choosing.MINUTES,
        categories=shown,
        places=places,
        scope=actor.scope,
        ways=matrix_ways.ways(),
        map_script_url=url_for(".what_if_script", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/matrix/what-if/map.js")
def what_if_script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    language = i18n.language()
    whole, _boundaries = mapping.grounded()
    merchants = MerchantLayer(
        url_for("merchants.listed"), url_for("categories.listed", lang=language)
    )
    urls = {
        "compare": url_for(".compare", lang=language),
        "merchants": url_for("merchants.listed"),
    }
    for part in (merchants, WhatIfDesk(merchants, urls)):
        part.add_to(whole)
    return mapping.as_script(whole)
