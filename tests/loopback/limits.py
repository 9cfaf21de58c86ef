"""What Discord refuses in a message, an autocomplete answer or a modal, and how it says so.

Limits: discord.com/developers/docs, "Message Resource" and "Component Reference". The codes 50035 and 50006
are Discord's; the words, and the inner codes of rare complaints, only imitate it.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15
ROW, BUTTON, SELECT, TEXT_INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = (
    1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 17,
)  # fmt: skip
SELECTS = {SELECT, 5, 6, 7, 8}
IN_CONTAINER = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR}
LINK, PREMIUM = 5, 6
EMBED_TEXTS = (("title", 256), ("description", 4096), ("footer.text", 2048), ("author.name", 256))


class RefusalError(Exception):
    """An answer other than success, in Discord's error shape."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.errors = status, code, message, errors

    def body(self) -> Json:
        """The JSON of the answer."""
        return {"message": self.message, "code": self.code} | ({"errors": self.errors} if self.errors else {})

    def __str__(self) -> str:
        return f"{self.message} {self.errors or ''}".strip()


class Form:
    """Collects every complaint about one request body, nested by path as Discord nests them."""

    def __init__(self, root: str = "") -> None:
        self.root, self.errors = root, dict[str, Any]()

    def add(self, path: str, code: str, message: str) -> None:
        """Complain about the field at a dotted path."""
        node = self.errors
        for key in filter(None, f"{self.root}.{path}".split(".")):
            node = node.setdefault(key, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, value: Any, low: int, high: int) -> None:
        """Complain unless the string or list has between low and high elements (None counts as none)."""
        if not low <= len(value or ()) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")

    def close(self) -> None:
        """Raise RefusalError 50035 if there was any complaint."""
        if self.errors:
            raise RefusalError(400, 50035, "Invalid Form Body", self.errors)


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, parents before children, a section's accessory after its texts."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        yield from walk([component["accessory"]] if component.get("accessory") else [])


def text_of(message: Json) -> str:
    """All text of a message in which Discord looks for mentions: the content and every TextDisplay."""
    displays = [c.get("content", "") for c in walk(message.get("components") or []) if c.get("type") == TEXT]
    return "\n".join(filter(None, [message.get("content"), *displays]))


def check_message(body: Json, before: Json | None = None, root: str = "") -> None:
    """Refuse what Discord refuses in a new message, or in an edit of ``before``."""
    form, old = Form(root), before or {}
    flags = int(body.get("flags") or 0)
    if old.get("flags", 0) & COMPONENTS_V2:
        if body.get("flags") is not None and not flags & COMPONENTS_V2:
            form.add("flags", "FLAG_CANNOT_BE_REMOVED", "IS_COMPONENTS_V2 cannot be removed from a message.")
        flags |= COMPONENTS_V2
    after = {key: body.get(key, old.get(key)) for key in ("content", "embeds", "components", "attachments")}
    form.length("content", after["content"], 0, 2000)
    if flags & COMPONENTS_V2:
        for key in ("content", "embeds", "sticker_ids", "poll"):
            if after.get(key) or body.get(key):
                text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                form.add(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
    _check_embeds(form, after["embeds"] or [])
    _Layout(form, bool(flags & COMPONENTS_V2)).check(after["components"] or [])
    _check_allowed_mentions(form, body.get("allowed_mentions") or {})
    form.close()
    words = (after["content"] or "").strip()
    if not any([words, after["embeds"], after["components"], after["attachments"], body.get("poll")]):
        raise RefusalError(400, 50006, "Cannot send an empty message")


def _check_embeds(form: Form, embeds: list[Json]) -> None:
    form.length("embeds", embeds, 0, 10)
    total = 0
    for index, embed in enumerate(embeds):
        parts = [(f"embeds.{index}.{path}", _at(embed, path), high) for path, high in EMBED_TEXTS]
        form.length(f"embeds.{index}.fields", embed.get("fields"), 0, 25)
        for number, field in enumerate(embed.get("fields", [])):
            name = f"embeds.{index}.fields.{number}"
            parts += [(f"{name}.name", field["name"], 256), (f"{name}.value", field["value"], 1024)]
        for path, text, high in parts:
            form.length(path, text, 0, high)
            total += len(text or "")
    if total > 6000:
        form.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _at(node: Any, path: str) -> Any:
    for key in path.split("."):
        node = (node or {}).get(key)
    return node


def _check_allowed_mentions(form: Form, allowed: Json) -> None:
    parse = allowed.get("parse", [])
    for kind in ("users", "roles"):
        form.length(f"allowed_mentions.{kind}", allowed.get(kind), 0, 100)
        if kind in parse and allowed.get(kind):
            form.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", f"parse and {kind} conflict")
    if set(parse) - {"users", "roles", "everyone"}:
        form.add("allowed_mentions.parse", "BASE_TYPE_CHOICES", "Must be one of users, roles, everyone.")


class _Layout:
    """One pass over the components of one message."""

    def __init__(self, form: Form, v2: bool) -> None:
        self.form, self.v2 = form, v2
        self.count = self.text = 0
        self.seen: set[str] = set()

    def check(self, components: list[Json]) -> None:
        top = IN_CONTAINER | {CONTAINER} if self.v2 else {ROW}
        self._children("components", components, top, 0, 40 if self.v2 else 5)
        if self.count > 40:
            self.form.add("components", "COMPONENT_MAX_TOTAL", "At most 40 components, nested ones included.")
        if self.text > 4000:
            self.form.add("components", "COMPONENT_MAX_TEXT", "At most 4000 characters in all text displays.")

    def _children(self, path: str, children: list[Json] | None, kinds: set[int], low: int, high: int) -> None:
        self.form.length(path, children, low, high)
        for index, child in enumerate(children or []):
            self._visit(f"{path}.{index}", child, kinds)

    def _visit(self, path: str, part: Json, kinds: set[int]) -> None:
        kind = part.get("type")
        if kind not in kinds:
            text = f'Value of field "type" must be one of {sorted(kinds)}.'
            self.form.add(f"{path}.type", "UNION_TYPE_CHOICES", text)
            return
        self.count += 1
        if kind == ROW:
            select = any(child.get("type") in SELECTS for child in part.get("components", []))
            inner = SELECTS if select else {BUTTON}
            self._children(f"{path}.components", part.get("components"), inner, 1, 1 if select else 5)
        elif kind == SECTION:
            self._children(f"{path}.components", part.get("components"), {TEXT}, 1, 3)
            self._visit(f"{path}.accessory", part.get("accessory") or {}, {BUTTON, THUMBNAIL})
        elif kind == TEXT:
            self.form.length(f"{path}.content", part.get("content"), 1, 4000)
            self.text += len(part.get("content") or "")
        elif kind == GALLERY:
            self.form.length(f"{path}.items", part.get("items"), 1, 10)
        elif kind == CONTAINER:
            self._children(f"{path}.components", part.get("components"), IN_CONTAINER, 1, 40)
        elif kind == BUTTON:
            self._button(path, part)
        elif kind in SELECTS:
            self._select(path, part)

    def _custom_id(self, path: str, part: Json) -> None:
        name = part.get("custom_id") or ""
        self.form.length(f"{path}.custom_id", name, 1, 100)
        if name in self.seen:
            text = "Component custom id cannot be duplicated"
            self.form.add(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", text)
        self.seen.add(name)

    def _button(self, path: str, part: Json) -> None:
        style = part.get("style", 0)
        self.form.length(f"{path}.label", part.get("label"), 0, 80)
        if not 1 <= style <= PREMIUM:
            self.form.add(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
        elif style == LINK:
            self.form.length(f"{path}.url", part.get("url"), 1, 512)
            if not str(part.get("url")).startswith(("http://", "https://", "discord://")):
                text = "Scheme must be one of ('http', 'https', 'discord')."
                self.form.add(f"{path}.url", "URL_TYPE_INVALID_SCHEME", text)
        elif style != PREMIUM:
            self._custom_id(path, part)
        if style != PREMIUM and not part.get("label") and not part.get("emoji"):
            self.form.add(path, "BUTTON_COMPONENT_EMPTY", "A button must have a label or an emoji.")
        if part.get("url") and (style != LINK or part.get("custom_id")):
            text = "A custom id and url cannot both be specified"
            self.form.add(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", text)

    def _select(self, path: str, part: Json) -> None:
        self._custom_id(path, part)
        self.form.length(f"{path}.placeholder", part.get("placeholder"), 0, 150)
        if part["type"] != SELECT:
            return
        options = part.get("options", [])
        self.form.length(f"{path}.options", options, 1, 25)
        for index, option in enumerate(options):
            for key, low in (("label", 1), ("value", 1), ("description", 0)):
                self.form.length(f"{path}.options.{index}.{key}", option.get(key), low, 100)
        if len({option.get("value") for option in options}) < len(options):
            text = "The specified option value is already used"
            self.form.add(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)


def check_choices(choices: list[Json]) -> None:
    """Refuse more than 25 autocomplete choices, or a name or text value beyond 100 characters."""
    form = Form("data")
    form.length("choices", choices, 0, 25)
    for index, choice in enumerate(choices):
        form.length(f"choices.{index}.name", choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            form.length(f"choices.{index}.value", choice["value"], 1, 100)
    form.close()


def check_modal(modal: Json) -> None:
    """Refuse a modal beyond its limits: title 45, text input 4000, one to five components."""
    form = Form("data")
    form.length("title", modal.get("title"), 1, 45)
    form.length("custom_id", modal.get("custom_id"), 1, 100)
    form.length("components", modal.get("components"), 1, 5)
    for part in modal.get("components", []):
        for field in walk([part.get("component") or part]):
            if field.get("type") == TEXT_INPUT:
                form.length("components", field.get("value"), 0, min(4000, field.get("max_length") or 4000))
                form.length("components", field.get("placeholder"), 0, 100)
    form.close()
