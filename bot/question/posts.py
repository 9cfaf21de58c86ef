"""Whether what somebody writes to others asks something, as far as its words show it."""

import re

from bot.english.patterns import HELPING

_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^ *>[^\n]*|https?://\S+|<[@#:][^<>\s]{0,60}>", re.DOTALL | re.MULTILINE
)
"""Code, what is quoted of others, links and mentions: what asks there is asked by nobody here."""
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?!\S)|[.!?]+(?=\S)[^.!?\n]*)*[.!?]*")
_CLAUSE = re.compile(r"[,:;)]\s+|\s[-–—]\s")
_SOMEBODY = r"(?:any|some)(?:one|body)"
_LEAD = re.compile(
    r"^(?:(?:and|but|so|also|or|then|now|ok|okay|well|hi|hello|hey|btw|please|sorry|(?:quick )?question)\b[\s,:;-]*|"
    rf"(?:(?:does|do|did) )?{_SOMEBODY}(?: here)?(?: else)? knows? |"
    rf"(?:can|could|would) {_SOMEBODY}(?: please)? (?:tell|explain|show|help)(?: me| us)?(?: with)? |"
    r"(?:i|we) (?:wonder|was wondering|want to know)\b[\s,:]*)+",
    re.IGNORECASE,
)
"""What stands before a question that has no mark: a conjunction, a greeting, "does anyone know"."""
_WORDED = re.compile(
    rf"^(?:how (?:to|many|much|(?:\w+ )?{HELPING})\b|what happens\b|(?:until|since) when\b|"
    rf"(?:what|which|who|whose|whom)(?:['’]?s\b| (?:(?!(?:i|you|he|she|it|we|they|a|an) )\S+ ){{0,3}}?{HELPING}\b)|"
    rf"(?:when|where|why)(?:['’]?s\b| {HELPING}\b))",
    re.IGNORECASE,
)
"""How a question begins that has a question word."""
_TURNED = re.compile(
    rf"^(?:{HELPING} (?:there|it|this|that|these|those|i|we|you|one|the|my|our|{_SOMEBODY})\b|"
    rf"(?:whether|if) (?:there|it|one|i|we) {HELPING}\b)",
    re.IGNORECASE,
)
"""How one begins that is answered by yes or no. With a question mark it may be a tag ("isn't it?") as well."""
_TO_PEOPLE = re.compile(
    r"^(?:(?:is|are|was|has|have|does|did|can|could|will|would) )?(?:any|some|every)(?:one|body)\b|"
    r"\b(?:who else|you (?:guys|all|folks)|y['’]?all)\b|^how (?:are|is|was|were) your?\b|"
    r"^(?:who (?:needs|even|cares)|how many more|how (?:is|was) this|what (?:could possibly|would (?:i|we) do without)|"
    r"can (?:you believe|we (?:all )?agree)|why (?:am i|do i even)|is it just me|am i the only|"
    r"(?:is|are|does|do|did|was)n['’]?t (?:it|this|that))\b",
    re.IGNORECASE,
)
"""How a question begins that people are asked about themselves, or nobody."""
_HELP = re.compile(
    r"\b(?:needs? (?:some |your )?help|please help|help (?:me|us|please)|any (?:ideas?|hints?|tips)|"
    r"unable to|(?:having|have) (?:trouble|an? (?:problem|issue)|problems|issues)|not working|does ?n['’]?t work|"
    r"stopped working|(?:i|we) (?:want|need|would like|['’]d like|am trying|are trying) to)\b|\bideas\?",
    re.IGNORECASE,
)
"""Trouble, or something that somebody is at."""
_TAG = 3
"""Words from which on a sentence with a question mark is a question, and no "right?" or "isn't it?"."""


def asks(post: str) -> bool:
    """Whether a post holds a question or asks for help.

    >>> asks("Hi all, how do I export my notes"), asks("Finally done with the greenhouse!"), asks("nice, right?")
    (True, False, False)
    """
    prose = _NO_PROSE.sub(" ", post)
    return _HELP.search(prose) is not None or any(_asks(sentence[0]) for sentence in _SENTENCE.finditer(prose))


def _asks(sentence: str) -> bool:
    clauses = [_LEAD.sub("", clause.strip(), count=1) for clause in (sentence, *_CLAUSE.split(sentence)[1:])]
    if any(_TO_PEOPLE.search(clause) for clause in clauses):
        return False
    if any(_WORDED.match(clause) for clause in clauses):
        return True
    if sentence.rstrip().endswith("?"):
        return len(clauses[-1].split()) >= _TAG or len(sentence.split()) >= 2 * _TAG
    return any(_TURNED.match(clause) for clause in clauses)
