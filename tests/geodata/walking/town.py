"""A town drawn in metres, written as OpenStreetMap data, and the engine's view of any extract."""

import json
import subprocess
from pathlib import Path

import numpy as np
import osmium
import valhalla
from osmium.osm.mutable import Node, Way

from geodata.roads import network
from geodata.walking import Graph
from geodata.walking.frames import Frame

FRAME = Frame(123.43, 41.8)
ENGINE_OPTIONS = {
    "walking_speed": 4.5,
    "walkway_factor": 1,
    "sidewalk_factor": 1,
    "alley_factor": 1,
    "driveway_factor": 1,
    "step_penalty": 0,
    "elevator_penalty": 0,
    "gate_cost": 0,
    "gate_penalty": 0,
    "private_access_penalty": 0,
    "destination_only_penalty": 0,
    "alley_penalty": 0,
    "service_penalty": 0,
    "maneuver_penalty": 5,
    "use_ferry": 0,
    "use_living_streets": 0.5,
    "use_tracks": 0.5,
}
"""With these the engine takes the ways that people take, and walks as fast as the graph."""

type Spot = tuple[float, float]


class Town:
    """Ways and nodes by metres east and north of a point; ways meet where they share a spot."""

    def __init__(self) -> None:
        self._ways: list[tuple[tuple[Spot, ...], dict[str, str]]] = []
        self._tags: dict[Spot, dict[str, str]] = {}
        self._lost: set[Spot] = set()

    def way(self, *spots: Spot, **tags: str) -> "Town":
        """Add a way; a street for everybody where no tags are given."""
        tags = {key.replace("__", ":"): value for key, value in tags.items()}
        self._ways.append((spots, tags or {"highway": "residential"}))
        return self

    def path(self, *spots: Spot, **tags: str) -> "Town":
        return self.way(*spots, highway="footway", **tags)

    def wall(self, *spots: Spot, **tags: str) -> "Town":
        return self.way(*spots, **({"barrier": "wall"} | tags))

    def node(self, spot: Spot, **tags: str) -> "Town":
        self._tags[spot] = tags
        return self

    def without(self, spot: Spot) -> "Town":
        """Leave a node out of the file, though a way goes there."""
        self._lost.add(spot)
        return self

    def write(self, path: Path) -> Path:
        spots = sorted({spot for way, _ in self._ways for spot in way} | set(self._tags))
        ids = {spot: number for number, spot in enumerate(spots, 1)}
        path.unlink(missing_ok=True)
        writer = osmium.SimpleWriter(str(path))
        for spot, number in ids.items():
            if spot not in self._lost:
                place = tuple(at(spot).tolist())
                tags = self._tags.get(spot, {})
                writer.add_node(Node(id=number, location=place, tags=tags, version=1))
        for number, (way, tags) in enumerate(self._ways, 1):
            nodes = [ids[spot] for spot in way]
            writer.add_way(Way(id=number, nodes=nodes, tags=tags, version=1))
        writer.close()
        return path

    def read(self, folder: Path) -> network.Read:
        return network.read(self.write(folder / "town.osm"))

    def graph(self, folder: Path) -> Graph:
        return self.read(folder).graph


def at(*spots: Spot) -> np.ndarray:
    """Return lon/lat of spots: (2,) of one, (n, 2) of more."""
    places = FRAME.lonlat(np.array(spots, dtype=np.float64))
    return places[0] if len(spots) == 1 else places


def engine(source: Path, folder: Path) -> valhalla.Actor:
    """Build tiles of an extract and open them."""
    pbf = folder / "extract.osm.pbf"
    writer = osmium.SimpleWriter(str(pbf))
    for thing in osmium.FileProcessor(str(source)):
        writer.add(thing)
    writer.close()
    tiles = folder / "tiles"
    tiles.mkdir()
    config = valhalla.get_config(tile_extract="", tile_dir=str(tiles))
    for absent in ("admin", "timezone", "landmarks"):
        config["mjolnir"].pop(absent, None)
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    program = Path(valhalla.PYVALHALLA_DIR) / "bin" / "valhalla_build_tiles"
    subprocess.run([program, "-c", path, pbf], check=True, capture_output=True)
    # Its own log on the standard output is no part of a test.
    config["logging"] = {"type": ""}
    path.write_text(json.dumps(config))
    return valhalla.Actor(str(path))


def ask(
    actor: valhalla.Actor, start: np.ndarray, end: np.ndarray, *, strays: bool = True
) -> dict | None:
    """Return the summary of the engine's way on foot, None where it knows none.

    Without ``strays`` ways that lead nowhere are no place to start from.
    """
    told = {"search_cutoff": 50} | ({"minimum_reachability": 0} if strays else {})
    places = [{"lon": lon, "lat": lat} | told for lon, lat in (start.tolist(), end.tolist())]
    query = {
        "locations": places,
        "costing": "pedestrian",
        "costing_options": {"pedestrian": ENGINE_OPTIONS},
        "directions_type": "none",
    }
    try:
        return json.loads(actor.route(json.dumps(query)))["trip"]["summary"]
    except RuntimeError:
        return None
