"""What is said of every manoeuvre, stretch and passage, on foot, by bike and by car.

All are msgids: whole clauses, of which one takes the other in by a placeholder, so that
each language orders them in its own way. Two modes that Chinese tells apart (进入, 驶入) are
told apart in English too, or one msgid would need two translations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from geodata.modes import Mode
from geodata.routing import Manoeuvre, PassKind
from webmap.i18n import marked

M = Manoeuvre


@dataclass(frozen=True, slots=True)
class Frame:
    """How a clause takes in where it leads and what stands there; "" leaves it out.

    ``{turn}`` is the clause; ``same`` is for a street that one was on already.
    """

    street: str = ""
    landmark: str = ""
    both: str = ""
    same: str = ""
    same_landmark: str = ""
    sign: str = ""

    def chosen(self, *, street: str, same: bool, landmark: str, sign: str) -> str:
        """Return the msgid for what is known, "" where the clause stands alone."""
        if street and same:
            return (landmark and self.same_landmark) or self.same
        if street:
            return (landmark and self.both) or self.street
        return (landmark and self.landmark) or (sign and self.sign)

    @property
    def turns(self) -> bool:
        """Tell whether this is about which way to turn, so that a landmark helps."""
        return bool(self.landmark)


@dataclass(frozen=True, slots=True)
class Clause:
    """What one does at a point. ``alone`` where nothing is added, ``counted`` with an exit."""

    turn: str
    frame: Frame = Frame()
    alone: str = ""
    counted: str = ""


_SLOW: Final = Frame(
    street=marked("{turn} into {street}"),
    landmark=marked("{turn} at {landmark}"),
    both=marked("{turn} at {landmark} into {street}"),
    same=marked("{turn} to continue along {street}"),
    same_landmark=marked("{turn} at {landmark} to continue along {street}"),
    sign=marked("{turn} towards {sign}"),
)
_DRIVEN: Final = Frame(
    street=marked("{turn} onto {street}"),
    landmark=_SLOW.landmark,
    both=marked("{turn} at {landmark} onto {street}"),
    same=_SLOW.same,
    same_landmark=_SLOW.same_landmark,
    sign=_SLOW.sign,
)
_CONTINUED: Final = marked("continue along {street}")
_STRAIGHT: Final = replace(_SLOW, same=_CONTINUED, same_landmark="")
_STRAIGHT_DRIVEN: Final = replace(_DRIVEN, same=_CONTINUED, same_landmark="")
# One goes back the way one came: the street needs no name.
_BACK: Final = Frame(
    street=_SLOW.street, landmark=_SLOW.landmark, both=_SLOW.both, same_landmark=_SLOW.landmark
)
_DRIVEN_BACK: Final = Frame(
    street=_DRIVEN.street,
    landmark=_SLOW.landmark,
    both=_DRIVEN.both,
    same_landmark=_SLOW.landmark,
)
_OUT_SLOW: Final = Frame(street=marked("leave the roundabout into {street}"))
_OUT_DRIVEN: Final = Frame(street=marked("leave the roundabout onto {street}"))
_FERRY: Final = Frame(street=marked("take the ferry {street}"))
_BOARD: Final = Frame(street=marked("board {street}"))
_CHANGE: Final = Frame(street=marked("change to {street}"))


def _turn(
    slow: str, driven: str = "", *, alone: str = "", counted: str = ""
) -> Mapping[Mode, Clause]:
    on_foot = Clause(slow, _SLOW, counted=counted)
    return {
        Mode.FOOT: on_foot,
        Mode.BIKE: on_foot,
        Mode.CAR: Clause(driven or slow, _DRIVEN, alone=alone, counted=counted),
    }


def _alike(sentence: str, frame: Frame | None = None) -> Mapping[Mode, Clause]:
    return dict.fromkeys(Mode, Clause(sentence, frame or Frame()))


def _straight(sentence: str) -> Mapping[Mode, Clause]:
    slow, driven = Clause(sentence, _STRAIGHT), Clause(sentence, _STRAIGHT_DRIVEN)
    return {Mode.FOOT: slow, Mode.BIKE: slow, Mode.CAR: driven}


_ONWARD = _straight(marked("go straight on"))
_AROUND: Final[Mapping[Mode, Clause]] = {
    Mode.FOOT: Clause(marked("turn around"), _BACK, alone=marked("turn around and walk back")),
    Mode.BIKE: Clause(marked("turn around"), _BACK, alone=marked("turn around and ride back")),
    Mode.CAR: Clause(marked("make a U-turn"), _DRIVEN_BACK),
}
_SET_OFF = _alike(marked("set off"))
_BOARDING = _alike(marked("get on the bus or train"), _BOARD)

CLAUSES: Final[Mapping[Manoeuvre, Mapping[Mode, Clause]]] = {
    M.NONE: _straight(marked("carry on")),
    M.START: _SET_OFF,
    M.START_RIGHT: _SET_OFF,
    M.START_LEFT: _SET_OFF,
    M.DESTINATION: _alike(marked("arrive at {place}")),
    M.DESTINATION_RIGHT: {
        Mode.FOOT: Clause(marked("arrive at {place}, on your right")),
        Mode.BIKE: Clause(marked("arrive at {place}, on your right")),
        Mode.CAR: Clause(marked("arrive at {place}, on the right side of the road")),
    },
    M.DESTINATION_LEFT: {
        Mode.FOOT: Clause(marked("arrive at {place}, on your left")),
        Mode.BIKE: Clause(marked("arrive at {place}, on your left")),
        Mode.CAR: Clause(marked("arrive at {place}, on the left side of the road")),
    },
    M.BECOMES: _ONWARD,
    M.CONTINUE: _ONWARD,
    M.SLIGHT_RIGHT: _turn(marked("bear right")),
    M.RIGHT: _turn(marked("turn right")),
    M.SHARP_RIGHT: _turn(marked("turn sharp right")),
    M.UTURN_RIGHT: _AROUND,
    M.UTURN_LEFT: _AROUND,
    M.SHARP_LEFT: _turn(marked("turn sharp left")),
    M.LEFT: _turn(marked("turn left")),
    M.SLIGHT_LEFT: _turn(marked("bear left")),
    M.RAMP_STRAIGHT: _turn(
        marked("take the ramp straight ahead"), marked("take the slip road straight ahead")
    ),
    M.RAMP_RIGHT: _turn(
        marked("take the ramp on the right"), marked("take the slip road on the right")
    ),
    M.RAMP_LEFT: _turn(
        marked("take the ramp on the left"), marked("take the slip road on the left")
    ),
    M.EXIT_RIGHT: _turn(
        marked("take the exit on the right"), counted=marked("take exit {n} on the right")
    ),
    M.EXIT_LEFT: _turn(
        marked("take the exit on the left"), counted=marked("take exit {n} on the left")
    ),
    M.STAY_STRAIGHT: _turn(marked("keep straight on at the fork"), marked("keep straight on")),
    M.STAY_RIGHT: _turn(
        marked("keep right at the fork"),
        marked("keep right"),
        alone=marked("keep to the right"),
    ),
    M.STAY_LEFT: _turn(
        marked("keep left at the fork"), marked("keep left"), alone=marked("keep to the left")
    ),
    M.MERGE: {**_ONWARD, Mode.CAR: Clause(marked("merge"), _DRIVEN)},
    M.ROUNDABOUT_ENTER: {
        Mode.FOOT: Clause(
            marked("go round the roundabout"),
            counted=marked("go round the roundabout and leave by exit {n}"),
        ),
        Mode.BIKE: Clause(
            marked("ride into the roundabout"),
            counted=marked("ride into the roundabout and leave by exit {n}"),
        ),
        Mode.CAR: Clause(
            marked("enter the roundabout"),
            counted=marked("enter the roundabout and take exit {n}"),
        ),
    },
    M.ROUNDABOUT_EXIT: {
        Mode.FOOT: Clause(marked("leave the roundabout"), _OUT_SLOW),
        Mode.BIKE: Clause(marked("leave the roundabout"), _OUT_SLOW),
        Mode.CAR: Clause(marked("drive out of the roundabout"), _OUT_DRIVEN),
    },
    M.FERRY_ENTER: _alike(marked("get on the ferry"), _FERRY),
    M.FERRY_EXIT: _alike(marked("get off the ferry")),
    M.TRANSIT: _BOARDING,
    M.TRANSIT_TRANSFER: _alike(marked("change to the next bus or train"), _CHANGE),
    M.TRANSIT_REMAIN_ON: _alike(marked("stay on board")),
    M.TRANSIT_CONNECTION_START: _alike(marked("go into the station")),
    M.TRANSIT_CONNECTION_TRANSFER: _alike(marked("change inside the station")),
    M.TRANSIT_CONNECTION_DESTINATION: _alike(marked("leave the station")),
    M.POST_TRANSIT_CONNECTION_DESTINATION: _alike(marked("go on from the station")),
    M.MERGE_RIGHT: _turn(marked("bear right"), marked("merge to the right")),
    M.MERGE_LEFT: _turn(marked("bear left"), marked("merge to the left")),
    M.ELEVATOR_ENTER: _alike(marked("take the lift")),
    M.STEPS_ENTER: _alike(marked("take the steps")),
    M.ESCALATOR_ENTER: _alike(marked("take the escalator")),
    M.BUILDING_ENTER: _alike(marked("go into the building")),
    M.BUILDING_EXIT: _alike(marked("leave the building")),
    M.LEVEL_CHANGE: _alike(marked("change to the other floor")),
    M.PARK_VEHICLE: _alike(marked("park and go on")),
}
"""What is said of each manoeuvre that Valhalla knows."""

STARTS: Final = frozenset({M.START, M.START_RIGHT, M.START_LEFT})

TURNING: Final = frozenset(
    {
        M.SLIGHT_RIGHT, M.RIGHT, M.SHARP_RIGHT, M.UTURN_RIGHT,
        M.SLIGHT_LEFT, M.LEFT, M.SHARP_LEFT, M.UTURN_LEFT,
    }
)  # fmt: skip
"""Manoeuvres at a corner, where a landmark helps."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """How going along is said: at first with the compass, later without; named and not."""

    first: str
    first_unnamed: str
    later: str
    later_unnamed: str
    little: str

    def chosen(self, *, first: bool, named: bool) -> str:
        """Return the msgid for a stretch that has its metres told."""
        if first:
            return self.first if named else self.first_unnamed
        return self.later if named else self.later_unnamed


STRETCHES: Final[Mapping[Mode, Stretch]] = {
    Mode.FOOT: Stretch(
        first=marked("walk {compass} along {street} for {distance}, then {next}"),
        first_unnamed=marked("walk {compass} for {distance}, then {next}"),
        later=marked("walk along {street} for {distance}, then {next}"),
        later_unnamed=marked("walk on for {distance}, then {next}"),
        little=marked("walk a few steps {compass}, then {next}"),
    ),
    Mode.BIKE: Stretch(
        first=marked("ride {compass} along {street} for {distance}, then {next}"),
        first_unnamed=marked("ride {compass} for {distance}, then {next}"),
        later=marked("ride along {street} for {distance}, then {next}"),
        later_unnamed=marked("ride on for {distance}, then {next}"),
        little=marked("ride a little way {compass}, then {next}"),
    ),
    Mode.CAR: Stretch(
        first=marked("drive {compass} along {street} for {distance}, then {next}"),
        first_unnamed=marked("drive {compass} for {distance}, then {next}"),
        later=marked("drive along {street} for {distance}, then {next}"),
        later_unnamed=marked("drive on for {distance}, then {next}"),
        little=marked("drive a little way {compass}, then {next}"),
    ),
}

_BY_BOAT: Final = marked("stay on the ferry for {distance}, then {next}")
_ON_BOARD: Final = marked("stay on board for {distance}, then {next}")
CARRIED: Final[Mapping[Manoeuvre, str]] = {
    M.FERRY_ENTER: _BY_BOAT,
    M.TRANSIT: _ON_BOARD,
    M.TRANSIT_TRANSFER: _ON_BOARD,
    M.TRANSIT_REMAIN_ON: _ON_BOARD,
}
"""After these one is carried along."""

SOON: Final = marked("straight after that, {next}")
PASSING: Final = marked("{distance}, {passages}")
PASSING_ONLY: Final = marked("go {passages} and {next}")
AND_THEN: Final = marked("{first}, then {second}")
DESTINATION: Final = marked("your destination")

COMPASS: Final = (
    marked("north"),
    marked("northeast"),
    marked("east"),
    marked("southeast"),
    marked("south"),
    marked("southwest"),
    marked("west"),
    marked("northwest"),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """How passing something is said: once, ``{n}`` times, and by a ``{name}`` of its own.

    Names are those of the street it is part of; ``own`` are the endings of a name that means
    the bridge itself.
    """

    once: str
    often: str
    named: str = ""
    own: tuple[str, ...] = ()


_ZEBRA: Final = Passage(
    marked("over the pedestrian crossing"), marked("over {n} pedestrian crossings")
)
_STAIRS: Final = Passage(marked("up or down the steps"), marked("up or down {n} flights of steps"))
_ESCALATOR: Final = Passage(marked("by escalator"), marked("by {n} escalators"))
_LIFT: Final = Passage(marked("by lift"), marked("by {n} lifts"))
_BOAT: Final = Passage(marked("by ferry"), marked("by {n} ferries"))
_GATE: Final = Passage(marked("through the gate"), marked("through {n} gates"))
_TOLL: Final = Passage(marked("through the toll station"), marked("through {n} toll stations"))
_BRIDGE: Final = Passage(
    marked("over the bridge"),
    marked("over {n} bridges"),
    named=marked("over {name}"),
    own=("桥", "bridge"),
)
_UNDERPASS: Final = Passage(
    marked("through the underpass"),
    marked("through {n} underpasses"),
    named=marked("through {name}"),
    own=("隧道", "地道", "通道", "tunnel", "underpass"),
)
_TUNNEL: Final = Passage(
    marked("through the tunnel"),
    marked("through {n} tunnels"),
    named=_UNDERPASS.named,
    own=_UNDERPASS.own,
)
FOOTBRIDGE: Final = Passage(
    marked("over the footbridge with its steps"),
    marked("over {n} footbridges with their steps"),
    named=marked("over {name} with its steps"),
    own=_BRIDGE.own,
)
SUBWAY: Final = Passage(
    marked("through the subway with its steps"),
    marked("through {n} subways with their steps"),
    named=marked("through {name} with its steps"),
    own=_UNDERPASS.own,
)
CLIMBED: Final[Mapping[PassKind, Passage]] = {
    PassKind.BRIDGE: FOOTBRIDGE,
    PassKind.TUNNEL: SUBWAY,
}
"""What it is for walkers when steps lead to it or from it."""

_WALKED: Final[Mapping[PassKind, Passage]] = {
    PassKind.CROSSING: _ZEBRA,
    PassKind.STEPS: _STAIRS,
    PassKind.ESCALATOR: _ESCALATOR,
    PassKind.ELEVATOR: _LIFT,
    PassKind.FERRY: _BOAT,
    PassKind.BRIDGE: _BRIDGE,
    PassKind.TUNNEL: _UNDERPASS,
    PassKind.GATE: _GATE,
}
PASSAGES: Final[Mapping[Mode, Mapping[PassKind, Passage]]] = {
    Mode.FOOT: _WALKED,
    Mode.BIKE: _WALKED,
    Mode.CAR: {
        PassKind.FERRY: _BOAT,
        PassKind.BRIDGE: _BRIDGE,
        PassKind.TUNNEL: _TUNNEL,
        PassKind.GATE: _GATE,
        PassKind.TOLL_BOOTH: _TOLL,
    },
}
"""What is worth a word. Nobody looks for a bollard, nor a driver for a zebra."""

SUMMARIES: Final[Mapping[Mode, str]] = {
    Mode.FOOT: marked("About {minutes} min on foot ({distance})"),
    Mode.BIKE: marked("About {minutes} min by bike ({distance})"),
    Mode.CAR: marked("About {minutes} min by car ({distance})"),
}
