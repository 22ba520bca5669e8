"""Emergency: who can help, which way, who lives near by; as a page and over HTTP."""

from webmap.emergency import answering, page
from webmap.emergency.blueprint import bp

__all__ = ["answering", "bp", "page"]
