"""The columns of the built division file, typed."""

from __future__ import annotations


class Columns:
    """Typed access to the columns of the division file."""

    def __init__(self, data: dict[str, object]) -> None:
        self._data = data

    def text(self, key: str) -> str:
        """Return a text."""
        value = self._data[key]
        assert isinstance(value, str)  # noqa: S101 - the file is our own
        return value

    def words(self, key: str) -> list[str]:
        """Return words that stand with blanks between."""
        return self.text(key).split(" ")

    def numbers(self, key: str) -> list[int]:
        """Return a list of numbers."""
        value = self._data[key]
        assert isinstance(value, list)  # noqa: S101
        return value

    def zones(self) -> list[tuple[int, str, int]]:
        """Return the zones: prefecture, text, district."""
        value = self._data["zones"]
        assert isinstance(value, list)  # noqa: S101
        return value

    def _dict(self, key: str) -> dict[str, object]:
        value = self._data[key]
        assert isinstance(value, dict)  # noqa: S101
        return value

    def mapping(self, key: str) -> dict[str, int]:
        """Return numbers by key."""
        return self._dict(key)  # type: ignore[return-value]  # checked when the file is built

    def lists(self, key: str) -> dict[str, list[int]]:
        """Return lists of numbers by key."""
        return self._dict(key)  # type: ignore[return-value]  # checked when the file is built

    def texts(self, key: str) -> dict[str, str]:
        """Return texts by key."""
        return self._dict(key)  # type: ignore[return-value]  # checked when the file is built
