"""The categories that a fresh store begins with; an administrator changes them later.

The four magnets of the wall map wear colours that colour-blind eyes can tell
apart (Okabe and Ito 2008), each with a shape and a glyph of its own besides.
Public facilities stay dark and quiet, so that magnets are the strong colours.
"""

from typing import Any

_QUIET = "#4A4A4A"

_ROWS = (
    # id, name, name_en, colour, shape, glyph, group
    ("shopping", "购物", "Shopping", "#0072B2", "square", "购", "merchant"),
    ("clinic", "诊所", "Clinic", "#009E73", "circle", "医", "merchant"),
    ("repair", "维修", "Repair", "#F0E442", "diamond", "修", "merchant"),
    ("barber", "理发", "Barber", "#D55E00", "hexagon", "理", "merchant"),
    ("centre", "党群服务中心", "Service centre", _QUIET, "star", "党", "facility"),
    ("canteen", "社区食堂", "Canteen", _QUIET, "house", "食", "facility"),
    ("care", "养老服务中心", "Care centre", _QUIET, "pentagon", "养", "facility"),
    ("shelter", "避难场所", "Shelter", _QUIET, "triangle", "避", "facility"),
    ("aed", "AED", "AED", _QUIET, "shield", "急", "facility"),
)

_COLUMNS = ("id", "name", "name_en", "colour", "shape", "glyph", "group")

CATEGORIES: list[dict[str, Any]] = [
    dict(zip(_COLUMNS, row, strict=True)) | {"rank": rank, "hidden": False}
    for rank, row in enumerate(_ROWS)
]
