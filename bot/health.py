"""What a running bot says of itself at FOOTNOTE_HEALTH, asked by another process of the same machine."""

import http.client
import json
from typing import Any

from bot.settings import Address

_PATIENCE = 5.0
_MOST = 65_536
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened at, and where that can be asked


def ask(address: Address) -> dict[str, Any]:
    """The answer of `/healthz`. Raises OSError where nobody answers, ValueError where it is somebody else."""
    connection = http.client.HTTPConnection(_ANYWHERE.get(address.host, address.host), address.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/healthz")
        found = json.loads(connection.getresponse().read(_MOST))
        if not isinstance(found, dict) or not {"ok", "gateway", "index", "queue"} <= found.keys():
            raise ValueError("not a Footnote's answer")
        return found
    except http.client.HTTPException as error:
        raise ValueError("not an answer in HTTP") from error
    finally:
        connection.close()


def summary(found: dict[str, Any]) -> str:
    """An answer of `ask` as a line."""
    gateway, index, queue = found["gateway"], found["index"], found["queue"]
    lost = ", ".join(map(str, gateway.get("shards_cut_off", []))) if gateway.get("shards", 0) > 1 else ""
    parts = [
        "connected to Discord" if gateway["ok"] else "not connected to Discord" + (f" (shard {lost})" if lost else ""),
        f"generation {index['generation']}",
        f"{queue['waiting']} waiting" if queue["ok"] else "questions take too long, so no more are taken",
    ]
    if index["problem"]:
        parts.append(f"a newer index cannot be opened: {index['problem']}")
    return "; ".join(parts)
