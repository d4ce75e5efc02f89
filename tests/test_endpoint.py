"""The chat client against a real HTTP server: retries, time-outs, the breaker, and who may use it from where."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from magenta_qa.model.chat_answer import json_answer
from magenta_qa.model.endpoint import ChatEndpoint, open_endpoint, parse_address
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.fake_endpoint import FakeEndpoint
from magenta_qa.model.hedge import Hedge
from magenta_qa.model.line import MAX_IN_FLIGHT, Limits

ASK = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
PATIENT = Limits(timeout_s=20.0, budget_s=60.0, attempts=3, backoff_s=0.01, break_after=100)
QUICK = Limits(timeout_s=0.5, budget_s=20.0, attempts=3, backoff_s=0.01, break_after=100)


@pytest.fixture
def client():
    made = []

    def make(endpoint, limits=PATIENT, **more):
        made.append(ChatEndpoint(parse_address(endpoint.spec), api_key=None, limits=limits, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("spec", "model", "url"),
    [
        ("openai:m@http://127.0.0.1:8001", "m", "http://127.0.0.1:8001/v1"),
        ("openai:m@http://127.0.0.1:8001/v1", "m", "http://127.0.0.1:8001/v1"),
        ("openai:m@http://127.0.0.1:8001/v1/", "m", "http://127.0.0.1:8001/v1"),
        ("openai:m@https://h/v1/chat/completions", "m", "https://h/v1"),
        ("openai:openbmb/MiniCPM-V-4.6@http://h/proxy", "openbmb/MiniCPM-V-4.6", "http://h/proxy/v1"),
        ("openai:a:b@2@https://h/v1beta/openai", "a:b@2", "https://h/v1beta/openai"),
    ],
)
def test_address_is_read_with_and_without_version(spec, model, url):
    address = parse_address(spec)
    assert (address.model, address.urls) == (model, (url,))


def test_address_of_several_endpoints_has_all_of_them():
    assert parse_address("openai:m@http://a:1, https://b/v1").urls == ("http://a:1/v1", "https://b/v1")


@pytest.mark.parametrize(
    "spec", ["openai:m", "openai:m@", "openai:@http://h", "m@http://h", "openai:m@http://", "openai:m@http://h:x"]
)
def test_malformed_address_is_refused_with_the_remedy(spec):
    with pytest.raises(ConfigError, match=r"http://127\.0\.0\.1:8001"):
        parse_address(spec)


def test_credentials_in_the_address_are_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="MAGENTA_API_KEY") as caught:
        parse_address("openai:m@http://user:hunter2@host")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["k\u00e9y", "two\nlines"])
def test_key_that_no_header_can_hold_is_a_config_error_and_not_repeated(key):
    with pytest.raises(ConfigError, match="MAGENTA_API_KEY") as caught:
        open_endpoint("openai:m@http://127.0.0.1:1", api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("mode", ["500", "429", "hang", "truncated"])
def test_passing_fault_is_survived_by_trying_again(client, mode):
    with FakeEndpoint(lambda request: "Hi.", mode=mode, faults=2) as endpoint:
        limits = QUICK if mode == "hang" else PATIENT
        assert client(endpoint, limits).complete(ASK).text == "Hi."
        assert len(endpoint.requests) == 3


@pytest.mark.parametrize("mode", ["401", "404", "rubbish", "html", "huge"])
def test_fault_that_stays_is_not_tried_again(client, mode):
    with FakeEndpoint(mode=mode) as endpoint:
        with pytest.raises(BackendError):
            client(endpoint).complete(ASK)
        assert len(endpoint.requests) == 1


def test_retry_after_is_respected_and_bounded(client):
    slept = []
    with FakeEndpoint(mode="429", retry_after_s=7) as endpoint:
        with pytest.raises(BackendError, match="HTTP 429"):
            client(endpoint, sleep=slept.append).complete(ASK)
        endpoint.retry_after_s = 3600
        with pytest.raises(BackendError, match="HTTP 429"):
            client(endpoint, sleep=slept.append).complete(ASK)
    assert slept == [7.0, 7.0, 10.0, 10.0]


def test_pauses_grow(client):
    slept = []
    with FakeEndpoint(mode="500") as endpoint, pytest.raises(BackendError):
        client(endpoint, Limits(attempts=4, backoff_s=0.5, break_after=100), sleep=slept.append).complete(ASK)
    assert slept == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(("page_s", "attempt_s"), [(10, 20), (60, 20), (300, 100)])
def test_endpoint_that_may_take_longer_for_a_page_may_take_longer_for_a_control(page_s, attempt_s):
    assert (Limits.for_page(page_s).timeout_s, Limits.for_page(page_s).budget_s) == (attempt_s, page_s)


def test_hanging_burst_ends_within_its_budget(client):
    limits = Limits(timeout_s=0.3, budget_s=1.0, attempts=50, backoff_s=0.01, break_after=10_000)
    started = time.monotonic()
    with FakeEndpoint(mode="hang") as endpoint:
        answers = client(endpoint, limits).complete_all([lambda: ASK] * 80)
    assert all(isinstance(answer, BackendError) for answer in answers)
    # The budget of 1 s, one time-out and slack for two slow cores; without a budget it would be 50 time-outs of 0.3 s.
    assert time.monotonic() - started < 6


def test_breaker_opens_after_failures_in_a_row_and_asks_no_more(client):
    limits = Limits(attempts=1, break_after=3, cool_down_s=60)
    with FakeEndpoint(mode="500") as endpoint:
        one = client(endpoint, limits)
        for _ in range(3):
            with pytest.raises(BackendError, match="HTTP 500"):
                one.complete(ASK)
        with pytest.raises(BackendError, match=r"left alone for 60 s: .*HTTP 500"):
            one.complete(ASK)
        assert len(endpoint.requests) == 3


def test_breaker_lets_one_attempt_through_after_the_cool_down_and_closes_on_success(client):
    now = [0.0]
    limits = Limits(attempts=1, break_after=1, cool_down_s=30)
    with FakeEndpoint(lambda request: "Hi.", mode="500", faults=2) as endpoint:
        one = client(endpoint, limits, clock=lambda: now[0])
        for at in (0, 31):  # fails, and once more after the first cool-down
            now[0] = at
            with pytest.raises(BackendError, match="HTTP 500"):
                one.complete(ASK)
        now[0] = 40
        with pytest.raises(BackendError, match="left alone"):
            one.complete(ASK)
        now[0] = 62
        assert [answer.text for answer in (one.complete(ASK), one.complete(ASK))] == ["Hi.", "Hi."]
        assert len(endpoint.requests) == 4


def test_throttling_does_not_open_the_breaker(client):
    with FakeEndpoint(lambda request: "Hi.", mode="429", faults=6) as endpoint:
        one = client(endpoint, Limits(attempts=3, backoff_s=0.01, break_after=2))
        for _ in range(2):
            with pytest.raises(BackendError, match="HTTP 429"):
                one.complete(ASK)
        assert one.complete(ASK).text == "Hi."


def test_wrong_key_stops_the_whole_burst(client):
    with FakeEndpoint(mode="401", delay_s=0.05) as endpoint:
        answers = client(endpoint).complete_all([lambda: ASK] * 200)
        assert all(isinstance(answer, BackendError) for answer in answers)
        assert len(endpoint.requests) <= 2 * MAX_IN_FLIGHT


def test_clients_of_one_endpoint_share_the_breaker():
    limits = Limits(attempts=1, break_after=1, cool_down_s=60)
    with FakeEndpoint(mode="500") as endpoint:
        first, second = (open_endpoint(endpoint.spec, api_key=None, limits=limits) for _ in range(2))
        with pytest.raises(BackendError, match="HTTP 500"):
            first.complete(ASK)
        with pytest.raises(BackendError, match="left alone"):
            second.complete(ASK)
        first.close()
        second.close()


def test_new_server_on_the_port_of_a_faulty_one_starts_afresh():
    limits = Limits(attempts=1, break_after=1, cool_down_s=60)
    with FakeEndpoint(lambda request: "Hi.", mode="500", faults=1) as endpoint:
        first = open_endpoint(endpoint.spec, api_key=None, limits=limits)
        with pytest.raises(BackendError, match="HTTP 500"):
            first.complete(ASK)
        with FakeEndpoint():
            pass
        second = open_endpoint(endpoint.spec, api_key=None, limits=limits)
        assert second.complete(ASK).text == "Hi."
        first.close()
        second.close()


def test_works_in_a_thread_that_runs_an_event_loop(client):
    # Playwright's synchronous API leaves its caller inside a running loop.
    async def inside():
        with FakeEndpoint(lambda request: "Hi.") as endpoint:
            return client(endpoint).complete(ASK).text

    # In a thread of its own: a browser test that ran before in this process has left its loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, inside()).result() == "Hi."


def test_error_in_building_a_request_is_its_own_answer_only(client):
    def broken():
        raise ValueError("no picture")

    with FakeEndpoint(lambda request: "Hi.") as endpoint:
        answers = client(endpoint).complete_all([broken, lambda: ASK])
    assert isinstance(answers[0], BackendError) and "no picture" in str(answers[0])
    assert answers[1].text == "Hi."


def test_identity_is_what_stands_behind_the_name(client):
    with FakeEndpoint(root="/adapters/7") as endpoint:
        assert client(endpoint).identity() == "/adapters/7|"


def test_identity_of_an_endpoint_that_is_down_is_unknown(client):
    with FakeEndpoint() as endpoint:
        pass
    assert client(endpoint).identity() is None


def spec_of(*endpoints):
    return f"openai:fake-model@{','.join(endpoint.url for endpoint in endpoints)}"


@pytest.mark.parametrize("mode", ["500", "429", "401", "404", "truncated", "rubbish"])
def test_what_fails_at_one_endpoint_is_tried_at_the_next(mode):
    with FakeEndpoint(mode=mode) as first, FakeEndpoint(lambda request: "Hi.") as second:
        client = open_endpoint(spec_of(first, second), api_key=None, limits=PATIENT)
        answers = client.complete_all([lambda: ASK] * 20)
        client.close()
        expected = (
            "no chat completion" if mode == "rubbish" else "Hi."
        )  # nonsense is an answer, and not asked for twice
        assert all(expected in str(answer) or answer.text == expected for answer in answers)
        assert mode == "rubbish" or len(second.requests) == 20


def test_endpoint_that_is_down_is_left_alone_and_the_next_one_asked_at_once():
    with FakeEndpoint() as gone:
        pass
    with FakeEndpoint(lambda request: "Hi.") as second:
        limits = Limits(attempts=1, break_after=1, backoff_s=60)
        client = open_endpoint(spec_of(gone, second), api_key=None, limits=limits)
        started = time.monotonic()
        assert [client.complete(ASK).text for _ in range(3)] == ["Hi."] * 3
        assert time.monotonic() - started < 30  # no pause of 60 s before the next endpoint
        assert client.identity() == "/models/fake|"
        client.close()


def test_overloaded_endpoint_is_asked_less_at_a_time_until_all_is_answered(client):
    with FakeEndpoint(lambda request: "Hi.", capacity=6, delay_s=0.02) as endpoint:
        one = client(endpoint, Limits(attempts=9, backoff_s=0.03, break_after=100))
        answers = one.complete_all([lambda: ASK] * 80)
        assert [answer.text for answer in answers] == ["Hi."] * 80
        assert one.lines[0].pace.limit <= 16  # it began with 32


def test_request_that_takes_far_longer_than_the_others_is_sent_once_more(client):
    limits = Limits(hedge=Hedge(after_s=0.2, times=3), break_after=100)
    with FakeEndpoint(lambda request: "Hi.", slow=lambda number: 5.0 if number == 7 else 0.0) as endpoint:
        started = time.monotonic()
        answers = client(endpoint, limits).complete_all([lambda: ASK] * 20)
        assert [answer.text for answer in answers] == ["Hi."] * 20
        assert time.monotonic() - started < 4  # not the 5 s of the slow one
        assert len(endpoint.requests) == 21


def test_slow_endpoint_is_not_asked_twice(client):
    limits = Limits(hedge=Hedge(after_s=0.05, times=3), break_after=100)
    with FakeEndpoint(lambda request: "Hi.", delay_s=0.3) as endpoint:
        client(endpoint, limits).complete_all([lambda: ASK] * 20)
        assert len(endpoint.requests) == 20


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        'Let me think {hm}. \n{"a": 1}'.replace("{hm}", "hm"),
        'Sure: {"a": 1} done',
    ],
)
def test_json_is_found_in_chatter(text):
    assert json_answer(text) == {"a": 1}


@pytest.mark.parametrize("text", ["", "no", "[1]", '{"a": ', "{" * 100_000 + "}" * 100_000])
def test_answer_without_json_is_refused(text):
    with pytest.raises(BackendError, match="no JSON object"):
        json_answer(text)
