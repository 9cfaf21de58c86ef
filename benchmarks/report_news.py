"""How news that disagrees is answered: a hundred contested events, each told by three outlets, by questions and claims.

    python benchmarks/report_news.py FOLDER [--wrong]

FOLDER is a copy of github.com/launchnlp/BASIL (seen at its second release): 300 articles of 2010 to 2019, ten events a
year, with who is quoted in 722 places as annotators of its authors marked it (Fan et al., "In Plain Sight: Media Bias
Through the Lens of Factual Reporting", 2019). The articles are their publishers', and are not here. Each year is a
corpus of its own; what is asked of it is in `development/news.jsonl`.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from public_data import corpus_of
from scoring import Row

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question, Statement
from bot.checking.claims import Checker, Status
from bot.english.voices import Voice, VoiceKind, voice_in
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.index import Index
from embeddings.storing import generations
from training.sources import rows

QUESTIONS = Path(__file__).resolve().parent / "development" / "news.jsonl"
UNNAMED = ("other", "lawmakers", "democrats", "republicans", "committee", "campaign", "officials", "party", "house")
"""What the annotators call somebody without a name by: "other_anti", "Democratic_lawmakers"."""


def articles(folder: Path) -> Iterator[tuple[str, str, Row]]:
    """Each article with its year and its name: the number of its event within the year, and the outlet."""
    events: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for file in sorted((folder / "articles").rglob("*.json")):
        article = json.loads(file.read_text(encoding="utf-8"))
        events[file.parts[-2], article["triplet-uuid"]].append(article)
    numbers: Counter[str] = Counter()
    for (year, _), told in sorted(events.items(), key=lambda event: event[0]):
        numbers[year] += 1
        for article in told:
            yield year, f"e{numbers[year]:02d}-{article['source'].lower()}", article


def write_corpora(folder: Path) -> None:
    """Each year's articles as Markdown, with what its outlet says of an article as front matter."""
    for year, name, article in articles(folder):
        corpus = corpus_of(f"news-{year}")
        corpus.mkdir(parents=True, exist_ok=True)
        head = {"title": article["title"], "published": article["date"], "url": article["url"]}
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
        body = "\n\n".join(" ".join(filter(str.strip, sentences)) for sentences in article["body-paragraphs"])
        (corpus / f"{name}.md").write_text("\n".join(["---", *lines, "---", "", body, ""]), encoding="utf-8")


def opened(year: str, encoder: SentenceEncoder) -> generations.Opened:
    """A year as an index, built anew where a rule has changed."""
    root = corpus_of(f"news-{year}").parent
    build(corpus_of(f"news-{year}"), root, encoder)
    return generations.open_current(root, encoder.sha256)


def holds(statement: Statement, evidence: list[Row]) -> bool:
    """Whether a statement, or one that says the same, holds a sentence that answers."""
    shown = [statement.citation, *statement.parts, *statement.also]
    return any(
        one["document"] == each.document.id and one["contains"] in each.quote for each in shown for one in evidence
    )


def score(row: Row, answerer: Answerer) -> dict[str, bool]:
    """What a question says of its answer."""
    answer = answerer.ask(Question(row["question"]))
    statements = answer.statements if isinstance(answer, Answer) else ()
    found = {"answered": bool(statements), "disputed": isinstance(answer, Answer) and bool(answer.disagreements)}
    if not row["answerable"]:
        return found
    right = [holds(each, row["evidence"]) for each in statements]
    found |= {"first right": any(right[:1]), "one right": any(right)}
    if row["speaker"] and any(right[:1]):
        found["voice right"] = names(statements[0].voice, row["speaker"])
    if "sides" in row:
        found["both sides shown"] = all(any(holds(each, side) for each in statements) for side in row["sides"])
    return found


def names(voice: Voice, speaker: str) -> bool:
    """Whether a voice is that of a speaker, by one of the longer words of the name."""
    return any(
        len(word) > 3 and word in (voice.name or "").lower() for word in speaker.lower().replace(",", "").split()
    )


def voices(folder: Path, indexes: Mapping[str, Index]) -> Iterator[tuple[str, dict[str, bool]]]:
    """Of each quotation that annotators marked: whether it is given to somebody, and to the one they name."""
    known = {article["uuid"]: (year, name) for year, name, article in articles(folder)}
    for file in sorted((folder / "annotations").rglob("*.json")):
        marked = json.loads(file.read_text(encoding="utf-8"))
        year, name = known[marked["uuid"]]
        index = indexes[year]
        for one in marked["phrase-level-annotations"]:
            middle = index.document_of[name].text.find(one["txt"].strip()) + len(one["txt"]) // 2
            places = ((p, s) for p in index.passages_of[name] for s in p.sentences if s.start <= middle < s.end)
            place = next(places, None) if one["txt"].strip() in index.document_of[name].text else None
            if one["quote"] == "yes" and place:
                voice, speaker = voice_in(*place, index), one["speaker"].lower().replace(".", "")
                found = {"somebody's words": voice.kind is not VoiceKind.DOCUMENT}
                if any(word in speaker for word in UNNAMED):
                    yield "of somebody without a name", found
                else:
                    surname = speaker.rpartition("_")[2]
                    yield "of somebody by name", found | {"this one's": surname in (voice.name or "").lower()}


def table(title: str, scores: Iterable[tuple[str, Mapping[str, bool]]]) -> None:
    """Print the share of each measure, by kind, with what it is a share of."""
    kinds: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for kind, score in scores:
        for measure, value in score.items():
            kinds[kind][measure].append(value)
    print(f"\n| {title} | |\n|---|---|")
    for kind, measures in kinds.items():
        told = (f"{measure} {sum(each)} of {len(each)}" for measure, each in measures.items())
        print(f"| {kind} | {', '.join(told)} |")


def main() -> None:
    """Print what is answered, checked and attributed, and with --wrong how each question and claim fared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="print how each question and each claim fared")
    options = parser.parse_args()
    write_corpora(options.folder)
    encoder, reader = SentenceEncoder(), TrainedReader()
    indexes: dict[str, Index] = {}
    answered: list[tuple[str, dict[str, bool]]] = []
    judged: list[tuple[str, dict[str, bool]]] = []
    for year, asked in groupby(rows(QUESTIONS), lambda row: str(row["over"])):
        answerer = Answerer(opened(year, encoder), encoder, float(DEFAULT_THRESHOLD), reader)
        indexes[year] = answerer.index
        for row in asked:
            if "claim" in row:
                status = Checker(answerer).check(Question(row["claim"])).status
                judged.append((row["status"], {str(each): each is status for each in Status}))
            else:
                answered.append((row["kind"], score(row, answerer)))
            if options.wrong:
                print(row["id"], row.get("question") or row["claim"], (judged if "claim" in row else answered)[-1])
    table("questions", answered)
    table("claims", judged)
    table("quotations", voices(options.folder, indexes))


if __name__ == "__main__":
    main()
