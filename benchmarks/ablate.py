"""What each rule of the grammar is worth: left out in turn, with everything measured again. Writes docs/ablation.md.

    python benchmarks/ablate.py [voices|denials|claims|questions|conversations|posts|disagreements] [--docs DIR]

A rule is a function or a table of a module; leaving it out puts something in its place that says nothing. What it is
worth is by how many percentage points more is right with it than without it, with the interval that holds that in 95 %
of draws of as many sentences, questions or claims (the same ones with and without it). The sets:

    voices   the labelled sentences of report_voices.py: `development` was there when the rules were written
    denials  the cases of disputes.py (`aside`: written before the rules, not looked at), and the questions in golden/
             and development/ that ask for yes or no, or whose answer is disputed: is it said that it is, only there
    claims   golden/ and development/ (of odd ids: held out) over seeds/, and sentences of seeds/ with one word altered,
             of which none may be supported
    questions      development/ and golden/ over seeds/, by all that scoring.py asks of an answer; the manual; and of
                   `squad2_halfdev` (the articles that choices are made on) and `clapnq_dev`, where they are beside the
                   project, whether the first statement holds the answer, or there is none
    conversations  the pairs of development/ and questions that stand alone (links.py has to tell them apart); whether
                   a right document is among the first three, of these pairs and of `mtrag_un`
    posts          both halves of development/posts.jsonl: whether a post asks something
    disagreements  `ramdocs`: the documents' answers that are shown where they differ, and no disagreement elsewhere
"""

import argparse
import json
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import disputes
import numpy as np
import public_data
import report_claims
import report_disagreement
import report_followups
import report_posts
import report_support
import report_voices
from ablation_rules import NEVER, RULES, Rule
from evaluation_page import table
from report_prose import Remembering
from scoring import Figure, Floats, Scores, measure_of, score_answer, statistic

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.answering.disagreement import SHOWN, SURE, SURER
from bot.answering.evidence import Evidence
from bot.checking import claims as checking
from bot.checking.claims import Checker, Status
from bot.contract import answer_json
from bot.conversation import last_turn
from bot.english.voices import Voice, VoiceKind, voice_in, voice_of
from bot.question.context import Turn
from bot.question.forms import QuestionForm
from bot.question.links import link
from bot.question.posts import asks
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import BadRequest
from embeddings.searching.index import Index
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.splitting.passages import Passage, Span
from embeddings.storing import generations
from embeddings.storing.generations import Opened
from embeddings.storing.storage import write_text
from training.sources import rows as json_lines

ROOT = Path(__file__).resolve().parents[1]
GOLDEN, DEVELOPMENT = (ROOT / "benchmarks" / name / "questions.jsonl" for name in ("golden", "development"))
PAGE = "ablation.md"


def left_out(rule: Rule) -> AbstractContextManager[None]:
    """Put what says nothing in the place of a rule, in every module that took it over by its name."""
    return put(rule, rule.without)


@contextmanager
def put(rule: Rule, other: object) -> Iterator[None]:
    """Put something in the place of a rule, in every module that took it over by its name."""
    with_it = getattr(import_module(rule.module), rule.name)
    users = [module for module in _modules() if getattr(module, rule.name, None) is with_it]
    for module in users:
        setattr(module, rule.name, other)
    _forget(_modules())
    try:
        yield
    finally:
        for module in users:
            setattr(module, rule.name, with_it)
        _forget(_modules())


def _modules() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.startswith(("bot.", "report_"))]


def _forget(modules: Iterable[ModuleType]) -> None:
    """Empty what modules remember of texts they have read."""
    for module in modules:
        for cached in vars(module).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()


# --- what is measured ------------------------------------------------------------------------------

Row = Mapping[str, Any]
Case = Callable[[], float]
"""A sentence, question or claim, which is judged anew whenever it is called: 1 where it is right, or how much of it."""
Sets = dict[str, list[Case]]


class SearchingOnce(Answerer):
    """One that searches once for a text, since no rule changes what is found for it."""

    def __init__(self, opened: Opened, encoder: SentenceEncoder, reader: Remembering) -> None:
        super().__init__(opened, encoder, float(DEFAULT_THRESHOLD), reader)
        self.retriever.search = cache(self.retriever.search)  # type: ignore[method-assign]


class RememberingAnswerer(SearchingOnce):
    """One that looks for evidence once a question, too: for rules that come after that."""

    def __init__(self, opened: Opened, encoder: SentenceEncoder, reader: Remembering) -> None:
        super().__init__(opened, encoder, reader)
        self._remembered: dict[str, tuple[Evidence, ...]] = {}

    def _evidence(self, asked: Any) -> tuple[Evidence, ...]:
        question = asked.ranking.query
        if question not in self._remembered:
            self._remembered[question] = super()._evidence(asked)
        return self._remembered[question]


class Collections:
    """Answerers over small collections, whose indexes are built in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.encoder = SentenceEncoder()
        self.reader = Remembering(TrainedReader())

    def over(self, documents: Sequence[Mapping[str, Any]]) -> Answerer:
        """An answerer over some documents, as rows of a corpus."""
        corpus = Path(tempfile.mkdtemp(dir=self._folder))
        (corpus / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents), encoding="utf-8")
        return self.over_folder(corpus)

    def over_folder(self, corpus: Path) -> Answerer:
        """An answerer over a folder of documents, for rules that do not change what evidence is found."""
        return RememberingAnswerer(self._built(corpus), self.encoder, self.reader)

    def searched(self, corpus: Path) -> Answerer:
        """The same for rules that do."""
        return SearchingOnce(self._built(corpus), self.encoder, self.reader)

    def public(self, name: str) -> Answerer:
        """As `searched`, over the documents of a public collection."""
        return SearchingOnce(public_data.opened(name, self.encoder), self.encoder, self.reader)

    def _built(self, corpus: Path) -> Opened:
        index = Path(tempfile.mkdtemp(dir=self._folder))
        build(corpus, index, self.encoder)
        return generations.open_current(index, self.encoder.sha256)


def voices(_: object) -> Sets:
    """Sentences whose speaker is labelled: whether it is found."""
    halves = {half: report_voices.labelled(half) for half in report_voices.HALVES}
    return {half: [partial(_voice_right, one) for one in sentences] for half, sentences in halves.items() if sentences}


def _voice_right(one: report_voices.Labelled) -> float:
    said = voice_of(one.sentence, one.before)
    same_but_no_speaker = one.voice.kind is said.kind is not VoiceKind.SPEAKER
    return float(report_voices.is_right(one, said) or one.voice == said or same_but_no_speaker)


def denials(collections: Collections) -> Sets:
    """Cases and questions of which it is known whether there is a dispute: whether one is shown."""
    found: Sets = {
        "aside": _cases(collections, disputes.DISPUTED_ASIDE, disputes.UNDISPUTED_ASIDE),
        "with the rules": _cases(collections, disputes.DISPUTED, disputes.UNDISPUTED),
    }
    seeds = collections.over_folder(ROOT / "seeds")
    found["questions"] = [
        partial(_status_right, seeds, row)
        for row in (*json_lines(GOLDEN), *json_lines(DEVELOPMENT))
        if QuestionForm.of(row["question"]).proposed is not None or "disputed" in row["status"]
    ]
    return found


def _cases(
    collections: Collections, disputed: Sequence[disputes.Case], undisputed: Sequence[disputes.Case]
) -> list[Case]:
    """Whether each question is disputed just where its documents, which it is put to alone, dispute it."""
    cases = [*disputed, *undisputed]
    rows = [
        {"_id": f"{number}/{at}", "title": f"d{at}", "text": text} | ({"published": day} if day else {})
        for number, case in enumerate(cases)
        for at, (text, day) in enumerate(zip(case.texts, case.published or (None,) * len(case.texts), strict=True))
    ]
    every = collections.over(rows)
    return [
        partial(
            _dispute_right,
            every.within(Filters(tuple(f"{number}/{at}" for at in range(len(case.texts))))),
            case.question,
            number < len(disputed),
        )
        for number, case in enumerate(cases)
    ]


def _dispute_right(answerer: Answerer, question: str, disputed: bool) -> float:
    return float((answerer.ask(Question(question)).status == "disputed") is disputed)


def _status_right(answerer: Answerer, row: Row) -> float:
    return float(answerer.ask(Question(row["question"])).status in row["status"])


def _remembered(voice: Callable[[Passage, Span, Index], Voice]) -> Callable[[Passage, Span, Index], Voice]:
    known: dict[tuple[Passage, Span], Voice] = {}

    def remembered(passage: Passage, span: Span, index: Index) -> Voice:
        if (passage, span) not in known:
            known[passage, span] = voice(passage, span, index)
        return known[passage, span]

    return remembered


def claims(collections: Collections) -> Sets:
    """Claims of which it is known what the documents say: whether the verdict is right."""
    vars(checking)["voice_in"] = _remembered(voice_in)  # no rule of these changes who speaks
    checker = Checker(collections.over_folder(ROOT / "seeds"))
    written = report_claims.claims_in("development")
    altered = [claim for claim, _ in report_claims.altered_sentences(checker)][::_EVERY]
    found = {
        "golden": report_claims.claims_in("golden"),
        "development": [row for row in written if int(row["id"][1:]) % 2 == 0],
        "held out": [row for row in written if int(row["id"][1:]) % 2],
    }
    return {
        **{name: [partial(_verdict_right, checker, row) for row in rows] for name, rows in found.items()},
        "altered": [partial(_not_supported, checker, sentence) for sentence in altered],
    }


_EVERY = 3
"""Of the altered sentences, so many make one that is checked."""


def _verdict_right(checker: Checker, row: Row) -> float:
    return float(checker.check(Question(row["claim"])).status in row["status"])


def _not_supported(checker: Checker, sentence: str) -> float:
    return float(checker.check(Question(sentence)).status not in (Status.SUPPORTED, Status.DISPUTED))


def questions(collections: Collections) -> Sets:
    """Questions of which it is known what answers them: how much of that is right of the answer."""
    seeds, manual = (collections.searched(folder) for folder in (ROOT / "seeds", report_support.MANUAL / "pages"))
    sets: dict[str, tuple[Answerer, Sequence[Row], Score]] = {
        "development": (seeds, json_lines(DEVELOPMENT), _as_golden),
        "manual": (manual, report_support.manual_rows(), _as_support),
        **{name: (collections.public(name), rows, _as_public) for name, rows in _public_questions().items()},
        "golden": (seeds, json_lines(GOLDEN), _as_golden),
    }
    return {
        name: [partial(_share_right, answerer, score, row) for row in rows]
        for name, (answerer, rows, score) in sets.items()
    }


def _public_questions() -> dict[str, list[dict[str, Any]]]:
    """Questions of the public collections that are here."""
    if not public_data.ROOT.is_dir():
        return {}
    titles = public_data.squad_titles("tune")
    chosen = {row["id"] for row in public_data.rows("squad2_halfdev", "corpus.jsonl") if row["title"] in titles}
    squad = [row for row in public_data.rows("squad2_halfdev") if row["related_ids"][0] in chosen]
    return {"squad2_halfdev": squad, "clapnq_dev": public_data.rows("clapnq_dev")}


Score = Callable[[Row, Answer | NoAnswer | None], Scores]


def _share_right(answerer: Answerer, score: Score, row: Row) -> float:
    """The share of all measures of an answer that are right."""
    try:
        answer = answerer.ask(Question(public_data.asked(row)))
    except BadRequest:
        answer = None
    found = [1 - value if measure_of(name).less else value for name, value in score(row, answer).items()]
    return float(np.mean(found))


def _as_golden(row: Row, answer: Answer | NoAnswer | None) -> Scores:
    return score_answer(row, answer_json(answer, row["id"])) if answer else {"status": 0.0}


def _as_support(row: Row, answer: Answer | NoAnswer | None) -> Scores:
    if not row["answerable"]:
        return {"invented": float(isinstance(answer, Answer))}
    scores = report_support.score(row, answer) if answer else {}
    return {name: scores.get(name, 0.0) for name in ("document", "spans")}


def _as_public(row: Row, answer: Answer | NoAnswer | None) -> Scores:
    if not row["answerable"]:
        return {"invented": float(isinstance(answer, Answer))}
    first = answer.statements[0].citation if isinstance(answer, Answer) else None
    held = first and any(
        span["doc_id"] == first.document.id and span["start"] < first.end and first.start < span["end"]
        for span in row["gold_spans"]
    )
    return {"best": float(bool(held))}


def conversations(collections: Collections) -> Sets:
    """Questions of which it is known whether they go on from another, and which documents are right."""
    pairs = json_lines(ROOT / "benchmarks" / "development" / "followups.jsonl")
    asked = [(row["question"], last_turn(row["history"]), row["documents"]) for row in pairs]
    retriever = report_followups.over_our_own(collections.encoder)
    retriever.search = cache(retriever.search)  # type: ignore[method-assign]
    alone = [
        row["question"] for name in report_followups.ALONE for row in json_lines(report_followups.BENCHMARKS / name)
    ]
    found: Sets = {
        "linked": [partial(_link_right, row["question"], row["needs_context"]) for row in pairs],
        "alone": [partial(_link_right, question, False) for question in alone],
        "found": [partial(_finds, retriever, *each) for each in asked],
    }
    if (public_data.ROOT / report_followups.CONVERSATIONS).is_dir():
        pooled = collections.public(report_followups.CONVERSATIONS).retriever
        found["mtrag_un"] = [partial(_finds, pooled, *each) for each in report_followups.last_questions()]
    return found


def _link_right(question: str, needs_context: bool) -> float:
    return float((link(question) is not None) is needs_context)


def _finds(retriever: Retriever, question: str, earlier: Turn | None, right: Sequence[str]) -> float:
    return float(report_followups.found(retriever, report_followups.in_context(question, earlier), right))


def posts(_: object) -> Sets:
    """Posts of which it is known whether they ask something of the documents: whether that is seen."""
    return {
        half: [partial(_post_right, post) for post in report_posts.labelled(half)] for half in ("development", "test")
    }


def _post_right(post: report_posts.Post) -> float:
    return float(asks(post.text) is (post.kind == "question"))


def disagreements(collections: Collections) -> Sets:
    """Questions whose documents differ, and others: whether that is shown, and how many of their answers."""
    if not (public_data.ROOT / "ramdocs").is_dir():
        return {}
    retriever = collections.public("ramdocs").retriever
    sets: Sets = {"differ": [], "agree": []}
    for row in public_data.rows("ramdocs"):
        case = partial(_disagreement_right, retriever, collections.reader, row)
        sets["differ" if row["conflict"] else "agree"].append(case)
    return sets


def _disagreement_right(retriever: Retriever, reader: Remembering, row: Row) -> float:
    """The share of the documents' answers that are shown as differing, or whether nothing is where they agree."""
    case, shown = report_disagreement.at(report_disagreement.cases(retriever, reader, [row]), SURE, SHOWN, SURER)[0]
    if not case.differ:
        return float(not shown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is no question here whose documents agree
        return report_disagreement.figures([(case, shown)])["values"]


PARTS: dict[str, Callable[[Collections], Sets]] = {
    "voices": voices,
    "denials": denials,
    "claims": claims,
    "questions": questions,
    "conversations": conversations,
    "posts": posts,
    "disagreements": disagreements,
}


# --- the page --------------------------------------------------------------------------------------


def ablated(part: str, sets: Sets) -> Iterator[tuple[Rule, dict[str, Figure]]]:
    """What each rule of a part is worth on each set: the share that is right with it, less that without it.

    A case is judged again without a rule only where the rule said anything for it.
    """
    rules = RULES[part]
    with_all, said = _watched(rules, [case for cases in sets.values() for case in cases])
    for number, rule in enumerate(rules):
        figures, first = {}, 0
        with left_out(rule):
            for name, cases in sets.items():
                right = np.array(with_all[first : first + len(cases)])
                spoke = [number in each for each in said[first : first + len(cases)]]
                without = [case() if spoken else value for case, spoken, value in zip(cases, spoke, right, strict=True)]
                figures[name] = worth(right, np.array(without))
                first += len(cases)
        yield rule, figures


def _watched(rules: Sequence[Rule], cases: Sequence[Case]) -> tuple[list[float], list[frozenset[int]]]:
    """The cases as they are, and for each the numbers of the rules that say another thing than what stands for them.

    Of a table of words that is not seen, so it is in all of them.
    """
    spoken: set[int] = set()
    values, said = [], []
    with ExitStack() as stack:
        always = {
            number for number, rule in enumerate(rules) if not stack.enter_context(_watching(rule, number, spoken))
        }
        for case in cases:
            spoken.clear()
            _forget(_modules())
            values.append(case())
            said.append(frozenset(spoken | always))
    return values, said


@contextmanager
def _watching(rule: Rule, number: int, spoken: set[int]) -> Iterator[bool]:
    """Have a rule put its number among those that spoke; False for what cannot."""
    with_it = getattr(import_module(rule.module), rule.name)
    if isinstance(with_it, re.Pattern):
        watched: Any = _WatchedPattern(with_it, rule.without, partial(spoken.add, number))
    elif isinstance(rule.without, tuple):
        watched = _watched_table(with_it, rule.without, partial(spoken.add, number))
    elif callable(with_it):
        watched = partial(_compared, with_it, rule.without, partial(spoken.add, number))
    else:
        yield False
        return
    with put(rule, watched):
        yield True


def _watched_table(rows: Sequence[tuple[Any, ...]], kept: Sequence[tuple[Any, ...]], speak: Callable[[], None]) -> Any:
    """A table of named rows of patterns, of which those that are not kept are watched."""
    known = {row[0] for row in kept}

    def watched(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(_WatchedPattern(each, NEVER, speak) if isinstance(each, re.Pattern) else each for each in row)

    return tuple(row if row[0] in known else watched(row) for row in rows)


@dataclass(frozen=True, slots=True)
class _WatchedPattern:
    """A pattern that says when it finds another thing than what stands in its place."""

    kept: re.Pattern[str]
    without: re.Pattern[str]
    speak: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        return partial(_compared, getattr(self.kept, name), getattr(self.without, name), self.speak)


def _compared(
    kept: Callable[..., Any], without: Callable[..., Any], speak: Callable[[], None], *given: Any, **named: Any
) -> Any:
    """What a rule says, after a word where what stands in its place says another thing."""
    found, other = kept(*given, **named), without(*given, **named)
    found, other = (list(each) if isinstance(each, Iterator) else each for each in (found, other))
    if _plain(found) != _plain(other):
        speak()
    return found


def _plain(found: Any) -> Any:
    """A match, or matches, as something that can be compared."""
    if isinstance(found, list):
        return [_plain(each) for each in found]
    return found.span() if isinstance(found, re.Match) else found


def worth(with_it: Floats, without: Floats) -> Figure:
    """By how much more is right with a rule than without it."""
    more = with_it - without
    return statistic(len(more), lambda rows: float(more[rows].mean()))


def page(parts: Mapping[str, Sequence[tuple[Rule, Mapping[str, Figure]]]], before: str = "") -> str:
    """The page, with a table for each part; of a part that is not measured, that of the page before."""
    tables = {title: rows.rstrip() for title, rows in _TABLE.findall(before)}
    for part, found in parts.items():
        names = list(found[0][1])
        head = ("left out", "", *(f"{name} ({found[0][1][name].count})" for name in names))
        rows = [(f"`{rule.name}`", rule.does, *(_points(figures[name]) for name in names)) for rule, figures in found]
        tables[part.capitalize()] = table(head, rows)
    shown = [f"## {title}\n\n{tables[title]}" for title in map(str.capitalize, PARTS) if title in tables]
    return "\n\n".join([_INTRODUCTION, *shown]) + "\n"


_TABLE = re.compile(r"^## (\w+)\n\n((?:\|.*(?:\n|\Z))+)", re.MULTILINE)
_INTRODUCTION = """# What each rule is worth

Written by `make ablate`. Each rule or table is left out by itself, and what it may matter to is measured again: how
many percentage points more are right with it than without it, and the interval that holds that in 95 % of 2,000 draws
of as many sentences, questions or claims. 0 says that nothing changed; a rule below 0 does harm there. What two rules
each find costs nothing where one of them is left out. `benchmarks/ablate.py` says what the sets are; in brackets is how
large.

The sets are small: 0 of 32 cases may still be one in ten. A rule at 0 everywhere is there because a test holds what it
does, because an altered claim must not pass, or because it reads at least ten of 10,000 other public sentences
otherwise, most of them rightly; it is the next to go."""


def _points(one: Figure) -> str:
    if one.value == one.low == one.high == 0:
        return "0"
    return f"{100 * one.value:+.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})"


def main() -> None:
    """Measure and write; a part that is not measured keeps the figures it has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", metavar="DIR", help="default: %(default)s")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        collections = Collections(Path(folder))
        found: dict[str, list[tuple[Rule, dict[str, Figure]]]] = {}
        for part in given.parts or PARTS:
            found[part] = []
            for rule, figures in ablated(part, PARTS[part](collections)):
                found[part].append((rule, figures))
                print(
                    rule.name, *(f"{name} {_points(figure)}" for name, figure in figures.items()), sep="; ", flush=True
                )
    file = given.docs / PAGE
    write_text(file, page(found, file.read_text(encoding="utf-8") if file.exists() else ""))


if __name__ == "__main__":
    main()
