"""A client for OpenAI-compatible chat endpoints: bursts, retries, second tries, fail-over.

    address = parse_address("openai:openbmb/MiniCPM-V-4.6@http://gpu1:8000,http://gpu2:8000")
    endpoint = ChatEndpoint(address, api_key=None)
    endpoint.complete_all([lambda: {"messages": [...], "max_tokens": 64}, …])
    -> [Completion("Opens the cart.", 0.93), BackendError("… did not answer within 20 s"), …]

All requests of a page are in flight at once, in worker threads (the caller is Playwright's synchronous API, whose
thread already runs an event loop), at most `MAX_IN_FLIGHT` an endpoint, fewer where it says that it is overloaded. Of
several endpoints, which must serve the same model, the first that is up is asked; what fails there goes to the next.
"""

import math
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.hedge import gather
from magenta_qa.model.line import MAX_IN_FLIGHT, Again, Limits, Line, shared_breaker

VIEW_ENTRY = "magenta_view"
PICTURES_ENTRY = "magenta_reads_pictures_only"
"""Where /models says which view the model was trained on."""
_HEDGES = 8
_ASK_AGAIN_S = 10.0
"""After which an endpoint that did not say what it serves is asked once more."""
MAX_WAIT_S = 10.0
"""The longest pause before a retry, also when `Retry-After` asks for more."""
_SPEC = re.compile(r"openai:(?P<model>.+?)@(?P<url>https?://.+)")


@dataclass(frozen=True, slots=True)
class Address:
    """Which model at which endpoint."""

    spec: str
    model: str
    urls: tuple[str, ...]
    """Base URLs, such as http://127.0.0.1:8001/v1; no slash at the end. The first that is up is asked."""


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


def open_endpoint(spec: str, *, api_key: str | None, limits: Limits | None = None) -> "ChatEndpoint":
    """A client for `openai:MODEL@URL`; all clients of one endpoint in this process know when it is down.

    Raises:
        ConfigError: The spec has another form.
    """
    address, limits = parse_address(spec), limits or Limits()
    endpoint = ChatEndpoint(address, api_key=api_key, limits=limits)
    for line in endpoint.lines:
        line.breaker = shared_breaker(line.url, address.model, api_key, limits)
    return endpoint


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
            retry=retry_if_exception_type(Again),
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
        except Again:
            raise
        except BackendError as error:
            if line.breaker.is_open and self._up():
                # It was refused for good there; the next one may know the model or the key.
                raise Again(str(error)) from error
            raise

    def _up(self) -> list[Line]:
        return [line for line in self.lines if not line.breaker.is_open]

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if len(self.lines) > 1 and state.attempt_number < len(self.lines):
            return 0.0  # the next is asked at once
        asked = error.retry_after_s if isinstance(error, Again) else 0.0
        backoff = self.limits.backoff_s * 2.0 ** (state.attempt_number - 1)
        return min(max(asked, backoff), MAX_WAIT_S)


def picture_part(png: bytes) -> dict[str, Any]:
    """A PNG as a part of a message's content."""
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64encode(png).decode('ascii')}"}}
