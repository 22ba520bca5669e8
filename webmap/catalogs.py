"""Keep the catalogs of words true to the code: ``python -m webmap.catalogs``.

Only developers run this, after a sentence was added or changed. What was
translated stays; what is new waits for its translation, and a test fails until
it has one.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from webmap import i18n

PROJECT = Path(__file__).parents[1]
METHODS = [
    ("webmap/**.py", "python"),
    ("webmap/templates/**.html", "jinja2"),
    ("static/js/**.js", "javascript"),
]
OPTIONS = {"**.js": {"parse_template_string": "true"}}
"""Sentences stand inside of template literals, too."""

KEYWORDS = {name: DEFAULT_KEYWORDS[name] for name in ("_", "gettext", "ngettext")} | {
    "marked": None
}


def said() -> Catalog:
    """Gather every sentence that templates, Python and scripts say, with where they say it."""
    found = Catalog(project="Linju", charset="utf-8")
    for folder in ("webmap", "static/js"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), method)
            for pattern, method in METHODS
            if pattern.startswith(f"{folder}/")
        ]
        for path, line, message, comments, _context in extract_from_dir(
            PROJECT / folder, method_map=methods, options_map=OPTIONS, keywords=KEYWORDS
        ):
            found.add(message, None, [(f"{folder}/{path}", line)], auto_comments=comments)
    return found


def refresh(name: str) -> Catalog:
    """Bring the catalog of a language up to date and write it."""
    catalog = i18n.catalog(name)
    catalog.update(said(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path = i18n.TRANSLATIONS / i18n.LANGUAGES[name] / "LC_MESSAGES" / "messages.po"
    with path.open("wb") as file:
        write_po(
            file, catalog, width=100, sort_by_file=True, omit_header=False, include_lineno=False
        )
    return catalog


if __name__ == "__main__":
    waiting = [message.id for message in refresh("zh") if message.id and not message.string]
    print(f"{len(waiting)} sentences wait for their Chinese")  # noqa: T201  a command's answer
