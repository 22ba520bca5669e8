"""What is told of somebody who lives alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from geodata import wording
from geodata.errors import Invalid

LONGEST = {"name": 200, "address": 300, "phone": 200, "note": 2000}
"""Characters that a text may have."""


# No repr: what is sealed must not come to light in a log or a traceback.
@dataclass(frozen=True, slots=True, repr=False)
class Elder:
    """Somebody who lives alone: name, address (the flat in the building), phone and a note."""

    name: str
    address: str = ""
    phone: str = ""
    note: str = ""

    @classmethod
    def typed(cls, told: Mapping[str, str]) -> Self:
        """Return what was typed into a form or a table, each text brought to one form."""
        texts = {name: wording.typed(told.get(name, ""), lines=name == "note") for name in LONGEST}
        return cls(**texts)

    def check(self) -> None:
        """Refuse what cannot be kept.

        Raises
        ------
        Invalid
            ``elder_invalid``: details map a field to "missing" or "too_long".
        """
        texts = self.told()
        wrong: dict[str, object] = {
            name: "too_long" for name, most in LONGEST.items() if len(texts[name]) > most
        }
        if not self.name:
            wrong["name"] = "missing"
        if wrong:
            raise Invalid("elder_invalid", **wrong)

    def told(self) -> dict[str, str]:
        """Return all of it by field."""
        return asdict(self)

    @property
    def flat(self) -> tuple[str, str]:
        """Name and flat as they are compared: spaces tell nothing."""
        return "".join(self.name.split()), "".join(self.address.split())

    def may_be(self, other: "Elder") -> bool:
        """Tell whether both can be of one person: the names are equal, the flats not unlike."""
        (name, here), (others, there) = self.flat, other.flat
        return name == others and (here == there or not here or not there)
