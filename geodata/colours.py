"""May a magnet's colour stand beside the others? Contrast, likeness, and colour-blind eyes."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from coloraide import Color

from geodata.errors import Invalid

type Vision = Literal["", "protan", "deutan", "tritan"]

PAPER = "#FFFDF8"
"""The ground of the map, as ``magnets.js`` has it."""

WHITE = "#FFFFFF"
INK = "#2B2622"
"""The two colours of a glyph, as ``shapes.js`` has them; ink is the outline's as well."""

ON_PAPER = 1.25
GLYPH = 3.0
ALIKE = 20.0
ALIKE_BLIND = 10.0

_BLIND: tuple[Vision, ...] = ("protan", "deutan", "tritan")
_WRITTEN = re.compile("#?([0-9A-F]{6})")


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to take another colour; a warning, never a refusal.

    Attributes
    ----------
    code
        "contrast_paper", "contrast_glyph", "too_alike" or "too_alike_blind".
    other
        The id of the category that it is too much like, else "".
    value, wanted
        What was measured, and the least that would do: contrast ratios, or
        differences by CIEDE2000.
    vision
        For "too_alike_blind", the eyes to which the two are most alike.
    """

    code: Literal["contrast_paper", "contrast_glyph", "too_alike", "too_alike_blind"]
    other: str
    value: float
    wanted: float
    vision: Vision = ""


def parse(colour: str) -> str:
    """Bring a colour to the form that is stored.

    Raises
    ------
    Invalid
        ``colour_invalid`` with ``value``: not six hexadecimal digits. Names, short
        forms and transparency are not understood.

    Examples
    --------
    >>> parse(" 0072b2 "), parse("＃0072B2")
    ('#0072B2', '#0072B2')
    """
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", colour).strip().upper())
    if not found:
        raise Invalid("colour_invalid", value=colour)
    return f"#{found[1]}"


def judge(colour: str, others: Mapping[str, str], *, paper: str = PAPER) -> list[Doubt]:
    """List what speaks against a colour for the magnets of a category.

    Parameters
    ----------
    colour
        As :func:`parse` takes it, like all colours here.
    others
        The categories that stand on the map with it, id to colour, itself not
        among them. Ask within a group: facilities share one quiet grey on purpose.
    paper
        What the magnet lies on.

    Returns
    -------
    list of Doubt
        Paper, then glyph, then likeness in the order of ``others``, at most one
        for each of them; empty where nothing speaks against it.

    Raises
    ------
    Invalid
        ``colour_invalid``, as :func:`parse` tells.

    Notes
    -----
    Shape and glyph tell categories apart as well, so each bound is where a reader
    starts to need them, not where the map fails.

    ``ON_PAPER``, 1.25 : 1, is less than the 3 : 1 that WCAG 2.2 (1.4.11) wants of
    a graphic, because the outline in ink, 14.7 : 1, carries that. The face has only
    to look filled: 1.25 is a step of 8.7 in L* from the paper. The palest colour of
    Okabe and Ito (2008), the yellow of repair, has 1.30; cream and pure yellow
    have 1.06.

    ``GLYPH``, 3 : 1, is what WCAG 2.2 (1.4.3) wants of large bold type. The glyph is
    white where that is enough, else ink, by the rule of ``shapes.js``. White and
    ink are 15 : 1 apart, so one of them always does: this doubt can come up only
    after a change of ink.

    ``ALIKE_BLIND``, 10 by CIEDE2000, is what Brychtová and Çöltekin (2016) recommend
    for areas that lie apart on a map. ``ALIKE``, 20, asks twice that of the eyes
    that most readers have, for they match a small magnet with a legend from
    memory. Every pair of Okabe and Ito's eight passes both, by 21.7 and 10.9; of the
    shipped merchants the nearest are 38.0 (clinic, repair) and, to tritan
    eyes, 12.4 (shopping, clinic).

    Colour-blind eyes are simulated after Machado, Oliveira and Fernandes (2009) at
    full severity in linear RGB, cut to what a screen can show. Their model is made
    for protan and deutan; for the rare tritan it is an approximation.

    Examples
    --------
    >>> judge("#E69F00", {"shopping": "#0072B2", "clinic": "#009E73"})
    []
    >>> [(doubt.code, doubt.other) for doubt in judge("#0066CC", {"shopping": "#0072B2"})]
    [('too_alike', 'shopping')]
    """
    face = Color(parse(colour))
    doubts = [*_contrasts(face, Color(parse(paper)))]
    for name, other in others.items():
        doubts.extend(_likeness(face, name, Color(parse(other))))
    return doubts


def on(colour: str) -> str:
    """Return the colour of a glyph on a magnet of this one: white where it can be read, else ink.

    Examples
    --------
    >>> on("#0072B2"), on("#F0E442")
    ('#FFFFFF', '#2B2622')
    """
    return WHITE if Color(colour).contrast(WHITE) >= GLYPH else INK


def seen(colour: str, vision: Vision) -> str:
    """Return how a colour looks to colour-blind eyes, simulated as :func:`judge` does.

    Raises
    ------
    Invalid
        ``colour_invalid``.

    Examples
    --------
    >>> seen("#009E73", ""), seen("#009E73", "deutan")
    ('#009E73', '#8A8676')
    """
    face = Color(parse(colour))
    return str((_seen(face, vision) if vision else face).to_string(hex=True)).upper()


def _contrasts(face: Color, paper: Color) -> list[Doubt]:
    on_paper, white = face.contrast(paper), face.contrast(WHITE)
    glyph = white if white >= GLYPH else face.contrast(INK)
    doubts = [
        Doubt("contrast_paper", "", on_paper, ON_PAPER),
        Doubt("contrast_glyph", "", glyph, GLYPH),
    ]
    return [doubt for doubt in doubts if doubt.value < doubt.wanted]


def _likeness(face: Color, name: str, other: Color) -> list[Doubt]:
    apart = face.delta_e(other, method="2000")
    if apart < ALIKE:
        return [Doubt("too_alike", name, apart, ALIKE)]
    blind = {
        vision: _seen(face, vision).delta_e(_seen(other, vision), method="2000")
        for vision in _BLIND
    }
    vision = min(_BLIND, key=lambda vision: blind[vision])
    if blind[vision] < ALIKE_BLIND:
        return [Doubt("too_alike_blind", name, blind[vision], ALIKE_BLIND, vision)]
    return []


def _seen(colour: Color, vision: Vision) -> Color:
    return colour.filter(vision, 1, method="machado", out_space="srgb").clip()
