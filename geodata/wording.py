"""What people type: brought to one form, otherwise kept as written."""

import re
import unicodedata

# Signs that nobody sees and no file format carries safely: controls, lone surrogates,
# non-characters. Direction marks and joiners stay: scripts and emoji need them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_GAPS = re.compile(r"[ \t]*[\n\t][\s]*")
_SPACES = (
    " \t\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000\u200b\u2060\ufeff\u180e\u2800\u3164\u115f\u1160\uffa0"
)
# Most cells need nothing: one search tells, and is the whole cost of them.
_SUSPECT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
    f"|^[{_SPACES}]|[{_SPACES}]$"
)

_LOOKALIKE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def clean(text: str, *, lines: bool = False) -> str:
    r"""Bring a text to NFC, without spaces at the ends and without signs nobody sees.

    Everything else stays as written: direction marks, emoji, markup.

    Parameters
    ----------
    lines
        True keeps line breaks, as ``\n``; otherwise they become single spaces.

    Examples
    --------
    >>> clean("\u3000泉富 诊所\u200b"), clean("a\r\nb")
    ('泉富 诊所', 'a b')
    """
    text = unicodedata.normalize("NFC", text)
    return _cleaned(text, lines=lines) if _SUSPECT.search(text) else text


def _cleaned(text: str, *, lines: bool) -> str:
    text = _BREAKS.sub("\n", text)
    text = _UNSEEN.sub("", text)
    text = text.replace("\t", " ") if lines else _GAPS.sub(" ", text)
    # What was taken out may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", text).strip(_SPACES)


def typed(text: str, *, lines: bool = False) -> str:
    """Clean what was typed into a form: spaces of every width become plain ones.

    Files keep theirs, as they are taken out again as they came in.

    Examples
    --------
    >>> typed("泉富\u3000诊所\u00a0")
    '泉富 诊所'
    """
    return clean(_LOOKALIKE.sub(" ", text), lines=lines)
