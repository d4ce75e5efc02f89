"""Many clients at once against `magenta serve` on the CPU: what was served, how long it took, and whether memory grows.

    python tests/bench/bench_load.py                                   # 200 clients for two minutes
    python tests/bench/bench_load.py --model embedded:models/small --clients 20 --seconds 20

Each client asks about one outlined element after another, without a pause; told to come again (429), it waits as long
as Retry-After says. The server is a process of its own, as teams start it, with the shipped model unless another one is
named. Clients share the processor with the server, so that times are worse than between two machines.
Exit code 1 if less than 95 % of what was accepted was answered, or anything but 200 and 429 came back.
"""

import argparse
import asyncio
import collections
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import checkout  # noqa: F401
import httpx
import numpy as np
from PIL import Image

from magenta_qa.model.closeup import PICTURE_PX
from magenta_qa.model.endpoint import picture_part
from magenta_qa.model.outline import draw_outline
from magenta_qa.model.picture import encode_png
from magenta_qa.model.prompt import IMAGE_TOKEN, understanding_prompt

LEAST_SERVED = 0.95
QUESTIONS = 64


def main() -> int:
    """Run and print; returns the exit code."""
    options = _options()
    with _server(options.model, options.waiting) as (url, process):
        load = Load(url, _questions())
        memory = asyncio.run(load.run(options.clients, options.seconds, process.pid))
    return _print(load, memory, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="embedded", help="what is served (embedded)")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--waiting", type=int, default=64, help="requests that the endpoint lets in")
    return parser.parse_args()


@contextmanager
def _server(model: str, waiting: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = "import checkout; from magenta_qa.agent.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", model, "--port", str(port)]
    command += ["--waiting", str(waiting)]
    process = subprocess.Popen(command, cwd=Path(__file__).parent)
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                if httpx.get(f"{url}/health", trust_env=False).is_success:
                    break
            except httpx.TransportError:
                assert process.poll() is None, "the endpoint did not start"
            time.sleep(0.2)
        yield url, process
    finally:
        process.terminate()
        process.wait(60)


def _questions() -> list[dict[str, object]]:
    random = np.random.default_rng(0)
    found = []
    for number in range(QUESTIONS):
        blocks = random.integers(0, 255, (PICTURE_PX // 8, PICTURE_PX // 8, 3), np.uint8)
        picture = Image.fromarray(blocks).resize((PICTURE_PX, PICTURE_PX), Image.Resampling.NEAREST)
        draw_outline(picture, (60, 80, 160, 120))
        html = " ".join(f"<li>{random.integers(1000)}</li>" for _ in range(20))
        text = understanding_prompt("click", "button", f"Item {number}", html).removeprefix(IMAGE_TOKEN)
        content = [picture_part(encode_png(picture)), {"type": "text", "text": text}]
        found.append({"model": "magenta", "messages": [{"role": "user", "content": content}], "max_tokens": 20})
    return found


class Load:
    """Clients and what they saw.

    Args:
        url: The endpoint's.
        questions: What is asked, in turns.
    """

    def __init__(self, url: str, questions: list[dict[str, object]]) -> None:
        self._url, self._questions = f"{url}/v1/chat/completions", questions
        self.statuses: collections.Counter[int | str] = collections.Counter()
        self.seconds: list[float] = []
        self.hinted = 0

    async def run(self, clients: int, seconds: float, pid: int) -> list[float]:
        """Let clients ask for so long; returns the server's memory, MB, each second."""
        memory: list[float] = []
        limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
        async with httpx.AsyncClient(timeout=120, limits=limits, trust_env=False) as client:
            until = time.monotonic() + seconds
            asking = [asyncio.create_task(self._client(client, number, until)) for number in range(clients)]
            while time.monotonic() < until:
                memory.append(_resident_mb(pid))
                await asyncio.sleep(1)
            await asyncio.gather(*asking)
        return memory

    async def _client(self, client: httpx.AsyncClient, number: int, until: float) -> None:
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                response = await client.post(self._url, json=self._questions[number % QUESTIONS])
            except httpx.HTTPError as error:
                self.statuses[type(error).__name__] += 1
                continue
            self.statuses[response.status_code] += 1
            if response.status_code == 200:
                assert response.json()["choices"][0]["message"]["role"] == "assistant"
                self.seconds.append(time.monotonic() - began)
            elif response.status_code == 429:
                self.hinted += "Retry-After" in response.headers
                await asyncio.sleep(min(float(response.headers["Retry-After"]), max(0.0, until - time.monotonic())))


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


def _print(load: Load, memory: list[float], options: argparse.Namespace) -> int:
    served, refused = load.statuses[200], load.statuses[429]
    other = sum(load.statuses.values()) - served - refused
    share = served / (served + other) if served + other else 0.0
    print(f"{options.clients} clients, {options.seconds:.0f} s, {options.waiting} let in: {dict(load.statuses)}")
    pace = served / options.seconds
    print(f"of {served + other} accepted {share:.1%} were answered (bar {LEAST_SERVED:.0%}), {pace:.1f} a second")
    print(f"{refused} were told to come again, {load.hinted} of them when")
    if served > 1:
        cuts = statistics.quantiles(load.seconds, n=20)
        print(f"an answer took {cuts[9]:.1f} s (p50), {cuts[18]:.1f} s (p95)")
    quarter = max(1, len(memory) // 4)
    second, last = (statistics.median(part) for part in (memory[quarter : 2 * quarter], memory[-quarter:]))
    print(f"memory: {second:.0f} MB in the second quarter, {last:.0f} MB in the last ({last / second:.2f}×)")
    return 0 if share >= LEAST_SERVED and not other else 1


if __name__ == "__main__":
    sys.exit(main())
