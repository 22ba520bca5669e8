"""Emergency over HTTP: who can help, which way, who lives near by."""

from webmap.emergency import answering
from webmap.emergency.blueprint import bp

__all__ = ["answering", "bp"]
