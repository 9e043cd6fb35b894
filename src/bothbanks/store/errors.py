"""What can go wrong between the program and its database.

BothbanksError
`-- StoreError
    |-- MissingError       [store.missing]      nothing is kept under this id
    |-- ConflictError      [store.conflict]     someone else was first
    |-- FullError          [store.full]         no room, or read-only: nothing was changed
    |-- UnavailableError   [store.unavailable]  busy too long, or the server can't be reached
    `-- FormError          [store.form]         made by another version, or a state that can't be written
"""

from __future__ import annotations

from bothbanks.words.errors import BothbanksError


class StoreError(BothbanksError):
    """The store can't do what was asked; nothing was changed."""


class MissingError(StoreError):
    """Nothing of this kind is kept under this id."""

    def __init__(self, message: str) -> None:
        super().__init__("store.missing", message)

    def __reduce__(self) -> tuple[type[MissingError], tuple[str]]:
        """Travel whole between processes."""
        return type(self), (self.message,)


class ConflictError(StoreError):
    """Someone else changed it first: read it again, then decide again."""

    def __init__(self, message: str) -> None:
        super().__init__("store.conflict", message)

    def __reduce__(self) -> tuple[type[ConflictError], tuple[str]]:
        """Travel whole between processes."""
        return type(self), (self.message,)


class FullError(StoreError):
    """The disk is full or can't be written: changes are refused, reading goes on."""

    def __init__(self, message: str) -> None:
        super().__init__("store.full", message)

    def __reduce__(self) -> tuple[type[FullError], tuple[str]]:
        """Travel whole between processes."""
        return type(self), (self.message,)


class UnavailableError(StoreError):
    """Another writer holds the store too long, or the database server can't be reached."""

    def __init__(self, message: str) -> None:
        super().__init__("store.unavailable", message)

    def __reduce__(self) -> tuple[type[UnavailableError], tuple[str]]:
        """Travel whole between processes."""
        return type(self), (self.message,)


class FormError(StoreError):
    """A database of another version, or a state that would not come back as it was saved."""

    def __init__(self, message: str) -> None:
        super().__init__("store.form", message)

    def __reduce__(self) -> tuple[type[FormError], tuple[str]]:
        """Travel whole between processes."""
        return type(self), (self.message,)
