"""The service matrix: :mod:`pages` and files for people, :mod:`api` for programs and scripts.

:mod:`leaving` tells staff who is left out, :mod:`what_if` what would be else.
"""

from webmap.matrix import (
    api,
    changing,
    history,
    leaving,
    leaving_page,
    pages,
    what_if,
    what_if_page,
)
from webmap.matrix.blueprint import bp

__all__ = [
    "api",
    "bp",
    "changing",
    "history",
    "leaving",
    "leaving_page",
    "pages",
    "what_if",
    "what_if_page",
]
