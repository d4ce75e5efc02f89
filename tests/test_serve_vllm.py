"""`magenta serve` in front of the real vLLM (tests/vllm_engine.py), tiny random weights: the demo suite's requests,
LoRA by name, swaps, faults. Takes some minutes; `make test-serve` runs it.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")
for needed in ("transformers", "starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(needed)

import httpx  # noqa: E402
from serving import ask, free_port, health, png  # noqa: E402
from vllm_engine import PYTHON  # noqa: E402

from magenta_qa.model.endpoint import open_endpoint  # noqa: E402
from magenta_qa.model.line import Limits  # noqa: E402
from magenta_qa.model.minicpmv.adapters import fingerprint  # noqa: E402
from magenta_qa.model.minicpmv.families import family_of  # noqa: E402
from magenta_qa.model.minicpmv.random_models import write_checkpoint  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(not PYTHON.exists(), reason="no vLLM: make test-serve installs it (6 GB)"),
]

KEY = "a-key"
UP_S = 900
MAGENTA = [sys.executable, "-m", "magenta_qa.agent.cli"]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_checkpoint("MiniCPM-V-4.6", tmp_path_factory.mktemp("served") / "base", dtype=torch.bfloat16)


@pytest.fixture(scope="module")
def registry(base):
    """Two adapters that answer differently, and one of another base."""
    folder = base.parent / "adapters"
    for number in (1, 2):
        write_adapter(base, folder / f"a{number}", number)
    other = write_adapter(base, folder / "other", 3) / "run.json"
    other.write_text(other.read_text().replace(fingerprint(base), "0" * 16))
    promote(folder, "a1")
    return folder


def write_adapter(base, folder, seed):
    model = family_of(base).load_model(base, torch.float32)
    torch.manual_seed(seed)
    targets = family_of(base).lora_targets(model)
    config = peft.LoraConfig(r=4, lora_alpha=64, target_modules=targets, init_lora_weights=False)
    peft.get_peft_model(model, config).save_pretrained(folder)
    record = {"path": str(base), "family": "MiniCPM-V-4.6", "fingerprint": fingerprint(base)}
    run = {"v": 1, "status": "done", "started_at": f"2026-11-2{seed}T00:00:00Z", "base": record, "data": {"path": "x"}}
    (folder / "run.json").write_text(json.dumps(run))
    return folder


def promote(folder, name):
    event = {"at": "2026-11-26T00:00:00Z", "action": "promote", "name": name, "why": ""}
    (folder / "promoted.json").write_text(json.dumps({"v": 1, "events": [event]}))


@contextmanager
def served(folder, *arguments):
    """`magenta serve` as a process; yields its address and the process."""
    port = free_port()
    given = ["serve", *arguments, "--profile", "cpu", "--vllm", str(PYTHON), "--port", str(port)]
    log = folder / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*MAGENTA, *given, "--log", str(folder / "vllm.log")],
            env=os.environ | {"MAGENTA_API_KEY": KEY},
            stdout=output,
            stderr=output,
        )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def wait_until(what, seconds=UP_S):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def endpoint(registry):
    with served(registry.parent, "--registry", str(registry), "--follow", "2") as (url, process):
        wait_until(lambda: health(url) in (200, 503))
        assert ask(url, KEY).status_code == 503  # it says so while vLLM is loading
        wait_until(lambda: health(url) == 200)
        yield url, process


def said(url, text="What does it do?"):
    answer = ask(url, KEY, text=text, temperature=0, max_tokens=8)
    assert answer.status_code == 200, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def counted(url, name="vllm:request_success_total"):
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + "{"))


def test_client_gets_a_burst_answered_and_vllm_counts_it(endpoint):
    url, _ = endpoint
    before = counted(url)
    client = open_endpoint(f"openai:magenta@{url}", api_key=KEY, limits=Limits(timeout_s=110, budget_s=500))
    body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
    answers = client.complete_all([lambda: body] * 8)
    client.close()
    assert [type(answer).__name__ for answer in answers] == ["Completion"] * 8
    assert counted(url) - before == 8


def test_demo_suite_describes_through_vllm_and_passes(endpoint, tmp_path):
    url, _ = endpoint
    before = counted(url)
    environment = os.environ | {"MAGENTA_UNDERSTANDING": f"openai:magenta@{url}", "MAGENTA_API_KEY": KEY}
    done = subprocess.run(
        [*MAGENTA, "demo", "--magenta-replay", "false", "-k", "cart or address or search", "-q"],
        cwd=tmp_path,
        env=environment | {"MAGENTA_DESCRIBE_TIMEOUT": "300s"},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"[1-9]\d* passed", done.stdout)
    assert counted(url) > before


def test_promoted_adapter_is_swapped_without_losing_a_request(endpoint, registry):
    url, _ = endpoint
    before = said(url)
    with ThreadPoolExecutor(3) as pool:
        going_on = pool.map(lambda _: [ask(url, KEY, max_tokens=8).status_code for _ in range(4)], range(3))
        promote(registry, "a2")
        wait_until(lambda: parent(url).endswith("a2"), 300)
        assert [status for found in going_on for status in found] == [200] * 12
    assert said(url) != before


def parent(url):
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.get(f"{url}/v1/models", headers=headers, trust_env=False).json()["data"][0]["parent"]


@pytest.mark.parametrize("name", ["other", "missing"])
def test_adapter_of_another_base_is_not_served_and_the_one_before_goes_on(endpoint, registry, name):
    url, _ = endpoint
    before = parent(url)
    promote(registry, name)
    time.sleep(8)
    assert parent(url) == before
    assert said(url)
    promote(registry, Path(before).name)


@pytest.mark.parametrize(
    ("more", "expected"),
    [({"model": "other"}, 404), ({"picture": png((3000, 3000))}, 413), ({"max_tokens": 10**6}, 400)],
)
def test_refusals_are_the_endpoints_own(endpoint, more, expected):
    url, _ = endpoint
    assert ask(url, KEY, **more).status_code == expected
    assert ask(url, "wrong").status_code == 401


def test_vllm_that_dies_in_a_burst_is_started_anew_and_meanwhile_said_to_be_away(endpoint):
    url, process = endpoint
    (engine,) = [pid for pid in children(process.pid) if b"api_server" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    with ThreadPoolExecutor(12) as pool:
        burst = [pool.submit(ask, url, KEY, max_tokens=64) for _ in range(12)]
        wait_until(lambda: inside(url) >= 8, 60)
        os.killpg(engine, signal.SIGKILL)
        assert {one.result().status_code for one in burst} <= {200, 503}
    wait_until(lambda: health(url) == 503, 60)
    assert ask(url, KEY).status_code == 503
    wait_until(lambda: health(url) == 200)
    assert said(url)


def inside(url):
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return float(re.search(r"^magenta_requests_inside ([\d.]+)", text, re.MULTILINE)[1])


def children(pid):
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return found
