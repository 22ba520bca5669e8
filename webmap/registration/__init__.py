"""Registration (商户入驻): a shop puts itself on the map, and keeps what is told of it true."""

from webmap.registration import asking, editing, entering, keeping
from webmap.registration.blueprint import bp

__all__ = ["asking", "bp", "editing", "entering", "keeping"]
