"""The unified social credit code (统一社会信用代码) of a licence, by GB 32100-2015."""

import re
import unicodedata
from dataclasses import dataclass

from stdnum import numdb
from stdnum.cn import uscc

from geodata import divisions
from geodata.errors import Invalid

_LENGTH = 18
# Two for the registering department and the kind, six for where, nine for whom, one check.
# uscc.validate wants digits in front, but A (the army) and N (farming: village
# cooperatives) have codes too, so only its check digit is used.
_CODE = re.compile("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_GAPS = re.compile(r"[\s\u200b-\u200d\u2060\ufeff\u2010-\u2015\u2212-]+")

_NATION = "100000"
_SPAN = re.compile(r"\[[0-9]*-[0-9]*\]")
# A code that stands for several districts, or for none, has one of these for a name.
_NO_NAME = re.compile("市辖区|市区|县|.*直辖.*行政单位")


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code that is written as the standard wants.

    Attributes
    ----------
    code
        18 digits and capital letters.
    region
        Its digits 3 to 8: the division whose office registered it.
    region_name
        That division from the province down, as far as it is known.
    elsewhere
        Whether it was registered in another district than the area asked about.
        A shop may be, so this is something to look at and no error. An office of
        the city, the province or the nation is not elsewhere to what lies in it.
    """

    code: str
    region: str
    region_name: str
    elsewhere: bool


def check(text: str, *, area: str = "") -> CreditCode:
    """Read the code of a business licence, and refuse one that cannot be right.

    It catches slips of the pen: each wrong character, and two swapped neighbours. Whether
    such a licence was ever given, only the public register (国家企业信用信息公示系统) tells.

    Parameters
    ----------
    text
        18 characters; small and full-width letters, spaces and hyphens are
        understood. A blank is too short: ask first whether there is a code.
    area
        The area of the shop, in any form that :func:`geodata.divisions.normalise`
        takes; "" asks nothing about it.

    Raises
    ------
    Invalid
        ``credit_code_invalid`` with ``reason``, the first that holds:
        "length"; "characters" (the letters I, O, S, V and Z are not used, and where it
        was registered is told by digits); "checksum"; "region", no such province.
        ``area_code_invalid`` for the area.

    Notes
    -----
    The names of divisions are those of python-stdnum, current ones and those gone
    since. Development zones register businesses under codes of their own that no list
    of divisions has (320594, the Suzhou Industrial Park), so an unknown district or
    city is accepted, named as far as it is known and compared so far.

    Examples
    --------
    >>> found = check("9144 0300 7152 6726 xg", area="440305")
    >>> found.code, found.region_name, found.elsewhere
    ('9144030071526726XG', '广东省深圳市', False)
    """
    code = _GAPS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != _LENGTH:
        raise Invalid("credit_code_invalid", reason="length")
    if not _CODE.fullmatch(code):
        raise Invalid("credit_code_invalid", reason="characters")
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        raise Invalid("credit_code_invalid", reason="checksum")
    region = code[2:8]
    names = _names(region)
    if not names:
        raise Invalid("credit_code_invalid", reason="region")
    return CreditCode(
        code=code,
        region=region,
        region_name="".join(dict.fromkeys(names.values())),
        elsewhere=bool(area) and _apart(max(names, key=len), area),
    )


def _names(region: str) -> dict[str, str]:
    """Map the prefixes of a region that are known, widest first, to their names."""
    if region == _NATION:
        return {"": "全国"}
    names: dict[str, str] = {}
    for length in (2, 4, 6):
        name = _name(region[:length].ljust(len(region), "0"))
        if name and not _NO_NAME.fullmatch(name):
            names[region[:length]] = name
    return names


def _name(region: str) -> str:
    # Where a code was given to several one after the other, the last is the latest.
    county = numdb.get("cn/loc").info(region)[-1][1].get("county", "")
    return _SPAN.sub("", county).rpartition(",")[2]


def _apart(known: str, area: str) -> bool:
    own = divisions.prefix(divisions.normalise(area))
    office = divisions.prefix(known.ljust(divisions.LENGTHS["community"], "0")) if known else ""
    return not (own.startswith(office) or office.startswith(own))
