"""Measure what Footnote answers, and write docs/evaluation.md, docs/evaluation.json and two pictures.

    python benchmarks/evaluate.py [--only golden|originals|manual|support|public] [--data DIR] [--originals DIR]

    golden     the questions and claims in benchmarks/golden over seeds/: needs nothing else
    originals  the golden questions over the articles that seeds/ was written from, where those are
    manual     support questions about the manual in benchmarks/manual: needs nothing else
    support    questions to two help desks with their experts' answers, where those are beside the project
    public     reporting splits of public collections, where they are beside the project

Questions are put as the defaults of the settings say, and judged in the JSON that `python -m bot ask --batch` prints.
A part that is not measured keeps the figures it has. Nothing is written before all parts are done.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import data
import numpy as np
import public_data
import report_claims
import report_disagreement
import report_support
import report_voices
from evaluation_page import PARTS, Section, Table, write
from report_reader import by_cross_validation
from rich.console import Console
from scoring import (
    THRESHOLDS,
    Figure,
    Floats,
    Row,
    Scores,
    Truths,
    auroc,
    bins,
    both_errors,
    by_kind,
    figure,
    figures,
    imperfect,
    score_answer,
    score_claim,
    score_exact,
    score_status,
    statistic,
)
from sklearn.metrics import f1_score
from tune_confidence import Asked, Fit, ask, collect, rates

from bot.answering.answerer import Answerer
from bot.answering.confidence import shipped
from bot.answering.disagreement import Disagreement
from bot.checking.claims import Checker
from bot.contract import answer_json, read_claim, read_question, verdict_json
from bot.reader.reading import Reader
from bot.reader.trained import WEIGHTS, TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import CorpusError, FootnoteError
from embeddings.files import sha256_of
from embeddings.progress import Bar
from embeddings.reading.documents import read_documents
from embeddings.searching.retrieval import Retriever
from embeddings.storing import generations
from training.sources import rows as json_lines

ROOT = Path(__file__).resolve().parents[1]
SEEDS, GOLDEN, DOCS = ROOT / "seeds", ROOT / "benchmarks" / "golden", ROOT / "docs"
ORIGINALS = ROOT.parent / "shared" / "seeds"
THRESHOLD = float(DEFAULT_THRESHOLD)
_READING = shipped().reading
FITTED = Fit(slice(None), _READING.rank, _READING.sure.weights, _READING.sure.intercept)
"""What answers go by, for questions of which only the features are at hand."""
MOST = 150
"""Questions of a SQuAD article."""
SAMPLE = 3
"""Every so-manieth golden question and claim is what tests/test_golden.py puts again."""
COLLECTIONS = {"public": ("squad2_halfdev", "clapnq_dev", "ramdocs", "scifact"), "support": public_data.SUPPORT}
"""The public collections of a part."""
Sections = dict[str, Section]

_QUESTIONS = (
    "Written by somebody who did not tune what answers them. A value is judged where every listed sentence has one, "
    "and the question is not answered by yes or no."
)
_CLAIMS = "True ones, the same with one thing altered, and claims that no note makes."
_ORIGINAL = (
    "The publishers' articles, which do not ship. Their sentences differ from those of the notes, so only the status "
    "is judged, and that every quotation is exact."
)
_SQUAD = (
    f"The reporting articles of SQuAD 2.0's development set, at most {MOST} questions each, over an index of every "
    "other paragraph of the article. Two kinds of questions have no answer there: those that people wrote to look "
    "answerable from a paragraph, and those that a paragraph answers which is left out."
)
_VOICES = (
    "Sentences of public text and of the notes, labelled twice; these are the half that no rule was written for. A "
    "named speaker is a person, body or work by its name."
)
_RAMDOCS = (
    "Questions that each come with their own documents, which differ or agree. The thresholds are chosen on four "
    "fifths of the questions for the fifth, five times."
)
_MANUAL = (
    "Questions about an invented greenhouse controller, as people type them; 41 pages, of versions that differ. Pages "
    "and questions are by one author, who asked Footnote none of them meanwhile. Each answerable question is asked "
    "once more with the pages that answer it left out. The expert's answer is in other words than the pages, so *all "
    "that answers is quoted whole* goes by the very characters: the steps, rows or sentences that together answer. The "
    "kind is the form that an answer should have."
)
_LEFT_OUT = "Each answerable question is asked once more with the documents that answer it left out."
_FITTED_ON = (
    f"{_LEFT_OUT} The confidence of passages was fitted on these questions, so take both errors as optimistic: "
    "`benchmarks/tune_extracts.py` has cross-validated ones."
)
_UNSEEN = (
    "nothing was fitted on it. Questions are by somebody who had not seen Footnote, as users type them; an answer "
    f"counts as right by its page. {_LEFT_OUT}"
)
_SUPPORT = {
    "wixqa": f"People who build web sites ask; 173 help articles. {_FITTED_ON}",
    "techqa": f"People who run IBM's software ask, some with a log; 337 technical notes. {_FITTED_ON}",
    "silverbullet": f"The manual of a note-taking program, 214 pages; {_UNSEEN}",
    "syncthing": f"The manual of a program that synchronises files, 54 pages; {_UNSEEN}",
}
_FACTS = (
    "28 questions that one sentence, row or item of the manual above answers, and 28 that look so and that it does not "
    "answer: 14 about what it speaks of, 14 about what it does not. No weight was fitted on these, but which "
    "words ask for a figure (`kinds.py`) was written in view of what was answered falsely about four manuals, this "
    "among them."
)
_SCIFACT = "The test claims of SciFact beside the abstracts that were judged for them: support, contradict, or neither."
_CLAPNQ = "Questions that people typed into a search engine, over the pooled passages of all of them."


@dataclass(frozen=True, slots=True)
class Setup:
    """What every part measures with, and where things are."""

    encoder: SentenceEncoder
    reader: Reader
    progress: Callable[[str, int, int], None]
    golden: Path = GOLDEN
    originals: Path = ORIGINALS
    data: Path = public_data.ROOT
    every: int = 1
    """Only every so-manieth golden question and claim is put."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """An answerer over a folder, and the texts that its quotations are held against."""

    answerer: Answerer
    texts: Mapping[str, str]


@contextmanager
def over(folder: Path, setup: Setup) -> Iterator[Corpus]:
    """Index a folder for as long as it is asked."""
    with tempfile.TemporaryDirectory() as root:
        build(folder, Path(root), setup.encoder)
        opened = generations.open_current(Path(root), setup.encoder.sha256)
        texts = {document.id: document.text for document in read_documents(folder).documents}
        yield Corpus(Answerer(opened, setup.encoder, THRESHOLD, setup.reader), texts)


def golden(setup: Setup) -> Sections:
    """The golden questions and claims over the notes that ship."""
    files = (setup.golden / name for name in ("questions.jsonl", "claims.jsonl"))
    rows, claims = (read_rows(path)[:: setup.every] for path in files)
    with over(SEEDS, setup) as corpus:
        said, judged = answers(corpus, rows, setup), verdicts(corpus, claims, setup)
        scores = [score_answer(row, one) | score_exact(one, corpus.texts) for row, one in zip(rows, said, strict=True)]
        right = [
            score_claim(row, one) | score_exact(one, corpus.texts) for row, one in zip(claims, judged, strict=True)
        ]
    return {
        "questions": section("Questions", _QUESTIONS, rows, said, scores),
        "claims": section("Claims", _CLAIMS, claims, judged, right),
    }


def originals(setup: Setup) -> Sections:
    """The golden questions over the articles themselves."""
    if not setup.originals.is_dir():
        return left_out("the original articles", setup.originals)
    rows = [row for row in read_rows(setup.golden / "questions.jsonl") if row["in_originals"]]
    with over(setup.originals, setup) as corpus:
        said = answers(corpus, rows, setup)
        scores = [score_status(row, one) | score_exact(one, corpus.texts) for row, one in zip(rows, said, strict=True)]
    return {"questions": section("Questions", _ORIGINAL, rows, said, scores)}


def public(setup: Setup) -> Sections:
    """Reporting splits of the public collections."""
    if not setup.data.is_dir():
        return left_out("the public collections", setup.data)
    public_data.ROOT = setup.data
    return {
        "squad": squad(setup),
        "clapnq": clapnq(setup),
        "ramdocs": ramdocs(setup),
        "scifact": scifact(setup),
        "voices": voices(),
    }


def manual(setup: Setup) -> Sections:
    """Questions of people who need help, about the manual that ships."""
    rows = report_support.manual_rows()
    with report_support.over_manual(setup.encoder, setup.reader) as answerer:
        put = report_support.replies(answerer, shown(rows, "manual", setup))
    scores = report_support.scored(rows, put)
    forms = [row | {"kind": row["form"]} for row in rows]
    return {
        "manual": Section(
            "Glasswort",
            _MANUAL,
            figures(scores),
            by_kind(forms, scores),
            imperfect(rows, scores),
            bins=bins(*report_support.confidences(rows, put)),
        )
    }


def support(setup: Setup) -> Sections:
    """Questions of people who need help, over the pages that answer them."""
    public_data.ROOT = setup.data
    there = report_support.there()
    if missing := sorted(set(public_data.SUPPORT + public_data.UNSEEN_MANUALS) - set(there)):
        print(f"the support questions of {', '.join(missing)} are left out: their pages are not here", file=sys.stderr)
    found, short = {}, {}
    for name in there:
        rows = public_data.rows(name)
        answerer = report_support.over_public(name, setup.encoder, setup.reader)
        put = report_support.replies(answerer, shown(rows, name, setup))
        curve = bins(*report_support.confidences(rows, put))
        found[name] = Section(name, _SUPPORT[name], figures(report_support.scored(rows, put)), bins=curve)
        if name in public_data.UNSEEN_MANUALS:
            short[f"{name}_facts"] = _short_facts(name, answerer, setup)
    return found | short


def _short_facts(name: str, answerer: Answerer, setup: Setup) -> Section:
    """Questions that ask an open manual for one short fact."""
    rows = public_data.facts(name)
    put = report_support.replies(answerer, shown(rows, f"facts of {name}", setup))
    scores = report_support.scored(rows, put)
    return Section(f"{name}, short facts", _FACTS, figures(scores), by_kind(rows, scores))


MEASURED: dict[str, Callable[[Setup], Sections]] = {
    "golden": golden,
    "originals": originals,
    "manual": manual,
    "support": support,
    "public": public,
}


def left_out(what: str, folder: Path) -> Sections:
    """Say that a part is not measured."""
    print(f"{what} are left out: there is no folder {folder}", file=sys.stderr)
    return {}


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines. Raises CorpusError."""
    try:
        return json_lines(path)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} cannot be read ({error}). It should hold a JSON object a line.") from error


def answers(corpus: Corpus, rows: Sequence[Row], setup: Setup) -> list[dict[str, Any]]:
    """Ask every question, as `python -m bot ask --batch` does."""
    return [
        answer_json(corpus.answerer.ask(read_question({"question": row["question"]})), row["id"])
        for row in shown(rows, "questions", setup)
    ]


def verdicts(corpus: Corpus, rows: Sequence[Row], setup: Setup) -> list[dict[str, Any]]:
    """Check every claim, as `python -m bot check --batch` does."""
    checker = Checker(corpus.answerer)
    return [
        verdict_json(checker.check(read_claim({"claim": row["claim"]})), row["id"])
        for row in shown(rows, "claims", setup)
    ]


def shown(rows: Sequence[Row], what: str, setup: Setup) -> Iterator[Row]:
    """The rows one by one, with progress."""
    for number, row in enumerate(rows, 1):
        yield row
        setup.progress(what, number, len(rows))


def section(title: str, text: str, rows: Sequence[Row], said: Sequence[Row], scores: Sequence[Scores]) -> Section:
    """What the scores of golden questions or claims say: in all, by kind, by threshold, and which were wrong."""
    sure = np.array([one["confidence"] for one in said])
    answerable, not_answerable = (np.array([name in score for score in scores]) for name in ("missed", "invented"))
    judged = answerable | not_answerable
    return Section(
        title,
        text,
        figures(scores),
        by_kind(rows, scores),
        imperfect(rows, scores),
        (surprises(rows, said, scores),),
        both_errors(sure[judged], answerable[judged]) if judged.any() else {},
        figures(scores[::SAMPLE]),
        bins(sure[judged], answerable[judged]) if judged.any() else (),
    )


def surprises(rows: Sequence[Row], said: Sequence[Row], scores: Sequence[Scores]) -> Table:
    """The questions or claims whose status is not acceptable."""
    found = [
        (
            row["id"],
            row["kind"].replace("_", " "),
            row.get("question") or row["claim"],
            " or ".join(row["status"]),
            one["status"],
            f"{one['confidence']:.3f}",
        )
        for row, one, score in zip(rows, said, scores, strict=True)
        if not score.get("status", score.get("right"))
    ]
    return Table("With another status than expected", ("id", "kind", "text", "expected", "given", "confidence"), found)


def squad(setup: Setup) -> Section:
    """Articles that nothing was fitted on, each with half of its paragraphs left out: see tune_confidence.py."""
    asked = collect(public_data.squad_titles("report"), MOST, setup.encoder, setup.reader)
    print(file=sys.stderr)
    return confidences(asked)


def confidences(asked: Sequence[Asked]) -> Section:
    """Both errors, whether the sentences hold the answer, and how far the confidence is to be trusted."""
    sure, kinds = FITTED.confidence(asked), np.array([row.kind for row in asked])
    answerable, near, absent = (kinds == kind for kind in ("answered", "not answered", "left out"))
    found = {
        "missed": figure(sure[answerable] < THRESHOLD),
        "near": figure(sure[near] >= THRESHOLD),
        "absent": figure(sure[absent] >= THRESHOLD),
        **first_sentences(asked),
        "auroc_near": separated(sure[~absent], answerable[~absent]),
        "auroc_absent": separated(sure[~near], answerable[~near]),
    }
    each = zip(*(rates(asked, sure, threshold) for threshold in THRESHOLDS), strict=True)
    errors = dict(zip(("missed", "near", "absent"), each, strict=True))
    return Section("SQuAD 2.0", _SQUAD, found, errors=errors, bins=bins(sure, answerable))


def clapnq(setup: Setup) -> Section:
    """Web questions over pooled passages."""
    retriever = Retriever(public_data.opened("clapnq_dev", setup.encoder).index, setup.encoder)
    asked = [ask(retriever, setup.reader, dict(row)) for row in shown(public_data.rows("clapnq_dev"), "clapnq", setup)]
    sure, answerable = FITTED.confidence(asked), np.array([row.answered for row in asked])
    missed, invented = by_cross_validation(list(answerable), sure)
    text = (
        f"{_CLAPNQ} With a threshold chosen for such questions, by cross-validation, {100 * missed:.0f} % are not "
        f"found although answerable and {100 * invented:.0f} % answered although unanswerable."
    )
    found = {
        "missed": figure(sure[answerable] < THRESHOLD),
        "invented": figure(sure[~answerable] >= THRESHOLD),
        **first_sentences(asked),
        "auroc": separated(sure, answerable),
    }
    return Section("CLAP NQ", text, found, errors=both_errors(sure, answerable), bins=bins(sure, answerable))


def ramdocs(setup: Setup) -> Section:
    """Questions whose own documents differ or agree; each is judged with thresholds chosen on other questions."""
    retriever = Retriever(public_data.opened("ramdocs", setup.encoder).index, setup.encoder)
    folds = report_disagreement.by_folds(
        report_disagreement.cases(retriever, setup.reader, public_data.rows("ramdocs"))
    )
    scores = [disagreement_scores(case, shown) for found in folds for case, shown in found]
    return Section("RAMDocs", _RAMDOCS, figures(scores))


def disagreement_scores(case: report_disagreement.Case, shown: tuple[Disagreement, ...]) -> Scores:
    """Whether a disagreement is shown, and how many of the documents' answers are in it."""
    if not case.differ:
        return {"alarm": float(bool(shown))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is no question here whose documents agree
        found = report_disagreement.figures([(case, shown)])
    return {"conflict": found["recall"], "values": found["values"]}


def scifact(setup: Setup) -> Section:
    """Claims beside the abstracts that were judged for them."""
    index = public_data.opened("scifact", setup.encoder)
    claims = public_data.rows("scifact")
    compared, labels = report_claims.judged(Checker(Answerer(index, setup.encoder, THRESHOLD, setup.reader)), claims)
    truth, said = np.array(labels), np.array(report_claims.labels(compared))
    found = {
        "right": figure(said == truth),
        "macro F1 of the three labels": statistic(
            len(truth), lambda rows: float(f1_score(truth[rows], said[rows], average="macro", zero_division=0))
        ),
        "contradicted claims that are said to be supported": figure(said[truth == "CONTRADICT"] == "SUPPORT"),
        "claims without evidence that are said to be supported": figure(said[truth == "NOT_ENOUGH_INFO"] == "SUPPORT"),
    }
    return Section("SciFact", _SCIFACT, found)


def voices() -> Section:
    """Who speaks, in sentences that no rule was written for."""
    return Section("Voices", _VOICES, report_voices.report()["test"])


def first_sentences(asked: Sequence[Asked]) -> dict[str, Figure]:
    """Whether the best sentences of the answerable questions hold the answer."""
    held = [row.holds[FITTED.order(row)] for row in asked if row.answered]
    return {"best": figure([float(top[0]) for top in held]), "three": figure([float(top[:3].any()) for top in held])}


def separated(sure: Floats, answerable: Truths) -> Figure:
    """How well the confidence separates answerable questions from the others."""
    return statistic(len(sure), lambda rows: auroc(sure[rows], answerable[rows]))


def versions(part: str, setup: Setup) -> dict[str, str]:
    """What a part's figures depend on and any machine can compare."""
    found = {
        "reader": f"SHA-256 `{sha256_of(WEIGHTS)}`",
        "embedding model": f"SHA-256 `{setup.encoder.sha256}`",
        "threshold": f"{THRESHOLD:g}",
    }
    if part in ("golden", "originals"):
        found |= {name: f"SHA-256 `{sha256_of(setup.golden / name)}`" for name in ("questions.jsonl", "claims.jsonl")}
    if part == "manual":
        found["questions and pages"] = f"SHA-256 `{report_support.manual_sha256()}`"
    listed = data.collections()
    found |= {name: f"{listed[name].origin} @ {listed[name].commit}" for name in COLLECTIONS.get(part, ())}
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure and write; returns the exit code: 0, 2 where something is missing, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, help="measure one part")
    parser.add_argument("--golden", type=Path, default=GOLDEN, metavar="DIR", help="questions.jsonl and claims.jsonl")
    parser.add_argument("--originals", type=Path, default=ORIGINALS, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--data", type=Path, default=public_data.ROOT, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR", help="where to write")
    given = parser.parse_args(arguments)
    try:
        with Bar(Console(stderr=True)) as bar:
            setup = Setup(SentenceEncoder(), TrainedReader(), bar.show, given.golden, given.originals, given.data)
            found = {name: MEASURED[name](setup) for name in ([given.only] if given.only else PARTS)}
        measured = {name: (versions(name, setup), sections) for name, sections in found.items() if sections}
        write(given.docs, measured, THRESHOLD)
    except FootnoteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nnothing was written", file=sys.stderr)
        return 130
    print(f"written: {given.docs / 'evaluation.md'}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
