"""Settings: what an operator may choose, read once from the environment at start."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from geodata import divisions, matrix
from geodata.errors import Invalid
from geodata.vault import Vault

PREFIX = "LINJU_"


class Settings(BaseModel):
    """Every setting with its default; a field's name in capitals behind LINJU_ is its variable.

    Raises
    ------
    Invalid
        By :meth:`from_env`: ``setting_unknown`` with the nearest known name, or
        ``setting_invalid`` with the name and what was wrong.
    """

    # A setting may be a secret: what was wrong with it is told without it.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    instance: Path = Field(Path("instance"), description="Folder of all that a running office owns")
    store: str = Field(
        "",
        description="Path of a GeoPackage or a `postgresql://` address; empty: `linju.gpkg` "
        "in the instance folder",
    )
    listen: str = Field("127.0.0.1:8000", description="Address and port of `python wsgi.py`")
    threads: int = Field(4, ge=1, le=64, description="Requests that it answers at the same time")
    hosts: str = Field(
        "",
        description="Host names under which the service may be asked for, with commas; empty: any",
    )
    proxies: int = Field(
        0, ge=0, le=5, description="Trusted proxies in front, whose `X-Forwarded-*` are believed"
    )
    area: str = Field(
        "", description="Code of the area in the title, at which the map opens; empty: all"
    )
    tiles_url: str = Field(
        "",
        description="Tile source of the ground (XYZ or WMTS) with `{z} {x} {y} {s} {key}`, or "
        "`tianditu`; empty: paper",
    )
    tiles_overlay_url: str = Field("", description="Second tile source on top of it, such as names")
    tiles_key: str = Field("", description="The operator's key, for `{key}`")
    tiles_datum: Literal["wgs84", "gcj02"] = Field(
        "wgs84", description="Datum of the tiles; `gcj02` ones are moved to their place"
    )
    tiles_subdomains: str = Field("", description="What `{s}` stands for, a letter each")
    tiles_max_zoom: int = Field(18, ge=1, le=22, description="Deepest zoom of the tile source")
    tiles_attribution: str = Field("", description="Whose map it is; shown on the map")
    tiles_review_number: str = Field("", description="Review number (审图号) of a public map")
    valhalla_url: str = Field(
        "",
        description="Address of a Valhalla server that finds the ways, instead of the tiles "
        "built here",
    )
    dask: str = Field(
        "",
        description="Where the matrix of a large city is worked out: `local` for all processors of "
        "this machine, or a Dask scheduler's address (`tcp://…`); empty: in the service itself",
    )
    upload_mb: int = Field(
        50, ge=1, le=250, description="Largest file, in megabytes, that staff may upload"
    )
    elders_key: SecretStr = Field(
        SecretStr(""),
        description="Key that names of elders living alone are sealed with, made by `elders "
        "new-key`; several with commas: the first seals, all open",
    )
    rounds_days: int = Field(
        30,
        ge=1,
        le=3660,
        description="Days after which what was typed about the visits of a round is erased, from "
        "when it is done or its day is over",
    )
    limits: str = Field(
        "memory://",
        description="Where rate limits count: `memory://` in each process, or a `redis://` address "
        "for all of them",
    )
    holidays: str = Field(
        "",
        description="CSV file of the official holiday notice (`date,kind`), over the built-in "
        "calendar",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from variables named LINJU_…; an unknown one stops the start."""
        told = {k.removeprefix(PREFIX): v for k, v in environ.items() if k.startswith(PREFIX)}
        known = {name.upper() for name in cls.model_fields}
        for name in told:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise Invalid(
                    "setting_unknown",
                    name=PREFIX + name,
                    meant=PREFIX + near[0] if near else "",
                )
        try:
            return cls.model_validate({k.lower(): v for k, v in told.items()})
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise Invalid("setting_invalid", name=name, reason=first["msg"]) from error

    @field_validator("listen")
    @classmethod
    def _is_listen(cls, value: str) -> str:
        _host, colon, port = value.rpartition(":")
        if not colon or not port.isdigit() or int(port) not in range(1, 2**16):
            raise ValueError("not host:port")
        return value

    @field_validator("area")
    @classmethod
    def _is_area(cls, value: str) -> str:
        try:
            return divisions.normalise(value) if value else ""
        except Invalid as error:
            raise ValueError("not an area code") from error

    @field_validator("tiles_url", "tiles_overlay_url")
    @classmethod
    def _is_tiles(cls, value: str) -> str:
        if value in ("", "tianditu") or value.startswith(("https://", "http://", "/")):
            return value
        raise ValueError("not an address of tiles")

    @field_validator("valhalla_url")
    @classmethod
    def _is_engine(cls, value: str) -> str:
        parts = urlsplit(value)
        if value == "" or (parts.scheme in ("http", "https") and parts.hostname):
            return value.rstrip("/")
        raise ValueError("not an http:// or https:// address")

    @field_validator("dask")
    @classmethod
    def _is_dask(cls, value: str) -> str:
        matrix.parts(value)  # which refuses what is neither
        return value

    @field_validator("elders_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        try:
            Vault(_keys(value))
        except Invalid as error:
            raise ValueError("not a key that `elders new-key` made") from error
        return value

    @field_validator("limits")
    @classmethod
    def _is_limits(cls, value: str) -> str:
        if value == "memory://" or value.startswith(("redis://", "rediss://", "redis+unix://")):
            return value
        raise ValueError("not memory:// or a redis:// address")

    @property
    def vault(self) -> Vault:
        """What seals and opens what is told of elders living alone."""
        return Vault(_keys(self.elders_key))

    @property
    def secret_file(self) -> Path:
        """The file of the key that cookies are signed with."""
        return self.instance / "secret"

    @property
    def store_url(self) -> str:
        """Return where the store is."""
        return self.store or str(self.instance / "linju.gpkg")

    @property
    def uploads_folder(self) -> Path:
        """The folder of files on their way in."""
        return self.instance / "uploads"

    @property
    def roads_folder(self) -> Path:
        """The folder of the streets' versions."""
        return self.instance / "roads"


def _keys(value: SecretStr) -> list[str]:
    return [key.strip() for key in value.get_secret_value().split(",") if key.strip()]


def table() -> list[tuple[str, str, str]]:
    """Return (variable, default, meaning) of every setting, as README.md shows them."""
    return [
        (PREFIX + name.upper(), str(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
