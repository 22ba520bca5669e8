"""The service matrix: :mod:`pages` and files for people, :mod:`api` for programs and scripts."""

from webmap.matrix import api, pages
from webmap.matrix.blueprint import bp

__all__ = ["api", "bp", "pages"]
