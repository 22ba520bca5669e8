"""Posters (海报): the guide map of an area on paper, from A4 to A0, vectors throughout."""

from webmap.poster import pages as pages
from webmap.poster.blueprint import bp

__all__ = ["bp"]
