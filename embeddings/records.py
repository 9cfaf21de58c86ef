"""Records of an index that stay on disk: each is read, checked and parsed when it is asked for."""

import ctypes
import math
import mmap
import operator
import os
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from embeddings.errors import IndexCorrupt
from embeddings.files import open_regular

_LIBRARY = ctypes.CDLL(None)  # Python's own madvise knows only what Python has mapped

_T = TypeVar("_T")
_REPAIR = "Build it again: python -m embeddings build"
_KEPT = 2048
"""How many records of a file are kept once they were read."""
_AT_ONCE = 4096
"""How many lines are copied at once."""


class Records(Sequence[_T]):
    """A sequence whose items are made when they are asked for; equal to any other sequence of equal items."""

    def __init__(self, size: int, make: Callable[[int], _T]) -> None:
        self._size, self._make = size, make

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, row: int) -> _T: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[_T, ...]: ...
    def __getitem__(self, row: int | slice) -> _T | tuple[_T, ...]:
        if isinstance(row, slice):
            return tuple(map(self._make, range(*row.indices(self._size))))
        place = operator.index(row)
        if not -self._size <= place < self._size:
            raise IndexError(row)
        return self._make(place % self._size)

    def at(self, places: Sequence[int]) -> list[_T]:
        """The items of these places."""
        return [self[place] for place in places]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment] # as of what is compared by its items


class Lookup(Mapping[str, _T]):
    """What is found by names, of which it is known where it stands."""

    def __init__(self, places: Mapping[str, int], make: Callable[[int], _T]) -> None:
        self._places, self._make = places, make

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> _T:
        return self._make(self._places[key])


class Lines(Records[_T]):
    """The lines of a file; `table` has where each one ends in bytes, `end`, and its CRC-32, `check`.

    A line that has changed since raises IndexCorrupt, whenever it is read. Raises OSError or ValueError.
    """

    def __init__(self, path: Path, table: npt.NDArray[Any], parse: Callable[[bytes], _T]) -> None:
        stream = open_regular(path)
        size = os.fstat(stream.fileno()).st_size
        if size != (table["end"][-1] if len(table) else 0):
            stream.close()
            raise ValueError(f"{path} is not as long as the table of its lines says")

        def read(first: int, behind: int) -> bytes:
            start, end = bounds_of(table, first)[0], bounds_of(table, behind - 1)[1]
            if not 0 <= start <= end <= size:
                raise IndexCorrupt(f"The index is damaged: line {first + 1} lies outside of {path}. {_REPAIR}")
            return os.pread(stream.fileno(), end - start, start)

        def line(place: int) -> _T:
            return parse(checked(read(place, place + 1), table, place, str(path)))

        super().__init__(len(table), lru_cache(_KEPT)(line))
        self.read = read
        """The bytes of the lines from one on to another, which is left out, as they stand."""
        weakref.finalize(self, stream.close)


class Spliced(Records[_T]):
    """The lines of a file and new items in one sequence.

    Item i is line `places[i]` or, from the last line on, item `places[i] - len(lines)` of `new`.
    """

    def __init__(self, lines: Lines[_T], new: Sequence[_T], places: npt.NDArray[np.int64]) -> None:
        def item(row: int) -> _T:
            place = int(places[row])
            return lines[place] if place < len(lines) else new[place - len(lines)]

        super().__init__(len(places), item)
        self._lines, self._new, self._places = lines, new, places

    def as_lines(self, write: Callable[[_T], bytes]) -> Iterator[bytes]:
        """All of it as lines, many at a time: those of the file as they stand, new items as `write` makes them."""
        places, size = self._places, len(self._lines)
        follows = (places[1:] == places[:-1] + 1) & (places[1:] != size) & (np.arange(1, len(places)) % _AT_ONCE > 0)
        for run in np.split(places, np.flatnonzero(~follows) + 1):
            if len(run) and run[0] < size:
                yield self._lines.read(int(run[0]), int(run[-1]) + 1)
            else:
                yield from (write(self._new[place - size]) for place in run.tolist())


def bounds_of(lines: npt.NDArray[Any], place: int) -> tuple[int, int]:
    """Where a line of a table of lines begins and ends, in bytes."""
    return int(lines["end"][place - 1]) if place else 0, int(lines["end"][place])


def checked(line: bytes, lines: npt.NDArray[Any], place: int, where: str) -> bytes:
    """The line, if its CRC-32 is that of the table; `where` it was read from. Raises IndexCorrupt."""
    if zlib.crc32(line) != lines["check"][place]:
        raise IndexCorrupt(
            f"The index is damaged: line {place + 1} of {where} has changed since it was written. {_REPAIR}"
        )
    return line


class Fetched(Records[_T]):
    """Records that come from afar, several at a time; the last `_KEPT` that were asked for are kept."""

    def __init__(self, size: int, fetch: Callable[[Sequence[int]], Sequence[_T]]) -> None:
        super().__init__(size, lambda place: self.at([place])[0])
        self._fetch = fetch
        self._found: dict[int, _T] = {}

    def at(self, places: Sequence[int]) -> list[_T]:
        """See Records; those that are not kept come in one request."""
        kept = self._found  # replaced, never shrunk, so that threads need not wait for each other
        found = {place: kept[place] for place in places if place in kept}
        missing = [place for place in dict.fromkeys(places) if place not in found]
        if missing:
            found |= zip(missing, self._fetch(missing), strict=True)
            self._found = kept | found if len(kept) + len(missing) <= _KEPT else found
        return [found[place] for place in places]

    def __getitem__(self, row: int | slice) -> Any:
        return tuple(self.at(range(*row.indices(len(self))))) if isinstance(row, slice) else super().__getitem__(row)


def mapped(items: Sequence[Any], change: Callable[[Any], _T]) -> Records[_T]:
    """The items of a sequence, each changed when it is asked for."""
    return Records(len(items), partial(_changed, items, change))


def _changed(items: Sequence[Any], change: Callable[[Any], _T], place: int) -> _T:
    return change(items[place])


def mapped_array(path: Path) -> npt.NDArray[Any]:
    """The array of a .npy file, mapped into memory: what of it is never asked for is never read.

    Raises OSError or ValueError.
    """
    with open_regular(path) as stream:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(f"{path} is of another version of NumPy's format")
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
        if dtype.hasobject or by_columns:
            raise ValueError(f"{path} holds {dtype}")
        if 0 in shape:  # nothing cannot be mapped
            return np.empty(shape, dtype)
        return np.asarray(np.memmap(stream, dtype, "r", stream.tell(), shape))


def unmap(array: npt.NDArray[Any]) -> None:
    """Take the pages of an array that is mapped from a file out of this process; what is used again is mapped again.

    Nothing may have been written to it: that would be lost.
    """
    first = -(-array.ctypes.data // mmap.PAGESIZE) * mmap.PAGESIZE
    size = array.ctypes.data + array.nbytes - first
    if size > 0 and hasattr(mmap, "MADV_DONTNEED"):
        _LIBRARY.madvise(ctypes.c_void_p(first), ctypes.c_size_t(size), mmap.MADV_DONTNEED)


def resident_files() -> float:
    """Bytes of files that are mapped into this process and in its memory; infinity where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[2]) * mmap.PAGESIZE
    except OSError:
        return math.inf
