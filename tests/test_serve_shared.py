"""Two pytest-xdist workers and the shipped model: `magenta serve` and the demo suite against it."""

import os
import re
import subprocess
import sys

import pytest

for needed in ("numpy", "onnx", "onnxruntime", "tokenizers", "starlette", "uvicorn", "prometheus_client", "xdist"):
    pytest.importorskip(needed)

import httpx  # noqa: E402
from serving import free_port, wait_until_ready  # noqa: E402

pytestmark = pytest.mark.slow
MAGENTA = [sys.executable, "-m", "magenta_qa.agent.cli"]


def test_two_workers_share_one_model_and_pass(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([*MAGENTA, "serve", "--port", str(port)])
    try:
        wait_until_ready(url, 300)
        done = subprocess.run(
            [*MAGENTA, "demo", "-n", "2", "--magenta-replay", "false", "-k", "cart or address or search", "-q"],
            cwd=tmp_path,
            env=os.environ | {"MAGENTA_UNDERSTANDING": f"openai:magenta@{url}"},
            capture_output=True,
            text=True,
            timeout=500,
        )
        metrics = httpx.get(f"{url}/metrics", trust_env=False).text
    finally:
        process.terminate()
        assert process.wait(60) in (0, -15)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"[1-9]\d* passed", done.stdout)
    answers, bursts = (number(metrics, name) for name in ("magenta_answers_total", "magenta_bursts_total"))
    assert answers >= bursts > 0
    assert number(metrics, 'magenta_requests_total{status="200"}') >= answers
    assert 'status="5' not in metrics


def number(metrics, name):
    return float(re.search(rf"^{re.escape(name)} ([\d.e+]+)", metrics, re.MULTILINE)[1])
