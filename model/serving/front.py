"""The HTTP side of `magenta serve`: OpenAI's chat completions, models, health and metrics.

    app = build_app(back, Bounds(), api_key="…")
    uvicorn.run(app, host="127.0.0.1", port=8000)

POST /v1/chat/completions and GET /v1/models need the key; /health says 200 when the model answers and 503 until then;
/metrics is Prometheus' text, with the model's own behind ours. Every request gets an answer: what is refused says so
with 400, 401, 404, 413, 429 (with Retry-After) or 503.
"""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from magenta_qa.model.serving.asked import Asked, Bounds, Refused, read_request
from magenta_qa.model.serving.gate import Gate

_LOOK_S = 1.0
"""Between two looks whether a client is still there."""
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)


class Back(Protocol):
    """What answers."""

    def models(self) -> list[dict[str, Any]]:
        """Entries of /v1/models; their `id` is what requests name."""
        ...

    def ready(self) -> bool:
        """Whether it answers now."""
        ...

    async def start(self, gate: Gate) -> None:
        """Begin; returns at once, `ready` says when it has begun. Who swaps models pauses the gate meanwhile."""
        ...

    def answer(self, asked: Asked) -> Coroutine[Any, Any, tuple[int, bytes]]:
        """Status and JSON; cancelled when nobody waits for it any more.

        Raises:
            Refused: It cannot be answered.
        """
        ...

    async def metrics(self) -> bytes:
        """Prometheus' text of its own; empty where it has none."""
        ...

    async def stop(self) -> None:
        """End, when nobody is inside any more."""
        ...


class Front:
    """The endpoint.

    Args:
        back: What answers.
        bounds: Of requests.
        api_key: Wanted from clients; None for none.
    """

    def __init__(self, back: Back, bounds: Bounds, api_key: str | None) -> None:
        self.back, self.bounds = back, bounds
        self._key = api_key
        self._registry = CollectorRegistry()
        self._count = Counter("magenta_requests", "Requests by status.", ["status"], registry=self._registry)
        self._seconds = Histogram(
            "magenta_request_seconds",
            "From the whole request to its answer.",
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._inside = Gauge("magenta_requests_inside", "That wait or are answered.", registry=self._registry)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/models", self._models),
            Route("/health", self._health),
            Route("/metrics", self._metrics),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.gate = Gate(self.bounds.waiting)
        self._inside.set_function(lambda: self.gate.inside)
        await self.back.start(self.gate)
        try:
            yield
        finally:
            await self.back.stop()

    async def _chat(self, request: Request) -> Response:
        return await self._answered(request, self._complete)

    async def _models(self, request: Request) -> Response:
        return await self._answered(request, self._list)

    async def _answered(self, request: Request, how: Callable[[Request], Awaitable[Response]]) -> Response:
        """What `how` gives; refusals as OpenAI's errors, all counted."""
        try:
            self._check_key(request)
            response = await how(request)
        except Refused as refused:
            response = _refusal(refused)
        except ClientDisconnect:
            response = Response(status_code=499)
        self._count.labels(response.status_code).inc()
        return response

    async def _complete(self, request: Request) -> Response:
        body = await self._body(request)
        began = time.perf_counter()
        if not self.back.ready() and not self.gate.is_paused:
            raise Refused(503, "the model is being loaded; come again when /health says 200", 5)
        async with self.gate.enter():
            asked = read_request(body, self.bounds, {entry["id"] for entry in self.back.models()})
            status, content = await self._unless_gone(request, self.back.answer(asked))
        self._seconds.observe(time.perf_counter() - began)
        return Response(content, status, media_type="application/json")

    async def _unless_gone(self, request: Request, answer: Coroutine[Any, Any, tuple[int, bytes]]) -> tuple[int, bytes]:
        """The answer; work for a client that has given up is given up, too.

        Raises:
            ClientDisconnect: It has.
        """
        answering = asyncio.create_task(answer)
        try:
            while not (await asyncio.wait({answering}, timeout=_LOOK_S))[0]:
                if await request.is_disconnected():
                    raise ClientDisconnect
            return await answering
        finally:
            answering.cancel()

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": self.back.models()})

    async def _health(self, _: Request) -> Response:
        ready = self.back.ready()
        return PlainTextResponse("ready\n" if ready else "loading\n", 200 if ready else 503)

    async def _metrics(self, _: Request) -> Response:
        return Response(generate_latest(self._registry) + await self.back.metrics(), media_type="text/plain")

    def _check_key(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if self._key is not None and not hmac.compare_digest(given, self._key.encode()):
            raise Refused(401, "the API key is wrong or missing; expected the one that the endpoint was started with")

    async def _body(self, request: Request) -> bytes:
        """The request's body, read no further than is allowed."""
        too_long = Refused(
            413, f"the request is longer than {self.bounds.body_bytes} bytes; send a smaller picture or less text"
        )
        if int(request.headers.get("content-length") or 0) > self.bounds.body_bytes:
            raise too_long
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self.bounds.body_bytes:
                raise too_long
        return bytes(body)


def build_app(back: Back, bounds: Bounds, api_key: str | None) -> Starlette:
    """The endpoint in front of `back`."""
    return Front(back, bounds, api_key).app()


def _refusal(refused: Refused) -> Response:
    error = {"message": str(refused), "type": "invalid_request_error", "code": refused.status}
    headers = {} if refused.retry_after_s is None else {"Retry-After": str(refused.retry_after_s)}
    return Response(json.dumps({"error": error}), refused.status, headers, "application/json")
