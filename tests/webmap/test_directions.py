"""Ways in words: every manoeuvre has its sentence, and each reads as people speak."""

import re
from dataclasses import replace
from itertools import product

import pytest
import shapely
from flask import Flask

from geodata.geometry import metres_between
from geodata.modes import Mode
from geodata.routing import Manoeuvre, Pass, PassKind, Route, Signs, Step
from tests.factories import HOSTILE
from webmap import directions, i18n
from webmap.directions import phrases, wording

M = Manoeuvre
P = PassKind
LANGUAGES = ("zh", "en")
CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
DOUBLED = re.compile(r"[,，。.]\s*[,，。.]|\s{2}|\s，|，\s|[,，]$|^[,，]|\(\)|（）")
LON, LAT = 123.47, 41.775
ALL_PASSES = tuple(Pass(kind) for kind in PassKind)


@pytest.fixture(scope="module")
def app():
    app = Flask(__name__)
    i18n.init_app(app)
    return app


@pytest.fixture
def tell(app):
    def said(*steps, lang="zh", mode=Mode.FOOT, **told):
        with app.test_request_context(f"/?lang={lang}"):
            return [one.text for one in directions.tell(way(*steps), mode=mode, **told)]

    return said


def way(*steps, snap_m=(0.0, 0.0)):
    """Return a way of such steps along a zigzag, 55 m each way and ended by an arrival."""
    steps = steps if steps[-1] == arrival(steps[-1].manoeuvre) else (*steps, arrival())
    placed = [replace(step, begin=row, end=row + 1) for row, step in enumerate(steps)]
    placed[-1] = replace(placed[-1], end=len(placed) - 1)
    points = [(LON + row // 2 * 0.001, LAT + (row + 1) // 2 * 0.001) for row in range(len(placed))]
    metres = sum(step.distance_m for step in steps)
    line = shapely.LineString(points if len(points) > 1 else points * 2)
    return Route(line, metres / 1.25, metres, snap_m, tuple(placed))


def step(manoeuvre, *names, m=120.0, passes=(), **told):
    met = tuple(one if isinstance(one, Pass) else Pass(one) for one in passes)
    return Step(manoeuvre, names, distance_m=m, duration_s=m / 1.25, passes=met, **told)


def start(*names, m=118.0, bearing=2, **told):
    return step(M.START, *names, m=m, bearing_after=bearing, **told)


def arrival(side=M.DESTINATION):
    return Step(side)


def street_of(lang):
    return {"zh": "小河沿路", "en": "Xiaohe Road"}[lang]


def shapes(manoeuvre, lang):
    """Give a step in every form: with a street, a sign, an exit, with all that may be met."""
    sign = Signs(exit_numbers=("12",), toward=(street_of(lang),))
    names, signs = ((), (street_of(lang),)), ((None, None), (sign, None), (sign, 2))
    for name, (seen, number), met in product(names, signs, ((), ALL_PASSES)):
        for m in (8.0, 120.0):
            yield step(manoeuvre, *name, m=m, signs=seen, roundabout_exit=number, passes=met)


def assert_is_sentence(text, lang):
    assert text, "empty"
    assert not re.search(r"[{}]", text), text
    assert not DOUBLED.search(text), text
    assert not (LATIN if lang == "zh" else CHINESE).search(text), text
    assert text == text.strip(), text
    assert text[0] == text[0].upper(), text


class TestEveryManoeuvre:
    def test_each_that_valhalla_knows_has_its_clause_in_every_mode(self):
        assert set(phrases.CLAUSES) == set(Manoeuvre)
        assert all(set(clauses) == set(Mode) for clauses in phrases.CLAUSES.values())

    @pytest.mark.parametrize("lang", LANGUAGES)
    @pytest.mark.parametrize("mode", Mode)
    @pytest.mark.parametrize("manoeuvre", Manoeuvre, ids=lambda one: one.name)
    def test_its_sentence_is_whole_and_in_one_language(self, app, manoeuvre, mode, lang):
        corner = {"zh": "泉富便民超市", "en": "Corner Shop"}[lang]
        cases = product((True, False), shapes(manoeuvre, lang))
        with app.test_request_context(f"/?lang={lang}"):
            for same, shape in cases:
                going = way(start(*([street_of(lang)] * same)), shape, step(M.RIGHT))
                seen = {1: corner} if shape.signs is None else {}
                for told in directions.tell(going, mode=mode, landmarks=seen):
                    assert_is_sentence(told.text, lang)

    @pytest.mark.parametrize("lang", LANGUAGES)
    @pytest.mark.parametrize("mode", Mode)
    def test_a_way_may_begin_with_any_of_them(self, app, mode, lang):
        with app.test_request_context(f"/?lang={lang}"):
            for manoeuvre in Manoeuvre:
                for shape in shapes(manoeuvre, lang):
                    going = way(replace(shape, bearing_after=91))
                    for told in directions.tell(going, mode=mode):
                        assert_is_sentence(told.text, lang)

    def test_those_that_differ_are_told_apart(self, tell):
        alike = [{M.NONE}, {M.BECOMES, M.CONTINUE, M.MERGE}, {M.START, M.START_LEFT, M.START_RIGHT}]
        alike += [{M.UTURN_LEFT, M.UTURN_RIGHT}, {M.TRANSIT, M.TRANSIT_TRANSFER}]
        alike += [{M.SLIGHT_RIGHT, M.MERGE_RIGHT}, {M.SLIGHT_LEFT, M.MERGE_LEFT}]
        for lang in LANGUAGES:
            said: dict[str, set[Manoeuvre]] = {}
            for manoeuvre in Manoeuvre:
                text = tell(start("万柳塘路"), step(manoeuvre, "小河沿路"), lang=lang)[0]
                said.setdefault(text, set()).add(manoeuvre)
            assert [some for some in said.values() if len(some) > 1 and some not in alike] == []

    def test_one_that_a_later_engine_invents_still_leads_on(self, tell):
        assert tell(start("万柳塘路"), step(Manoeuvre(999), "小河沿路"))[0] == (
            "沿万柳塘路向北走 120 米，继续前行进入小河沿路"
        )


GOLDEN = {
    "a corner": (
        (start("万柳塘路"), step(M.RIGHT, "小河沿路", m=72), arrival(M.DESTINATION_LEFT)),
        ["沿万柳塘路向北走 120 米，右转进入小河沿路", "沿小河沿路走 70 米，到达目的地，在您左手边"],
        [
            "Walk north along 万柳塘路 for 120 m, then turn right into 小河沿路",
            "Walk along 小河沿路 for 70 m, then arrive at your destination, on your left",
        ],
    ),
    "a junction crossed by two zebras": (
        (
            start("文化东路", bearing=95),
            step(M.CONTINUE, m=10, passes=[P.CROSSING]),
            step(M.CONTINUE, "文化东路", m=6),
            step(M.LEFT, m=28, passes=[P.CROSSING]),
            step(M.RIGHT, "文化东路", m=300),
        ),
        [
            "沿文化东路向东走 120 米，过人行横道后，左转",
            "过人行横道后，右转，继续沿文化东路前行",
            "沿文化东路走 300 米，到达目的地",
        ],
        [
            (
                "Walk east along 文化东路 for 120 m, "
                "then go over the pedestrian crossing and turn left"
            ),
            "Go over the pedestrian crossing and turn right to continue along 文化东路",
            "Walk along 文化东路 for 300 m, then arrive at your destination",
        ],
    ),
    "a footbridge": (
        (
            start("文化东路", bearing=93),
            step(M.STEPS_ENTER, m=20, passes=[P.STEPS]),
            step(M.LEFT, "文化东路天桥", m=32, passes=[Pass(P.BRIDGE, ("文化东路天桥",))]),
            step(M.STEPS_ENTER, m=20, passes=[P.STEPS]),
            step(M.SLIGHT_LEFT, "文化东路", m=51),
        ),
        [
            "沿文化东路向东走 120 米，过文化东路天桥（上下台阶）后，稍向左转，继续沿文化东路前行",
            "沿文化东路走 50 米，到达目的地",
        ],
        [
            (
                "Walk east along 文化东路 for 120 m, then go over 文化东路天桥 with its steps "
                "and bear left to continue along 文化东路"
            ),
            "Walk along 文化东路 for 50 m, then arrive at your destination",
        ],
    ),
    "steps down to the river": (
        (
            start("东滨河路", bearing=264),
            step(M.LEFT, m=25),
            step(M.STEPS_ENTER, m=10, passes=[P.STEPS]),
            step(M.CONTINUE, m=6),
            step(M.RIGHT, m=418),
        ),
        [
            "沿东滨河路向西走 120 米，左转",
            "往前走 20 米，走一段台阶后，右转",
            "往前走 400 米，到达目的地",
        ],
        [
            "Walk west along 东滨河路 for 120 m, then turn left",
            "Walk on for 20 m, then go up or down the steps and turn right",
            "Walk on for 400 m, then arrive at your destination",
        ],
    ),
    "out of the yard": (
        (start(m=41, bearing=273), step(M.RIGHT, m=59, passes=[P.GATE]), step(M.LEFT, "令闻街")),
        [
            "向西走 40 米，右转",
            "往前走 60 米，途中穿过大门，左转进入令闻街",
            "沿令闻街走 120 米，到达目的地",
        ],
        [
            "Walk west for 40 m, then turn right",
            "Walk on for 60 m, through the gate, then turn left into 令闻街",
            "Walk along 令闻街 for 120 m, then arrive at your destination",
        ],
    ),
}


class TestTypicalWays:
    @pytest.mark.parametrize("case", GOLDEN)
    def test_a_way_on_foot_is_told_as_a_neighbour_tells_it(self, tell, case):
        steps, chinese, english = GOLDEN[case]
        assert tell(*steps) == chinese
        assert tell(*steps, lang="en") == english

    def test_every_mode_has_its_verbs(self, tell):
        steps = start("万柳塘路"), step(M.LEFT, "小河沿路")
        assert [tell(*steps, mode=mode)[0] for mode in Mode] == [
            "沿万柳塘路向北走 120 米，左转进入小河沿路",
            "沿万柳塘路向北骑行 120 米，左转进入小河沿路",
            "沿万柳塘路向北行驶 120 米，左转驶入小河沿路",
        ]

    def test_a_roundabout_is_left_by_its_counted_exit(self, tell):
        steps = (
            start("万柳塘路"),
            step(M.ROUNDABOUT_ENTER, m=40, roundabout_exit=2),
            step(M.ROUNDABOUT_EXIT, "小河沿路"),
        )
        assert tell(*steps, mode=Mode.CAR)[:2] == [
            "沿万柳塘路向北行驶 120 米，进环岛，从第 2 个出口驶出",
            "离开环岛，驶入小河沿路",
        ]


class TestOnTheWay:
    def test_what_is_met_is_named_in_its_order(self, tell):
        met = [P.CROSSING, P.CROSSING, Pass(P.BRIDGE, ("万柳塘路", "富民桥")), P.GATE]
        assert tell(start("万柳塘路", passes=met)) == [
            "沿万柳塘路向北走 120 米，途中过 2 个人行横道，再过富民桥，再穿过大门，到达目的地"
        ]

    def test_of_many_those_alike_are_told_together(self, tell):
        met = [P.CROSSING, P.GATE] * 2
        (text,) = tell(start("万柳塘路", passes=met), lang="en")
        assert ", over 2 pedestrian crossings, then through 2 gates, then arrive" in text

    def test_a_driver_is_told_of_the_toll_and_not_of_the_zebra(self, tell):
        met = [P.CROSSING, P.TOLL_BOOTH, P.BOLLARD]
        (text,) = tell(start("沈水路", passes=met), mode=Mode.CAR)
        assert text == "沿沈水路向北行驶 120 米，途中过收费站，到达目的地"

    def test_who_goes_along_a_bridge_is_not_told_of_it_again(self, tell):
        (text,) = tell(start("富民桥", passes=[Pass(P.BRIDGE, ("富民桥",))]))
        assert text == "沿富民桥向北走 120 米，到达目的地"

    @pytest.mark.parametrize("kind", PassKind)
    def test_every_kind_is_worth_a_word_or_left_out_on_purpose(self, tell, kind):
        one, met = start("万柳塘路"), start("万柳塘路", passes=[kind])
        silent = {mode for mode in Mode if tell(one, mode=mode) == tell(met, mode=mode)}
        left_out = {P.BOLLARD: set(Mode), P.TOLL_BOOTH: {Mode.FOOT, Mode.BIKE}}
        left_out |= {one: {Mode.CAR} for one in (P.CROSSING, P.STEPS, P.ESCALATOR, P.ELEVATOR)}
        assert silent == left_out.get(kind, set())

    def test_a_turn_within_a_few_metres_follows_at_once(self, tell):
        texts = tell(start("万柳塘路"), step(M.LEFT, "泉园二路", m=8), step(M.RIGHT))
        assert texts[:2] == ["沿万柳塘路向北走 120 米，左转进入泉园二路", "紧接着右转"]

    def test_distances_and_times_add_up_and_each_stands_where_its_turn_is(self, app):
        going = way(*GOLDEN["a junction crossed by two zebras"][0])
        with app.test_request_context("/"):
            told = directions.tell(going, mode=Mode.FOOT)

        assert sum(one.distance_m for one in told) == pytest.approx(going.distance_m)
        assert sum(one.duration_s for one in told) == pytest.approx(going.duration_s)
        assert [one.type for one in told] == ["left", "right", "destination"]
        assert told[-1].at == going.line.coords[-1]

    def test_a_name_in_the_readers_letters_is_told_first(self, tell):
        going = start("G202", "万柳塘路", "Wanliutang Road")
        assert "沿万柳塘路向北" in tell(going)[0]
        assert "along Wanliutang Road for" in tell(going, lang="en")[0]
        assert "沿 G202 向北" in tell(start("G202"))[0]


class TestArrival:
    @pytest.mark.parametrize("mode", Mode)
    def test_it_is_said_with_the_side_of_the_street(self, tell, mode):
        said = "，在道路{}侧" if mode is Mode.CAR else "，在您{}手边"
        sides = {M.DESTINATION_LEFT: said.format("左"), M.DESTINATION_RIGHT: said.format("右")}
        for side, words in (sides | {M.DESTINATION: ""}).items():
            texts = tell(start("万柳塘路"), arrival(side), mode=mode, destination="KFC")
            assert texts[-1].endswith(f"到达 KFC{words}")

    def test_a_place_is_reached_from_itself(self, tell):
        assert tell(start(m=0), arrival(), lang="en") == ["Arrive at your destination"]


class TestLandmarks:
    CORNERS = (start("甲路"), step(M.RIGHT, "乙路"), step(M.LEFT, "丙路"), step(M.CONTINUE, "丁路"))

    def at(self, number, east_m=5.0):
        """Return where a merchant stands, so far east of the beginning of a step."""
        lon, lat = way(*self.CORNERS).line.coords[number]
        return lon + east_m / metres_between(lon, lat, lon + 1, lat), lat

    def found(self, *merchants, snap_m=(0.0, 0.0)):
        return directions.landmarks(way(*self.CORNERS, snap_m=snap_m), merchants)

    def test_the_nearest_at_a_corner_is_found(self):
        near, far = ("近店", *self.at(1)), ("远店", *self.at(1, 9))
        assert self.found(far, near) == {1: "近店"}

    def test_whoever_stands_farther_than_30_m_is_none(self):
        assert self.found(("店", *self.at(1, 29.5))) == {1: "店"}
        assert self.found(("店", *self.at(1, 30.5))) == {}

    def test_going_straight_on_needs_none(self):
        assert self.found(("店", *self.at(3))) == {}

    def test_the_destination_is_none(self):
        end = way(*self.CORNERS).line.coords[-1]
        away = metres_between(*end, *self.at(2))
        assert self.found(("店", *self.at(2)), snap_m=(0, away)) == {}

    def test_one_name_does_not_stand_at_two_corners_running(self):
        chain = [("便利店", *self.at(1)), ("便利店", *self.at(2))]
        assert self.found(*chain) == {1: "便利店"}
        assert self.found(*chain, ("药房", *self.at(2, 9))) == {1: "便利店", 2: "药房"}

    def test_the_sentence_says_beside_whom_to_turn(self, tell):
        told = {"landmarks": {1: "泉富便民超市"}}
        assert "，在泉富便民超市旁右转，进入乙路" in tell(*self.CORNERS, **told)[0]
        assert "turn right at 泉富便民超市 into 乙路" in tell(*self.CORNERS, lang="en", **told)[0]

    def test_a_landmark_named_as_the_destination_is_not_said(self, tell):
        assert "旁" not in tell(*self.CORNERS, landmarks={1: "店"}, destination="店")[0]


class TestHostileNames:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_they_stay_plain_text_within_bounds(self, tell, name):
        for lang in LANGUAGES:
            texts = tell(
                start(name), step(M.RIGHT, f"{name}\n路"), lang=lang,
                landmarks={1: f"店{name}"}, destination=f"到{name}",
            )  # fmt: skip
            shown = wording.plain(name)
            assert all(shown[:9] in text and len(text) < 220 for text in texts)
            assert not re.search(r"[\n\u200b-\u200f\u202a-\u202e]", "".join(texts))

    @pytest.mark.parametrize("name", ["{next}", "{distance}", "{street}", "%(n)s"])
    def test_a_placeholder_in_a_name_is_not_filled(self, tell, name):
        assert tell(start(name))[0] == f"沿 {name} 向北走 120 米，到达目的地"


class TestNumbers:
    @pytest.mark.parametrize(
        "metres, said",
        [
            (15, "20 米"), (118, "120 米"), (194.9, "190 米"), (195, "200 米"), (330, "350 米"),
            (974, "950 米"), (975, "1 公里"), (1040, "1 公里"), (1260, "1.3 公里"),
            (9949, "9.9 公里"), (9950, "10 公里"), (12_345, "12 公里"),
        ],
    )  # fmt: skip
    def test_a_distance_is_rounded_as_people_say_it(self, metres, said):
        assert wording.distance(metres) == said

    @pytest.mark.parametrize("bearing, said", [(0, "北"), (22, "北"), (23, "东北"), (359, "北")])
    def test_the_compass_has_eight_directions(self, tell, bearing, said):
        assert f"向{said}走" in tell(start("万柳塘路", bearing=bearing))[0]

    def test_a_begun_minute_counts_and_there_is_at_least_one(self, app):
        line = shapely.LineString([(LON, LAT)] * 2)
        cases = {
            (0, 0): "You are there",
            (12, 16): "About 1 min on foot (20 m)",
            (60, 94): "About 1 min on foot (90 m)",
            (60.1, 996): "About 2 min on foot (1 km)",
        }
        with app.test_request_context("/?lang=en"):
            for (seconds, metres), said in cases.items():
                going = Route(line, seconds, metres, (0, 0), ())
                assert directions.summary(going, Mode.FOOT) == said

    def test_a_way_is_summed_up_in_the_words_of_its_mode(self):
        going = way(start("万柳塘路", m=561))
        assert [directions.summary(going, mode) for mode in Mode] == [
            "步行约 8 分钟（560 米）", "骑行约 8 分钟（560 米）", "驾车约 8 分钟（560 米）",
        ]  # fmt: skip
