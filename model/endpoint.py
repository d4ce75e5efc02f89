"""A client for OpenAI-compatible chat endpoints: bursts, pace, time-outs, retries, second tries, fail-over, a breaker.

    address = parse_address("openai:openbmb/MiniCPM-V-4.6@http://gpu1:8000,http://gpu2:8000")
    endpoint = ChatEndpoint(address, api_key=None)
    endpoint.complete_all([lambda: {"messages": [...], "max_tokens": 64}, …])
    -> [Completion("Opens the cart.", 0.93), BackendError("… did not answer within 20 s"), …]

All requests of a page are in flight at once, in worker threads (the caller is Playwright's synchronous API, whose
thread already runs an event loop), at most `MAX_IN_FLIGHT` an endpoint, fewer where it says that it is overloaded. Of
several endpoints, which must serve the same model, the first that is up is asked; what fails there goes to the next.
"""

import json
import math
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from magenta_qa.model.chat_answer import excerpt, read_completion
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.hedge import Hedge, gather
from magenta_qa.model.pace import Pace

VIEW_ENTRY = "magenta_view"
"""Where /models says which view the model was trained on."""
MAX_IN_FLIGHT = 32
_HEDGES = 8
_ASK_AGAIN_S = 10.0
"""After which an endpoint that did not say what it serves is asked once more."""
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
    urls: tuple[str, ...]
    """Base URLs, such as http://127.0.0.1:8001/v1; no slash at the end. The first that is up is asked."""


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
    hedge: Hedge = field(default_factory=Hedge)
    """When a request that takes far longer than the others of its burst is sent once more."""


def parse_address(spec: str) -> Address:
    """The parts of `openai:MODEL@URL` or `openai:MODEL@URL1,URL2`.

    Raises:
        ConfigError: The spec has another form, or a URL holds credentials.
    """
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise ConfigError(
            f"cannot use back end {spec!r}: expected openai:MODEL@URL, such as openai:my-model@http://127.0.0.1:8001"
        )
    urls = tuple(_base_url(url.strip(), spec) for url in re.split(r",\s*(?=https?://)", match["url"]))
    return Address(spec.strip(), match["model"], urls)


def _base_url(url: str, spec: str) -> str:
    url = url.rstrip("/").removesuffix("/chat/completions").rstrip("/")
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
    return url if re.search(r"/v\d", parts.path) else url + "/v1"


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
def _shared_breaker(url: str, model: str, api_key: str | None, limits: Limits) -> Breaker:
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
    for line in endpoint.lines:
        line.breaker = _shared_breaker(line.url, address.model, api_key, limits)
    return endpoint


class Line:
    """One endpoint: its connections, its breaker and its pace.

    Args:
        url: Base URL.
        model: Whom requests are for.
        api_key: Sent as a bearer token when given.
        limits: How patient to be.
        transport: Replaces the network (httpx).
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None,
        limits: Limits,
        transport: httpx.BaseTransport | None,
        clock: Callable[[], float],
    ) -> None:
        self.url, self.model, self.limits, self._clock = url, model, limits, clock
        self.breaker, self.pace = Breaker(limits, clock), Pace(MAX_IN_FLIGHT)
        self.client = httpx.Client(
            headers=_authorization(api_key),
            timeout=httpx.Timeout(limits.timeout_s),
            limits=httpx.Limits(max_connections=MAX_IN_FLIGHT, max_keepalive_connections=MAX_IN_FLIGHT),
            transport=transport,
            # A proxy from the environment cannot reach this machine's own loopback.
            trust_env=urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"),
        )

    def entry(self) -> dict[str, Any] | None:
        """What /models says of the model; empty when nothing, None while it cannot be told."""
        try:
            response = self.client.get(f"{self.url}/models", timeout=min(self.limits.timeout_s, 5.0))
            if response.status_code >= 500 or response.status_code == 429:
                return None
            return dict(next(entry for entry in response.json()["data"] if entry["id"] == self.model))
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            return {}

    def attempt(self, request: Mapping[str, Any], deadline: float) -> Completion:
        """One attempt.

        Raises:
            BackendError: It failed; `_Again` where another may succeed.
        """
        self.breaker.check()
        try:
            with self.pace.turn(max(0.0, deadline - self._clock())):
                completion = self._post(request, deadline)
        except TimeoutError as error:
            raise self._too_late() from error
        except _Again as error:
            self.pace.slow_down()
            if error.down:
                self.breaker.fail(str(error))
            raise
        self.breaker.succeed()
        self.pace.went_well()
        return completion

    def _too_late(self) -> BackendError:
        return BackendError(f"{self.url} gave no answer within {self.limits.budget_s:g} s")

    def _post(self, request: Mapping[str, Any], deadline: float) -> Completion:
        until = min(deadline, self._clock() + self.limits.timeout_s)
        if self._clock() >= until:
            raise self._too_late()
        body = {"model": self.model, "temperature": 0, **request}
        try:
            with self.client.stream("POST", f"{self.url}/chat/completions", json=body) as response:
                content = self._read(response, until)
        except httpx.TimeoutException as error:
            raise _Again(f"{self.url} did not answer within {self.limits.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise _Again(f"{self.url} cannot be reached: {error or type(error).__name__}") from error
        if response.status_code != 200:
            self._refuse(response, content)
        read = read_completion(content, self.url)
        return Completion(read.text, read.confidence, read.complete)

    def _read(self, response: httpx.Response, until: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise BackendError(f"{self.url} answered with more than {MAX_ANSWER_BYTES} bytes")
            if self._clock() > until:
                raise _Again(f"{self.url} was still answering after {self.limits.timeout_s:g} s")
        return bytes(content)

    def _refuse(self, response: httpx.Response, content: bytes) -> None:
        status = response.status_code
        message = f"{self.url} answered HTTP {status}: {excerpt(content)}"
        if status in _RETRIED or status >= 500:
            raise _Again(message, retry_after_s=_retry_after(response), down=status != 429)
        if status in (401, 403):
            message += "; check MAGENTA_API_KEY"
        if status == 404:
            message += f"; check the URL and that model {self.model!r} is served there"
        if status in (401, 403, 404) or 300 <= status < 400:
            self.breaker.fail(message, at_once=True)
        raise BackendError(message)


class ChatEndpoint:
    """Sends chat requests to one endpoint, or to the first of several that is up.

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
        self._clock, self._sleep = clock, sleep
        self.lines = [Line(url, address.model, api_key, self.limits, transport, clock) for url in address.urls]
        # Second tries find a thread of their own.
        self._workers = ThreadPoolExecutor(MAX_IN_FLIGHT + _HEDGES, thread_name_prefix="magenta-endpoint")
        self._entry: dict[str, Any] | None = None
        self._ask_again_at = -math.inf

    def entry(self) -> dict[str, Any] | None:
        """What the endpoint's /models says of the model; empty when nothing, None while it is down.

        Asked once; an adapter that is swapped under the same name is seen by the next run.
        """
        if self._entry is None and self._clock() >= self._ask_again_at:
            up = (line for line in self.lines if not line.breaker.is_open)
            self._entry = next((entry for line in up if (entry := line.entry()) is not None), None)
            self._ask_again_at = self._clock() + _ASK_AGAIN_S
        return self._entry

    def identity(self) -> str | None:
        """What stands behind the model's name (its `root` and `parent`); None while the endpoint is down.

        Empty when it does not say.
        """
        entry = self.entry()
        if not entry:
            return None if entry is None else ""
        return "|".join(str(entry.get(key) or "") for key in ("root", "parent"))

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
        calls = [partial(self._attempts, builder, deadline) for builder in builders]
        outcomes = gather(
            self._workers, calls, budget_s=self.limits.budget_s + 1, hedge=self.limits.hedge, clock=self._clock
        )
        return [self._answer(outcome) for outcome in outcomes]

    def _answer(self, outcome: Completion | BaseException) -> Completion | BackendError:
        if isinstance(outcome, Completion | BackendError):
            return outcome
        where = self.address.urls[0]
        if isinstance(outcome, TimeoutError):
            return BackendError(f"{where} gave no answer within {self.limits.budget_s:g} s")
        return BackendError(f"{where}: {outcome!r}")

    def close(self) -> None:
        """Drop what is under way and close the connections."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        for line in self.lines:
            line.client.close()

    def _attempts(self, builder: Callable[[], Mapping[str, Any]], deadline: float, number: int) -> Completion:
        """All attempts of one request; a second try begins where the first did not."""
        retrying = Retrying(
            stop=stop_after_attempt(self.limits.attempts + len(self.lines) - 1),
            wait=self._pause,
            retry=retry_if_exception_type(_Again),
            sleep=self._sleep,
            reraise=True,
        )
        turns = count(number)
        request = builder()
        return retrying(lambda: self._attempt(request, deadline, next(turns)))

    def _attempt(self, request: Mapping[str, Any], deadline: float, turn: int) -> Completion:
        up = self._up()
        line = up[turn % len(up)] if up else self.lines[0]
        try:
            return line.attempt(request, deadline)
        except _Again:
            raise
        except BackendError as error:
            if line.breaker.is_open and self._up():
                # It was refused for good there; the next one may know the model or the key.
                raise _Again(str(error)) from error
            raise

    def _up(self) -> list[Line]:
        return [line for line in self.lines if not line.breaker.is_open]

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if len(self.lines) > 1 and state.attempt_number < len(self.lines):
            return 0.0  # the next is asked at once
        asked = error.retry_after_s if isinstance(error, _Again) else 0.0
        backoff = self.limits.backoff_s * 2.0 ** (state.attempt_number - 1)
        return min(max(asked, backoff), MAX_WAIT_S)


def _authorization(api_key: str | None) -> dict[str, str]:
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("cannot use the API key: it holds characters that no HTTP header can; check MAGENTA_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _retry_after(response: httpx.Response) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < math.inf else 0.0


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
