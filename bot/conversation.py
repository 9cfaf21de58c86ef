"""What is answered in a conversation: a question that may go on from an earlier one, or the truth of a claim."""

from collections.abc import Iterable
from dataclasses import replace

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.checking.claims import Checker, Verdict
from bot.question.context import Turn, has_topic, resolve
from embeddings.errors import BadRequest

Reply = Answer | NoAnswer | Verdict


def reply(answerer: Answerer, question: Question, earlier: Turn | None = None) -> Reply:
    """Answer a question as it is meant after an earlier turn; one whether a claim is true gets a verdict.

    Raises BadRequest, which says what to do, for a question that cannot be understood or looked up.
    """
    followed = resolve(question.text, earlier)
    if followed is None:
        return answerer.ask(question)
    meant = replace(question, meant=followed.text)
    return Checker(answerer).check(meant) if followed.claim else answerer.ask(meant)


def turn_of(given: Reply) -> Turn:
    """A question and its answer, as what the next question may go on from."""
    if isinstance(given, NoAnswer):
        return Turn(given.question.whole)
    cited = (said.citation for said in given.statements) if isinstance(given, Answer) else given.citations
    return Turn(given.question.whole, tuple(citation.quote for citation in cited))


def last_turn(history: Iterable[str]) -> Turn | None:
    """The last of these questions, oldest first, as it stands alone; those that name nothing are passed over."""
    earlier = None
    for question in history:
        try:
            followed = resolve(question, earlier)
        except BadRequest:
            continue
        if followed or has_topic(question):
            earlier = Turn(followed.text if followed else question)
    return earlier
