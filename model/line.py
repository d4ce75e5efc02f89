"""One endpoint as the client sees it: its connections, its pace, and a breaker for when it is down.

    line = Line("http://gpu1:8000/v1", "openbmb/MiniCPM-V-4.6", None, Limits(), None, time.monotonic)
    line.attempt({"messages": [...], "max_tokens": 64}, deadline=time.monotonic() + 60)
    -> Completion("Opens the cart.", 0.93), or Again where another attempt may succeed

`endpoint.py` decides which line is asked, and how often.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from magenta_qa.model.chat_answer import Completion, excerpt, read_completion
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.hedge import Hedge
from magenta_qa.model.pace import Pace

MAX_IN_FLIGHT = 32
ATTEMPT_S = 20.0
MAX_ANSWER_BYTES = 1_000_000
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient the client is."""

    timeout_s: float = ATTEMPT_S
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

    @classmethod
    def for_page(cls, seconds: float) -> "Limits":
        """For an endpoint that may take so long for all controls of a page: a slow one gets a third for an attempt."""
        return cls(timeout_s=max(ATTEMPT_S, seconds / 3), budget_s=seconds)


class Again(BackendError):
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
def shared_breaker(url: str, model: str, api_key: str | None, limits: Limits) -> Breaker:
    """The one breaker of an endpoint and its key in this process."""
    return Breaker(limits, time.monotonic)


def forget_faults() -> None:
    """Let endpoints that are opened from now on start without a record."""
    shared_breaker.cache_clear()


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
            BackendError: It failed; `Again` where another may succeed.
        """
        self.breaker.check()
        try:
            with self.pace.turn(max(0.0, deadline - self._clock())):
                completion = self._post(request, deadline)
        except TimeoutError as error:
            raise self._too_late() from error
        except Again as error:
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
            raise Again(f"{self.url} did not answer within {self.limits.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise Again(f"{self.url} cannot be reached: {error or type(error).__name__}") from error
        if response.status_code != 200:
            self._refuse(response, content)
        return read_completion(content, self.url)

    def _read(self, response: httpx.Response, until: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise BackendError(f"{self.url} answered with more than {MAX_ANSWER_BYTES} bytes")
            if self._clock() > until:
                raise Again(f"{self.url} was still answering after {self.limits.timeout_s:g} s")
        return bytes(content)

    def _refuse(self, response: httpx.Response, content: bytes) -> None:
        status = response.status_code
        message = f"{self.url} answered HTTP {status}: {excerpt(content)}"
        if status in _RETRIED or status >= 500:
            raise Again(message, retry_after_s=_retry_after(response), down=status != 429)
        if status in (401, 403):
            message += "; check MAGENTA_API_KEY"
        if status == 404:
            message += f"; check the URL and that model {self.model!r} is served there"
        if status in (401, 403, 404) or 300 <= status < 400:
            self.breaker.fail(message, at_once=True)
        raise BackendError(message)


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
