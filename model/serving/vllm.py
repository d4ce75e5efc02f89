"""Behind the front: a vLLM process of our own, watched and started anew when it dies; its adapter or model swapped.

    back = VllmBack(plan_of, target, log=Path("vllm.log"))
    await back.swap(other)

An adapter is swapped while requests go on: the new one is loaded under a name of its own, new requests get it, and the
old one goes when its last request is answered. Another checkpoint needs another process: requests that are inside end,
those that come wait in the queue, then the new one starts.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from magenta_qa.model.endpoint import picture_part
from magenta_qa.model.errors import BackendError
from magenta_qa.model.picture import encode_png
from magenta_qa.model.serving.asked import Asked, Refused
from magenta_qa.model.serving.gate import Gate
from magenta_qa.model.serving.profile import Plan, Target

START_S = 900
"""Loading 8 B weights and capturing graphs takes minutes."""
STOP_S = 60
ANSWER_S = 120
_LOOK_S = 0.5
_WARDEN = (sys.executable, "-P", "-m", "magenta_qa.model.serving.warden")
"""Runs before vLLM, which it ends when this process is killed."""
_SHOWN = 2000


class Engine:
    """One vLLM process.

    Args:
        plan: Its command.
        log: What it prints is appended there.
    """

    def __init__(self, plan: Plan, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url, self._log = f"http://127.0.0.1:{port}", log
        command = [*_WARDEN, *plan.command, "--host", "127.0.0.1", "--port", str(port)]
        environment = os.environ | plan.environment
        with log.open("ab") as output:
            # A group of its own: Ctrl-C is for the front, which lets requests end first.
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    async def wait_until_up(self, client: httpx.AsyncClient) -> None:
        """Return when it answers.

        Raises:
            BackendError: It ended, or took too long; the end of what it printed is told.
        """
        deadline = asyncio.get_running_loop().time() + START_S
        while self.alive and asyncio.get_running_loop().time() < deadline:
            with suppress(httpx.TransportError):
                if (await client.get(f"{self.url}/health", timeout=5)).is_success:
                    return
            await asyncio.sleep(_LOOK_S)
        printed = self._log.read_text("utf-8", "replace")[-_SHOWN:]
        raise BackendError(f"vLLM did not come up (exit code {self._process.poll()}); see {self._log}: …{printed}")

    async def stop(self) -> None:
        """End the process and its workers."""
        if self.alive:
            os.killpg(self._process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, STOP_S)
        with suppress(ProcessLookupError):  # workers outlive a vLLM that was killed
            os.killpg(self._process.pid, signal.SIGKILL)
        with self._process:
            pass


class VllmBack:
    """vLLM and what it serves.

    Args:
        plan: Makes the command for a target.
        target: What is served first.
        name: What requests call it.
        log: What vLLM prints.
        follow: Asked every `every_s` seconds what is to be served; None to stay.
        say: Told of starts, swaps and faults.
    """

    def __init__(
        self,
        plan: Callable[[Target], Plan],
        target: Target,
        *,
        name: str,
        log: Path,
        follow: Callable[[], Target] | None = None,
        every_s: float = 60.0,
        say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),
    ) -> None:
        self._plan, self.target, self._name, self._log = plan, target, name, log
        self._follow, self._every_s, self._say = follow, every_s, say
        self._engine: Engine | None = None
        self._ready = False
        self._served = name
        self._number = 0
        self._using: Counter[str] = Counter()
        self._swapping = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def models(self) -> list[dict[str, Any]]:
        """What is served, with the adapter that stands behind the name."""
        root = f"{self.target.base}@{self.target.revision or 'here'}"
        parent = str(self.target.adapter) if self.target.adapter else None
        return [{"id": self._name, "object": "model", "owned_by": "magenta-qa", "root": root, "parent": parent}]

    def ready(self) -> bool:
        """Whether vLLM answers."""
        return self._ready and self._engine is not None and self._engine.alive

    async def start(self, gate: Gate) -> None:
        """Start vLLM, and the tasks that watch it and what is to be served."""
        self._gate = gate
        self._client = httpx.AsyncClient(timeout=ANSWER_S, trust_env=False, limits=httpx.Limits(max_connections=1000))
        self._tasks.append(asyncio.create_task(self._watch()))
        if self._follow is not None:
            self._tasks.append(asyncio.create_task(self._follow_on()))

    async def answer(self, asked: Asked) -> tuple[int, bytes]:
        """What vLLM answers.

        Raises:
            Refused: It cannot be reached, or did not answer in time.
        """
        if self._engine is None or not self.ready():
            raise Refused(503, "vLLM is being started; come again when /health says 200", 5)
        served = self._served
        self._using[served] += 1
        try:
            body = asked.body | {"model": served}
            response = await self._client.post(f"{self._engine.url}/v1/chat/completions", json=body)
        except httpx.TimeoutException as error:
            raise Refused(504, f"vLLM did not answer within {ANSWER_S} s") from error
        except httpx.TransportError as error:
            raise Refused(503, f"vLLM cannot be reached ({type(error).__name__}); it is started anew", 5) from error
        finally:
            self._using[served] -= 1
        return response.status_code, response.content

    async def metrics(self) -> bytes:
        """vLLM's own."""
        if self._engine is None or not self.ready():
            return b""
        try:
            return (await self._client.get(f"{self._engine.url}/metrics", timeout=5)).content
        except httpx.TransportError:
            return b""

    async def stop(self) -> None:
        """End vLLM."""
        self._ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._engine is not None:
            await self._engine.stop()
        await self._client.aclose()

    async def swap(self, target: Target) -> None:
        """Serve another adapter or checkpoint.

        Raises:
            BackendError: It cannot be; what was served before is served on.
        """
        async with self._swapping:
            if target == self.target:
                return
            if target.adapter is not None and self.target.adapter is not None and _base(target) == _base(self.target):
                await self._swap_adapter(target)
            else:
                await self._swap_model(target)
            self._say(f"now serving {target.label or target.base}")

    async def _swap_adapter(self, target: Target) -> None:
        before = self._served
        served = await self._load(target)
        self.target, self._served = target, served
        while self._using[before]:
            await asyncio.sleep(_LOOK_S / 10)
        assert self._engine is not None
        await self._client.post(f"{self._engine.url}/v1/unload_lora_adapter", json={"lora_name": before})

    async def _swap_model(self, target: Target) -> None:
        before = self.target
        async with self._gate.paused():
            if self._engine is not None:
                await self._engine.stop()
            try:
                await self._bring_up(target)
            except BackendError as error:
                self._say(f"{error}; going back to {before.label or before.base}")
                await self._bring_up(before)
                raise

    async def _bring_up(self, target: Target) -> None:
        self._engine = Engine(self._plan(target), self._log)
        self._say(f"starting vLLM for {target.label or target.base}; it prints to {self._log}")
        try:
            await self._engine.wait_until_up(self._client)
            self._served = await self._load(target) if target.adapter is not None else self._name
            await self._warm_up()
        except BackendError:
            await self._engine.stop()
            raise
        self.target, self._ready = target, True

    async def _warm_up(self) -> None:
        """Ask once: what vLLM compiles for its first request takes up to minutes, which no client should wait for."""
        assert self._engine is not None
        content = [picture_part(encode_png(Image.new("RGB", (448, 448)))), {"type": "text", "text": "What is it?"}]
        body = {"model": self._served, "messages": [{"role": "user", "content": content}], "max_tokens": 2}
        try:
            await self._client.post(f"{self._engine.url}/v1/chat/completions", json=body, timeout=START_S)
        except httpx.TransportError as error:
            raise BackendError(
                f"vLLM did not answer its first request ({type(error).__name__}); see {self._log}"
            ) from error

    async def _load(self, target: Target) -> str:
        """Load the target's adapter under a new name."""
        assert self._engine is not None
        self._number += 1
        served = f"{self._name}.{self._number}"
        body = {"lora_name": served, "lora_path": str(target.adapter)}
        try:
            response = await self._client.post(f"{self._engine.url}/v1/load_lora_adapter", json=body)
        except httpx.TransportError as error:
            raise BackendError(
                f"vLLM did not load the adapter {target.adapter} ({type(error).__name__}); see {self._log}"
            ) from error
        if not response.is_success:
            raise BackendError(f"vLLM does not load the adapter {target.adapter}: {response.text[:300]}")
        return served

    async def _watch(self) -> None:
        """Start vLLM, and again whenever it has died."""
        pause_s = 1.0
        while True:
            async with self._swapping:
                if self._engine is None or not self._engine.alive:
                    if self._engine is not None:
                        await self._engine.stop()
                    if self._ready:
                        self._say("vLLM has ended; starting it anew")
                    self._ready = False
                    try:
                        await self._bring_up(self.target)
                        pause_s = 1.0
                        self._say(f"ready: {self._name} is {self.target.label or self.target.base}")
                    except BackendError as error:
                        self._say(str(error))
                        pause_s = min(2 * pause_s, 60.0)
            await asyncio.sleep(pause_s)

    async def _follow_on(self) -> None:
        """Serve what is to be served, whenever that changes."""
        assert self._follow is not None
        while True:
            await asyncio.sleep(self._every_s)
            try:
                wanted = await asyncio.to_thread(self._follow)
                if self._ready:
                    await self.swap(wanted)
            except Exception as error:  # a registry that cannot be read now may be read later
                self._say(f"what is promoted cannot be served: {error}; {self.target.label} is served on")


def _base(target: Target) -> tuple[str, str | None]:
    return target.base, target.revision
