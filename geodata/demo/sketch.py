"""The sketch of the demonstration district, as a hand would draw it on squared paper.

Positions are metres east and north of 文化东路 at 令闻街, before :func:`bend` lays the
tilt and the slow curves of a grown city over them. Names of streets, parks and
of the canal are really found around there; where they run here is invented.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Spot = tuple[float, float]

CENTRE: Final = (123.470, 41.775)
"""Longitude and latitude (WGS 84) of a point in 泉富社区, where the metric frame begins."""
_ORIGIN: Final = (60.0, -110.0)
"""About where the centre lies on the sketch."""


class Line(NamedTuple):
    """One street, drawn through its corner points."""

    name: str
    kind: str
    points: tuple[Spot, ...]
    oneway: bool = False


class Place(NamedTuple):
    """A use that takes the block (a park) or the yard (all others) at a spot."""

    name: str
    kind: str
    spot: Spot


RIVER: Final = (
    "南运河",
    (
        (-1750, 730),
        (-1150, 640),
        (-700, 700),
        (-250, 800),
        (200, 740),
        (700, 800),
        (1150, 930),
        (1750, 900),
    ),
)
RAILWAY: Final = (
    "专用铁路",
    ((1750, -80), (1300, -390), (900, -800), (580, -1200), (420, -1750)),
)
RIVER_WIDTH_M: Final = 42.0
RIVER_BANK_M: Final = 66.0
"""From the middle of the river to the street on either bank."""
RAIL_BANK_M: Final = 40.0

RIVERSIDE: Final = ("东滨河路", "小河沿路")
"""The streets along the river: left of its course, right of it."""
RAILSIDE: Final = ("高官台街", "方凌路")

CROSSING: Final = {"南塔街": "bridge", "万柳塘路": "bridge", "文萃路": "tunnel"}
"""The only streets that cross the river or the railway, and how. All others end there."""

STREETS: Final = (
    # West to east, the long ones first. In Shenyang a 路 runs east, a 街 north.
    Line("东陵西路", "arterial", ((-1620, 1370), (-700, 1460), (300, 1400), (900, 1450),
        (1620, 1350))),
    Line("文化东路", "arterial", ((-1620, 90), (-1000, 10), (-250, 60), (420, -30), (1000, 10),
        (1620, 90))),
    Line("文萃路", "arterial", ((-1620, -820), (-900, -900), (-100, -830), (450, -880),
        (830, -820), (1620, -900))),
    Line("先农坛路", "secondary", ((-1440, 1010), (-620, 1100), (-150, 1080), (500, 1170),
        (1210, 1160))),
    Line("泉园一路", "secondary", ((-680, 430), (-100, 330), (420, 390), (1100, 340),
        (1520, 430)), oneway=True),
    Line("泉园二路", "secondary", ((-330, -360), (100, -270), (500, -300), (760, -240),
        (1180, -310))),
    Line("热闹路", "secondary", ((-1490, 260), (-1000, 360), (-540, 260))),
    Line("科普路", "street", ((-1500, -330), (-1040, -410), (-620, -420), (-200, -340))),
    Line("文富路", "secondary", ((-1090, -650), (-620, -580), (-260, -620), (300, -570),
        (790, -600))),
    Line("文艺路", "secondary", ((-1480, -1150), (-1040, -1210), (-600, -1130), (290, -1190))),
    Line("文安路", "secondary", ((-1620, -1420), (-900, -1480), (-200, -1420), (560, -1470))),
    Line("双园路", "secondary", ((560, -1180), (1000, -1130), (1620, -1190))),
    Line("沈水路", "secondary", ((400, -1470), (1000, -1410), (1620, -1470))),
    # South to north.
    Line("彩塔街", "secondary", ((-1400, -1580), (-1470, -500), (-1400, 100), (-1430, 720))),
    Line("大南街", "secondary", ((-1430, 640), (-1360, 1000), (-1410, 1560))),
    Line("万泉街", "secondary", ((-1070, -1580), (-1030, -600), (-1100, 0), (-1010, 400),
        (-1040, 700))),
    Line("南塔街", "arterial", ((-690, -1580), (-560, -800), (-660, 0), (-570, 800),
        (-630, 1580))),
    Line("南塔东街", "street", ((-330, -1490), (-210, -700), (-300, -100), (-220, 400),
        (-250, 830)), oneway=True),
    Line("先农坛街", "street", ((-170, 740), (-110, 1000), (-200, 1500)), oneway=True),
    Line("令闻街", "street", ((-50, -930), (70, -600), (110, -280), (60, 90)), oneway=True),
    Line("万柳塘路", "arterial", ((150, -1580), (250, -900), (440, -400), (380, 100),
        (440, 600), (370, 1100), (410, 1580))),
    Line("丰乐二街", "street", ((690, -1120), (730, -600), (800, -100), (730, 400), (760, 840))),
    Line("小什字街", "street", ((790, 780), (850, 1100), (790, 1500))),
    Line("东塔街", "secondary", ((1190, 920), (1250, 1200), (1200, 1560))),
    Line("长青街", "arterial", ((1080, -620), (1150, -300), (1070, 300), (1130, 960))),
    Line("凌云街", "street", ((1440, -300), (1480, 100), (1420, 500), (1470, 940))),
    Line("富民街", "street", ((1150, -580), (1070, -900), (1130, -1580))),
    Line("丰乐一街", "street", ((1490, -200), (1430, -900), (1500, -1580))),
)  # fmt: skip

PAVED: Final = "文化东路"
"""The street whose pavements are ways of their own, and which is crossed where there is a zebra."""
FOOTBRIDGE: Final = ("文化东路天桥", (-35, 45))
"""The name of the footbridge over it, and where it is."""

LIVELY: Final = {"泉园二路": 3.0, "万柳塘路": 1.6, "令闻街": 2.0, "文富路": 1.2, "泉园一路": 1.2}
"""Streets where the shops gather, and how strongly; any other street counts 0.5."""

PLACES: Final = (
    Place("万柳塘公园", "park", (80, 540)),
    Place("万泉公园", "park", (-830, 520)),
    Place("双园公园", "park", (1290, -1000)),
    Place("泉富学校", "school", (-150, -150)),
    Place("万莲学校", "school", (900, 200)),
    Place("先农坛学校", "school", (-480, 950)),
    Place("文富市场", "hall", (560, -780)),
    Place("泉园医院", "hall", (940, -150)),
    Place("沈空大院", "hall", (1000, -1100)),
    Place("六0六所", "hall", (620, 1050)),
    Place("彩塔学校", "school", (-1250, -100)),
    Place("南塔市场", "hall", (-480, -1000)),
    Place("东陵体育场", "school", (-1000, 1250)),
)

SUBDISTRICT: Final = (
    (-640, -600), (-230, -600), (-270, -870), (500, -870), (800, -830), (640, -1100), (570, -1180),
    (1120, -1150), (1460, -1150), (1470, -240), (1110, -20), (1110, 380), (1120, 860), (1220, 1190),
    (-620, 1090), (-600, 760),
)  # fmt: skip
"""Blocks whose middle lies in here belong to 万莲街道."""

COMMUNITIES: Final = (
    ("210103006001", "六0六所社区", (800, 1000)),
    ("210103006003", "万柳塘社区", (100, 500)),
    ("210103006004", "沈空社区", (1200, -900)),
    ("210103006005", "大万莲社区", (950, 300)),
    ("210103006009", "先农坛社区", (-250, 950)),
    ("210103006010", "泉园社区", (900, -150)),
    ("210103006011", "清泉社区", (-450, 150)),
    ("210103006012", "泉富社区", (60, -120)),
    ("210103006013", "松泉社区", (50, -700)),
)
"""Codes and names of the division tree, and about where each grows from here."""


def bend(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay the district's tilt and slow curves over sketch points (n × 2, metres)."""
    x, y = xy[:, 0], xy[:, 1]
    return np.column_stack(
        (
            x - _ORIGIN[0] + 55 * np.sin(y / 520 + 0.4) + 0.04 * y,
            y - _ORIGIN[1] + 60 * np.sin(x / 640 - 0.6) - 0.06 * x,
        )
    )
