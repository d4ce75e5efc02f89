"""A client for OpenAI-compatible chat endpoints: bursts, time-outs, retries, and a breaker.

    address = parse_address("openai:openbmb/MiniCPM-V-4.6@http://127.0.0.1:8001")
    endpoint = ChatEndpoint(address, api_key=None)
    endpoint.complete_all([lambda: {"messages": [...], "max_tokens": 64}, …])
    -> [Completion("Opens the cart.", 0.93), BackendError("… did not answer within 20 s"), …]

All requests of a page are in flight at once, at most `MAX_IN_FLIGHT`, in worker threads: the caller is Playwright's
synchronous API, whose thread already runs an event loop.
"""

import json
import math
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from magenta_qa.model.errors import BackendError, ConfigError

MAX_IN_FLIGHT = 32
MAX_ANSWER_BYTES = 1_000_000
MAX_WAIT_S = 10.0
"""The longest pause before a retry, also when `Retry-After` asks for more."""
_SPEC = re.compile(r"openai:(?P<model>.+?)@(?P<url>https?://.+)")
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Address:
    """Which model at which endpoint."""

    spec: str
    model: str
    url: str
    """Base URL, such as http://127.0.0.1:8001/v1; no slash at the end."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer."""

    text: str
    confidence: float = 1.0
    """Geometric mean of the tokens' probabilities; 1 when the endpoint gives none."""
    complete: bool = True
    """False when it was cut at the token limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient the client is."""

    timeout_s: float = 20.0
    """For one attempt, from sending to the last byte."""
    budget_s: float = 60.0
    """For all requests of one burst together."""
    attempts: int = 3
    backoff_s: float = 0.5
    """Before the second attempt; doubled for each further one."""
    break_after: int = 5
    """Attempts in a row that must fail before the endpoint counts as down."""
    cool_down_s: float = 30.0
    """How long a down endpoint is left alone before one request tries it again."""


def parse_address(spec: str) -> Address:
    """The parts of `openai:MODEL@URL`.

    Raises:
        ConfigError: The spec has another form, or the URL holds credentials.
    """
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise ConfigError(
            f"cannot use back end {spec!r}: expected openai:MODEL@URL, such as openai:my-model@http://127.0.0.1:8001"
        )
    url = match["url"].rstrip("/").removesuffix("/chat/completions").rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(
            f"cannot use back end {spec!r}: {error}; expected a URL such as http://127.0.0.1:8001"
        ) from error
    if not host:
        raise ConfigError(
            f"cannot use back end {spec!r}: the URL names no host; expected a URL such as http://127.0.0.1:8001"
        )
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            "cannot use the back end's URL: it holds credentials or a query; give the key as MAGENTA_API_KEY instead"
        )
    if not re.search(r"/v\d", parts.path):
        url += "/v1"
    return Address(spec.strip(), match["model"], url)


class _Answer(BaseModel):
    """The parts of an answer that are read; an endpoint may send anything else beside them."""

    choices: list["_Choice"]


class _Choice(BaseModel):
    message: "_Message"
    finish_reason: str | None = None
    logprobs: "_Logprobs | None" = None


class _Message(BaseModel):
    content: str | None = None


class _Logprobs(BaseModel):
    content: "list[_Token] | None" = None


class _Token(BaseModel):
    logprob: float


class _Again(BackendError):
    """An attempt that may work if it is made once more."""

    def __init__(self, message: str, *, retry_after_s: float = 0.0, down: bool = True) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.down = down


class Breaker:
    """Keeps a down endpoint from costing a time-out for every candidate of every page.

    Args:
        limits: When it opens and for how long.
        clock: Seconds, monotonic.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits, self._clock = limits, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0
        self._reason = ""

    @property
    def is_open(self) -> bool:
        """Whether the endpoint counts as down and is not to be tried yet."""
        with self._lock:
            return bool(self._reason) and self._clock() < self._open_until

    def check(self) -> None:
        """Let one attempt through.

        Raises:
            BackendError: The endpoint counts as down.
        """
        with self._lock:
            if not self._reason:
                return
            if self._clock() < self._open_until:
                raise BackendError(f"the endpoint is left alone for {self._limits.cool_down_s:g} s: {self._reason}")
            # One attempt finds out whether it is back; the others go on waiting for its outcome.
            self._open_until = self._clock() + self._limits.timeout_s

    def succeed(self) -> None:
        """An attempt was answered."""
        with self._lock:
            self._failures, self._reason = 0, ""

    def fail(self, reason: str, *, at_once: bool = False) -> None:
        """An attempt failed; `at_once` when no further one can do better (wrong key, no such model)."""
        with self._lock:
            self._failures += 1
            if at_once or self._reason or self._failures >= self._limits.break_after:
                self._reason = reason
                self._open_until = self._clock() + self._limits.cool_down_s


@lru_cache(maxsize=64)
def _shared_breaker(address: Address, api_key: str | None, limits: Limits) -> Breaker:
    return Breaker(limits, time.monotonic)


def forget_faults() -> None:
    """Let endpoints that are opened from now on start without a record."""
    _shared_breaker.cache_clear()


def open_endpoint(spec: str, *, api_key: str | None, limits: Limits | None = None) -> "ChatEndpoint":
    """A client for `openai:MODEL@URL`; all clients of one endpoint in this process know when it is down.

    Raises:
        ConfigError: The spec has another form.
    """
    address, limits = parse_address(spec), limits or Limits()
    endpoint = ChatEndpoint(address, api_key=api_key, limits=limits)
    endpoint.breaker = _shared_breaker(address, api_key, limits)
    return endpoint


class ChatEndpoint:
    """Sends chat requests to one endpoint.

    Args:
        address: Where to.
        api_key: Sent as a bearer token when given.
        limits: How patient to be.
        transport: Replaces the network (httpx).
        clock: Seconds, monotonic.
        sleep: Waits that many seconds.

    Raises:
        ConfigError: The key cannot be sent.
    """

    def __init__(
        self,
        address: Address,
        *,
        api_key: str | None,
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self.limits = limits or Limits()
        self.breaker = Breaker(self.limits, clock)
        self._clock, self._sleep = clock, sleep
        self._client = httpx.Client(
            headers=_authorization(api_key),
            timeout=httpx.Timeout(self.limits.timeout_s),
            limits=httpx.Limits(max_connections=MAX_IN_FLIGHT, max_keepalive_connections=MAX_IN_FLIGHT),
            transport=transport,
            # A proxy from the environment cannot reach this machine's own loopback.
            trust_env=urlsplit(address.url).hostname not in ("127.0.0.1", "localhost", "::1"),
        )
        self._workers = ThreadPoolExecutor(MAX_IN_FLIGHT, thread_name_prefix="magenta-endpoint")
        self._identity: str | None = None

    def identity(self) -> str | None:
        """What stands behind the model's name (`root` and `parent` of /models); None while the endpoint is down.

        Empty when it does not say. Asked once; an adapter that is swapped under the same name is seen by the next run.
        """
        if self._identity is None and not self.breaker.is_open:
            self._identity = self._ask_identity()
        return self._identity

    def _ask_identity(self) -> str | None:
        try:
            response = self._client.get(f"{self.address.url}/models", timeout=min(self.limits.timeout_s, 5.0))
            if response.status_code >= 500 or response.status_code == 429:
                return None
            entry = next(entry for entry in response.json()["data"] if entry["id"] == self.address.model)
            return "|".join(str(entry.get(key) or "") for key in ("root", "parent"))
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            return ""

    def complete(self, request: Mapping[str, Any]) -> Completion:
        """The answer to one request (`messages`, `max_tokens`, …).

        Raises:
            BackendError: No usable answer after all attempts.
        """
        answer = self.complete_all([lambda: request])[0]
        if isinstance(answer, BackendError):
            raise answer
        return answer

    def complete_all(self, builders: Sequence[Callable[[], Mapping[str, Any]]]) -> list[Completion | BackendError]:
        """The answers, in order; what went wrong in the place of those that got none.

        Args:
            builders: Each makes one request, in the worker thread: encoding pictures takes its time.
        """
        deadline = self._clock() + self.limits.budget_s
        futures = [self._workers.submit(self._attempts, builder, deadline) for builder in builders]
        wait(futures, timeout=self.limits.budget_s + 1)
        return [self._outcome(future) for future in futures]

    def _outcome(self, future: Future[Completion]) -> Completion | BackendError:
        if not future.done():
            future.cancel()
            return BackendError(f"{self.address.url} gave no answer within {self.limits.budget_s:g} s")
        error = future.exception()
        if error is None:
            return future.result()
        return error if isinstance(error, BackendError) else BackendError(f"{self.address.url}: {error!r}")

    def close(self) -> None:
        """Drop what is under way and close the connections."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _attempts(self, builder: Callable[[], Mapping[str, Any]], deadline: float) -> Completion:
        retrying = Retrying(
            stop=stop_after_attempt(self.limits.attempts),
            wait=self._pause,
            retry=retry_if_exception_type(_Again),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._attempt, builder(), deadline)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, _Again) else 0.0
        backoff = self.limits.backoff_s * 2.0 ** (state.attempt_number - 1)
        return min(max(asked, backoff), MAX_WAIT_S)

    def _attempt(self, request: Mapping[str, Any], deadline: float) -> Completion:
        self.breaker.check()
        try:
            completion = self._post(request, deadline)
        except _Again as error:
            if error.down:
                self.breaker.fail(str(error))
            raise
        self.breaker.succeed()
        return completion

    def _post(self, request: Mapping[str, Any], deadline: float) -> Completion:
        until = min(deadline, self._clock() + self.limits.timeout_s)
        if self._clock() >= until:
            raise BackendError(f"{self.address.url} gave no answer within {self.limits.budget_s:g} s")
        body = {"model": self.address.model, "temperature": 0, **request}
        try:
            with self._client.stream("POST", f"{self.address.url}/chat/completions", json=body) as response:
                content = self._read(response, until)
        except httpx.TimeoutException as error:
            raise _Again(f"{self.address.url} did not answer within {self.limits.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise _Again(f"{self.address.url} cannot be reached: {error or type(error).__name__}") from error
        if response.status_code != 200:
            self._refuse(response, content)
        return _parsed(content, self.address.url)

    def _read(self, response: httpx.Response, until: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise BackendError(f"{self.address.url} answered with more than {MAX_ANSWER_BYTES} bytes")
            if self._clock() > until:
                raise _Again(f"{self.address.url} was still answering after {self.limits.timeout_s:g} s")
        return bytes(content)

    def _refuse(self, response: httpx.Response, content: bytes) -> None:
        status = response.status_code
        message = f"{self.address.url} answered HTTP {status}: {_excerpt(content)}"
        if status in _RETRIED or status >= 500:
            raise _Again(message, retry_after_s=_retry_after(response), down=status != 429)
        if status in (401, 403):
            message += "; check MAGENTA_API_KEY"
        if status == 404:
            message += f"; check the URL and that model {self.address.model!r} is served there"
        if status in (401, 403, 404) or 300 <= status < 400:
            self.breaker.fail(message, at_once=True)
        raise BackendError(message)


def _authorization(api_key: str | None) -> dict[str, str]:
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("cannot use the API key: it holds characters that no HTTP header can; check MAGENTA_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _excerpt(content: bytes) -> str:
    return " ".join(content[:300].decode("utf-8", "replace").split()) or "(empty)"


def _retry_after(response: httpx.Response) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < math.inf else 0.0


def _parsed(content: bytes, url: str) -> Completion:
    try:
        choice = _Answer.model_validate_json(content).choices[0]
    except (ValidationError, IndexError) as error:
        raise BackendError(f"{url} answered what is no chat completion: {_excerpt(content)}") from error
    tokens = choice.logprobs.content if choice.logprobs else None
    known = [token.logprob for token in tokens or () if math.isfinite(token.logprob)]
    confidence = math.exp(min(sum(known) / len(known), 0.0)) if known else 1.0
    return Completion(choice.message.content or "", confidence, choice.finish_reason != "length")


def picture_part(png: bytes) -> dict[str, Any]:
    """A PNG as a part of a message's content."""
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64encode(png).decode('ascii')}"}}


def json_answer(text: str) -> dict[str, Any]:
    """The JSON object in an answer, also when it stands in a code fence or after a thought.

    Raises:
        BackendError: There is none.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if start >= 0 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BackendError(f"the model's answer is no JSON object: {' '.join(text.split())[:200]!r}")
    return found
