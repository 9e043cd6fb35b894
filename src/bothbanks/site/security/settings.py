"""``DATA/settings/sign-in.toml``: the site's own address, and outside providers to sign in with.

A service without the file has neither and asks nobody outside for anything.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bothbanks.words.errors import InputError, Problem, RegionError

FILE = Path("settings") / "sign-in.toml"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _address(value: str) -> str:
    parts = urlsplit(value)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not secure or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("an https address (http on this machine only), such as https://login.example")
    return value.rstrip("/")


class ProviderSettings(BaseModel):
    """One OpenID Connect provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$", description="id, part of addresses")
    name: str = Field(min_length=1, description="what the button says: whose sign-in it is")
    issuer: str = Field(description="its issuer, under which /.well-known/openid-configuration lies")
    client_id: str = Field(min_length=1, description="what the provider calls this site")
    client_secret: str = Field("", description="secret shared with it; default: none, PKCE alone")

    _issuer = field_validator("issuer")(_address)


class SignInSettings(BaseModel):
    """How people can sign in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str = Field("", description="the site's address as people type it; default: as they ask for it")
    providers: tuple[ProviderSettings, ...] = Field((), description="outside providers")

    @field_validator("origin")
    @classmethod
    def _origin(cls, value: str) -> str:
        return _address(value) if value else value


def read_settings(data: Path) -> SignInSettings:
    """The settings, or none. Raises RegionError with every problem of the file, InputError for no TOML."""
    path = data / FILE
    if not path.is_file():
        return SignInSettings.model_validate({})
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("sign-in.toml", f"{path} is no TOML: {error}. Put that line right.") from None
    try:
        found = SignInSettings.model_validate(tables)
    except ValidationError as error:
        raise RegionError(
            [
                Problem(
                    str(FILE),
                    ".".join(map(str, fault["loc"][:-1])),
                    str(fault["loc"][-1]),
                    "a secret" if "client_secret" in fault["loc"] else repr(fault["input"]),
                    fault["msg"],
                    "sign-in.settings",
                )
                for fault in error.errors(include_url=False)
            ]
        ) from None
    ids = [p.id for p in found.providers]
    if len(set(ids)) < len(ids):
        raise InputError("sign-in.providers", f"{path}: providers {ids} must have ids that differ.")
    return found
