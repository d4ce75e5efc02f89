"""Behind the front: an exported model on the CPU, shared by all clients; what they ask at the same time is one burst.

    back = EmbeddedBack(read_files(Path("models/small")), name="magenta")

A thread of its own runs the model, so that the endpoint goes on taking requests meanwhile. `/v1/models` says which view
the model was trained on; this package's client then sends that one, whatever it is set to.
"""

import asyncio
import io
import json
import math
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from PIL import Image

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.closeup import CLOSEUP
from magenta_qa.model.embedded.files import ModelFiles
from magenta_qa.model.embedded.network import THREADS, Network
from magenta_qa.model.embedded.prompts import Prompt, Prompts
from magenta_qa.model.embedded.writing import BATCH, write
from magenta_qa.model.endpoint import PICTURES_ENTRY, VIEW_ENTRY
from magenta_qa.model.serving.asked import Asked, Refused
from magenta_qa.model.serving.gate import Gate
from magenta_qa.model.understand import MAX_TOKENS

_GATHER_S = 0.01
"""How long a question that comes alone waits for others of its page."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    prompt: Prompt
    most: int
    answer: "asyncio.Future[Completion]"


class EmbeddedBack:
    """One model.

    Args:
        files: The model's.
        name: What requests call it.
        threads: Of the model, at most.
    """

    def __init__(self, files: ModelFiles, name: str, threads: int = THREADS) -> None:
        self._files, self._name = files, name
        self._prompts, self._network = Prompts(files, MAX_TOKENS), Network(files, threads)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="magenta-read")
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._ready = self._stopping = False
        self._thread: threading.Thread | None = None
        self.bursts = self.answered = 0

    def models(self) -> list[dict[str, Any]]:
        """The one model, with its identity and its view."""
        entry = {"id": self._name, "object": "model", "owned_by": "magenta-qa", "root": self._files.identity}
        return [entry | {"parent": None, VIEW_ENTRY: asdict(CLOSEUP), PICTURES_ENTRY: True}]

    def ready(self) -> bool:
        """Whether the graphs are loaded."""
        return self._ready

    async def start(self, gate: Gate) -> None:
        """Load the graphs in the thread that will run them."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="magenta-model", daemon=True)
        self._thread.start()

    async def answer(self, asked: Asked) -> tuple[int, bytes]:
        """A chat completion.

        Raises:
            Refused: There is not exactly one picture, or it cannot be asked about.
        """
        if len(asked.pictures) != 1:
            raise Refused(400, "this model describes outlined elements: expected one picture and the question about it")
        loop = asyncio.get_running_loop()
        prompt = await loop.run_in_executor(self._readers, self._read, asked)
        waiting = _Waiting(prompt, min(asked.max_tokens, MAX_TOKENS), loop.create_future())
        with self._changed:
            self._waiting.append(waiting)
            self._changed.notify()
        return 200, self._body(asked, await waiting.answer)

    async def metrics(self) -> bytes:
        """How many bursts there were, and how many questions in them."""
        lines = ("bursts", self.bursts), ("answers", self.answered)
        return "".join(
            f"# TYPE magenta_{name} counter\nmagenta_{name}_total {value}\n" for name, value in lines
        ).encode()

    async def stop(self) -> None:
        """End the thread after its present burst."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._readers.shutdown(wait=False)

    def _read(self, asked: Asked) -> Prompt:
        try:
            with Image.open(io.BytesIO(asked.pictures[0])) as picture:
                return self._prompts.encode(picture.convert("RGB"), asked.text)
        except (ValueError, OSError) as error:
            raise Refused(400, f"it cannot be asked about: {error}") from error

    def _work(self) -> None:
        blank = self._prompts.encode(Image.new("RGB", (28, 28)), "")
        write(self._network, self._prompts.facts, self._prompts.decode, [blank], most=2)
        self._ready = True
        while burst := self._next():
            self._answer([one for one in burst if not one.answer.cancelled()])

    def _next(self) -> list[_Waiting]:
        """The questions that came first; none when it is to end."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            if len(self._waiting) < BATCH and not self._stopping:
                self._changed.wait_for(lambda: len(self._waiting) >= BATCH or self._stopping, _GATHER_S)
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _answer(self, burst: list[_Waiting]) -> None:
        try:
            said = write(
                self._network,
                self._prompts.facts,
                self._prompts.decode,
                [one.prompt for one in burst],
                most=max((one.most for one in burst), default=1),
            )
        except Exception as error:  # whatever ONNX Runtime raises: those who wait must hear of it
            for one in burst:
                self._loop.call_soon_threadsafe(_fail, one.answer, Refused(500, f"the model failed: {error}"))
            return
        self.bursts, self.answered = self.bursts + 1, self.answered + len(burst)
        for one, completion in zip(burst, said, strict=True):
            self._loop.call_soon_threadsafe(_give, one.answer, completion)

    def _body(self, asked: Asked, said: Completion) -> bytes:
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": said.text},
            "finish_reason": "stop" if said.complete else "length",
        }
        if asked.logprobs:
            # The mean of all tokens in the place of each.
            mean = math.log(max(said.confidence, 1e-9))
            choice["logprobs"] = {"content": [{"token": said.text, "logprob": mean, "top_logprobs": []}]}
        answer = {"id": "chatcmpl-magenta", "object": "chat.completion", "created": int(time.time())}
        return json.dumps(answer | {"model": self._name, "choices": [choice]}).encode()


def _give(future: "asyncio.Future[Completion]", said: Completion) -> None:
    if not future.done():
        future.set_result(said)


def _fail(future: "asyncio.Future[Completion]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
