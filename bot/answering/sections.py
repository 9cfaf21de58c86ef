"""The parts of documents that questions ask for by number, by what headings and paragraphs begin with."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.answering.extracts import Extract, extract, labels_of, up_to
from bot.question.sections import Label, Section
from embeddings.searching.index import Index, Ranking
from embeddings.splitting.passages import Passage
from embeddings.splitting.terms import term_set, words

_MOST = 3
"""Parts of a document that may bear the number; where there are more, it does not say which is meant."""


def numbered_parts(ranking: Ranking, wanted: Section, index: Index) -> list[Extract] | None:
    """The part that is wanted, from each document that has it: of those that are named, else of all found.

    None where each of those has more parts of that number than a few.
    """
    found: list[Extract] = []
    unclear = False
    for document in _documents(ranking, wanted.within, index):
        passages = index.passages_of[document]
        parts = (
            list(_under_heading(passages, wanted, index, as_such=True))
            or list(_under_heading(passages, wanted, index, as_such=False))
            or list(_paragraphs(passages, wanted, index))
        )
        unclear |= len(parts) > _MOST
        found += parts if len(parts) <= _MOST else []
    return found if found or not unclear else None


def _documents(ranking: Ranking, named: str, index: Index) -> list[str]:
    """The documents whose title or file has most of the words that name one, by rarity; all that are found for none."""
    wanted, said = (term_set(named), words(named)) if named else (frozenset(), [])
    labels = ((entry.id, f"{entry.title} {entry.id.replace('_', ' ')}") for entry in index.entries)
    near = ((document, label) for document, label in labels if any(word in label.casefold() for word in said))
    names = {document: term_set(label) & wanted for document, label in near}
    often = Counter(term for terms in names.values() for term in terms)
    scores = {document: sum(1 / often[term] for term in terms) for document, terms in names.items() if terms}
    if not scores:
        return list(dict.fromkeys(hit.passage.document_id for hit in ranking.hits))
    most = max(scores.values())
    return sorted(document for document, score in scores.items() if score == most)


def _under_heading(passages: Sequence[Passage], wanted: Section, index: Index, as_such: bool) -> Iterator[Extract]:
    """What stands under each heading, or title, that bears the number."""
    seen: set[tuple[str, ...]] = set()
    for passage in passages:
        path = labels_of(passage, index)
        labels = [Label.at(heading) for heading in path]
        at = next((at for at, label in enumerate(labels) if label and wanted.label.is_called(label, as_such)), None)
        if at is None or tuple(path[: at + 1]) in seen or not _is_within(wanted, labels[:at]):
            continue
        seen.add(tuple(path[: at + 1]))
        yield extract(passage, index)


def _paragraphs(passages: Sequence[Passage], wanted: Section, index: Index) -> Iterator[Extract]:
    """What begins with the number, up to what begins with the next."""
    for passage in passages:
        if not _is_within(wanted, [Label.at(heading) for heading in labels_of(passage, index)]):
            continue
        for span in passage.sentences:
            text = passage.text_of(span)
            label = None if Label.alone(text) else Label.at(text)
            if label and wanted.label.is_called(label, as_such=bool(label.thing)) and _is_plain(label, wanted.label):
                yield up_to(passage, span.start, lambda text: Label.at(text) is not None, index)


def _is_plain(label: Label, wanted: Label) -> bool:
    """Whether a paragraph's number says what it numbers, or has parts: a lone "3." may be any list's."""
    return bool(label.thing) or not label.number.isalnum()


def _is_within(wanted: Section, above: Sequence[Label | None]) -> bool:
    """Whether a part is within those that it has to be within."""
    return all(
        any(label and (part.is_called(label, True) or part.is_called(label, False)) for label in above)
        for part in wanted.parts
    )
