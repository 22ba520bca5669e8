"""Words for people: English sentences in the code, the reader's language on the page.

A msgid is the English sentence itself, so English needs no catalog. Chinese
is read once from ``translations/zh_Hans_CN/LC_MESSAGES/messages.po`` and compiled in
memory: there is no build step and no binary file to forget. The same catalog
serves templates, Python and the page's scripts (``GET /words.js``).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, Response, has_request_context, request, url_for

from geodata.hours import SHANGHAI

TRANSLATIONS = Path(__file__).parent / "translations"
LANGUAGES: Mapping[str, str] = {"zh": "zh_Hans_CN", "en": "en"}
DEFAULT_LANGUAGE = "zh"
HTML_LANGUAGES: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}
SCRIPT_FOLDER = "static/js/"

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

bp = Blueprint("words", __name__)


def language() -> str:
    """Return the reader's language, a key of ``LANGUAGES``.

    It is what the address asks for with ``?lang=``; anything unknown, and a
    command line, gets Chinese.
    """
    asked = request.args.get("lang", "") if has_request_context() else ""
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE


def gettext(sentence: str, /, **values: object) -> str:
    """Say an English sentence in the reader's language.

    ``{name}`` in the sentence is replaced by the value of that name. Values
    are put in once and never read as a pattern again, so people's text is
    safe here; the result is plain text, which a template escapes.
    """
    return _filled(_translations(language()).gettext(sentence), values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Say a sentence about ``n`` things; ``{n}`` stands for the number."""
    return _filled(_translations(language()).ngettext(one, many, n), {"n": n, **values})


def marked(sentence: str, /) -> str:
    """Mark a sentence for the catalog; it is said later, by ``gettext``."""
    return sentence


def catalog(name: str) -> Catalog:
    """Read the catalog of a language as it stands in the repository."""
    path = TRANSLATIONS / LANGUAGES[name] / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=LANGUAGES[name])
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGES[name], abort_invalid=True)


@dataclass(frozen=True, slots=True)
class Words:
    """The script that gives a page its words, and a mark of its content."""

    script: str
    digest: str


@cache
def words(name: str) -> Words:
    """Return the words that the page's own scripts say, in one language."""
    said: dict[str, str | list[str]] = {}
    for message in catalog(name):
        if not any(str(path).startswith(SCRIPT_FOLDER) for path, _ in message.locations):
            continue
        if isinstance(message.id, str):
            said[message.id] = str(message.string)
        elif message.id:
            said[message.id[0]] = [str(form) for form in message.string or ()]
    # "</" cannot end anything in a file of its own, yet escaping it is free.
    table = json.dumps(said, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    script = (
        f"globalThis.linju = {{ language: {json.dumps(name)}, words: Object.freeze({table}) }};\n"
    )
    return Words(script, hashlib.sha256(script.encode()).hexdigest()[:16])


@bp.get("/words.js")
def script() -> Response:
    """Serve the words of the page's scripts; for ever when asked by content."""
    found = words(language())
    answer = Response(found.script, mimetype="text/javascript")
    answer.set_etag(found.digest)
    if request.args.get("v") == found.digest:
        answer.cache_control.public = True
        answer.cache_control.max_age = 31_536_000
        answer.cache_control.immutable = True
    else:
        answer.cache_control.no_cache = True
    answer.make_conditional(request)
    return answer


def words_url() -> str:
    """Return the address of the page's words, which changes with their content."""
    return url_for("words.script", lang=language(), v=words(language()).digest)


def init_app(app: Flask) -> None:
    """Teach an application's templates to speak and its pages to fetch words."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(
        _=gettext, gettext=gettext, ngettext=ngettext, moment=moment, words_url=words_url
    )


@cache
def _translations(name: str) -> NullTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalog(name))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _filled(sentence: str, values: Mapping[str, object]) -> str:
    return _PLACEHOLDER.sub(lambda found: str(values.get(found.group(1), found.group(0))), sentence)


def either(chinese: str, english: str) -> str:
    """Return the one of two names that is in the reader's language, Chinese where it is alone."""
    return (english if language() == "en" else "") or chinese


def moment(at: str) -> str:
    """Return a moment of the store as a date and a time in China; "" for none."""
    if not at:
        return ""
    then = datetime.fromisoformat(at).astimezone(SHANGHAI)
    return f"{format_date(then, locale=LANGUAGES[language()])} {then:%H:%M}"
