"""A `magenta serve` endpoint in a thread of the test, and questions to it.

with running(build_app(back, Bounds(), api_key=None)) as url:      # "http://127.0.0.1:41231"
    ask(url)                                                       # an httpx.Response
"""

import asyncio
import io
import json
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import uvicorn
from PIL import Image

from magenta_qa.model.endpoint import picture_part


@contextmanager
def running(app):
    """Serve the application on a free port; ends it as SIGTERM would."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=10))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(20)


class Saying:
    """Stands behind the front and says always the same, `seconds` after it was asked."""

    def __init__(self, text="Hi there.", seconds=0.0):
        self.text, self.seconds, self.is_ready, self.stopped = text, seconds, True, False

    def models(self):
        return [{"id": "magenta", "object": "model"}]

    def ready(self):
        return self.is_ready

    async def start(self, gate):
        self.gate = gate

    async def answer(self, asked):
        assert not self.stopped
        await asyncio.sleep(self.seconds)
        return 200, json.dumps({"choices": [{"message": {"content": self.text}}]}).encode()

    async def metrics(self):
        return b""

    async def stop(self):
        self.stopped = True


def health(url):
    """The status of /health; 0 while nobody is there."""
    try:
        return httpx.get(f"{url}/health", trust_env=False).status_code
    except httpx.TransportError:
        return 0


def wait_until_ready(url, seconds=60):
    """Return when /health says 200."""
    deadline = time.monotonic() + seconds
    while health(url) != 200:
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(0.05)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def png(size=(56, 56), shade=90):
    """A picture."""
    content = io.BytesIO()
    Image.new("RGB", size, (shade, 120, 200)).save(content, "PNG")
    return content.getvalue()


def request(text="What does it do?", picture=None, model="magenta", **more):
    """A chat request with one picture."""
    content = [picture_part(picture or png()), {"type": "text", "text": text}]
    return {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": 8} | more


def ask(url, key=None, timeout=150, **more):
    """Post one."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    body = more.pop("json", None) or request(**more)
    return httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=timeout, trust_env=False)
