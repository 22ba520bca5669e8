"""Closures: :mod:`api` for programs and scripts, :mod:`desk` for who draws them."""

from webmap.closures import api, desk
from webmap.closures.blueprint import bp

__all__ = ["api", "bp", "desk"]
