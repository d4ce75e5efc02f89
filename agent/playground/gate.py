"""The only way out for a browser that opens addresses of strangers: a proxy that refuses the private network.

    with Gate(allowed={"localhost"}) as gate:
        browser.new_context(proxy={"server": gate.url, "bypass": "<-loopback>"})
        gate.refused        # ["http://192.168.1.1/admin: 192.168.1.1 is in a private network"]

It resolves each name itself and connects to the very address that it has judged. So it does not matter how the browser
came there: typed, redirected, a picture, a frame, a worker, a web socket, or a name whose address changes in between.
Source: https://owasp.org/www-community/attacks/Server_Side_Request_Forgery
"""

import asyncio
import threading
from collections.abc import Collection
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CONNECT_S = 15.0
MAX_HEAD = 64 * 2**10
"""Bytes of a request's head."""
_MAX_REFUSED = 50
_HIDDEN_V4 = ((ip_network("64:ff9b::/96"), 0), (ip_network("2002::/16"), 80))
"""Networks of version 6 whose addresses hold one of version 4, and how many bits from the right it stands."""


class RefusedAddress(Exception):
    """A host that must not be reached; says why."""


class Gate:
    """The proxy, in a thread of its own; use it as a context manager.

    Args:
        allowed: Hosts that may be reached although they are in the private network, as they are written in addresses.
    """

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = {host.lower().strip("[]") for host in allowed}
        self.refused: list[str] = []
        """The last requests that were refused, and why."""
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="magenta-gate", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEAD)

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where the host may be reached.

        Raises:
            RefusedAddress: It is in the private network and not allowed, or has no address.
        """
        plain = host.lower().strip("[]").rstrip(".")
        try:
            found = await self._loop.getaddrinfo(plain, port, type=1)  # SOCK_STREAM
        except (OSError, UnicodeError) as error:
            raise RefusedAddress(f"{plain} cannot be resolved: {error}") from error
        numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
        private = next((number for number in numbers if not is_public(number)), None)
        if private is not None and plain not in self._allowed:
            raise RefusedAddress(f"{plain} is in a private network ({private}); --allow {plain} lets it be opened")
        return numbers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), CONNECT_S)
            await self._forward(head, reader, writer)
        except (ValueError, asyncio.LimitOverrunError) as error:
            writer.write(_refusal(400, f"no request: {error}"))
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            pass  # the browser gave up
        finally:
            with suppress(OSError):
                writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, _, rest = head.partition(b"\r\n")
        method, target, version = line.decode("latin-1").split(" ")
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if tunnel else target)
        port = parts.port or 80
        try:
            numbers = await self.addresses(parts.hostname or "", port)
            far, out = await self._connect(numbers, port)
        except RefusedAddress as refused:
            self._note(target, str(refused))
            writer.write(_refusal(403, str(refused)))
        except OSError as error:
            writer.write(_refusal(502, f"{target}: {error}"))
        else:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = parts._replace(scheme="", netloc="").geturl() or "/"
                out.write(f"{method} {path} {version}\r\n".encode("latin-1") + _once(rest))
            await _pipe_both(reader, writer, far, out)
            return
        await writer.drain()

    async def _connect(self, numbers: list[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        last: Exception = OSError("no address")
        for number in numbers:
            try:
                return await asyncio.wait_for(asyncio.open_connection(number, port), CONNECT_S)
            except (OSError, TimeoutError) as error:
                last = error
        raise OSError(str(last) or "no answer")

    def _note(self, target: str, why: str) -> None:
        self.refused.append(f"{target}: {why}")
        del self.refused[:-_MAX_REFUSED]


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public network, whatever it hides another one in."""
    address: IPv4Address | IPv6Address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv6Address):
        hidden = address.ipv4_mapped
        for network, shift in _HIDDEN_V4:
            if address in network:
                hidden = IPv4Address(int(address) >> shift & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
    return address.is_global and not address.is_multicast


def _once(headers: bytes) -> bytes:
    """The headers of a request of which the connection is closed after the answer: the next may be for another host."""
    kept = [line for line in headers.split(b"\r\n") if not line.lower().startswith((b"proxy-", b"connection:"))]
    upgrade = any(line.lower().startswith(b"upgrade:") for line in kept)
    return b"\r\n".join([b"Connection: Upgrade" if upgrade else b"Connection: close", *kept])


def _refusal(status: int, why: str) -> bytes:
    body = why.encode()
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return (head + "Connection: close\r\n\r\n").encode() + body


async def _pipe_both(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: asyncio.StreamReader, out: asyncio.StreamWriter
) -> None:
    """Carry bytes both ways until the far side has ended."""
    sending = asyncio.create_task(_pipe(reader, out))
    try:
        await _pipe(far, writer)
    finally:
        sending.cancel()
        with suppress(OSError):
            out.close()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await source.read(2**16):
            sink.write(content)
            await sink.drain()
