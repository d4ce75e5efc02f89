"""A web page on this machine for the people who sit at it: who may ask for it, what it may load, and how it is served.

    key = key_for("127.0.0.1")                                      # None: whoever sits here needs none
    app = Starlette(routes=…, middleware=guards("default-src 'self'", key))
    serve_page(app, "127.0.0.1", 8040, key, show=False)             # until Ctrl-C

A page of another site can send requests to this machine, and can give a name of its own our address; neither gets
through. Source: https://owasp.org/www-community/attacks/csrf, https://en.wikipedia.org/wiki/DNS_rebinding
"""

import secrets
from collections.abc import MutableMapping
from typing import Any

import click
import uvicorn
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost")
_COOKIE = "magenta-key"


def key_for(host: str) -> str | None:
    """What is wanted from everybody who asks for a page that is served there; None on this machine's own interface."""
    return None if host in LOOPBACK else secrets.token_urlsafe(16)


def guards(loads: str, key: str | None) -> list[Middleware]:
    """The middleware.

    Args:
        loads: Content-Security-Policy: what the page may load, and from where.
        key: Wanted from everybody, in the address the first time; None: only this machine's own names are answered.
    """
    hosts = ["*"] if key is not None else list(LOOPBACK)
    return [Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(_Guard, loads=loads, key=key)]


def serve_page(app: ASGIApp, host: str, port: int, key: str | None, *, show: bool) -> None:
    """Serve until Ctrl-C, after the address was printed.

    Args:
        app: The application.
        host: The interface.
        port: 0 for a free one.
        key: Part of the address; None for none.
        show: Whether a browser is opened.
    """
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3))
    socket = server.config.bind_socket()
    socket.listen(server.config.backlog)  # who comes as soon as the address is printed waits, and is not refused
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{socket.getsockname()[1]}/" + (f"?key={key}" if key else "")
    click.echo(f"{address}     Ctrl-C ends")
    if show:
        click.launch(address)
    server.run(sockets=[socket])


class _Guard:
    def __init__(self, app: ASGIApp, loads: str, key: str | None) -> None:
        self._app, self._key = app, key
        headers = {
            "content-security-policy": loads,
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
        }
        if key is not None:
            headers["set-cookie"] = f"{_COOKIE}={key}; Path=/; HttpOnly; SameSite=Strict"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        if refusal:
            await PlainTextResponse(refusal, 403)(scope, receive, send)
            return

        async def dressed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._app(scope, receive, dressed)

    def _refusal(self, request: Request) -> str:
        origin = request.headers.get("origin", "")
        foreign = origin and origin.partition("://")[2] != request.headers.get("host")
        if foreign and request.method not in ("GET", "HEAD"):
            return "a page of another site has sent this; only this page may"
        given = request.query_params.get("key") or request.cookies.get(_COOKIE) or ""
        if self._key is not None and not secrets.compare_digest(given.encode(), self._key.encode()):
            return "this page needs its key: open the address that the command has printed"
        return ""
