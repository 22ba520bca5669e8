"""English names of the demonstration's places: pinyin, and the English word for what it is."""

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

type Tags = dict[str, str]

_USUAL: Final = {
    "南运河": "South Canal",
    "专用铁路": "Industrial Railway",
    "小什字街": "Xiaoshizi Street",
    "六0六所": "606 Institute",
    "六0六所社区": "606 Institute Community",
}
_KINDS: Final = {
    "公园": "Park", "学校": "School", "医院": "Hospital", "市场": "Market", "体育场": "Stadium",
    "大院": "Compound", "社区": "Community", "街道": "Subdistrict", "天桥": "Footbridge",
    "桥": "Bridge", "路": "Road", "街": "Street",
}  # fmt: skip


def english(name: str) -> str:
    """Give the English name of a street, park, school or area of the sketch.

    As street signs have it: the name in pinyin, an apostrophe before a vowel,
    and the kind in English.

    Examples
    --------
    >>> english("万柳塘路"), english("文安路"), english("南运河")
    ('Wanliutang Road', "Wen'an Road", 'South Canal')
    """
    if name in _USUAL:
        return _USUAL[name]
    kind = next((ending for ending in _KINDS if name.endswith(ending)), "")
    first, *others = _pypinyin().lazy_pinyin(name.removesuffix(kind))
    joined = first + "".join(f"'{s}" if s[0] in "aeo" else s for s in others)
    return f"{joined.capitalize()} {_KINDS.get(kind, '')}".rstrip()


@cache
def _pypinyin() -> ModuleType:
    # Its phrases take 50 MB, which whoever draws nothing can do without.
    return import_module("pypinyin")


def named(name: str) -> Tags:
    """Give the OpenStreetMap tags of a name; none for the empty name."""
    return {"name": name, "name:zh": name, "name:en": english(name)} if name else {}
