"""Every regular expression of Footnote takes time linear in the text, whatever the text.

Documents and questions are strangers' text, and `re` tries every way to match: a pattern that can begin everywhere and
reads on to the end, or that can divide a run between two repeats, takes seconds for some ten thousand characters and
holds the interpreter's lock while it does. Patterns are collected from the modules and their sources, so that a new one
is held to this without being named here; from each the texts are made that would be hard for it.
"""

import ast
import importlib
import pkgutil
import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from importlib.util import find_spec
from inspect import getsource
from re import _constants as codes  # type: ignore[attr-defined] # what patterns are parsed into is private
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import pytest

import bot
import embeddings

Pattern = re.Pattern[str] | re.Pattern[bytes]

METHODS = frozenset("search match fullmatch split findall finditer sub subn".split())


# --- which patterns there are ----------------------------------------------------------------------


def modules() -> Iterator[ModuleType]:
    for package in (bot, embeddings):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if find_spec("pymilvus") or not found.name.startswith("embeddings.storing.milvus."):
                yield importlib.import_module(found.name)


def held(value: object) -> Iterator[Pattern]:
    """The patterns in a value of a module, in containers and attributes of classes too."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        for each in value.items():
            yield from held(each)
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            if not isinstance(each, str):
                yield from held(each)
    elif isinstance(value, type) and value.__module__.startswith(("bot.", "embeddings.")):
        yield from held(list(vars(value).values()))


def used(module: ModuleType) -> Iterator[tuple[Pattern, str]]:
    """What the code of a module does with patterns: those that have a name there, and those it gives to `re`."""
    names = vars(module)
    known = {name: list(held(value)) for name, value in names.items()}
    tree = ast.parse(getsource(module))
    called: set[ast.expr] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in METHODS:
            continue
        if ast.unparse(node.func.value) == "re":
            source = evaluated(node.args[0], names)
            flags = [part for part in (*node.args, *(each.value for each in node.keywords)) if is_flag(part)]
            pattern = re.compile(source, *(evaluated(flag, names) for flag in flags)) if source else None
        else:
            pattern = evaluated(node.func.value, names)
            called.add(node.func.value)
        if isinstance(pattern, re.Pattern):
            yield pattern, node.func.attr
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in called:
            for pattern in known.get(node.id, ()):
                yield pattern, "finditer"  # whatever is done with it where it is passed on


def is_flag(node: ast.expr) -> bool:
    return ast.unparse(node).startswith("re.") and not isinstance(node, ast.Call)


def evaluated(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression that is made of names of the module, else None; within an f-string "1"."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(evaluated(part, names)) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        value = evaluated(node.value, names)
        return "1" if value is None else value
    if not isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.BinOp):
        return None
    try:
        return eval(compile(ast.Expression(node), "<pattern>", "eval"), dict(names))  # noqa: S307 - our own source
    except (NameError, AttributeError):
        return None


def patterns() -> dict[str, tuple[Pattern, frozenset[str]]]:
    """Every pattern once, with the methods that are called of it, by where it was first found and its beginning."""
    found: dict[Pattern, str] = {}
    methods: dict[Pattern, set[str]] = {}
    for module in modules():
        uses = list(used(module))
        for pattern in [*held(dict(vars(module))), *(pattern for pattern, _ in uses)]:
            found.setdefault(pattern, f"{module.__name__}: {pattern.pattern[:60]!r}")
        for pattern, method in uses:
            methods.setdefault(pattern, set()).add(method)
    return {
        f"{name} #{n}": (pattern, frozenset(methods.get(pattern, ("finditer",))))
        for n, (pattern, name) in enumerate(found.items())
    }


# --- what is hard for them -------------------------------------------------------------------------


def parsed(pattern: Pattern) -> Any:
    return parser.parse(pattern.pattern, pattern.flags)


class Maker:
    """Makes texts that a parsed pattern matches, at random, and remembers what it is made of."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.groups: dict[int, str] = {}

    def text(self, nodes: Any, most: int = 2) -> str:
        """A text that matches, but for what stands around it; no repeat is taken more than `most` times if it can."""
        return "".join(self._one(code, value, most) for code, value in nodes)

    def _one(self, code: Any, value: Any, most: int) -> str:
        match code:
            case codes.LITERAL:
                return chr(value)
            case codes.NOT_LITERAL:
                return self.random.choice([c for c in "a A1,.\n" if ord(c) != value])
            case codes.ANY:
                return self.random.choice("a A1,")
            case codes.IN:
                return self.random.choice(members(value))
            case codes.BRANCH:
                return self.text(self.random.choice(value[1]), most)
            case codes.SUBPATTERN:
                self.groups[value[0]] = made = self.text(value[3], most)
                return made
            case codes.ATOMIC_GROUP:
                return self.text(value, most)
            case codes.GROUPREF:
                return self.groups.get(value, "")
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                least, greatest, body = value
                times = self.random.randint(least, max(least, min(greatest, most)))
                return "".join(self.text(body, most) for _ in range(times))
            case _:  # AT, ASSERT and ASSERT_NOT take no characters
                return ""


SAMPLE = "aAzZbst 0159_-–'’\"“.,;:!?()[]<>#*$£%&@/\\=\t\n\r\x00\xe9É中²"


def members(value: Any) -> list[str]:
    """Characters of a class, a few of each part of it."""
    if value[0][0] is codes.NEGATE:
        plain = re.compile(class_of(value[1:]))
        return [c for c in SAMPLE if not plain.fullmatch(c)] or ["\u2603"]
    found: list[str] = []
    for code, part in value:
        if code is codes.LITERAL:
            found.append(chr(part))
        elif code is codes.RANGE:
            found += [chr(part[0]), chr(part[1])]
        elif code is codes.CATEGORY:
            kept = re.compile(CATEGORIES[part])
            found += [c for c in SAMPLE if kept.fullmatch(c)]
    return found


CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}


def class_of(parts: Any) -> str:
    """A class of `re` written out again from its parts."""
    written = []
    for code, part in parts:
        if code is codes.CATEGORY:
            written.append(CATEGORIES[part])
        else:
            low, high = part if code is codes.RANGE else (part, part)
            written.append(f"{re.escape(chr(low))}-{re.escape(chr(high))}")
    return f"[{''.join(written)}]"


def inner(code: Any, value: Any) -> list[Any]:
    """The patterns that a part of a pattern is made of."""
    match code:
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            return [value[2]]
        case codes.BRANCH:
            return list(value[1])
        case codes.SUBPATTERN:
            return [value[3]]
        case codes.ATOMIC_GROUP:
            return [value]
        case codes.ASSERT | codes.ASSERT_NOT:
            return [value[1]]
    return []


def repeats(nodes: Any, before: Sequence[Any] = ()) -> Iterator[tuple[list[Any], Any]]:
    """Every repeat without a small limit in a pattern, with what must have matched before it."""
    passed = list(before)
    for code, value in nodes:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT) and value[1] > 20:
            yield passed, value[2]
        for each in inner(code, value):
            yield from repeats(each, passed)
        passed.append((code, value))


def excluded(nodes: Any) -> Iterator[str]:
    """The characters that a pattern's classes leave out: what ends a run of all others."""
    for code, value in nodes:
        if code is codes.NOT_LITERAL:
            yield chr(value)
        elif code is codes.IN and value[0][0] is codes.NEGATE:
            yield from (chr(part) for kind, part in value[1:] if kind is codes.LITERAL)
        for each in inner(code, value):
            yield from excluded(each)


ENDS = ("\x00", "!", "\n!", " x")


def hostile(pattern: Pattern, seed: int, rounds: int) -> Iterator[Callable[[int], str]]:
    """Texts of any length that may be hard for a pattern: long runs of one thing that it can begin or go on with."""
    nodes = list(parsed(pattern))
    maker = Maker(seed)
    pumped = list(repeats(nodes))
    ends = [ENDS, tuple(excluded(nodes)) or ENDS]
    seen: set[tuple[str, str, str]] = set()

    def once(head: str, unit: str) -> Iterator[Callable[[int], str]]:
        end = maker.random.choice(maker.random.choice(ends))
        if unit and (head, unit, end) not in seen:
            seen.add((head, unit, end))
            yield lambda size: head + unit * max(1, (size - len(head)) // len(unit)) + end

    for _ in range(rounds):
        whole = maker.text(nodes)
        yield from once("", whole)
        yield from once("", whole + " ")
        yield from once("", whole[:-1])  # almost a match
        yield from once("", maker.text(nodes[: maker.random.randint(1, len(nodes))]))
        for before, body in pumped:
            head, unit, other = maker.text(before), maker.text(body, 1), maker.text(body)
            yield from once(head, unit)
            yield from once("", unit)
            yield from once("", unit + other)
            yield from once("", head + unit)  # where each may begin and reads over all that follow
            yield from once(maker.text(before) + other, unit + " ")


# --- how long they take ----------------------------------------------------------------------------

SIZE, LARGE = 8_000, 64_000
"""Characters of the longest text that a pattern is timed with, and once more where that took long: a machine that is
busy slows down what it likes for milliseconds, and a quadratic pattern takes 64 times as long."""
FLOOR = 0.002
"""Seconds of the processor for the longest text, that are enough to be compared with those of a quarter of it."""
RATIO = 3.0
"""Twice the text takes twice as long, and four times for a quadratic pattern."""
CONFIRMED = 2
"""So many times in a row it has to be seen in long texts."""
PATIENCE = 5e-5
"""Seconds of the processor a character after which a pattern is not waited for."""


@contextmanager
def impatient(size: int) -> Iterator[None]:
    """Raise TimeoutError after PATIENCE for a text of this size; `re` looks for signals while it matches."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE * size)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def seconds(pattern: Pattern, methods: Set[str], text: str, tries: int = 1) -> float:
    """Of the processor, for finding all matches, or those at the beginning alone: the least of several tries."""
    typed: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    measured = []
    for _ in range(tries):
        began = time.process_time()
        if "match" in methods:
            pattern.match(typed)
        if "fullmatch" in methods:
            pattern.fullmatch(typed)
        if methods - {"match", "fullmatch"}:
            for _ in pattern.finditer(typed):
                pass
        measured.append(time.process_time() - began)
    return min(measured)


def hard(pattern: Pattern, methods: Set[str], seed: int, rounds: int) -> str | None:
    """A text that takes more than linear time, shortened, or None."""
    for text in hostile(pattern, seed, rounds):
        if grows(pattern, methods, text, SIZE) and all(grows(pattern, methods, text, LARGE) for _ in range(CONFIRMED)):
            return repr(text(60))
    return None


def grows(pattern: Pattern, methods: Set[str], text: Callable[[int], str], size: int) -> bool:
    """Whether the time grows faster than the text up to this size, twice in a row, or cannot be waited for."""
    try:
        with impatient(size):
            if seconds(pattern, methods, text(size)) < FLOOR:
                return False
            quarter, half = (seconds(pattern, methods, text(size // part), 3) for part in (4, 2))
            return half > RATIO * quarter and seconds(pattern, methods, text(size), 3) > RATIO * half
    except TimeoutError:
        return True


PATTERNS = patterns()


def test_all_patterns_are_collected():
    uses = {pattern.pattern: methods for pattern, methods in PATTERNS.values()}

    assert len(uses) > 170
    assert uses[r"\d+(?:[.,]\d+)*|\w+"] == {"findall"}  # of a module
    assert uses[r"open\s+\[?(\d{1,9})\]?"] == {"fullmatch"}  # of a function
    assert uses["<@!?1>"] == {"subn"}  # with a value of the moment


@pytest.mark.slow
@pytest.mark.parametrize("source", [r"[A-Z]\w*(?: [A-Z]\w*)+", r"(?:\w+ ?)+!", r"\b(?:is|was) [^,]*$"])
def test_a_pattern_that_is_not_linear_is_found(source: str):
    assert hard(re.compile(source), {"search"}, seed=1, rounds=5)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_linear_time(name: str):
    assert hard(*PATTERNS[name], seed=1, rounds=1) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_linear_time_for_many_more_texts(name: str):
    assert hard(*PATTERNS[name], seed=2, rounds=10) is None
