"""Rounds (走访): asked, planned, kept, walked with a phone in the hand, printed."""

from webmap.rounds import api, homes, kept, pages, walking
from webmap.rounds.api import WHY
from webmap.rounds.blueprint import bp

__all__ = ["WHY", "api", "bp", "homes", "kept", "pages", "walking"]
