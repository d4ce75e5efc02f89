"""What `magenta serve` does with a vLLM process: swaps, waits, restarts. The process is fake_vllm.py; with the real one
the same is run by test_serve_vllm.py.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

for needed in ("starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(needed)

import httpx  # noqa: E402
from serving import ask, free_port, health, running, wait_until_ready  # noqa: E402

from magenta_qa.model.serving.asked import Bounds  # noqa: E402
from magenta_qa.model.serving.front import build_app  # noqa: E402
from magenta_qa.model.serving.profile import Plan, Target  # noqa: E402
from magenta_qa.model.serving.vllm import VllmBack  # noqa: E402

pytestmark = pytest.mark.slow
FAKE = Path(__file__).with_name("fake_vllm.py")


def plan(target):
    if target.base == "missing":
        return Plan((sys.executable, "-c", "raise SystemExit('no such model')"), {}, ())
    return Plan((sys.executable, str(FAKE), "--model", target.base), {}, ())


class Wanted:
    """What is to be served, as a registry says it."""

    def __init__(self, target):
        self.target = target

    def __call__(self):
        return self.target


@pytest.fixture
def served(tmp_path):
    wanted, told = Wanted(Target("base", Path("/adapters/one"), label="one")), []
    back = VllmBack(
        plan,
        wanted.target,
        name="magenta",
        log=tmp_path / "vllm.log",
        follow=wanted,
        every_s=0.1,
        say=told.append,
    )
    with running(build_app(back, Bounds(), None)) as url:
        wait_until_ready(url)
        yield url, wanted, back, told


def said(url):
    answer = ask(url)
    return answer.json()["choices"][0]["message"]["content"] if answer.status_code == 200 else answer.status_code


def until(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def during(url, change, until_said):
    """The answers of eight clients that ask all the time, before, while and after something is changed."""
    found, stop = [], threading.Event()

    def client(_):
        while not stop.is_set():
            found.append(said(url))

    with ThreadPoolExecutor(8) as pool:
        going_on = pool.map(client, range(8))
        try:
            until(lambda: len(found) >= 8)
            change()
            until(lambda: found[-1] == until_said)
        finally:
            stop.set()
        list(going_on)
    return set(found)


def test_adapter_is_swapped_while_requests_go_on(served):
    url, wanted, _, told = served
    two = Target("base", Path("/adapters/two"), label="two")
    answers = during(url, lambda: setattr(wanted, "target", two), "Served by /adapters/two.")
    assert answers == {"Served by /adapters/one.", "Served by /adapters/two."}
    assert said(url) == "Served by /adapters/two."
    until(lambda: loaded(url, served[2]) == ["/adapters/two"])
    assert "now serving two" in told


def loaded(url, back):
    return json.loads(httpx.get(f"{back._engine.url}/", trust_env=False).content)["adapters"]


def test_merged_model_is_swapped_while_requests_wait(served):
    url, wanted, _, _ = served
    answers = during(url, lambda: setattr(wanted, "target", Target("merged", label="two")), "Served by merged.")
    assert answers == {"Served by /adapters/one.", "Served by merged."}


@pytest.mark.parametrize("target", [Target("base", Path("/adapters/broken")), Target("missing")])
def test_what_cannot_be_served_leaves_the_one_before(served, target):
    url, wanted, _, told = served
    wanted.target = target
    until(lambda: any("cannot be served" in line for line in told))
    wanted.target = Target("base", Path("/adapters/one"), label="one")
    assert said(url) == "Served by /adapters/one."


def test_process_that_dies_is_started_anew(served):
    url, _, back, told = served
    os.killpg(back._engine._process.pid, signal.SIGKILL)
    until(lambda: health(url) != 200 or "anew" in " ".join(told))
    until(lambda: said(url) == "Served by /adapters/one.")
    assert any("starting it anew" in line for line in told)


def test_process_that_dies_in_the_middle_of_a_burst_leaves_nobody_without_an_answer(served):
    url, _, back, _ = served
    with ThreadPoolExecutor(12) as pool:
        burst = [pool.submit(said, url) for _ in range(12)]
        until(lambda: sum(back._using.values()))
        os.killpg(back._engine._process.pid, signal.SIGKILL)
        found = [one.result() for one in burst]
    assert set(found) <= {"Served by /adapters/one.", 503} and 503 in found
    until(lambda: said(url) == "Served by /adapters/one.")


def test_process_that_hangs_is_said_and_serves_on_when_it_wakes_up(monkeypatch, served):
    url, _, back, _ = served
    back._client.timeout = 0.5
    os.killpg(back._engine._process.pid, signal.SIGSTOP)
    try:
        assert said(url) == 504
    finally:
        os.killpg(back._engine._process.pid, signal.SIGCONT)
    until(lambda: said(url) == "Served by /adapters/one.")


def test_process_that_dies_over_its_adapter_is_said_and_started_anew(tmp_path):
    told = []
    target = Target("base", Path("/adapters/deadly"))
    back = VllmBack(plan, target, name="magenta", log=tmp_path / "vllm.log", say=told.append)
    with running(build_app(back, Bounds(), None)) as url:
        until(lambda: sum("did not load the adapter /adapters/deadly" in line for line in told) > 1)
        assert ask(url).status_code == 503


def test_process_that_does_not_start_is_said_and_answers_are_refused(tmp_path):
    told = []
    back = VllmBack(plan, Target("missing"), name="magenta", log=tmp_path / "vllm.log", say=told.append)
    with running(build_app(back, Bounds(), None)) as url:
        until(lambda: any("did not come up" in line for line in told))
        assert ask(url).status_code == 503
        assert health(url) == 503
    assert "no such model" in " ".join(told)


def test_kill_of_the_front_ends_vllm_and_its_workers_too(tmp_path):
    """A kill -9 leaves it no time to end anything itself."""
    python, worker = tmp_path / "python", tmp_path / "worker"
    (tmp_path / "config.json").write_text("{}")
    python.write_text(f'#!/bin/sh\nsleep 1000 & echo $! > {worker}\nexec {sys.executable} {FAKE} "$@"\n')
    python.chmod(0o755)
    port = free_port()
    given = ["--vllm", python, "--profile", "cpu", "--port", str(port), "--log", tmp_path / "vllm.log"]
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "serve", tmp_path, *given]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}")
        group = os.getpgid(int(worker.read_text()))
        assert len(members(group)) == 3  # the warden, vLLM, its worker
    finally:
        process.kill()
        process.wait()
    until(lambda: not members(group))


def members(group):
    """Processes of a group that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = entry.read_text().rsplit(")", 1)[1].split()
            found += [entry.parent.name] if int(fields[2]) == group and fields[0] != "Z" else []
    return found
