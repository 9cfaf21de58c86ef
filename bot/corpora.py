"""Several corpora that do not meet: who may see which, and what each is answered from at present."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.answering.answerer import Answerer
from bot.answering.answers import Source
from embeddings.corpora import Corpus
from embeddings.errors import BadRequest
from embeddings.messages import Message

EVERYBODY = Corpus("", Path(), Path(), direct=True)
"""The only corpus where no file names several: for everybody, everywhere."""
NOTHING_HERE = Message("There are no documents here that I may answer you from.")


@dataclass(frozen=True, slots=True)
class Asker:
    """Where somebody asks, and the roles they have there.

    `server` is one that the bot is in, None in direct messages and wherever else somebody has brought the bot along.
    `channel` of a thread is the channel it belongs to.
    """

    server: int | None
    channel: int | None = None
    roles: frozenset[int] = frozenset()


def may_see(asker: Asker, corpus: Corpus) -> bool:
    """Whether somebody may see anything of a corpus."""
    if asker.server is None:
        return corpus.direct
    return (
        (not corpus.servers or asker.server in corpus.servers)
        and (not corpus.channels or asker.channel in corpus.channels)
        and (not corpus.roles or not corpus.roles.isdisjoint(asker.roles))
    )


class Corpora:
    """The corpora in their order, each with what answers from it, which is replaced by what is newer."""

    def __init__(self, corpora: Sequence[Corpus], answerers: Iterable[Answerer]) -> None:
        self._corpora = {corpus.name: corpus for corpus in corpora}
        self._answerers = {answerer.source.corpus: answerer for answerer in answerers}

    @property
    def first(self) -> Answerer:
        """What answers from the first corpus."""
        return self._answerers[next(iter(self._corpora))]

    @property
    def oldest(self) -> Source:
        """The index that was built first of those that are answered from."""
        return min((answerer.source for answerer in self._answerers.values()), key=lambda source: source.built_at)

    @property
    def documents(self) -> int:
        """How many documents all of them hold."""
        return sum(len(answerer.index.documents) for answerer in self._answerers.values())

    @property
    def passages(self) -> int:
        """How many passages all of them hold."""
        return sum(len(answerer.index.passages) for answerer in self._answerers.values())

    def serve(self, answerer: Answerer) -> None:
        """Answer from this one from now on, in place of the one before of its corpus."""
        self._answerers[answerer.source.corpus] = answerer

    def seen_by(self, asker: Asker) -> list[Answerer]:
        """What somebody may be answered from, the first of which is used where they name none."""
        return [self._answerers[name] for name, corpus in self._corpora.items() if may_see(asker, corpus)]

    def is_closed(self, answerer: Answerer) -> bool:
        """Whether its corpus is for some roles only, so that nobody else may read what it answers."""
        return bool(self._corpora[answerer.source.corpus].roles)


def choose(seen: Sequence[Answerer], name: str | None = None) -> Answerer:
    """The one of this corpus among those somebody may see, else the first. Raises BadRequest where there is none."""
    found = next((answerer for answerer in seen if name in (None, answerer.source.corpus)), None)
    if found is None:
        unknown = Message("There is no corpus “{name}” that I may answer you from here.", name=name)
        raise BadRequest(unknown if seen else NOTHING_HERE)
    return found
