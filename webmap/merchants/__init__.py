"""Merchants over HTTP: :mod:`reading` tells of them, :mod:`writing` takes in and changes."""

from webmap.merchants import writing
from webmap.merchants.blueprint import bp
from webmap.merchants.reading import MOST, navigation

__all__ = ["MOST", "bp", "navigation", "writing"]
