"""What people are waiting for gets to Discord also where the way there fails once."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord

if TYPE_CHECKING:
    from bot.discord.client import Interaction

Result = TypeVar("Result")

UNREACHABLE = OSError, aiohttp.ClientError
TOO_LATE, ANSWERED_TWICE = 10062, 40060
"""Codes of interactions that are over, or that were answered before."""
_DEFERRING, _SHOWING = 1.2, 20.0
"""Seconds that Discord may take, before it is asked once more. It waits three for a deferral."""
_AGAIN = 5.0
"""Seconds until what Discord does not take just now is tried once more."""


async def defer(interaction: "Interaction", private: bool) -> None:
    """Say that an answer will come; once more where no response came. Raises what discord.py does."""
    try:
        async with asyncio.timeout(_DEFERRING):
            await interaction.response.defer(ephemeral=private, thinking=True)
        return
    except discord.HTTPException as error:
        if not _passing(error):
            raise
    except UNREACHABLE:  # also after it arrived there
        pass
    try:
        await interaction.response.defer(ephemeral=private, thinking=True)
    except discord.HTTPException as error:
        if error.code != ANSWERED_TWICE:
            raise
        interaction.response._response_type = discord.InteractionResponseType.deferred_channel_message


async def edit(
    interaction: "Interaction", pictures: Mapping[str, bytes] | None = None, **message: Any
) -> discord.InteractionMessage:
    """Put a message, with pictures by their names, in place of the "thinking", which does no harm twice.

    Raises what discord.py does.
    """

    def request() -> Awaitable[discord.InteractionMessage]:
        if pictures:  # anew for each request, as one reads them to their end
            message["attachments"] = [discord.File(io.BytesIO(data), name) for name, data in pictures.items()]
        return interaction.edit_original_response(**message)

    return await again(request, UNREACHABLE)


async def again(
    request: Callable[[], Awaitable[Result]], also: tuple[type[Exception], ...] = (), limit: float | None = _SHOWING
) -> Result:
    """Make a request; once more where Discord takes nothing just now, or on what is in `also`."""
    try:
        async with asyncio.timeout(limit):
            return await request()
    except discord.HTTPException as error:
        if not _passing(error):
            raise
        await asyncio.sleep(_AGAIN)
    except also:
        pass
    return await request()


def _passing(error: discord.HTTPException) -> bool:
    """Whether Discord may take the same a moment later; discord.py waits out most of it by itself."""
    return error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
