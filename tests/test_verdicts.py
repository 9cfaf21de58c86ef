"""What a document itself says of a claim it reports, and what is somebody else's judgement."""

from pathlib import Path

import pytest

from bot.english.verdicts import verdict_on
from embeddings.reading.documents import read_documents
from embeddings.splitting.passages import Passage, Span

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
OFFSET = 100


def passage(*sentences: str) -> Passage:
    """A passage that begins somewhere in its document."""
    text, spans = " ".join(sentences), list[Span]()
    for sentence in sentences:
        start = spans[-1].end + 1 if spans else OFFSET
        spans.append(Span(start, start + len(sentence)))
    return Passage("id", "document", "", text, OFFSET, OFFSET + len(text), tuple(spans))


def verdict(sentences: list[str], at: int = 0) -> str | None:
    made = passage(*sentences)
    span = verdict_on(made, at)
    return made.text[span.start - OFFSET : span.end - OFFSET] if span else None


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("These places, Ruiz said without evidence, are lost.", "without evidence"),
        ("Ruiz claimed without evidence that the dam had failed.", "without evidence"),
        ("Ruiz claimed, without offering any proof, that the dam had failed.", "without offering any proof"),
        ("“The dam failed,” Ruiz said, without providing evidence.", "without providing evidence"),
        ("Ruiz falsely claimed that the dam had failed.", "falsely"),
        ("Ruiz has repeatedly and falsely said that the dam had failed.", "falsely"),
        ("“It failed,” Ruiz said, while repeating debunked claims about the dam.", "debunked claims"),
        ("Ruiz repeated claims about the dam, and the account calls those claims debunked.",
         "the account calls those claims debunked"),
        ("The account says that Ruiz was telling stories about the dam, which it calls false.", "which it calls false"),
        ("Without evidence, Ruiz said that the dam had failed.", "Without evidence"),
    ],
)  # fmt: skip
def test_the_document_s_words_about_a_claim_in_the_same_sentence(sentence: str, said: str):
    assert verdict([sentence]) == said


CLAIM = "Ruiz said that the dam had failed."


@pytest.mark.parametrize(
    "said",
    [
        "The account says that Ruiz offered no evidence for these statements.",
        "Ruiz's report offered no evidence for this claim, as the papers show.",
        "This claim is false.",
        "These claims have been debunked.",
        "The account calls this claim baseless.",
        "There is no evidence for the claim.",
        "This was untrue.",
    ],
)
def test_the_document_s_words_about_a_claim_in_the_next_sentence(said: str):
    assert verdict([CLAIM, said]) == said


def test_the_document_s_words_ahead_of_a_claim():
    before = "The following claim is false."

    assert verdict([before, CLAIM], 1) == before


def test_a_plural_reaches_over_the_claims_of_one_speaker_and_a_singular_does_not():
    run = [CLAIM, "Ruiz said that the river had risen."]

    assert verdict([*run, "These claims are false."]) == "These claims are false."
    assert verdict([*run, "This claim is false."]) is None
    assert verdict([*run, "This claim is false."], 1) == "This claim is false."
    assert verdict([CLAIM, "Lee said that the river had risen.", "These claims are false."]) is None


@pytest.mark.parametrize(
    "sentences",
    [
        # what somebody says of it, not the document
        ["Ruiz said that the claims were false."],
        ["Ruiz said that Lee falsely claimed to be an engineer."],
        ["Ruiz said: “These are baseless claims.”"],
        ["Ruiz said that the charge was brought without evidence."],
        [CLAIM, "Lee called this claim false."],
        [CLAIM, "Critics say these claims are baseless."],
        [CLAIM, "According to Lee, this claim is false."],
        [CLAIM, "The account says that Lee called this claim false."],
        [CLAIM, "This claim was called false by Lee."],
        [CLAIM, "“This claim is false.”"],
        # nothing of the kind, or nothing sure
        [CLAIM, "These claims are not false."],
        [CLAIM, "It is unclear whether this claim is false."],
        [CLAIM, "Is this claim false?"],
        ["The man had been falsely accused of theft."],
        ["There is no evidence of fraud."],
        ["The account calls those claims debunked."],
        [CLAIM, "Ruiz repeated claims about the dam, and the account calls those claims debunked."],
        [CLAIM, "The alarm was false."],
        [CLAIM, "The bridge is old."],
        ["The dam is old.", "This claim is false."],
        [CLAIM],
        [""],
    ],
)
def test_what_is_no_word_of_the_document_about_the_claim(sentences: list[str]):
    assert verdict(sentences) is None


@pytest.mark.parametrize(
    ("document", "claim", "said"),
    [
        ("001", "Donald Trump repeated claims of large-scale voting", "the account calls those claims debunked"),
        (
            "003",
            "Donald Trump said that undocumented immigrants serve",
            "The account says that Donald Trump offered no evidence for these statements.",
        ),
        (
            "003",
            "Donald Trump said that these cities belong",
            "The account says that Donald Trump offered no evidence for these statements.",
        ),
        ("003", "Donald Trump picked out Los Angeles", None),
    ],
)
def test_the_verdicts_of_the_shipped_notes(document: str, claim: str, said: str | None):
    text = next(read.text for read in read_documents(SEEDS).documents if read.id.startswith(document))
    start = text.index(claim)
    paragraph = text[text.rindex("\n\n", 0, start) + 2 : text.index("\n\n", start)]
    sentences = [sentence if sentence.endswith(".") else sentence + "." for sentence in paragraph.split(". ")]

    assert verdict(sentences, next(at for at, sentence in enumerate(sentences) if sentence.startswith(claim))) == said


def test_the_longest_passages_take_no_time():
    assert verdict(["without any false " * 100, "these claims is " * 120, "not whether " * 150]) is None
