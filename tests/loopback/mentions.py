"""Which mentions Discord would parse in a message of the bot."""

import re

from .limits import Json

# Discord skips mentions inside code; this record does not, so a test of "no pings" errs on the safe side.
MENTION = re.compile(r"@everyone|@here|<@!?(?P<user>\d+)>|<@&(?P<role>\d+)>")
# Without allowed_mentions an ordinary message parses everything, an interaction's response only users.
ORDINARY: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
RESPONSE: Json = {"parse": ["users"]}


def parsed(text: str, allowed: Json | None, response: bool, replied_to: str | None = None) -> list[str]:
    """The mentions, as written, that ``allowed_mentions`` (None when the request had none) lets through.

    A reply that notifies its author is reported as that author's mention.
    """
    rule = allowed if allowed is not None else RESPONSE if response else ORDINARY
    parse = rule.get("parse") or []
    found = []
    for match in MENTION.finditer(text):
        kind = "users" if match["user"] else "roles" if match["role"] else "everyone"
        target = match["user"] or match["role"]
        if kind in parse or (target and target in map(str, rule.get(kind) or [])):
            found.append(match[0])
    if replied_to and rule.get("replied_user"):
        found.append(f"<@{replied_to}>")
    return found
