"""Builders of the JSON objects Discord sends, with the fields that discord.py 2.7 reads."""

from datetime import UTC, datetime

from .limits import Json

ADMINISTRATOR = 1 << 3
# View channel, send messages, embed links, read history, use application commands, send messages in threads.
ORDINARY = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 31 | 1 << 38
MESSAGE_CONTENT_LIMITED = 1 << 19  # of an application in fewer than a hundred servers
MANAGE_GUILD, MANAGE_MESSAGES = 1 << 5, 1 << 13


def timestamp(seconds: float) -> str:
    """An ISO 8601 time in UTC, as in every Discord payload."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def user(user_id: int, name: str, bot: bool = False) -> Json:
    """A user object."""
    names = {"username": name, "global_name": None if bot else name.title()}
    return {"id": str(user_id), "discriminator": "0", "avatar": None, "bot": bot, "public_flags": 0, **names}


def member(permissions: int, roles: list[str] | None = None) -> Json:
    """The guild's half of a user, without its ``user``; permissions as in an interaction."""
    joined = {"joined_at": timestamp(1_700_000_000), "premium_since": None, "nick": None, "avatar": None}
    return {
        "roles": roles or [],
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(permissions),
        **joined,
    }


def role(role_id: int, name: str, permissions: int) -> Json:
    """A role that may be mentioned."""
    look = {"color": 0, "colors": {"primary_color": 0}, "hoist": False, "position": 0, "managed": False}
    return {
        "id": str(role_id),
        "name": name,
        "permissions": str(permissions),
        "mentionable": True,
        "flags": 0,
        **look,
    }


def text_channel(channel_id: int, guild_id: int, name: str) -> Json:
    """A text channel of the guild."""
    place: Json = {"guild_id": str(guild_id), "parent_id": None, "position": 0, "permission_overwrites": []}
    return {"id": str(channel_id), "type": 0, "name": name, "topic": None, "nsfw": False, **place}


def forum(channel_id: int, guild_id: int, name: str) -> Json:
    """A forum of the guild: every post opens a thread."""
    return text_channel(channel_id, guild_id, name) | {"type": 15, "available_tags": []}


def thread(thread_id: int, parent: Json, owner: Json, name: str, now: float) -> Json:
    """A public thread of a channel or forum."""
    archive = {"archived": False, "locked": False, "auto_archive_duration": 1440, "archive_timestamp": timestamp(now)}
    counts: Json = {"message_count": 0, "member_count": 1, "last_message_id": None, "flags": 0, "applied_tags": []}
    place = {"guild_id": parent["guild_id"], "parent_id": parent["id"], "owner_id": owner["id"]}
    return {"id": str(thread_id), "type": 11, "name": name, "thread_metadata": archive, **place, **counts}


def dm_channel(channel_id: int, recipient: Json) -> Json:
    """The direct messages between the bot and one user."""
    return {"id": str(channel_id), "type": 1, "last_message_id": None, "recipients": [recipient], "flags": 0}


def guild(guild_id: int, name: str, owner: Json, channels: list[Json], roles: list[Json], members: list[Json]) -> Json:
    """A guild as GUILD_CREATE carries it."""
    return {
        "id": str(guild_id),
        "name": name,
        "owner_id": owner["id"],
        "channels": channels,
        "roles": roles,
        "members": members,
        "member_count": len(members),
        "preferred_locale": "en-US",
        "joined_at": timestamp(1_700_000_000),
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "features": [],
        "unavailable": False,
        **{key: [] for key in ("emojis", "stickers", "threads", "voice_states", "presences", "stage_instances")},
    }


def application(application_id: str, name: str, owner: Json, flags: int = 0, endpoint: str | None = None) -> Json:
    """The answer to ``GET /oauth2/applications/@me``; the flags say which privileged intents are switched on.

    ``endpoint`` is the address that takes interactions in place of the gateway.
    """
    public = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "0" * 64, "flags": flags}
    return {
        "id": application_id,
        "name": name,
        "description": "",
        "icon": None,
        "owner": owner,
        "team": None,
        "interactions_endpoint_url": endpoint,
        **public,
    }


def message(message_id: int, channel: Json, author: Json, body: Json, now: float) -> Json:
    """A stored message made of a request body; the caller has checked the body against the limits."""
    return {
        "id": str(message_id),
        "channel_id": channel["id"],
        "author": author,
        "type": 19 if body.get("message_reference") else 0,
        "content": (body.get("content") or "").strip(),
        "embeds": body.get("embeds") or [],
        "components": body.get("components") or [],
        "attachments": body.get("attachments") or [],
        "flags": int(body.get("flags") or 0),
        "timestamp": timestamp(now),
        "edited_timestamp": None,
        "tts": False,
        "pinned": False,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
    }
