"""Where the next merchants would help most, as JSON, as a table, and in words."""

from webmap.sited.documents import SitingDocument, document, letter, table, titled
from webmap.sited.showing import Found, Place, found, question

__all__ = [
    "Found",
    "Place",
    "SitingDocument",
    "document",
    "found",
    "letter",
    "question",
    "table",
    "titled",
]
