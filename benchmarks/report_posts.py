"""What a first responder would do with the posts of a server: which it answers, and how often rightly.

    python benchmarks/report_posts.py [--held-out]

The posts in benchmarks/development, and as further questions those about the manual and those to develop with over
seeds/. A post is answered where it asks something and its answer is as sure as the responder asks for; the answer is
right where it quotes one of the passages that were written down beforehand. Where nothing was, every answer is wrong.
`--held-out` puts the other half of the posts, and the golden questions: nothing was chosen on them.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.discord.cogs.responder import SURE, sure
from bot.question.posts import asks
from bot.reader.reading import Reader
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import BadRequest
from embeddings.storing import generations
from training.sources import rows

HERE = Path(__file__).resolve().parent
CORPORA = {"manual": HERE / "manual" / "pages", "seeds": HERE.parent / "seeds"}
THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody writes where the documents of `over` are; `contains` are quotations that would answer it."""

    id: str
    over: str
    kind: str
    text: str
    contains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a post: whether it asks, and the answer, if there is one, and whether that is right."""

    post: Post
    asks: bool
    answer: Answer | None = None
    right: bool = False

    def answered(self, threshold: float = SURE) -> bool:
        """Whether the first responder answers it."""
        return self.asks and self.answer is not None and sure(self.answer, threshold)


def labelled(half: str) -> Iterator[Post]:
    """The posts written for this: those to develop with, or those kept for the test."""
    for row in rows(HERE / "development" / "posts.jsonl"):
        text = "\n".join(filter(None, [row["title"], row["text"]]))
        if row["half"] == half:
            yield Post(row["id"], row["over"], row["kind"], text, tuple(row["contains"]))


def asked_of_the_manual() -> Iterator[Post]:
    """The support questions about the manual."""
    for row in rows(HERE / "manual" / "questions.jsonl"):
        yield Post(row["id"], "manual", "question", row["question"], tuple(span["text"] for span in row["spans"]))


def asked_of_the_notes(folder: str) -> Iterator[Post]:
    """The questions over seeds/ in a folder."""
    for row in rows(HERE / folder / "questions.jsonl"):
        quotations = tuple(each["contains"] for each in row["evidence"])
        yield Post(row["id"], "seeds", "question", row["question"], quotations)


def outcomes(posts: Iterable[Post], encoder: SentenceEncoder, reader: Reader) -> Iterator[Outcome]:
    """What comes of each post, with the documents of its corpus indexed for as long as they are asked."""
    waiting = list(posts)
    for name, folder in CORPORA.items():
        with tempfile.TemporaryDirectory() as root:
            build(folder, Path(root), encoder)
            opened = generations.open_current(Path(root), encoder.sha256)
            answerer = Answerer(opened, encoder, float(DEFAULT_THRESHOLD), reader)
            yield from (outcome(post, answerer) for post in waiting if post.over == name)


def outcome(post: Post, answerer: Answerer) -> Outcome:
    """What comes of a post."""
    try:
        found = answerer.ask(Question(post.text))
    except BadRequest:
        return Outcome(post, asks(post.text))
    if not isinstance(found, Answer):
        return Outcome(post, asks(post.text))
    quoted = [one.quote for said in found.statements for one in (said.citation, *said.parts, *said.also)]
    right = any(passage in quote for passage in post.contains for quote in quoted)
    return Outcome(post, asks(post.text), found, right)


def share(part: int, whole: int) -> str:
    """A share with its exact interval of 95 %."""
    if not whole:
        return "none of 0"
    between = binomtest(part, whole).proportion_ci()
    return f"{100 * part / whole:5.1f} % ({100 * between.low:.1f} to {100 * between.high:.1f}, {part} of {whole})"


def curve(found: Sequence[Outcome]) -> Iterator[str]:
    """A line for each threshold: how many answers are right, how much chatter and how many questions are answered."""
    chatter = [one for one in found if one.post.kind != "question"]
    answerable = [one for one in found if one.post.contains]
    for threshold in THRESHOLDS:
        rightly = sum(one.right and one.answered(threshold) for one in answerable)
        given = [one for one in found if one.answered(threshold)]
        yield (
            f"{'*' if threshold == SURE else ' '} {threshold:.2f}  "
            f"right {share(sum(one.right for one in given), len(given))}  "
            f"chatter {share(sum(one.answered(threshold) for one in chatter), len(chatter))}  "
            f"rightly answered {share(rightly, len(answerable))}"
        )


def main() -> None:
    """Print what asks, the curves, and what is answered wrongly at the threshold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true", help="put what nothing was chosen on")
    options = parser.parse_args()
    parts = {
        "posts": labelled("development"),
        "manual": asked_of_the_manual(),
        "notes": asked_of_the_notes("development"),
    }
    if options.held_out:
        parts = {"posts": labelled("test"), "golden": asked_of_the_notes("golden")}
    sets = {name: list(posts) for name, posts in parts.items()}
    found = list(outcomes([post for posts in sets.values() for post in posts], SentenceEncoder(), TrainedReader()))
    for kind in dict.fromkeys(one.post.kind for one in found):
        every = [one.asks for one in found if one.post.kind == kind]
        print(f"{kind}: asks something {share(sum(every), len(every))}")
    for name, posts in {**sets, "all": [one.post for one in found]}.items():
        print(name, *curve([one for one in found if one.post in posts]), sep="\n")
    for one in found:
        if one.answer and one.answered() and not one.right:
            print(f"wrong: {one.post.id} {one.post.kind} {one.answer.confidence:.2f} {one.post.text!r}")


if __name__ == "__main__":
    main()
