"""What counts on the way, for each mode, in the engine's own options."""

from typing import Final

from geodata.modes import WALK_KMH, Mode

# Nothing but time counts on foot, as in the walking graph: what the engine would rather not do
# (gates, private yards, steps, turns) is not made longer than it is. With these its cost is
# the time itself, measured; any one less and it is not.
_FOOT: Final = {
    "walking_speed": WALK_KMH,
    "walkway_factor": 1,
    "sidewalk_factor": 1,
    "alley_factor": 1,
    "driveway_factor": 1,
    "use_ferry": 0,
    "use_living_streets": 0.5,
    "use_tracks": 0.5,
    "gate_cost": 0,
    "gate_penalty": 0,
    "step_penalty": 0,
    "elevator_penalty": 0,
    "maneuver_penalty": 0,
    "service_factor": 1,
    "service_penalty": 0,
    "destination_only_penalty": 0,
    "private_access_penalty": 0,
}

COSTING: Final[dict[Mode, dict[str, object]]] = {
    Mode.FOOT: {"costing": "pedestrian", "costing_options": {"pedestrian": _FOOT}},
    Mode.BIKE: {"costing": "bicycle", "costing_options": {"bicycle": {"bicycle_type": "City"}}},
    Mode.CAR: {"costing": "auto"},
}
"""The part of every question that tells the mode. Car and bicycle keep to one-ways."""
