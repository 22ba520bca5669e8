"""Scenarios (情形): what can happen, whom one needs then, and what is to be thought of.

Those that Linju ships are in this module. An administrator changes them, adds others and hides
those that an office does not need: what was changed stands in the store, in the place of the
shipped one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

import orjson

from geodata import categories, ids, wording
from geodata.errors import Conflict, Invalid, NotFound
from geodata.modes import Mode
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer
from geodata.store.records import Values

LONGEST: Final = {"name": 20, "name_en": 40, "line": 120, "word": 20}
MOST: Final = {"checklist": 20, "words": 8, "rings": 4}
MOST_HELPERS: Final = 20
LONGEST_RING_MIN: Final = 60
WIDEST_CORDON_M: Final = 1_000


class Direction(StrEnum):
    """Who goes: the helpers to the incident, or people from it to the helpers."""

    COME = "come"
    GO = "go"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What can happen, and the question that is asked then.

    Parameters
    ----------
    categories, words
        Ids of the categories that help, and words: whoever has one of them in its name helps
        too, whatever its category, and comes first where it is near.
    modes
        How one gets there, the first the most usual.
    helpers
        How many are told in each mode; one of each category always is.
    rings
        Minutes of the reach rings around the place.
    cordon_m
        How far around the place streets are proposed to be closed; 0 for not.
    checklist
        What is to be thought of, in order.
    version
        0 for one as it is shipped.
    """

    id: str
    name: str
    name_en: str
    categories: tuple[str, ...]
    words: tuple[str, ...]
    modes: tuple[Mode, ...]
    helpers: int
    direction: Direction = Direction.COME
    rings: tuple[int, ...] = (5, 10, 15)
    cordon_m: int = 0
    checklist: tuple[str, ...] = ()
    rank: int = 0
    hidden: bool = False
    version: int = field(default=0, compare=False)


SHIPPED: Final = (
    Scenario(
        "medical",
        "突发疾病",
        "Medical emergency",
        ("clinic", "aed", "care"),
        (),
        (Mode.CAR, Mode.FOOT),
        6,
        checklist=(
            "拨打 120，说清地址、楼号和单元",
            "派人到最近的 AED 取机，送到现场",
            "请最近的诊所来人，先做急救",
            "留一人在路口或单元门口接救护车",
            "打开单元门，清空楼道和消防通道",
            "通知家属，问清病史和正在吃的药",
            "记下发病时间和已经做的处置",
        ),
    ),
    Scenario(
        "leak",
        "跑水停电",
        "Burst pipe or outage",
        ("repair",),
        ("五金", "水暖", "水电", "管道", "疏通", "防水", "电工"),
        (Mode.FOOT, Mode.CAR),
        4,
        checklist=(
            "先关总阀或总闸，人离开积水和电线",
            "通知物业和供水、供电、供暖单位，记下受理时间",
            "联系维修点，说清位置、管径或线路",
            "逐户告知：停多久，从哪里接水",
            "看望独居老人和行动不便的住户",
            "积水结冰或塌陷的路段先封上",
            "修好后逐户确认恢复",
        ),
    ),
    Scenario(
        "supplies",
        "生活物资",
        "Supplies",
        ("shopping", "canteen"),
        (),
        (Mode.FOOT, Mode.CAR),
        6,
        checklist=(
            "问清需要什么、多少、送到哪一户",
            "给商户打电话：有没有货，几点能送",
            "社区食堂能否加餐、送餐",
            "独居老人和病人先送",
            "写下送货人、数量和签收",
        ),
    ),
    Scenario(
        "missing",
        "老人走失",
        "Missing elder",
        ("centre", "shopping", "barber", "care"),
        (),
        (Mode.FOOT,),
        10,
        Direction.GO,
        (5, 10, 20, 30),
        checklist=(
            "问清最后看到的时间、地点、衣着和常去的地方",
            "同时报警 110，附近期照片",
            "第一圈（5 分钟）：楼道、小区、花园、常坐的长椅",
            "第二圈（10 分钟）：给圈内商户逐个打电话",
            "第三圈（20 分钟）：公交站、菜市场、医院",
            "第四圈（30 分钟）：河边、铁路和大路口，两人一组",
            "每组半小时报一次位置，找到后马上通知所有人",
        ),
    ),
    Scenario(
        "snow",
        "积雪结冰",
        "Snow and ice",
        ("shelter", "centre", "shopping"),
        ("五金",),
        (Mode.FOOT, Mode.CAR),
        6,
        cordon_m=30,
        checklist=(
            "结冰的坡道、台阶先封上，摆警示牌",
            "备融雪剂、铁锹和防滑垫",
            "先清：医院、学校、公交站、食堂门口",
            "给独居老人打电话：今天不出门，缺什么送什么",
            "傍晚再查一遍，夜里会重新结冰",
        ),
    ),
    Scenario(
        "fire",
        "火情",
        "Fire",
        ("shelter", "aed", "clinic"),
        (),
        (Mode.FOOT, Mode.CAR),
        6,
        Direction.GO,
        cordon_m=80,
        checklist=(
            "拨打 119，说清地址、烧的是什么、有没有人被困",
            "逐层敲门，走楼梯，不坐电梯",
            "老人、孩子和行动不便的人由专人带走",
            "清空消防通道，派人到路口引导消防车",
            "在避难场所点名，缺谁报给消防员",
            "封上周围路口，不让人回去取东西",
        ),
    ),
)
"""What a fresh office begins with, in this order."""

_LISTS: Final = ("categories", "words", "modes", "rings", "checklist")
_TOLD: Final = frozenset(one.name for one in fields(Scenario)) - {"id", "rank", "version"}


def listed(tx: Reader, *, hidden: bool = False) -> list[Scenario]:
    """Return the scenarios in their order, with those that were hidden if wanted."""

    def read() -> list[Scenario]:
        changed = {row["id"]: _scenario(row) for row in tx.rows("scenario")}
        every = _shipped() | changed
        return sorted(every.values(), key=lambda one: (one.rank, one.id))

    return [one for one in tx.cached("scenarios", read) if hidden or not one.hidden]


def get(tx: Reader, scenario_id: str) -> Scenario:
    """Return one scenario, a hidden one too.

    Raises
    ------
    NotFound
        ``scenario_not_found``.
    """
    for one in listed(tx, hidden=True):
        if one.id == scenario_id:
            return one
    raise NotFound("scenario_not_found", key=scenario_id)


def add(tx: Writer, told: Mapping[str, Any], *, actor: Actor) -> Scenario:
    """Add a scenario behind the others and return it.

    ``told`` are fields of :class:`Scenario`, name and categories (or words) at least.

    Raises
    ------
    Invalid
        ``scenario_invalid``: details map a field to "missing", "too_long", "too_many", "taken",
        "unknown" or "out_of_range".
    Forbidden
        ``forbidden``: for administrators.
    """
    require(actor, Action.SCENARIO_EDIT)
    tx.alone()
    every = listed(tx, hidden=True)
    (scenario_id,) = ids.fresh(1)
    blank = Scenario(scenario_id, "", "", (), (), (Mode.FOOT,), 4, rank=every[-1].rank + 1)
    made = _checked(tx, blank, told, every)
    tx.insert("scenario", [_row(made)], by=actor)
    return get(tx, scenario_id)


def edit(
    tx: Writer, scenario_id: str, changes: Mapping[str, Any], *, version: int, actor: Actor
) -> Scenario:
    """Change a scenario, or hide it, and return it.

    Raises
    ------
    NotFound
        ``scenario_not_found``.
    Conflict
        ``version_stale``.
    Invalid, Forbidden
        As :func:`add`.
    """
    require(actor, Action.SCENARIO_EDIT)
    # Two who change a shipped one for the first time must not both write it.
    tx.alone()
    old = get(tx, scenario_id)
    if version != old.version:
        raise Conflict("version_stale", key=scenario_id, seen=version, current=old.version)
    row = _row(_checked(tx, old, changes, listed(tx, hidden=True)))
    if old.version:
        tx.update("scenario", scenario_id, row, version=version, by=actor)
    else:
        tx.insert("scenario", [row], by=actor, action="edit")
    return get(tx, scenario_id)


def reorder(tx: Writer, order: Sequence[str], *, actor: Actor) -> None:
    """Put the scenarios into an order; those that are not named stay behind, as they were."""
    require(actor, Action.SCENARIO_EDIT)
    tx.alone()
    every = listed(tx, hidden=True)
    place = {key: at for at, key in enumerate(order)}
    wanted = sorted(every, key=lambda one: (place.get(one.id, len(place)), one.rank))
    for rank, one in enumerate(wanted):
        if one.rank == rank:
            continue
        if one.version:
            tx.update("scenario", one.id, {"rank": rank}, version=None, by=actor, action="order")
        else:
            tx.insert("scenario", [_row(one) | {"rank": rank}], by=actor, action="order")


def _shipped() -> dict[str, Scenario]:
    return {one.id: Scenario(**{**_plain(one), "rank": rank}) for rank, one in enumerate(SHIPPED)}


def _plain(one: Scenario) -> Values:
    return {told.name: getattr(one, told.name) for told in fields(Scenario)}


def _scenario(row: Values) -> Scenario:
    told = {one.name: row[one.name] for one in fields(Scenario)}
    told |= {name: tuple(orjson.loads(row[name])) for name in _LISTS}
    told["modes"] = tuple(map(Mode, told["modes"]))
    return Scenario(
        **told | {"direction": Direction(row["direction"]), "hidden": bool(row["hidden"])}
    )


def _row(one: Scenario) -> Values:
    told = asdict(one) | {"direction": str(one.direction)}
    del told["version"]
    return told | {name: orjson.dumps(list(told[name])).decode() for name in _LISTS}


def _checked(
    tx: Reader, old: Scenario, changes: Mapping[str, Any], every: Sequence[Scenario]
) -> Scenario:
    """Return a scenario with what is to be different, if it means something."""
    if strange := changes.keys() - _TOLD:
        raise Invalid("field_unknown", fields=sorted(strange))
    told = _plain(old) | {name: _typed(name, value) for name, value in changes.items()}
    made = Scenario(**told)
    others = {one.name for one in every if one.id != old.id}
    wrong = {name: reason for name, reason in _wrong(tx, made, others) if reason}
    if wrong:
        raise Invalid("scenario_invalid", **wrong)
    return made


def _typed(name: str, value: Any) -> Any:  # noqa: ANN401 - a field's value is of any type
    if name in ("name", "name_en"):
        return wording.typed(value)
    if name in ("checklist", "words"):
        return tuple(line for line in map(wording.typed, value) if line)
    if name == "rings":
        return tuple(sorted(set(value)))
    if name in ("categories", "modes"):
        return tuple(dict.fromkeys(value))
    return value


def _wrong(tx: Reader, one: Scenario, others: set[str]) -> list[tuple[str, str]]:
    """Return what is wrong with each field, "" for nothing."""
    return [
        ("name", _wrong_name(one.name, others)),
        ("name_en", "too_long" if len(one.name_en) > LONGEST["name_en"] else ""),
        ("categories", _wrong_categories(one, categories.known(tx))),
        ("words", _wrong_lines(one.words, "words", LONGEST["word"])),
        ("modes", "" if one.modes else "missing"),
        ("helpers", "" if 1 <= one.helpers <= MOST_HELPERS else "out_of_range"),
        ("rings", _wrong_rings(one.rings)),
        ("cordon_m", "" if 0 <= one.cordon_m <= WIDEST_CORDON_M else "out_of_range"),
        ("checklist", _wrong_lines(one.checklist, "checklist", LONGEST["line"])),
    ]


def _wrong_name(name: str, others: set[str]) -> str:
    if not name:
        return "missing"
    if len(name) > LONGEST["name"]:
        return "too_long"
    return "taken" if name in others else ""


def _wrong_categories(one: Scenario, known: frozenset[str]) -> str:
    if not one.categories and not one.words:
        return "missing"
    return "" if known.issuperset(one.categories) else "unknown"


def _wrong_lines(lines: tuple[str, ...], name: str, longest: int) -> str:
    if len(lines) > MOST[name]:
        return "too_many"
    return "too_long" if any(len(line) > longest for line in lines) else ""


def _wrong_rings(rings: tuple[int, ...]) -> str:
    if len(rings) > MOST["rings"]:
        return "too_many"
    return "" if all(0 < ring <= LONGEST_RING_MIN for ring in rings) and rings else "out_of_range"
