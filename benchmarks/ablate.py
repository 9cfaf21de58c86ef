"""What each rule of the grammar is worth: left out in turn, with everything measured again. Writes docs/ablation.md.

    python benchmarks/ablate.py [voices|denials|claims] [--docs DIR]

A rule is a function or a table of a module; leaving it out puts something in its place that says nothing. What it is
worth is by how many percentage points more is right with it than without it, with the interval that holds that in 95 %
of draws of as many sentences, questions or claims (the same ones with and without it). The sets:

    voices   the labelled sentences of report_voices.py: `development` was there when the rules were written
    denials  the cases of disputes.py (`aside`: written before the rules, not looked at), and the questions in golden/
             and development/ that ask for yes or no, or whose answer is disputed: is it said that it is, only there
    claims   golden/ and development/ (of odd ids: held out) over seeds/, and sentences of seeds/ with one word altered,
             of which none may be supported
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import disputes
import numpy as np
import report_claims
import report_voices
from evaluation_page import table
from scoring import Figure, Floats, statistic

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from bot.answering.evidence import Evidence
from bot.checking import claims as checking
from bot.checking.claims import Checker, Status
from bot.english.voices import Voice, VoiceKind, voice_in, voice_of
from bot.question.forms import QuestionForm
from bot.reader.reading import Probabilities, Reading
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings import generations
from embeddings.generations import Opened
from embeddings.indexing import build
from embeddings.retrieval import Filters
from embeddings.sentence_encoder import SentenceEncoder
from embeddings.storage import write_text

ROOT = Path(__file__).resolve().parents[1]
PAGE = "ablation.md"
NEVER = re.compile(r"(?!)")
"""Matches nothing."""
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A function or a table by its name in a module, and what stands in its place where it is left out."""

    module: str
    name: str
    without: Any
    does: str


def nothing(*_: object, **__: object) -> tuple[()]:
    """In place of what yields."""
    return ()


def no(*_: object, **__: object) -> bool:
    """In place of what tells, where it tells that something is so."""
    return False


def yes(*_: object, **__: object) -> bool:
    """In place of what tells, where it tells that something is not so."""
    return True


def missing(*_: object, **__: object) -> None:
    """In place of what finds."""


ATTRIBUTION, VOICES, VERDICTS = (f"bot.english.{name}" for name in ("attribution", "voices", "verdicts"))
DENIALS, ALIGNMENT, CLAIMS, WORDS = (
    "bot.answering.denials",
    "bot.checking.alignment",
    "bot.checking.claims",
    "bot.english.words",
)
RULES: dict[str, tuple[Rule, ...]] = {
    "voices": (
        Rule(ATTRIBUTION, "_according", nothing, "according to X"),
        Rule(ATTRIBUTION, "_can_be_cited", yes, "according to the party line"),
        Rule(ATTRIBUTION, "_spoken", nothing, "“…”, said X"),
        Rule(ATTRIBUTION, "_told", nothing, "X said: all that begins with who speaks"),
        Rule(ATTRIBUTION, "_also_told", nothing, "X left and said that; X left, saying “…”"),
        Rule(ATTRIBUTION, "_after_opening", nothing, "In 2019 X said, with no comma"),
        Rule(ATTRIBUTION, "_participle", no, "Compelled, Recently at the beginning are no names"),
        Rule(ATTRIBUTION, "_described", no, "Reuters officials"),
        Rule(ATTRIBUTION, "_without_verb", lambda words: words, "Trump, of Trump made"),
        Rule(ATTRIBUTION, "_past_brackets", lambda _, at: at, "X (born 1950) said"),
        Rule(ATTRIBUTION, "_past_adverbs", lambda _, at: at, "X repeatedly said"),
        Rule(ATTRIBUTION, "_names_it", no, "called it a lie, described it as"),
        Rule(ATTRIBUTION, "_reaches", yes, "a that which is no verb's"),
        Rule(ATTRIBUTION, "_is_clause", no, "X believes it is so, without that"),
        Rule(ATTRIBUTION, "_is_verb", lambda items, at: items[at].low in _saying(), "the report, which is no verb"),
        Rule(ATTRIBUTION, "_plural", yes, "the minister say"),
        Rule(ATTRIBUTION, "_MONTHS", NONE, "no month or day speaks"),
        Rule(ATTRIBUTION, "_FOUND_OUT", NONE, "an analysis that finds or suggests"),
        Rule(ATTRIBUTION, "_DOING", NONE, "admits doing"),
        Rule(ATTRIBUTION, "_ESTIMATE", NONE, "estimates 40 bridges"),
        Rule(ATTRIBUTION, "_FINITE", NONE, "where a clause has its verb"),
        Rule(ATTRIBUTION, "_OWN", NONE, "the account is the document"),
        Rule(ATTRIBUTION, "itself", no, "we, this study: the document"),
        Rule(ATTRIBUTION, "anybody", no, "critics, many historians: nobody by name"),
        Rule(ATTRIBUTION, "HEADS", NONE, "nouns of who can speak"),
        Rule(ATTRIBUTION, "_WORKS", NONE, "works that can speak"),
        Rule(VOICES, "_hearsay", no, "is said to, allegedly, is regarded as"),
        Rule(VOICES, "_inside", no, "a quotation that began in a sentence before"),
        Rule(VOICES, "_running", missing, "whose quotation goes on"),
        Rule(VOICES, "_subjects", nothing, "whom he and she mean"),
        Rule(VOICES, "_fits", yes, "whom a pronoun can mean"),
        Rule(VOICES, "_BODIES", NONE, "a ministry is it"),
    ),
    "denials": (
        Rule(DENIALS, "_negations", nothing, "not, never, no"),
        Rule(DENIALS, "_PROOF", NEVER, "no evidence that"),
        Rule(DENIALS, "_denials", nothing, "denied, rejected, is false"),
        Rule(DENIALS, "_LEADS_ON", NEVER, "falsely claimed that"),
        Rule(DENIALS, "_CLAIM_THAT", NEVER, "the claim that … is false"),
        Rule(DENIALS, "_PARTLY", NONE, "not all, not fully"),
        Rule(DENIALS, "_CLAIMS", NONE, "denied the claim"),
        Rule(DENIALS, "_BREAKS", NONE, "where a clause ends: but, although"),
        Rule(DENIALS, "_LEADS", NONE, "where a clause begins: that, because"),
        Rule(DENIALS, "_PRONOUNS", NONE, "he, behind what is denied"),
        Rule(DENIALS, "_OPEN", NONE, "whether, may, plans to: neither yes nor no"),
        Rule(DENIALS, "_turned", lambda *_: {}, "unsafe for not safe"),
        Rule(DENIALS, "_is_asked", no, "a question that speaks of denying"),
        Rule(DENIALS, "_subject", lambda *_: NONE, "who is named outside of what is denied"),
        Rule(DENIALS, "_is_judged", no, "a sentence that calls its claim false"),
        Rule(DENIALS, "_said", lambda evidence, stance: _plainly_said(evidence, stance), "who denies it"),
        Rule(DENIALS, "_meant", lambda *_: NONE, "what he stands for"),
        Rule(DENIALS, "_titled", lambda *_: {}, "Holm is the mayor of Mayor Petra Holm"),
        Rule(DENIALS, "_answers_to", nothing, "The firm denies it, in the next sentence"),
        Rule(DENIALS, "_claimed", lambda *_: [], "what is denied without being asked"),
        Rule(DENIALS, "_changed", no, "what became so between two dates"),
    ),
    "claims": (
        Rule(ALIGNMENT, "_near", lambda _, missing, *__: ((), missing), "words that come near"),
        Rule(ALIGNMENT, "narrower", nothing, "protesters for people"),
        Rule(ALIGNMENT, "_acronyms", lambda _: {}, "DHS for its words, and the other way"),
        Rule(ALIGNMENT, "_named_before", lambda _, missing, *__: missing, "he, of the sentence before"),
        Rule(ALIGNMENT, "_opposites", lambda _, missing, *__: ([], missing), "opposites and families"),
        Rule(ALIGNMENT, "_negations", lambda *_: [], "a not in one of them"),
        Rule(ALIGNMENT, "_NO_NEGATION", NEVER, "no more than, not only"),
        Rule(ALIGNMENT, "_uncertain", lambda *_: [], "only as possible, as an aim"),
        Rule(ALIGNMENT, "_is_thing", no, "the order, which is no verb"),
        Rule(ALIGNMENT, "_NOT_YET", NONE, "what a promise does not say either"),
        Rule(ALIGNMENT, "_qualified", lambda *_: [], "deputy mayor is no mayor"),
        Rule(ALIGNMENT, "_is_apposition", missing, "Mayor Anna Berg, for is the mayor"),
        Rule(ALIGNMENT, "_is_done_by", yes, "somebody else does it"),
        Rule(ALIGNMENT, "_led_by", lambda *_: "", "behind a preposition nobody acts"),
        Rule(ALIGNMENT, "_AMOUNTS", NONE, "a handful of demonstrators"),
        Rule(ALIGNMENT, "_is_passive", no, "by whom it is done"),
        Rule(ALIGNMENT, "_somebody_between", no, "another actor between"),
        Rule(CLAIMS, "denies", no, "a sentence that calls it false"),
        Rule(CLAIMS, "_almost", no, "it may say the claim's thing"),
        Rule(CLAIMS, "_is_judgement", no, "what a document calls something"),
        Rule(CLAIMS, "_ATTRIBUTES", NEVER, "claims that somebody accuses or urges"),
        Rule(CLAIMS, "_same_speaker", no, "a claim about what somebody said"),
        Rule(CLAIMS, "_rejection", missing, "what the document rejects beside it"),
        Rule(CLAIMS, "_patched", lambda text, _: text, "read again with the claim's thing"),
        Rule(VERDICTS, "_beside", missing, "a verdict in the sentence next to it"),
    ),
}


def _saying() -> frozenset[str]:
    verbs: frozenset[str] = import_module(ATTRIBUTION)._SAYING
    return verbs


def _plainly_said(evidence: Any, stance: Any) -> Any:
    return import_module(DENIALS).Said(evidence, stance, evidence.voice)


@contextmanager
def left_out(rule: Rule) -> Iterator[None]:
    """Put what says nothing in the place of a rule, in every module that took it over by its name."""
    with_it = getattr(import_module(rule.module), rule.name)
    users = [
        module
        for name, module in sys.modules.items()
        if name.startswith("bot.") and getattr(module, rule.name, None) is with_it
    ]

    def put(what: object) -> None:
        for module in users:
            setattr(module, rule.name, what)
            for cached in vars(module).values():
                if hasattr(cached, "cache_clear"):
                    cached.cache_clear()

    put(rule.without)
    try:
        yield
    finally:
        put(with_it)


# --- what is measured ------------------------------------------------------------------------------

Sets = dict[str, Callable[[], list[float]]]
"""By name what gives, for each sentence, question or claim of a set, 1 where it is right."""


@dataclass(frozen=True, slots=True)
class Remembering:
    """A reader that reads a thing once, since no rule changes what it says of it."""

    reader: TrainedReader
    readings: dict[tuple[str, str, str], Reading] = field(default_factory=dict)
    compared: dict[tuple[str, str], Probabilities] = field(default_factory=dict)

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """See Reader."""
        new = [each for each in dict.fromkeys(passages) if (question, *each) not in self.readings]
        for passage, reading in zip(new, self.reader.read(question, new) if new else (), strict=True):
            self.readings[question, *passage] = reading
        return [self.readings[question, *each] for each in passages]

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader."""
        new = [each for each in dict.fromkeys(sentences) if (claim, each) not in self.compared]
        for sentence, said in zip(new, self.reader.compare(claim, new) if new else (), strict=True):
            self.compared[claim, sentence] = said
        return np.array([self.compared[claim, each] for each in sentences])


class RememberingAnswerer(Answerer):
    """One that searches and looks for evidence once a question, since no rule here changes what is found."""

    def __init__(self, opened: Opened, encoder: SentenceEncoder, reader: Remembering) -> None:
        super().__init__(opened, encoder, float(DEFAULT_THRESHOLD), reader)
        self.retriever.search = cache(self.retriever.search)  # type: ignore[method-assign]
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
        self._encoder = SentenceEncoder()
        self._reader = Remembering(TrainedReader())

    def over(self, documents: Sequence[Mapping[str, Any]]) -> Answerer:
        """An answerer over some documents, as rows of a corpus."""
        corpus = Path(tempfile.mkdtemp(dir=self._folder))
        (corpus / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents), encoding="utf-8")
        return self.over_folder(corpus)

    def over_folder(self, corpus: Path) -> Answerer:
        """An answerer over a folder of documents."""
        index = Path(tempfile.mkdtemp(dir=self._folder))
        build(corpus, index, self._encoder)
        opened = generations.open_current(index, self._encoder.sha256)
        return RememberingAnswerer(opened, self._encoder, self._reader)


def voices(_: object) -> Sets:
    """Sentences whose speaker is labelled: whether it is found."""
    halves = {half: report_voices.labelled(half) for half in report_voices.HALVES}
    return {half: partial(_voices_right, sentences) for half, sentences in halves.items() if sentences}


def _voices_right(sentences: Sequence[report_voices.Labelled]) -> list[float]:
    found = [(one, voice_of(one.sentence, one.before)) for one in sentences]
    return [
        float(report_voices.is_right(one, said) or one.voice == said or _same_but_no_speaker(one.voice, said))
        for one, said in found
    ]


def _same_but_no_speaker(voice: Voice, said: Voice) -> bool:
    return voice.kind is said.kind is not VoiceKind.SPEAKER


def denials(collections: Collections) -> Sets:
    """Cases and questions of which it is known whether there is a dispute: whether one is shown."""
    found: Sets = {
        "aside": partial(_disputes_right, _cases(collections, disputes.DISPUTED_ASIDE, disputes.UNDISPUTED_ASIDE)),
        "with the rules": partial(_disputes_right, _cases(collections, disputes.DISPUTED, disputes.UNDISPUTED)),
    }
    seeds = collections.over_folder(ROOT / "seeds")
    files = [ROOT / "benchmarks" / name / "questions.jsonl" for name in ("golden", "development")]
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found["questions"] = partial(_statuses_right, seeds, [row for row in rows if _concerns_a_dispute(row)])
    return found


def _concerns_a_dispute(row: Mapping[str, Any]) -> bool:
    return QuestionForm.of(row["question"]).proposed is not None or "disputed" in row["status"]


def _cases(
    collections: Collections, disputed: Sequence[disputes.Case], undisputed: Sequence[disputes.Case]
) -> list[tuple[Answerer, str, bool]]:
    """Each case's question with an answerer over its documents alone, and whether they dispute it."""
    cases = [*disputed, *undisputed]
    rows = [
        {"_id": f"{number}/{at}", "title": f"d{at}", "text": text} | ({"published": day} if day else {})
        for number, case in enumerate(cases)
        for at, (text, day) in enumerate(zip(case.texts, case.published or (None,) * len(case.texts), strict=True))
    ]
    every = collections.over(rows)
    return [
        (
            every.within(Filters(tuple(f"{number}/{at}" for at in range(len(case.texts))))),
            case.question,
            number < len(disputed),
        )
        for number, case in enumerate(cases)
    ]


def _disputes_right(cases: Sequence[tuple[Answerer, str, bool]]) -> list[float]:
    return [
        float((answerer.ask(Question(question)).status == "disputed") is disputed)
        for answerer, question, disputed in cases
    ]


def _statuses_right(answerer: Answerer, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    return [float(answerer.ask(Question(row["question"])).status in row["status"]) for row in rows]


def claims(collections: Collections) -> Sets:
    """Claims of which it is known what the documents say: whether the verdict is right."""
    vars(checking)["voice_in"] = cache(voice_in)  # no rule of these changes who speaks
    checker = Checker(collections.over_folder(ROOT / "seeds"))
    written = report_claims.claims_in("development")
    altered = [claim for claim, _ in report_claims.altered_sentences(checker)][::_EVERY]
    return {
        "golden": partial(_verdicts_right, checker, report_claims.claims_in("golden")),
        "development": partial(_verdicts_right, checker, [row for row in written if int(row["id"][1:]) % 2 == 0]),
        "held out": partial(_verdicts_right, checker, [row for row in written if int(row["id"][1:]) % 2]),
        "altered": partial(_none_supported, checker, altered),
    }


_EVERY = 3
"""Of the altered sentences, so many make one that is checked."""


def _verdicts_right(checker: Checker, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    return [float(checker.check(Question(row["claim"])).status in row["status"]) for row in rows]


def _none_supported(checker: Checker, sentences: Sequence[str]) -> list[float]:
    statuses = [checker.check(Question(sentence)).status for sentence in sentences]
    return [float(status not in (Status.SUPPORTED, Status.DISPUTED)) for status in statuses]


PARTS: dict[str, Callable[[Collections], Sets]] = {"voices": voices, "denials": denials, "claims": claims}


# --- the page --------------------------------------------------------------------------------------


def ablated(part: str, sets: Sets) -> Iterator[tuple[Rule, dict[str, Figure]]]:
    """What each rule of a part is worth on each set: the share that is right with it, less that without it."""
    with_all = {name: np.array(measure()) for name, measure in sets.items()}
    for rule in RULES[part]:
        with left_out(rule):
            without = {name: np.array(measure()) for name, measure in sets.items()}
        yield rule, {name: worth(with_all[name], without[name]) for name in sets}


def worth(with_it: Floats, without: Floats) -> Figure:
    """By how much more is right with a rule than without it."""
    more = with_it - without
    return statistic(len(more), lambda rows: float(more[rows].mean()))


def page(parts: Mapping[str, Sequence[tuple[Rule, Mapping[str, Figure]]]]) -> str:
    """The page, with a table for each part."""
    paragraphs = [_INTRODUCTION]
    for part, found in parts.items():
        names = list(found[0][1])
        head = ("left out", "", *(f"{name} ({found[0][1][name].count})" for name in names))
        rows = [(f"`{rule.name}`", rule.does, *(_points(figures[name]) for name in names)) for rule, figures in found]
        paragraphs += [f"## {part.capitalize()}", table(head, rows)]
    return "\n\n".join(paragraphs) + "\n"


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
    """Measure and write; a part that is not measured is left out of the page."""
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
    write_text(given.docs / PAGE, page(found))


if __name__ == "__main__":
    main()
