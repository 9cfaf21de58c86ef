"""What Discord refuses in a bulk overwrite of application commands, and what it answers to one.

Limits: discord.com/developers/docs, "Application Commands".
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from .limits import Form, Json

CHAT, SUBCOMMAND, GROUP, STRING = 1, 1, 2, 3
MOST = {CHAT: 100, 2: 5, 3: 5}


def check_commands(commands: list[Json]) -> None:
    """Raise RefusalError 50035 for names, descriptions, options, choices or counts beyond the limits."""
    form = Form()
    for kind, count in Counter(command.get("type", CHAT) for command in commands).items():
        if count > MOST[kind]:
            form.add("", "APPLICATION_COMMANDS_MAX", f"Maximum number of commands of type {kind}: {MOST[kind]}")
    names = [(command.get("type", CHAT), command.get("name")) for command in commands]
    for index, command in enumerate(commands):
        if names.index(names[index]) < index:
            text = "Application command names must be unique"
            form.add(f"{index}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
        if command.get("type", CHAT) == CHAT:
            _described(form, str(index), command)
            _options(form, f"{index}.options", command.get("options", []))
            if _size(command) > 8000:
                form.add(str(index), "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
        else:
            form.length(f"{index}.name", command.get("name"), 1, 32)
            form.length(f"{index}.description", command.get("description"), 0, 0)
    form.close()


def _described(form: Form, path: str, item: Json) -> None:
    for name in [item.get("name") or "", *(item.get("name_localizations") or {}).values()]:
        form.length(f"{path}.name", name, 1, 32)
        if name != name.lower() or not all(letter.isalnum() or letter in "-_'" for letter in name):
            form.add(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for text in [item.get("description") or "", *(item.get("description_localizations") or {}).values()]:
        form.length(f"{path}.description", text, 1, 100)


def _options(form: Form, path: str, options: list[Json]) -> None:
    form.length(path, options, 0, 25)
    if len({option.get("name") for option in options}) < len(options):
        form.add(path, "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", "Option names must be unique")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        text = "Required options must be placed before non-required options"
        form.add(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
    for index, option in enumerate(options):
        here = f"{path}.{index}"
        _described(form, here, option)
        _options(form, f"{here}.options", option.get("options", []))
        _choices(form, here, option)
        for key, low in (("min_length", 0), ("max_length", 1)):
            if not low <= option.get(key, low) <= 6000:
                form.add(f"{here}.{key}", "NUMBER_TYPE_RANGE", f"int value should be between {low} and 6000.")


def _choices(form: Form, path: str, option: Json) -> None:
    choices = option.get("choices", [])
    form.length(f"{path}.choices", choices, 0, 25)
    if choices and option.get("autocomplete"):
        text = "Autocomplete cannot be used together with choices"
        form.add(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_AND_AUTOCOMPLETE", text)
    for index, choice in enumerate(choices):
        form.length(f"{path}.choices.{index}.name", choice.get("name"), 1, 100)
        if option["type"] == STRING:
            form.length(f"{path}.choices.{index}.value", choice.get("value"), 1, 100)


def _size(item: Json) -> int:
    """Characters of all names, descriptions and values of a command, which Discord counts together."""
    own = sum(len(str(item.get(key) or "")) for key in ("name", "description", "value"))
    return own + sum(_size(child) for key in ("options", "choices") for child in item.get(key, []))


def echo(command: Json, known: list[Json], new_id: Callable[[], int], **scope: Any) -> Json:
    """The command as Discord answers it; a command keeps its id as long as its name and type stay."""
    kind = command.get("type", CHAT)
    same = next((old for old in known if (old["name"], old["type"]) == (command["name"], kind)), None)
    permissions = command.get("default_member_permissions")
    return {
        **command,
        **scope,
        "id": same["id"] if same else str(new_id()),
        "version": str(new_id()),
        "type": kind,
        "description": command.get("description", ""),
        "default_member_permissions": None if permissions is None else str(permissions),
    }
