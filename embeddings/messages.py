"""What people are told, kept so that it can be said in another language later."""

from collections.abc import Mapping


class Message(str):
    """A sentence in English that still knows its template and what was put into that.

    It is a string like any other, so whoever wants English need not know of it. Numbers are written with commas; a
    value may be a Message itself. `number` is what decides between `template` and `plural`, None where none
    does.

    >>> Message("“{name}” is gone.", name="News")
    '“News” is gone.'
    """

    template: str
    plural: str
    number: int | None
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> "Message":
        """The template filled in; without values it is the text itself."""
        return cls._made(template, template, None, values)

    @classmethod
    def counted(cls, one: str, many: str, count: int, **values: object) -> "Message":
        """The template for one or that for another number, which is the value `n`.

        >>> Message.counted("{n} place", "{n} places", 2000)
        '2,000 places'
        """
        return cls._made(one, many, count, {"n": count, **values})

    @classmethod
    def _made(cls, template: str, plural: str, number: int | None, values: Mapping[str, object]) -> "Message":
        chosen = template if number in (None, 1) else plural
        written = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        message = super().__new__(cls, chosen.format(**written) if values else chosen)
        message.template, message.plural, message.number, message.values = template, plural, number, values
        return message
