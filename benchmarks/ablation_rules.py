"""The rules that ablate.py leaves out: what each is called, and what stands in its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bot.english.attribution import Item, read

NEVER = re.compile(r"(?!)()")
"""Matches nothing; its group is for what would be put in the place of a match."""
ALWAYS = re.compile("")
"""Matches everywhere."""
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


def _alone(sentences: Sequence[str]) -> tuple[list[tuple[Item, ...]], bool]:
    """In place of what reads sentences one after another."""
    return [tuple(read(sentence)) for sentence in sentences if sentence], False


def missing(*_: object, **__: object) -> None:
    """In place of what finds."""


ATTRIBUTION, VOICES, VERDICTS = (f"bot.english.{name}" for name in ("attribution", "voices", "verdicts"))
DENIALS, DISAGREEMENT, NAMING, NAVIGATION, STATEMENTS = (
    f"bot.answering.{name}" for name in ("denials", "disagreement", "naming", "navigation", "statements")
)
ALIGNMENT, CLAIMS = (f"bot.checking.{name}" for name in ("alignment", "claims"))
ASKED, KINDS, SPEECH, OFFICES, NUMBERED, WANTED, WORDING, CONTENT, PROPOSED, LINKS, CONTEXT, POSTS, FORMS = (
    f"bot.question.{name}"
    for name in "asked kinds speech offices numbered wanted wording content proposed links context posts forms".split()
)


def _but_kind(kind: str) -> Any:
    """The kinds of value without one."""
    return tuple(each for each in import_module(KINDS)._COMPILED if each[0] != kind)


_OF_ASKED = (
    Rule(ASKED, "HOW_MANY", NEVER, "how many troops were sent: the number of troops"),
    Rule(ASKED, "_ASKS_NUMBER", NEVER, "how much, what population: a number"),
    Rule(ASKED, "_ASKS_DATE", NEVER, "when, which year: a date"),
    Rule(ASKED, "_ASKS_WHO", NEVER, "who directed, who is the mayor: a name"),
    Rule(ASKED, "_ASKS_WHERE", NEVER, "where is it located: a name"),
    Rule(ASKED, "_ASKS_WHICH", NEVER, "which colour, what is his job: words"),
    Rule(ASKED, "_SHORT", NEVER, "what's, for what is"),
    Rule(ASKED, "_offered", nothing, "2,000 or 4,000"),
    Rule(ASKED, "_ASKS_END", NEVER, "when did it end: the end of a span"),
    Rule(ASKED, "_ASKS_SHARE", NEVER, "what percentage: 3 % may answer"),
    Rule(ASKED, "_SEVERAL", NEVER, "a job, of which one has several"),
    Rule(ASKED, "_YEAR", NEVER, "a year is no number"),
    Rule(ASKED, "_PERCENT", NEVER, "a share is no number"),
    Rule(ASKED, "units_of", lambda _: {}, "what a number counts"),
)

RULES: dict[str, tuple[Rule, ...]] = {
    "voices": (
        Rule(ATTRIBUTION, "_according", nothing, "according to X"),
        Rule(ATTRIBUTION, "_spoken", nothing, "“…”, said X"),
        Rule(ATTRIBUTION, "_told", nothing, "X said: all that begins with who speaks"),
        Rule(ATTRIBUTION, "_also_told", nothing, "X left and said that; X left, saying “…”"),
        Rule(ATTRIBUTION, "_after_opening", nothing, "In 2019 X said, on a visit he said: no comma"),
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
        Rule(ATTRIBUTION, "_by_name", lambda _, phrase: phrase, "said the engineer, X"),
        Rule(ATTRIBUTION, "_past_aside", lambda _, at: at, "X, who won, has left: is he"),
        Rule(VOICES, "introduced", missing, "X was quick to retort: “…”"),
        Rule(VOICES, "_read_on", _alone, "a quotation that began in a sentence before"),
        Rule(VOICES, "_running", missing, "whose quotation goes on"),
        Rule(VOICES, "_ahead", missing, "who is named where a quotation ends"),
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
        Rule(DENIALS, "_subject", lambda *_: NONE, "who is named outside of what is denied"),
        Rule(DENIALS, "_said", lambda evidence, stance: _plainly_said(evidence, stance), "who denies it"),
        Rule(DENIALS, "_titled", lambda *_: {}, "Holm is the mayor of Mayor Petra Holm"),
        Rule(DENIALS, "_answers_to", nothing, "The firm denies it, in the next sentence"),
        Rule(DENIALS, "_claimed", lambda *_: [], "what is denied without being asked"),
        Rule(DENIALS, "_changed", no, "what became so between two dates"),
    ),
    "claims": (
        Rule(ALIGNMENT, "_near", lambda _, missing, *__: ((), missing), "words that come near"),
        Rule(ALIGNMENT, "_acronyms", lambda _: {}, "DHS for its words, and the other way"),
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
        Rule(CLAIMS, "_is_judgement", no, "what a document calls something"),
        Rule(CLAIMS, "_ATTRIBUTES", NEVER, "claims that somebody accuses or urges"),
        Rule(CLAIMS, "_same_speaker", no, "a claim about what somebody said"),
        Rule(CLAIMS, "_rejection", missing, "what the document rejects beside it"),
        Rule(VERDICTS, "_beside", missing, "a verdict in the sentence next to it"),
    ),
    "questions": (
        *_OF_ASKED,
        *(
            Rule(KINDS, "_COMPILED", _but_kind(kind), f"a {kind}, without which no sentence answers")
            for kind in ("time of day", "sum of money", "share", "number", "figure", "measure", "date")
        ),
        Rule(SPEECH, "_SAID", NEVER, "what did X say"),
        Rule(SPEECH, "_REPORTED", NEVER, "X's reaction to, how did X respond"),
        Rule(SPEECH, "_BY", NEVER, "according to X"),
        Rule(SPEECH, "_WHO_SAYS", NEVER, "who said"),
        Rule(SPEECH, "_ITSELF", NEVER, "what does the article call it"),
        Rule(SPEECH, "_ABOUT", NEVER, "say about a thing"),
        Rule(SPEECH, "TITLES", NONE, "Mayor is no part of a name"),
        Rule(SPEECH, "_NAMED", NEVER, "the name in a sentence may be who speaks"),
        Rule(SPEECH, "_STANDS_FOR", NEVER, "he, the president: may be who speaks"),
        Rule(OFFICES, "_WHO_HOLDS", NEVER, "who is the mayor"),
        Rule(OFFICES, "_WHOSE_OFFICE", NEVER, "what is X's job"),
        Rule(OFFICES, "_BEFORE_NAME", NEVER, "Mayor Anna Berg"),
        Rule(OFFICES, "_AFTER_NAME", NEVER, "Anna Berg, mayor of Oslo,"),
        Rule(OFFICES, "_HOLDING", NONE, "who runs, who serves as"),
        Rule(WANTED, "_PLACED", NEVER, "in Oslo: a place that has to be there"),
        Rule(WANTED, "_days", lambda _: (NONE, NONE), "on Wednesday: not on Sunday"),
        Rule(WANTED, "YEAR", NEVER, "a year that the question names"),
        Rule(NUMBERED, "is_of_another", no, "assignment 3, the third: nothing of assignment 2"),
        Rule(NUMBERED, "_ASKS", NEVER, "rule 6: the sixth of the rules"),
        Rule(NAMING, "_by_words", lambda *_: NONE, "in Belmont: from its by-laws"),
        Rule(NAMING, "_by_numbers", lambda *_: (NONE, NONE), "hw 3: from hw-3, not from hw-2"),
        Rule(FORMS, "_asks_thing", no, "which port do I open: a sentence will do"),
        Rule(NAVIGATION, "_is_directory", no, "no entry of a bibliography or an index"),
        Rule(WANTED, "_ASKS_NOT", NEVER, "which was not: there has to be a not"),
        Rule(WORDING, "_SHORTHAND", {}, "ppl, govt"),
        Rule(WORDING, "_OPENING", NEVER, "hi bot,"),
        Rule(WORDING, "_ENDINGS", NONE, "leader is no slip of lead"),
        Rule(PROPOSED, "_WHETHER_TRUE", NEVER, "is it true that, do sources say that"),
        Rule(PROPOSED, "_YES_OR_NO", NEVER, "did it, is it"),
        Rule(PROPOSED, "_TAG", NEVER, "…, right? … or not?"),
        Rule(PROPOSED, "_NOT_ONE", NEVER, "who, what: no yes or no"),
        Rule(PROPOSED, "_STRESS", NEVER, "really, at all"),
        Rule(STATEMENTS, "_LINKS", NEVER, "but, in response"),
        Rule(STATEMENTS, "_POINTS", NEVER, "he, these"),
        Rule(STATEMENTS, "_IMPERSONAL", NEVER, "it is clear that: stands for nothing"),
        Rule(STATEMENTS, "_OPENING", NEVER, "after the war, he"),
        Rule(STATEMENTS, "_ends_quotation", no, "a quotation ends that began before"),
        Rule(STATEMENTS, "_PARTS", NONE, "North Korea is not Korea"),
        Rule(STATEMENTS, "_DENIES", NEVER, "a not sets sentences apart"),
        Rule(STATEMENTS, "initials", lambda _: "", "UN for its words"),
        Rule(STATEMENTS, "_voices_agree", yes, "the same, said by another"),
    ),
    "conversations": (
        Rule(LINKS, "_TRUE", NEVER, "is this true?"),
        Rule(LINKS, "ORDINAL", NEVER, "the second one"),
        Rule(LINKS, "part_of", missing, "and in Chicago?"),
        Rule(LINKS, "_ADDRESSED", NEVER, "who are you: asks the bot"),
        Rule(LINKS, "_UNCOUNTED", NEVER, "how many were injured"),
        Rule(LINKS, "_PRONOUN", NEVER, "how do I calibrate it"),
        Rule(LINKS, "_EXPLETIVE", NEVER, "is it possible to: stands for nothing"),
        Rule(LINKS, "_MORE", NEVER, "who else"),
        Rule(LINKS, "_CLAUSE", ALWAYS, "an antecedent stands in another clause"),
        Rule(LINKS, "_BEFORE_VERBS", NONE, "behind I and can stands a verb"),
        Rule(LINKS, "_OWNING", NONE, "his: also of its own clause"),
        Rule(CONTEXT, "_WHO_SAID", NEVER, "who said that?"),
        Rule(CONTEXT, "_phrase_like", missing, "in Chicago, for in Oslo"),
        Rule(CONTEXT, "_NAMED", NEVER, "a name for the only name"),
        Rule(CONTEXT, "_DETERMINED", NEVER, "the pump for the only thing"),
        Rule(CONTEXT, "_TIME", NEVER, "a time for a time"),
        Rule(CONTEXT, "_PLACE", NEVER, "a place for a place"),
        Rule(CONTEXT, "_CIRCUMSTANCE", NEVER, "during, without: for their like"),
    ),
    "posts": (
        Rule(POSTS, "_NO_PROSE", NEVER, "code, links, what others wrote"),
        Rule(POSTS, "_CLAUSE", NEVER, "a question behind a comma"),
        Rule(POSTS, "_LEAD", NEVER, "hi all, does anyone know"),
        Rule(POSTS, "_WORDED", NEVER, "how do I, with no question mark"),
        Rule(POSTS, "_TURNED", NEVER, "is there, with no question mark"),
        Rule(POSTS, "_TO_PEOPLE", NEVER, "anyone going? asks people"),
        Rule(POSTS, "_HELP", NEVER, "need help, does not work"),
    ),
    "disagreements": (
        *_OF_ASKED,
        Rule(DISAGREEMENT, "_DEFINES", ALWAYS, "a job is what one is said to be"),
        Rule(DISAGREEMENT, "_places", lambda *_: NONE, "counted in other places"),
        Rule(DISAGREEMENT, "_says_both", no, "a linebacker in American football"),
        Rule(DISAGREEMENT, "_surest", lambda given: list(given), "of each account the surest value"),
        Rule(DISAGREEMENT, "_PLAIN", 0.0, "what is counted may be less sure"),
        Rule(DISAGREEMENT, "_LONGEST", 10**6, "a name of more than eight words is none"),
    ),
}


def _saying() -> frozenset[str]:
    verbs: frozenset[str] = import_module(ATTRIBUTION)._SAYING
    return verbs


def _plainly_said(evidence: Any, stance: Any) -> Any:
    return import_module(DENIALS).Said(evidence, stance, evidence.voice)
