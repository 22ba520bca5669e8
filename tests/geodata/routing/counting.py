"""An engine that counts what it is asked."""

import orjson

from geodata.routing import Engine, Local
from geodata.routing.engine import Action


class Counting(Engine):
    """An engine that counts what it is asked, and the areas it is told of at most."""

    pairs = Local.pairs

    def __init__(self, engine, *, steady=Local.steady):
        self.engine, self.steady = engine, steady
        self.ways = self.areas = self.looked_up = 0

    def ask(self, action, question):
        if action is Action.LOCATE:
            self.looked_up += len(question["locations"])
        if action is Action.ROUTE:
            self.ways += 1
            told = orjson.loads(orjson.dumps(question)).get("exclude_polygons", ())
            self.areas = max(self.areas, len(told))
        return self.engine.ask(action, question)
