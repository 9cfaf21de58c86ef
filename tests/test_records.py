"""Items that are made when they are asked for, and lines of a file that are checked when they are read."""

from typing import Any

import numpy as np
import pytest

from embeddings.errors import IndexCorrupt
from embeddings.records import (
    Fetched,
    Lines,
    Lookup,
    Records,
    Spliced,
    mapped,
    mapped_array,
    resident_files,
    unmap,
)
from embeddings.storing.storage import line_table


def test_items_are_made_when_they_are_asked_for():
    asked: list[int] = []
    records = Records(5, lambda place: asked.append(place) or place * 10)
    third: Any = np.int64(2)

    assert (len(records), asked) == (5, [])
    assert (records[1], records[-1], records[third], records[3:]) == (10, 40, 20, (30, 40))
    assert asked == [1, 4, 2, 3, 4]
    assert [*records] == [0, 10, 20, 30, 40]
    for place in (5, -6):
        with pytest.raises(IndexError):
            records[place]


def test_records_are_equal_to_what_has_the_same_items():
    records = mapped([1, 2, 3], str)

    assert records == ("1", "2", "3") == records
    assert records == ["1", "2", "3"] == mapped((1, 2, 3), str)
    assert records != ("1", "2")
    assert records != ("1", "2", "4")
    assert records != 3


def test_what_comes_from_afar_is_fetched_at_once_and_kept(monkeypatch):
    monkeypatch.setattr("embeddings.records._KEPT", 4)
    asked: list[list[int]] = []

    def fetch(places):
        asked.append(list(places))
        return [place * 10 for place in places]

    records: Fetched[int] = Fetched(9, fetch)
    assert (records.at([3, 1, 3]), records[1:4], records[-1]) == ([30, 10, 30], (10, 20, 30), 80)
    assert asked == [[3, 1], [2], [8]]
    assert records.at([1, 5]) == [10, 50]  # more than are kept: those before are let go
    assert records.at([5, 1, 2]) == [50, 10, 20]
    assert asked[3:] == [[5], [2]]
    assert records == [0, 10, 20, 30, 40, 50, 60, 70, 80]


def test_a_lookup_is_a_mapping():
    lookup = Lookup({"a": 0, "b": 1}, ["x", "y"].__getitem__)

    assert dict(lookup) == lookup == {"a": "x", "b": "y"}
    assert ("a" in lookup, "c" in lookup, lookup.get("c")) == (True, False, None)


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes("one\n\nthrée\n".encode())
    return path


def test_lines_are_read_as_they_were_written(lines):
    assert Lines(lines, line_table(lines), bytes.decode) == ("one\n", "\n", "thrée\n")


def test_a_changed_line_is_refused_and_the_others_are_read(lines):
    table = line_table(lines)
    lines.write_bytes(lines.read_bytes().replace(b"one", b"two"))
    records = Lines(lines, table, bytes.decode)

    assert records[2] == "thrée\n"
    with pytest.raises(IndexCorrupt, match=r"line 1 of .*lines has changed .* python -m embeddings build"):
        records[0]


@pytest.mark.parametrize("more", [b"four\n", b"-"])
def test_a_file_of_another_length_is_refused(lines, more):
    table = line_table(lines)
    lines.write_bytes(lines.read_bytes() + more)

    with pytest.raises(ValueError, match="is not as long as the table of its lines says"):
        Lines(lines, table, bytes.decode)


def test_lines_and_new_items_stand_in_one_sequence_and_are_written_as_one(lines, monkeypatch):
    monkeypatch.setattr("embeddings.records._AT_ONCE", 2)
    parsed: list[bytes] = []
    old = Lines(lines, line_table(lines), lambda line: parsed.append(line) or line.decode())
    places = np.array([0, 1, 2, 3, 4, 2, 0, 1])

    spliced = Spliced(old, ["four\n", "five\n"], places)

    assert b"".join(spliced.as_lines(str.encode)).decode() == "one\n\nthrée\nfour\nfive\nthrée\none\n\n"
    assert parsed == []
    assert spliced == ("one\n", "\n", "thrée\n", "four\n", "five\n", "thrée\n", "one\n", "\n")
    assert b"".join(Spliced(old, [], places[:0]).as_lines(str.encode)) == b""


def test_files_that_are_mapped_count_while_they_are_in_memory(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(2**23))
    array = mapped_array(tmp_path / "a.npy")
    before = resident_files()
    assert array.sum() == 2**23
    after = resident_files()
    unmap(array)

    assert after - before > 2**25
    assert after - resident_files() > 2**25
    assert array.sum() == 2**23


@pytest.mark.parametrize("array", [np.arange(5), np.zeros((2, 3), np.float32), np.zeros(0, np.int32)])
def test_a_mapped_array_is_what_was_saved(tmp_path, array):
    np.save(tmp_path / "a.npy", array)

    found = mapped_array(tmp_path / "a.npy")

    assert (found.dtype, found.tolist()) == (array.dtype, array.tolist())


@pytest.mark.parametrize("array", [np.array(["a", None]), np.asfortranarray(np.ones((2, 3)))])
def test_an_array_of_objects_or_by_columns_is_not_mapped(tmp_path, array):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)

    with pytest.raises(ValueError, match="holds"):
        mapped_array(tmp_path / "a.npy")
