"""Where the next merchant would help most: asked over HTTP, shown and downloaded by pages."""

from webmap.siting import api, pages
from webmap.siting.blueprint import bp

__all__ = ["api", "bp", "pages"]
