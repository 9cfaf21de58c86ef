"""Brings the catalogues in `bot/discord/locales/` up to date with what the bot says: `python -m deploy.texts`.

What is new in them has no translation yet, and what the bot no longer says is gone; nothing is guessed. A language that
has none gets an empty one.
"""

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from discord import app_commands
from discord.ext import commands

from bot.discord.cogs.ask import Ask
from bot.discord.cogs.check import Check
from bot.discord.cogs.operation import Operation
from bot.discord.cogs.records import Records
from bot.discord.cogs.responder import Responder
from bot.discord.cogs.sources import Sources
from bot.discord.language import LANGUAGES, catalogue_of

ROOT = Path(__file__).resolve().parents[1]
TAKES = {"_": 1, "Message": 1, "ngettext": 2, "Message.counted": 2}
"""What a text is given to: the first of its arguments, of two the second for more than one of a thing."""
_COGS: tuple[type[commands.Cog], ...] = (Ask, Check, Sources, Records, Responder, Operation)
_SINCE = datetime(2026, 11, 28, tzinfo=UTC)
"""The date in the catalogues, which says nothing that version control does not."""


def texts() -> Catalog:
    """What the bot says in Discord, in English: what is given to one of `TAKES`, and what describes its commands."""
    catalogue = Catalog(project="footnote-bot", creation_date=_SINCE)
    for package in ("bot", "embeddings"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for said in said_in(path.read_text(encoding="utf-8")):
                catalogue.add(said, locations=[(path.relative_to(ROOT).as_posix(), 1)])
    for cog in _COGS:
        for text in _described(cog):
            catalogue.add(text, locations=[(f"{cog.__module__.replace('.', '/')}.py", 1)])
    return catalogue


def translations(message: Message) -> tuple[str, ...]:
    """What a catalogue has for a text, one for each of its language's plurals; "" where one is missing."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(text or "" for text in string)


def said_in(source: str) -> Iterator[str | tuple[str, ...]]:
    """The texts that a module gives to one of `TAKES`."""
    for node in ast.walk(ast.parse(source)):
        count = TAKES.get(ast.unparse(node.func), 0) if isinstance(node, ast.Call) else 0
        if count and isinstance(node, ast.Call):
            given = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
            said = tuple(text for text in given if isinstance(text, str))
            if len(said) == count:
                yield said if count > 1 else said[0]


def _described(cog: type[commands.Cog]) -> Iterator[str]:
    if issubclass(cog, commands.GroupCog):
        yield str(cog.__cog_group_description__)
    for command in cog.__cog_app_commands__:
        found = command.walk_commands() if isinstance(command, app_commands.Group) else ()
        for each in (command, *found):
            yield each.description
            for option in each.parameters if isinstance(each, app_commands.Command) else ():
                yield str(option.description)
                yield from (choice.name for choice in option.choices)


def main() -> None:
    """Update every catalogue, and say how much is not translated in it."""
    template = texts()
    for language in LANGUAGES:
        path = catalogue_of(language)
        catalogue = Catalog(language, project=template.project, revision_date=_SINCE, fuzzy=False)
        if path.exists():
            catalogue = read_po(io.BytesIO(path.read_bytes()), locale=language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
        missing = sum("" in translations(message) for message in catalogue if message.id)
        print(f"{language}: {len(catalogue)} texts, {missing} of them without a translation")


if __name__ == "__main__":
    main()
