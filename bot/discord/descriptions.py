"""What Discord shows of commands before they are used, in every language: it is given all of them at once."""

import discord
from discord import app_commands

from bot.discord.language import ENGLISH, in_language, language_of

_NAMES = (
    app_commands.TranslationContextLocation.command_name,
    app_commands.TranslationContextLocation.group_name,
    app_commands.TranslationContextLocation.parameter_name,
)


class Translator(app_commands.Translator):
    """Translates descriptions, choices and what stands in a message's menu; what people type stays English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """See Translator: None where Discord is to show the English text."""
        language, typed = language_of(locale), not isinstance(context.data, app_commands.ContextMenu)
        if language == ENGLISH or (typed and context.location in _NAMES):
            return None
        return in_language(string.message, language)
