"""Settings from the environment and one documented file (`yinuo.toml`).

`YINUO_DATABASE_URL` sets `database_url`; the file says the same as `database_url = "…"`. Each
connector has a section of its own: `[kingdee] address = "…"` or `YINUO_KINGDEE__ADDRESS`. The
environment wins over the file.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TypeVar

import pydantic

from yinuo.core.errors import Invalid, JsonValue

M = TypeVar("M", bound=pydantic.BaseModel)
PREFIX = "YINUO_"


class BadSetting(Invalid):
    """A setting is missing or wrong; `problems` name each by its key, never by its value."""

    code = "core.bad_setting"


class CoreSettings(pydantic.BaseModel):
    """What every process of the product needs to know."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    data_dir: Path = Path(".yinuo")
    database_url: str | None = None
    postgres_bin: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8700
    workers: int = pydantic.Field(default=2, ge=1, le=64)
    webs: int = pydantic.Field(default=1, ge=1, le=16)
    log_level: str = "INFO"
    log_json: bool = True
    public_address: str = "http://127.0.0.1:8700"
    trusted_proxies: list[str] = []


def settings_file() -> Path:
    """Return where the settings file is: `YINUO_CONFIG`, else yinuo.toml in the data directory."""
    named = os.environ.get("YINUO_CONFIG")
    if named:
        return Path(named)
    return Path(os.environ.get("YINUO_DATA_DIR", ".yinuo")) / "yinuo.toml"


def settings() -> CoreSettings:
    """Return the core settings as they are now; raises BadSetting with every problem."""
    values: dict[str, object] = {
        key: value for key, value in _file().items() if not isinstance(value, dict)
    }
    for name in CoreSettings.model_fields:
        if PREFIX + name.upper() in os.environ:
            values[name] = _from_environment(os.environ[PREFIX + name.upper()])
    return _checked(CoreSettings, values, place="")


def section(name: str, model: type[M]) -> M:
    """Return one section as its typed model; dotted names (`shop.mini`) are nested tables.

    Raises BadSetting with every problem of the section.
    """
    table: object = _file()
    for part in name.split("."):
        table = table.get(part, {}) if isinstance(table, dict) else {}
    values: dict[str, object] = dict(table) if isinstance(table, dict) else {}
    prefix = PREFIX + "__".join(part.upper() for part in name.split(".")) + "__"
    for key, value in os.environ.items():
        if key.startswith(prefix) and "__" not in key[len(prefix) :]:
            values[key[len(prefix) :].lower()] = _from_environment(value)
    return _checked(model, values, place=name)


def section_names(parent: str) -> list[str]:
    """Return the names of the tables inside a section of the file or environment, sorted."""
    table = _file().get(parent, {})
    names = (
        {key for key, value in table.items() if isinstance(value, dict)}
        if isinstance(table, dict)
        else set()
    )
    prefix = PREFIX + parent.upper() + "__"
    for key in os.environ:
        parts = key[len(prefix) :].split("__") if key.startswith(prefix) else []
        if len(parts) == 2:
            names.add(parts[0].lower())
    return sorted(names)


def _from_environment(value: str) -> object:
    if value[:1] in "[{":
        try:
            parsed: object = json.loads(value)
        except ValueError:
            return value
        return parsed
    return value


def _file() -> dict[str, object]:
    path = settings_file()
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(problems=f"{path.name}: {error}") from None


def _checked(model: type[M], values: dict[str, object], *, place: str) -> M:
    try:
        return model.model_validate(values)
    except pydantic.ValidationError as error:
        problems: list[JsonValue] = [
            ".".join([*filter(None, [place]), *map(str, problem["loc"])]) + ": " + problem["msg"]
            for problem in error.errors(include_input=False, include_context=False)
        ]
        raise BadSetting(problems=problems) from None
