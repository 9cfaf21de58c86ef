"""What is answered in a conversation: a question that may go on from an earlier one, or the truth of a claim."""

from collections.abc import Iterable
from dataclasses import replace

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.checking.claims import Checker, Verdict
from bot.prose.writer import PatientSession
from bot.question.context import FollowUp, Turn, resolve
from bot.question.links import Link, has_topic, link
from bot.readable import as_read
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.splitting.terms import terms

Reply = Answer | NoAnswer | Verdict


def reply(answerer: Answerer, question: Question, earlier: Turn | None = None) -> Reply:
    """Answer a question as it is meant after an earlier turn; one whether a claim is true gets a verdict.

    Where the question itself says what is meant, that is taken.
    Raises BadRequest, which says what to do, for a question that cannot be understood or looked up.
    """
    linked = link(question.text) if question.meant else None
    followed = FollowUp(question.whole, linked) if linked else resolve(question.text, earlier)
    if followed is None:
        return answerer.ask(question)
    meant = replace(question, meant=followed.text)
    if followed.link is Link.TRUTH:
        return Checker(answerer).check(meant)
    answer = answerer.ask(meant)
    if followed.link is Link.PART and earlier and isinstance(answer, Answer):
        _check_spoken_of(answer, earlier.question)
    return answer


def helped_reply(answerer: Answerer, question: Question, session: PatientSession, earlier: Turn | None = None) -> Reply:
    """As `reply`, where a model may say what is meant and which quotations answer. Raises BadRequest as that does."""
    meant = session.understand(question.text, earlier)
    return session.choose(reply(answerer, replace(question, meant=meant), earlier))


def _check_spoken_of(answer: Answer, before: str) -> None:
    """Raise BadRequest for an answer to "and in Chicago?" that holds nothing which the question before had not."""
    read_as = answer.read_as or answer.question.whole
    new = set(terms(read_as)).difference(terms(before))
    cited = [citation for said in answer.statements for citation in (said.citation, *said.parts)]
    held = [f"{one.document.title} {one.passage.heading} {one.quote}" for one in cited]
    if new and all(new.isdisjoint(terms(text)) for text in held):
        raise BadRequest(
            Message(
                "I read this as “{question}”, but what I found does not speak of it. Ask it as a whole question.",
                question=read_as,
            )
        )


def turn_of(given: Reply) -> Turn:
    """A question and its answer, as what the next question may go on from."""
    if isinstance(given, Verdict):
        return Turn(given.question.whole, tuple(as_read(citation).text for citation in given.citations))
    said = given.statements if isinstance(given, Answer) else ()
    return Turn(given.read_as or given.question.text, tuple(as_read(each.citation).text for each in said))


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
