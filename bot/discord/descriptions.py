"""What Discord shows of commands before they are used, in every language: it is given all of them at once."""

from discord import Locale, app_commands
from discord.app_commands import ContextMenu, TranslationContextLocation, TranslationContextTypes, locale_str

from bot.discord.language import ENGLISH, in_language, language_of

_NAMES = (
    TranslationContextLocation.command_name,
    TranslationContextLocation.group_name,
    TranslationContextLocation.parameter_name,
)


class Translator(app_commands.Translator):
    """Translates descriptions, choices and what stands in a message's menu; what people type stays English."""

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        """See Translator: None where Discord is to show the English text."""
        language, typed = language_of(locale), not isinstance(context.data, ContextMenu)
        if language == ENGLISH or (typed and context.location in _NAMES):
            return None
        return in_language(string.message, language)
