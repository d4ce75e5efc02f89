"""An OpenAI-compatible endpoint on loopback that answers what it is told to, or misbehaves in a chosen way.

    with FakeEndpoint(answer=lambda request: "Opens the cart.") as endpoint:
        understanding = open_understanding(endpoint.spec, view=View(), cache_dir=None, api_key=None)
        ...
        endpoint.requests[0].prompt         # the text that was sent
        endpoint.requests[0].picture        # the PNG that was sent

It is a real HTTP server, so that time-outs, retries and concurrency are the real ones.
"""

import json
import threading
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from magenta_qa.model.endpoint import VIEW_ENTRY
from magenta_qa.model.line import forget_faults

Mode = Literal[
    "normal", "hang", "drip", "500", "429", "401", "404", "rubbish", "html", "huge", "truncated", "cut", "empty"
]
"""normal: the answer. hang: never answers. drip: one byte now and then. 429: with Retry-After. rubbish: another kind of
JSON. html: a web page with status 200. huge: more than any answer. truncated: the connection closes in the middle. cut:
the answer stopped at the token limit. empty: an answer without text."""

_STATUS = {"500": 500, "429": 429, "401": 401, "404": 404}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request as it arrived."""

    body: dict[str, Any]
    headers: dict[str, str]
    path: str

    @property
    def prompt(self) -> str:
        """The text parts of the last message, joined."""
        content = self.body["messages"][-1]["content"]
        if isinstance(content, str):
            return content
        return "".join(part["text"] for part in content if part["type"] == "text")

    @property
    def picture(self) -> bytes:
        """The first picture, decoded from its data URL; empty when there is none."""
        content = self.body["messages"][-1]["content"]
        parts = [part for part in content if isinstance(part, dict) and part["type"] == "image_url"]
        return b64decode(parts[0]["image_url"]["url"].partition(";base64,")[2]) if parts else b""


class FakeEndpoint:
    """The server; use it as a context manager.

    Args:
        answer: Makes the text of each answer.
        mode: How it behaves; may be changed while it runs.
        delay_s: How long each answer takes.
        faults: The first so many requests get `mode`, later ones are answered normally; None for all of them.
        logprob: The log probability given for each token, None for none.
        model: Its name.
        root: What /models says stands behind the name.
        capacity: Requests in flight at most; more get 429. None for any number.
        slow: Seconds that the request of a number, counted from 1, takes beside `delay_s`.
        view: What /models says of the view that the model was trained on.
    """

    def __init__(
        self,
        answer: Callable[[ChatRequest], str] = lambda request: "Opens the page.",
        *,
        mode: Mode = "normal",
        delay_s: float = 0.0,
        faults: int | None = None,
        retry_after_s: float = 0.0,
        logprob: float | None = None,
        model: str = "fake-model",
        root: str = "/models/fake",
        capacity: int | None = None,
        slow: Callable[[int], float] = lambda number: 0.0,
        view: dict[str, Any] | None = None,
    ) -> None:
        self.answer, self.mode, self.delay_s, self.faults = answer, mode, delay_s, faults
        self.retry_after_s, self.logprob, self.model, self.root = retry_after_s, logprob, model, root
        self.capacity, self.slow, self.view = capacity, slow, view
        self.requests: list[ChatRequest] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Base URL, without /v1."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spec(self) -> str:
        """The back end's spec."""
        return f"openai:{self.model}@{self.url}"

    def __enter__(self) -> Self:
        # The system may give it the port of an earlier one that misbehaved.
        forget_faults()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def arrive(self, request: ChatRequest) -> tuple[Mode, int]:
        """Note a request; returns how to behave for it, and its number."""
        with self._lock:
            self.requests.append(request)
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
            if self.capacity is not None and self.in_flight > self.capacity:
                return "429", len(self.requests)
            faulty = self.faults is None or len(self.requests) <= self.faults
            return (self.mode if faulty else "normal"), len(self.requests)

    def die(self) -> None:
        """Be gone from now on: nothing is answered any more, nobody is listened to."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def leave(self) -> None:
        """The request has been dealt with."""
        with self._lock:
            self.in_flight -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, endpoint: FakeEndpoint) -> None:
        self.endpoint = endpoint
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class has it so
        """A client that gave up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written to the terminal."""

    def do_GET(self) -> None:
        endpoint = self.server.endpoint
        if self.path != "/v1/models":
            self._send(404, b'{"error": "not found"}')
            return
        entry: dict[str, Any] = {"id": endpoint.model, "object": "model", "root": endpoint.root, "parent": None}
        if endpoint.view is not None:
            entry[VIEW_ENTRY] = endpoint.view
        self._send(200, json.dumps({"object": "list", "data": [entry]}).encode())

    def do_POST(self) -> None:
        endpoint = self.server.endpoint
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = ChatRequest(body, dict(self.headers.items()), self.path)
        mode, number = endpoint.arrive(request)
        try:
            if endpoint.closing.is_set():
                self.close_connection = True
                return
            endpoint.closing.wait(endpoint.delay_s + endpoint.slow(number))
            if self.path != "/v1/chat/completions":
                self._send(404, b'{"error": "not found"}')
            else:
                self._behave(mode, request)
        finally:
            endpoint.leave()

    def _behave(self, mode: Mode, request: ChatRequest) -> None:
        endpoint = self.server.endpoint
        if mode == "hang":
            endpoint.closing.wait()
            self.close_connection = True
        elif mode == "drip":
            self._drip()
        elif mode == "truncated":
            self._send(200, b'{"choices": [{"mess', length=5000)
        elif mode in _STATUS:
            self._send(_STATUS[mode], b'{"error": {"message": "as told"}}', retry_after_s=endpoint.retry_after_s)
        else:
            self._send(200, self._body(mode, request))

    def _body(self, mode: Mode, request: ChatRequest) -> bytes:
        endpoint = self.server.endpoint
        if mode == "rubbish":
            return b'{"choices": "none today"}'
        if mode == "html":
            return b"<!doctype html><title>Sign in</title><p>Please sign in to the network."
        if mode == "huge":
            return b'{"choices": "' + b"x" * 3_000_000 + b'"}'
        text = "" if mode == "empty" else endpoint.answer(request)
        choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}}
        choice["finish_reason"] = "length" if mode == "cut" else "stop"
        if endpoint.logprob is not None:
            choice["logprobs"] = {"content": [{"token": word, "logprob": endpoint.logprob} for word in text.split()]}
        return json.dumps({"object": "chat.completion", "model": endpoint.model, "choices": [choice]}).encode()

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.server.endpoint.closing.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _send(self, status: int, body: bytes, *, length: int | None = None, retry_after_s: float = 0.0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length or len(body)))
        if retry_after_s:
            self.send_header("Retry-After", f"{retry_after_s:g}")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or length is not None
