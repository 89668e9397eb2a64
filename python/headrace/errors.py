"""The one exception: what, where, why and what next, as the C++ library says it."""
from __future__ import annotations


class Error(OSError):
    """A run that cannot go on. `str(error)` is the whole sentence, with its hint."""

    code: str  #: "invalid_argument", "not_found", "corrupt", "io", "no_space", "exists", ...
    path: str  #: the file, URI or key, or ""
    hint: str  #: what to do next, or ""
    offset: int | None  #: bytes into the file

    def __init__(self, message: str, code: str = "invalid_argument", path: str = "",
                 hint: str = "", offset: int | None = None) -> None:
        super().__init__(message)
        self.code, self.path, self.hint, self.offset = code, path, hint, offset

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[type[Error], tuple[object, ...]]:
        return (type(self), (str(self), self.code, self.path, self.hint, self.offset))
