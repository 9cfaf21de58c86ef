"""Pairs made from others' pairs: passages that do not answer, questions no longer answered, claims contradicted."""

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import bm25s

from bot.english.words import Word, is_near, read
from bot.reader.reading import CONTRADICT, NEUTRAL, SUPPORT
from training.sources import UNKNOWN, Pair, sentences

_WORD = re.compile(r"\w+")
ALIKE = 0.5
"""Of the words of two texts, the share that both have when one is no negative for the other's question."""
FIRST_WORDS = 12


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _alike(one: str, other: str) -> bool:
    """Whether two plain texts share most of their words, as versions of a page do."""
    a, b = set(one.split()), set(other.split())
    return len(a & b) > ALIKE * len(a | b)


def mined(
    pairs: Sequence[Pair], wanted: int, chance: random.Random, source: str = "made/mined", among: int = 12
) -> list[Pair]:
    """Passages BM25 ranks among the first for a question, of another text, without its answer as a string (of a long
    answer, its first words)."""
    passages = sorted({(p.title, p.passage) for p in pairs})
    index = bm25s.BM25(k1=0.9, b=0.4)
    stop = "en"
    index.index(
        bm25s.tokenize([f"{t} {t} {p}" for t, p in passages], stopwords=stop, show_progress=False), show_progress=False
    )
    plain = [f" {_plain(p)} " for _, p in passages]
    asking = [p for p in pairs if p.span is not None]
    chance.shuffle(asking)
    asking = asking[:wanted]
    tokens = bm25s.tokenize([p.question for p in asking], stopwords=stop, show_progress=False)
    ranks, _ = index.retrieve(tokens, k=among, show_progress=False)
    made: list[Pair] = []
    for pair, ranked in zip(asking, ranks, strict=True):
        answer = f" {' '.join(_plain(pair.passage[slice(*(pair.span or ()))]).split()[:FIRST_WORDS])} "
        own = _plain(pair.passage)
        fit = [row for row in ranked if answer not in plain[row] and not _alike(plain[row], own)]
        if fit and answer.strip():
            title, passage = passages[chance.choice(fit[:6])]
            made.append(Pair(source, pair.question, title, passage, None, 0))
    return made


def cut(pairs: Sequence[Pair], wanted: int, chance: random.Random) -> list[Pair]:
    """Passages without the sentence that answered, and without any other that holds the answer's words."""
    made: list[Pair] = []
    for pair in chance.sample(pairs, len(pairs)):
        if len(made) == wanted:
            break
        if pair.span is None:
            continue
        answer = f" {_plain(pair.passage[slice(*pair.span)])} "
        kept = [
            pair.passage[a:b]
            for a, b in sentences(pair.passage)
            if not (a < pair.span[1] and pair.span[0] < b) and answer not in f" {_plain(pair.passage[a:b])} "
        ]
        text = " ".join(kept)
        if answer.strip() and len(text) > 120:
            made.append(replace(pair, source="made/cut", passage=text, span=None, answer=0))
    return made


_OPPOSITES = (
    "first last, before after, north south, east west, northern southern, eastern western, largest smallest, highest "
    "lowest, most least, more fewer, more less, increase decrease, increased decreased, won lost, win lose, won lost, "
    "begin end, began ended, start finish, started stopped, born died, birth death, above below, older younger, "
    "oldest youngest, longest shortest, early late, earlier later, public private, male female, men women, father "
    "mother, son daughter, brother sister, husband wife, king queen, supported opposed, support oppose, accepted "
    "rejected, accept reject, allowed prohibited, allow forbid, larger smaller, higher lower, best worst, majority "
    "minority, maximum minimum, inside outside, internal external, urban rural, rich poor, ancient modern, natural "
    "artificial, positive negative, strong weak, founded abolished, created destroyed, opened closed, arrived left, "
    "entered left, bought sold, gained lost, raised lowered, common rare, popular unpopular, legal illegal, upper "
    "lower, major minor, win lose, attack defend, attacked defended, former current, previous next, hot cold, warm "
    "cold, summer winter, true false, success failure, married divorced, liked disliked, agree disagree, agreed "
    "disagreed, includes excludes, always never, often rarely, export import, exports imports, victory defeat, "
    "defeated lost, left right, old new, high low, large small, long short, fast slow, young old, joined left, "
    "appointed dismissed, elected removed, built demolished, added removed, discovered lost, conquered lost, approved "
    "rejected"
).split(", ")
_OPPOSITE: dict[str, list[str]] = defaultdict(list)
for _couple in _OPPOSITES:
    _one, _two = _couple.split()
    _OPPOSITE[_one].append(_two)
    _OPPOSITE[_two].append(_one)
_NEGATE = re.compile(r"\b(is|are|was|were|did|does|do|can|could|has|have|had|will|would)\b")
_NAME = re.compile(r"(?<=[\w,] )(?:[A-Z][\w'’.-]+)(?: (?:of |the )?[A-Z][\w'’.-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_MONTHS = "January February March April May June July August September October November December".split()
_COUNTRIES = (
    "France Germany Italy Spain England Scotland Ireland Japan China India Russia Canada Mexico Brazil Australia "
    "Egypt Poland Sweden Norway Greece Turkey Portugal Austria Hungary Denmark Finland Iran Iraq Israel Vietnam "
    "Argentina Chile Cuba"
).split()
_PEOPLES = (
    "American British French German Italian Spanish English Scottish Irish Japanese Chinese Indian Russian Canadian "
    "Mexican Brazilian Australian Egyptian Polish Swedish Norwegian Greek Turkish Portuguese Austrian Hungarian "
    "Danish"
).split()
_KINDS = [_MONTHS, _COUNTRIES, _PEOPLES]
_LISTED = re.compile(rf"\b({'|'.join(word for kind in _KINDS for word in kind)})\b")


def other_number(number: str, chance: random.Random) -> str:
    """A different number that looks alike: a near year, or other leading digits."""
    digits = re.sub(r"\D", "", number)
    while True:
        if len(digits) == 4 and digits[0] in "12" and number == digits:
            made = str(int(digits) + chance.choice([-1, 1]) * chance.choice([1, 2, 3, 5, 7, 10, 12, 20, 50]))
        else:
            place = chance.randrange(min(2, len(digits)))
            positions = [i for i, c in enumerate(number) if c.isdigit()]
            made = number[: positions[place]] + str(chance.randint(1, 9)) + number[positions[place] + 1 :]
        if made != number:
            return made


def changed_question(pair: Pair, names: Sequence[str], chance: random.Random) -> Pair | None:
    """A question its passage no longer answers: a number, name or word that matters was exchanged, or negated."""
    ways = []
    question = pair.question
    for match in _NUMBER.finditer(question):
        if match.group() in pair.passage:
            ways += [(match.span(), other_number(match.group(), chance))] * 3
    for match in _NAME.finditer(question):
        if match.group() in pair.passage and match.group() not in pair.title:
            fit = [name for name in chance.sample(names, min(8, len(names))) if name not in question]
            if fit:
                ways += [(match.span(), fit[0])] * 3
    for match in re.finditer(r"[a-z]+", question):
        if match.group() in _OPPOSITE:
            ways += [(match.span(), chance.choice(_OPPOSITE[match.group()]))] * 3
    for match in list(_NEGATE.finditer(question))[:1]:
        ways.append((match.span(), match.group() + chance.choice([" not", " never", "n't"])))
    if not ways:
        return None
    (start, end), new = chance.choice(ways)
    asked = question[:start] + new + question[end:]
    return replace(pair, source="made/question", question=asked, span=None, answer=0)


def changed_questions(pairs: Sequence[Pair], wanted: int, chance: random.Random) -> list[Pair]:
    """`changed_question` of as many pairs as wanted; names come from other questions on the article, or from it."""
    names: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        names[pair.title] |= {m.group() for text in (pair.question, pair.passage) for m in _NAME.finditer(text)}
    listed = {title: sorted(found) for title, found in names.items()}
    made: list[Pair] = []
    for pair in chance.sample(pairs, len(pairs)):
        if len(made) == wanted:
            break
        if pair.span is not None and (new := changed_question(pair, listed[pair.title], chance)):
            made.append(new)
    return made


def exchanged(text: str, evidence: str, chance: random.Random) -> str | None:
    """A text with one number, month, country or people exchanged that its evidence holds, else None."""
    ways = [(m.span(), other_number(m.group(), chance)) for m in _NUMBER.finditer(text) if m.group() in evidence]
    for match in _LISTED.finditer(text):
        if match.group() in evidence:
            kind = next(kind for kind in _KINDS if match.group() in kind)
            other = chance.choice(kind)
            if other != match.group() and other not in evidence:
                ways.append((match.span(), other))
    if not ways:
        return None
    (start, end), new = chance.choice(ways)
    return text[:start] + new + text[end:]


def swapped_claims(pairs: Sequence[Pair], wanted: int, chance: random.Random) -> list[Pair]:
    """Supported claims with a value exchanged: contradicted by the same evidence."""
    made: list[Pair] = []
    for pair in chance.sample(pairs, len(pairs)):
        if len(made) == wanted:
            break
        if pair.relation == SUPPORT and (claim := exchanged(pair.question, pair.passage, chance)):
            made.append(replace(pair, source="made/swap", question=claim, relation=CONTRADICT))
    return made


def swapped_sentences(pairs: Sequence[Pair], wanted: int, chance: random.Random) -> list[Pair]:
    """Sentences against themselves: with a value exchanged a contradiction, as they are or shortened supported."""
    made: list[Pair] = []
    passages = sorted({(p.title, p.passage) for p in pairs})
    for title, passage in chance.sample(passages, min(wanted, len(passages))):
        found = [passage[a:b] for a, b in sentences(passage) if 40 < b - a < 300]
        if not found:
            continue
        one = chance.choice(found)
        if other := exchanged(one, one, chance):
            a, b = (one, other) if chance.random() < 0.5 else (other, one)
            made.append(Pair("made/sentence", a, title, b, None, UNKNOWN, CONTRADICT))
            shorter = one.rsplit(",", 1)[0] if one.count(",") == 1 and one.index(",") > 30 else one
            made.append(Pair("made/sentence", shorter, title, one, None, UNKNOWN, SUPPORT))
        elif len(found) > 1:
            second = chance.choice([s for s in found if s != one])
            made.append(Pair("made/sentence", one, title, second, None, UNKNOWN, NEUTRAL))
    return made


def swapped_words(pairs: Sequence[Pair], wanted: int, chance: random.Random) -> list[Pair]:
    """Supported claims with one word or name exchanged for another of its kind: no longer supported by the same
    evidence, however much alike they look."""
    supported = [pair for pair in pairs if pair.relation == SUPPORT]
    kinds: dict[str, list[str]] = defaultdict(list)
    for pair in supported:
        for word in read(pair.question):
            if word.key:
                kinds[_kind(word)].append(word.text)
    made: list[Pair] = []
    for pair in chance.sample(supported, len(supported)):
        if len(made) == wanted:
            break
        said = {word.key for word in read(pair.passage)}
        words = [word for word in read(pair.question) if word.key and word.key in said]
        if not words:
            continue
        word = chance.choice(words)
        other = next(iter(read(text := chance.choice(kinds[_kind(word)]))), word)
        if other.key not in said and not is_near(word, other):
            claim = pair.question[: word.start] + text + pair.question[word.end :]
            made.append(replace(pair, source="made/word", question=claim, relation=NEUTRAL))
    return made


def _kind(word: Word) -> str:
    """What a word may be exchanged for: a name for a name, else a word of the same ending."""
    return "name" if word.name else next((end for end in ("ing", "ed", "ly", "s") if word.text.endswith(end)), "")


def neutral_claims(pairs: Sequence[Pair], wanted: int, chance: random.Random) -> list[Pair]:
    """A claim with evidence for another one that BM25 ranks high."""
    evidence = sorted({p.passage for p in pairs})
    own: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        own[pair.question].add(pair.passage)
    index = bm25s.BM25()
    index.index(bm25s.tokenize(evidence, stopwords="en", show_progress=False), show_progress=False)
    claims = chance.sample(sorted(own), min(wanted, len(own)))
    ranks, _ = index.retrieve(bm25s.tokenize(claims, stopwords="en", show_progress=False), k=25, show_progress=False)
    made: list[Pair] = []
    for claim, ranked in zip(claims, ranks, strict=True):
        covered = " ".join(own[claim])
        fit = [evidence[r] for r in ranked if evidence[r] not in own[claim] and evidence[r][:60] not in covered]
        if len(fit) > 8:
            made.append(Pair("made/neutral", claim, "", chance.choice(fit[3:20]), None, 0, NEUTRAL))
    return made
