"""Discord's own host names on 127.0.0.1, with certificates of an authority that only the test trusts."""

import socket
import ssl

import aiohttp
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

HOSTS = ("discord.com", "gateway.discord.gg")


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, with a certificate for both hosts, and the client's, which trusts only it."""
    authority = trustme.CA()
    server, client = (
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    )
    authority.issue_cert(*HOSTS).configure_cert(server)
    authority.configure_trust(client)
    return server, client


class LoopbackResolver(AbstractResolver):
    """Answers Discord's names with one loopback port, and every other name with an error."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The loopback address of one of Discord's two hosts; OSError for any other."""
        if host not in HOSTS:
            raise OSError(f"the loopback knows {HOSTS}, not {host}")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing to release."""


def connector(port: int, trust: ssl.SSLContext) -> aiohttp.TCPConnector:
    """A connector for ``discord.Client(connector=…)``; the client closes it."""
    return aiohttp.TCPConnector(resolver=LoopbackResolver(port), ssl=trust, limit=0)
