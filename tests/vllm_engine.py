"""The real vLLM on the CPU, in an environment of its own (`make build/vllm/ready`): what tests of serving talk to.

with engine(merged, "--enable-lora") as url:      # "http://127.0.0.1:41231/v1", up after about a minute
    httpx.post(f"{url}/chat/completions", json={"model": MODEL, …})
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PYTHON = Path(__file__).parents[1] / "build" / "vllm" / "bin" / "python"
MODEL = "served"
START_S = 900
_FLAGS = (
    *("--served-model-name", MODEL, "--dtype", "bfloat16", "--enforce-eager", "--max-model-len", "2048"),
    *("--max-num-seqs", "4", "--limit-mm-per-prompt", '{"image":1,"video":0}', "--host", "127.0.0.1"),
)
_ENVIRONMENT = {
    **{"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "HF_HUB_OFFLINE": "1"},
    **{"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"},
}


@contextmanager
def engine(model: Path, *flags: str) -> Iterator[str]:
    """Serve the checkpoint in a folder; yields the address of its API.

    Raises:
        RuntimeError: It did not come up; the end of its output is told.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Its `vllm` command looks for a distribution of another name.
    command = [
        PYTHON,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        model,
        *_FLAGS,
        "--port",
        str(port),
        *flags,
    ]
    log = model.parent / f"vllm-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=os.environ | _ENVIRONMENT, stdout=output, stderr=output)
    try:
        _wait_until_up(process, port, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise RuntimeError(
        f"vLLM did not come up (exit code {process.poll()}):\n{log.read_text('utf-8', 'replace')[-3000:]}"
    )
