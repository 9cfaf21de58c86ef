"""reStructuredText: its form is kept, Sphinx's directives are read, and nothing comes from elsewhere."""

import time
from datetime import date

import pytest

from embeddings.reading.documents import read_documents
from embeddings.reading.formats import Draft, Unreadable
from embeddings.reading.markup.rst import read_rst
from embeddings.reading.sandbox import Sandbox


def drafted(source: str) -> Draft:
    """The document of a file that nothing is remarked on."""
    (draft,) = read_rst(source.encode(), "a")
    assert isinstance(draft, Draft)
    return draft


MANUAL = """:date: 2025-06-16
:description: All about it.

=====
Start
=====

.. toctree::
   :maxdepth: 2

   a
   b

.. contents::

Install
=======

.. _here:

#. Open :guilabel:`Settings` with :func:`~os.path.join`
   and ``*x*``.
#. Run this::

      make
        it

   * See :ref:`the page <here>`.
   * |sub| x

.. |sub| replace:: text

.. code-block:: python
   :linenos:

   x = 1

.. function:: open(file, mode='r')

   Opens it.

   :param file: The file.

   .. versionadded:: 3.1
      It is new.

.. note:: Mind the
   gap.

===== =====
A     B
===== =====
1|2   2
x     *y*
===== =====

-a, --all   Takes all.
-b FILE     Takes one.

Said:

  A quotation
  of two lines.

**Why is it so?**
  Because.

Text [1]_ and `link <https://a.example>`_ and __init__.

.. [1] The note.
"""


def test_a_manual_keeps_its_form():
    draft = drafted(MANUAL)

    assert (draft.title, draft.published, draft.about) == ("Start", date(2025, 6, 16), "All about it.")
    assert draft.text == (
        "# Start\n\n## Install\n\n1. Open Settings with `join` and `*x*`.\n2. Run this:\n\n"
        "   ```\n   make\n     it\n   ```\n   - See the page.\n   - text x\n\n```\nx = 1\n```\n\n"
        "open(file, mode='r')\n: Opens it.\n\nparam file\n: The file.\n\nAdded in version 3.1: It is new.\n\n"
        "> [!NOTE]\n>\n> Mind the gap.\n\n| A | B |\n|---|---|\n| 1\\|2 | 2 |\n| x | y |\n\n"
        "-a, --all\n: Takes all.\n\n-b FILE\n: Takes one.\n\nSaid:\n\n> A quotation of two lines.\n\n"
        "**Why is it so?**\n\nBecause.\n\nText \\[1] and link and \\__init__.\n\n[1] The note."
    )


@pytest.mark.parametrize(
    ("source", "title", "text"),
    [
        ("A\n=\n\nx\n\nB\n-\n\ny\n\nC\n=\n\nz", "A", "# A\n\nx\n\n## B\n\ny\n\n# C\n\nz"),
        ("x\n\nA\n=\n\ny", "A", "x\n\n# A\n\ny"),
        ("3. c\n#. d", "", "3. c\n4. d"),
        ("(b) c\n(#) See (b).", "", "- (b) c\n- (c) See (b)."),
        ("IV. c\n#. ::\n\n     x", "", "- (IV) c\n- (V)\n\n  ```\n  x\n  ```"),
        ("| a\n| b", "", "a\nb"),
        ("  - a\n  - b", "", "- a\n- b"),
        (".. unheard-of::\n   :of: x\n\n   Text.", "", "Text."),
        (".. list-table:: C\n   :header-rows: 1\n\n   * - k\n     - v\n   * - 1\n     - - a\n       - b", "",
         "C\n\n| k | v |\n|---|---|\n| 1 | a b |"),
    ],
)  # fmt: skip
def test_parts_of_it(source, title, text):
    draft = drafted(source)

    assert (draft.title, draft.text) == (title, text)


def test_in_a_table_a_cell_stands_in_every_row_that_it_spans():
    table = "+---+---+\n| A | B |\n+===+===+\n| x | 1 |\n|   +---+\n|   | 2 |\n+---+---+\n"

    assert drafted(table).text == "| A | B |\n|---|---|\n| x | 1 |\n| x | 2 |"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (".. math::\n   :label: sum\n   :text: x\n\n   a + b", "```\na + b\n```"),
        (".. note::\n   :collapsible:\n   :rawsource: x\n\n   Mind it.", "> [!NOTE]\n>\n> Mind it."),
        (".. class:: Deque(iterable=None)\n   :final:\n\n   Holds it.", "Deque(iterable=None)\n: Holds it."),
        (".. class:: Deque\n\n   Holds it.", "Deque\n: Holds it."),
        (".. class:: wide left\n\n   Look.", "Look."),
    ],
)
def test_what_only_sphinx_knows_of_a_directive_is_no_error(source, text):
    assert drafted(source).text == text


def test_a_reference_by_a_label_alone_shows_the_heading_behind_it():
    source = "See :ref:`Config-Pin`, :ref:`x:set_up`.\n\n.. _top:\n.. _config-pin:\n\nSet a *pin*\n===========\n\n"

    assert drafted(f"{source}:ref:`top`").text == "See Set a pin, set up.\n\n# Set a pin\n\nSet a pin"


def test_nothing_is_read_from_elsewhere(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("A secret.", encoding="utf-8")
    source = f"Text.\n\n.. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n\n.. literalinclude:: {secret}\n\n"
    table = f".. csv-table:: x\n   :file: {secret}\n"

    assert drafted(source + table).text == "Text."


def test_what_cannot_be_parsed_is_kept_and_others_are_read(tmp_path):
    (tmp_path / "a.rst").write_text("Good.\n\n+---+\n| broken |\n\nAlso *good and :x`y`.\n", encoding="utf-8")
    (tmp_path / "b.rst").write_text(".. nothing but a comment\n", encoding="utf-8")
    (tmp_path / "c.rst").write_text("Fine.\n", encoding="utf-8")

    corpus = read_documents(tmp_path)

    assert {document.id: document.text for document in corpus.documents} == {
        "a": "Good.\n\n```\n+---+\n| broken |\n```\n\nAlso *good and :x`y`.",
        "c": "Fine.",
    }
    assert [notice.path for notice in corpus.notices] == ["a.rst", "b.rst"]
    assert corpus.notices[1].reason == "holds no text"


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["* a\n\n  ", "- ", "`a", "*a ", "|", "a_ ", ".. x::\n\n   ", "A\n=\n", "[1]_ "])
def test_whatever_it_is_the_process_answers(unit):
    began = time.monotonic()
    with Sandbox(seconds=20) as sandbox:
        try:
            assert sandbox.extract(".rst", "a", (unit * (20_000 // len(unit))).encode())
        except Unreadable as reason:
            assert "crashed" not in str(reason)

    assert time.monotonic() - began < 40
