"""Plans (预案) over HTTP: kept as they were, worked on together, printed and shown by a link."""

from webmap.plans import api, files, pages, sharing
from webmap.plans.blueprint import bp

__all__ = ["api", "bp", "files", "pages", "sharing"]
