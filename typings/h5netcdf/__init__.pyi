"""The part of h5netcdf that `accord.search` and its tests use."""

from collections.abc import Mapping
from typing import BinaryIO

class Variable:
    dimensions: tuple[str, ...]
    attrs: Mapping[str, object]
    shape: tuple[int, ...]
    def __getitem__(self, where: tuple[int | slice, ...], /) -> object: ...

class File:
    @property
    def variables(self) -> Mapping[str, Variable]: ...
    def __init__(self, path: BinaryIO, mode: str = ..., *, backend: str = ...) -> None: ...
