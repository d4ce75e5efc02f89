"""`magenta serve` around an embedded model: answers, bursts, bounds, key, refusals, drain; and our own client."""

import asyncio
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

for needed in ("numpy", "onnx", "onnxruntime", "tokenizers", "starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(needed)

import httpx  # noqa: E402
from embedded_files import write_tiny  # noqa: E402
from serving import Saying, ask, png, request, running, wait_until_ready  # noqa: E402

from magenta_qa.model.closeup import CLOSEUP  # noqa: E402
from magenta_qa.model.embedded.files import read_files  # noqa: E402
from magenta_qa.model.endpoint import open_endpoint  # noqa: E402
from magenta_qa.model.schema import View  # noqa: E402
from magenta_qa.model.serving.asked import Bounds, Refused, read_request  # noqa: E402
from magenta_qa.model.serving.embedded import EmbeddedBack  # noqa: E402
from magenta_qa.model.serving.front import build_app  # noqa: E402
from magenta_qa.model.serving.gate import Gate  # noqa: E402
from magenta_qa.model.understand import EndpointAnswering  # noqa: E402

KEY = "s3cret"
BOUNDS = Bounds(body_bytes=200_000, picture_pixels=250_000, waiting=64)


@pytest.fixture(scope="module")
def back(tmp_path_factory):
    return EmbeddedBack(read_files(write_tiny(tmp_path_factory.mktemp("model") / "m")), "magenta", threads=1)


@pytest.fixture(scope="module")
def url(back):
    with running(build_app(back, BOUNDS, KEY)) as found:
        wait_until_ready(found)
        yield found


def test_answer_is_a_chat_completion_with_its_confidence(url):
    answer = ask(url, KEY, logprobs=True).json()
    choice = answer["choices"][0]
    assert answer["model"] == "magenta"
    assert choice["message"]["role"] == "assistant"
    assert choice["logprobs"]["content"][0]["logprob"] <= 0


def test_questions_of_a_page_are_answered_as_bursts_and_as_alone(url, back):
    texts = [f"What does item {number} do?" for number in range(24)]
    alone = [ask(url, KEY, text=text).json()["choices"][0]["message"] for text in texts[:3]]
    before = back.bursts
    with ThreadPoolExecutor(24) as pool:
        together = list(pool.map(lambda text: ask(url, KEY, text=text).json()["choices"][0]["message"], texts))
    assert together[:3] == alone
    assert back.bursts - before <= 12


def test_models_say_which_view_the_model_was_trained_on_and_the_client_sends_that_one(url):
    client = open_endpoint(f"openai:magenta@{url}", api_key=KEY)
    assert EndpointAnswering(client, View("page")).view == CLOSEUP
    assert client.identity() not in ("", None)
    client.close()


def test_metrics_count_requests_by_status(url):
    ask(url, "wrong")
    ask(url, KEY)
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    assert 'magenta_requests_total{status="401"}' in text
    assert 'magenta_requests_total{status="200"}' in text
    assert "magenta_bursts_total" in text


def test_metrics_count_nobody_inside_after_a_refusal(url):
    assert ask(url, KEY, max_tokens=10**6).status_code == 400
    assert "magenta_requests_inside 0.0" in httpx.get(f"{url}/metrics", trust_env=False).text


REFUSED = {
    "no key": (401, {"key": None}, "API key"),
    "wrong key": (401, {"key": "no"}, "API key"),
    "wrong model": (404, {"model": "other"}, "expected one of magenta"),
    "no JSON": (400, {"json": ["x"]}, "expected|valid dictionary|valid"),
    "no picture": (400, {"json": {"model": "magenta", "messages": [{"role": "user", "content": "Hi"}]}}, "one picture"),
    "picture to be fetched": (400, {"url": "http://169.254.169.254/x.png"}, "expected data:image"),
    "what is no picture": (400, {"picture": b"GIF89a nonsense"}, "cannot be read"),
    "oversized picture": (413, {"picture": png((600, 600))}, "600×600 pixels"),
    "oversized request": (413, {"text": "x" * 300_000}, "longer than"),
    "stream": (400, {"stream": True}, "stream"),
    "many tokens": (400, {"max_tokens": 10**6}, "max_tokens"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusal_says_what_was_wrong(url, what):
    status, more, message = REFUSED[what]
    more = {"key": KEY} | more
    if address := more.pop("url", None):
        body = request()
        body["messages"][0]["content"][0]["image_url"]["url"] = address
        more["json"] = body
    answer = ask(url, **more)
    assert answer.status_code == status, answer.text
    assert re.search(message, answer.json()["error"]["message"])


def test_full_endpoint_says_when_to_come_again():
    with running(build_app(Saying(seconds=2), Bounds(waiting=4), None)) as url:
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: ask(url), range(12)))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 4 + [429] * 8
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_requests_that_are_inside_are_answered_before_the_endpoint_ends():
    back, found = Saying(seconds=0.6), []
    with running(build_app(back, Bounds(), None)) as url:
        threads = [threading.Thread(target=lambda: found.append(ask(url).status_code)) for _ in range(3)]
        for thread in threads:
            thread.start()
        while back.gate.inside < 3:
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert found == [200] * 3 and back.stopped


def test_work_for_a_client_that_has_given_up_is_given_up():
    back = Saying(seconds=60)
    with running(build_app(back, Bounds(), None)) as url:
        with pytest.raises(httpx.ReadTimeout):
            ask(url, timeout=0.5)
        deadline = time.monotonic() + 20
        while back.gate.inside:
            assert time.monotonic() < deadline, "it is worked on"
            time.sleep(0.05)
        assert 'status="499"} 1.0' in httpx.get(f"{url}/metrics", trust_env=False).text


def test_gate_lets_those_inside_end_before_a_swap_and_those_that_come_wait():
    async def scene():
        gate, told = Gate(3), []

        async def client(name, seconds):
            async with gate.enter():
                await asyncio.sleep(seconds)
                told.append(name)

        first = asyncio.create_task(client("first", 0.05))
        await asyncio.sleep(0.01)
        async with gate.paused():
            told.append("swap")
            second = asyncio.create_task(client("second", 0))
            await asyncio.sleep(0.03)
            assert gate.inside == 1
        await asyncio.gather(first, second)
        return told

    assert asyncio.run(scene()) == ["first", "swap", "second"]


class Swapping(Saying):
    """Begins with a swap, in which the process that has answered so far ends."""

    def __init__(self):
        super().__init__()
        self.began = threading.Event()

    async def start(self, gate):
        await super().start(gate)
        self.task = asyncio.get_running_loop().create_task(self.swap())

    async def swap(self):
        async with self.gate.paused():
            self.is_ready = False
            self.began.set()
            await asyncio.sleep(0.3)
            self.is_ready = True


def test_request_that_comes_while_a_model_is_swapped_waits_for_the_new_one():
    back = Swapping()
    with running(build_app(back, Bounds(), None)) as url:
        assert back.began.wait(10)
        assert ask(url).status_code == 200


def test_gate_refuses_beyond_its_bound():
    async def scene():
        gate = Gate(1)
        async with gate.enter():
            with pytest.raises(Refused) as refused:
                async with gate.enter():
                    pass
        return refused.value.status

    assert asyncio.run(scene()) == 429


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"model": 1}', b'{"model": "m", "messages": []}', b"\xff"]
)
def test_body_that_is_no_request_is_refused(body):
    with pytest.raises(Refused) as refused:
        read_request(body, Bounds(), {"m"})
    assert refused.value.status == 400


def test_nothing_of_a_picture_is_decoded_to_learn_its_size():
    with pytest.raises(Refused, match="pixels"):
        read_request(json.dumps(request(picture=png((900, 900)))).encode(), Bounds(picture_pixels=1000), {"magenta"})
