"""Settings from file and environment, and clear words about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pydantic
import pytest

from yinuo.core import config


class Section(pydantic.BaseModel):
    """A section of a made-up system."""

    address: str
    secret: pydantic.SecretStr
    at_once: int = 2
    names: list[str] = []


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "yinuo.toml"
    monkeypatch.setenv("YINUO_CONFIG", str(path))
    for name in ("YINUO_PORT", "YINUO_DATABASE_URL", "YINUO_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return path


def test_defaults_hold_without_a_file(file: Path) -> None:
    assert config.settings().port == 8700
    assert config.section_names("shop") == []


def test_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('port = 9000\nworkers = 3\n[outside]\naddress = "a"\nsecret = "from file"\n')
    monkeypatch.setenv("YINUO_PORT", "9100")
    monkeypatch.setenv("YINUO_OUTSIDE__SECRET", "from environment")
    monkeypatch.setenv("YINUO_OUTSIDE__NAMES", '["x", "y"]')
    found = config.section("outside", Section)
    assert (config.settings().port, config.settings().workers) == (9100, 3)
    assert (found.address, found.secret.get_secret_value(), found.names) == (
        "a",
        "from environment",
        ["x", "y"],
    )


def test_nested_sections_are_named_from_both_places(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[shop.mini]\naddress = "a"\nsecret = "s"\n')
    monkeypatch.setenv("YINUO_SHOP__OTHER__ADDRESS", "b")
    assert config.section_names("shop") == ["mini", "other"]
    assert config.section("shop.mini", Section).address == "a"


def test_every_wrong_setting_is_named_and_no_value_is_shown(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[outside]\nat_once = "many"\nsecret = 5\n')
    with pytest.raises(config.BadSetting) as raised:
        config.section("outside", Section)
    problems = raised.value.details["problems"]
    assert isinstance(problems, list)
    assert [str(problem).partition(":")[0] for problem in problems] == [
        "outside.address",
        "outside.secret",
        "outside.at_once",
    ]
    assert "many" not in str(problems)


def test_file_that_is_no_toml_is_a_clear_refusal(file: Path) -> None:
    file.write_text("port = = 1")
    with pytest.raises(config.BadSetting):
        config.settings()
    file.write_text("port = 'x'")
    with pytest.raises(config.BadSetting):
        config.settings()
