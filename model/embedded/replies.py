"""How likely each answer to the decision prompt is: no free writing, but a number for every answer that fits the page.

    weighed = weigh(network, prompts, decision_prompt(request), marks=[1, 2, 3])
    weighed.chances()                                      -> {Head("act", 3): 0.91, Head("none"): 0.06, …}
    weighed.finish(Head("act", 3), ("click", "hover"))     -> Rest("click", None, -0.02)

Answers begin as in training, `{"outcome": "act", "mark": 3, "kind": …`. As ids they are a tree: the model is asked only
where it forks, and what hardly anything speaks for is not followed. The prompt is read once; each fork goes back to it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

import numpy as np

from magenta_qa.model.embedded.network import Network, Run, log_softmax
from magenta_qa.model.embedded.prompts import Prompts

Key = TypeVar("Key")

_HARDLY = 7.0
"""Logarithm by which a branch may be less likely than the best one and still be followed."""
_VALUE_TOKENS = 80
_ROOM = 160
"""Tokens of an answer at most, less its reason, which is not asked for."""


class Head(NamedTuple):
    """What an answer says first."""

    outcome: Literal["act", "done", "none"]
    mark: int | None = None

    @property
    def text(self) -> str:
        """As it is written, up to where the next word decides."""
        mark = "null" if self.mark is None else str(self.mark)
        return f'{{"outcome": "{self.outcome}", "mark": {mark}, "kind": {"null" if self.mark is None else ""}'.rstrip()


@dataclass(frozen=True, slots=True)
class Rest:
    """What an answer that acts says next."""

    kind: str
    value: str | None
    log: float
    """Logarithm of the kind's chance, given what comes before."""


def weigh(network: Network, prompts: Prompts, prompt: str, marks: Sequence[int]) -> "Weighed":
    """How likely each answer is.

    Args:
        network: The model.
        prompts: Its tokenizer.
        prompt: The decision prompt.
        marks: Those in it.

    Raises:
        ValueError: The prompt holds one of the model's own tokens.
    """
    heads = [Head("none"), Head("done"), *(Head("act", mark) for mark in marks)]
    ids = {head: prompts.ids(head.text) for head in heads}
    shared = _shared(list(ids.values()))
    encoded = prompts.encode_text(prompt, ids[heads[0]][:shared])
    run = network.begin([encoded], _ROOM)
    walk: _Walk[Head] = _Walk(run)
    walk.down({head: path[shared:] for head, path in ids.items()}, 0.0)
    return Weighed(walk.found, run, prompts, len(encoded) - shared)


def shares_of(logs: Mapping[Head, float], temperature: float) -> dict[Head, float]:
    """What share each answer has, all together one, from logarithms of their chances."""
    scaled: np.ndarray = np.array(list(logs.values())) / temperature
    shares = np.exp(scaled - scaled.max())
    return dict(zip(logs, (shares / shares.sum()).tolist(), strict=True))


class Weighed:
    """Answers with their weights, and the way on from each of them.

    Args:
        logs: Logarithms of the heads' chances.
        run: The prompt, read.
        prompts: The tokenizer.
        start: Tokens of the prompt alone.
    """

    def __init__(self, logs: Mapping[Head, float], run: Run, prompts: Prompts, start: int) -> None:
        self.logs, self._run, self._prompts, self._start = logs, run, prompts, start

    def chances(self, temperature: float = 1.0) -> dict[Head, float]:
        """What share each answer has, all together one."""
        return shares_of(self.logs, temperature)

    def finish(self, head: Head, kinds: Iterable[str]) -> Rest:
        """The most likely kind of action among these, and the value that is written with it.

        Args:
            head: An answer that acts.
            kinds: At least one.
        """
        written = self._feed(self._start, self._prompts.ids(head.text))
        tails = {kind: self._prompts.ids(f'{head.text} "{kind}", "value":')[len(written) :] for kind in kinds}
        walk: _Walk[str] = _Walk(self._run)
        walk.down(tails, 0.0)
        kind = max(walk.found, key=lambda each: walk.found[each])
        self._feed(self._start + len(written), tails[kind])
        value = self._value()
        return Rest(kind, value, walk.found[kind])

    def _feed(self, start: int, ids: Sequence[int]) -> Sequence[int]:
        """Go back, and go on with these."""
        self._run.go_back(start)
        for token in ids:
            self._run.step(np.array([token]))
        return ids

    def _value(self) -> str | None:
        """A JSON string or null, the most likely token each time; null where it never ends."""
        written: list[int] = []
        for _ in range(_VALUE_TOKENS):
            token = int(self._run.logits[0].argmax())
            written.append(token)
            text = self._prompts.decode(written)
            if text.rstrip().endswith(",") or "}" in text:
                try:
                    value, _ = json.JSONDecoder().raw_decode(text.strip())
                except ValueError:
                    pass
                else:
                    return value if isinstance(value, str) else None
            self._run.step(np.array([token]))
        return None


class _Walk(Generic[Key]):
    """Goes down the tree of answers; `found` has the logarithm of each one's chance."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.found: dict[Key, float] = {}
        self._best = -np.inf

    def down(self, paths: Mapping[Key, tuple[int, ...]], log: float) -> None:
        """Share `log` out among answers by their ids from here on; the run stands before the first of them."""
        if len(paths) == 1 or not all(paths.values()):
            self._settle(paths, log)
            return
        branches: dict[int, dict[Key, tuple[int, ...]]] = {}
        for answer, ids in paths.items():
            branches.setdefault(ids[0], {})[answer] = ids[1:]
        logs = log_softmax(self._run.logits[0]) if len(branches) > 1 else None
        shares = {token: log + (float(logs[token]) if logs is not None else 0.0) for token in branches}
        here = self._run.length
        for token in sorted(branches, key=lambda each: -shares[each]):
            if len(branches[token]) == 1 or shares[token] < self._best - _HARDLY:
                self._settle(branches[token], shares[token])
                continue
            self._run.go_back(here)
            self._run.step(np.array([token]))
            self.down(branches[token], shares[token])

    def _settle(self, paths: Mapping[Key, tuple[int, ...]], log: float) -> None:
        """No more is asked: all of these are as likely."""
        each = log - float(np.log(len(paths)))
        self.found |= dict.fromkeys(paths, each)
        self._best = max(self._best, each)


def _shared(paths: Sequence[Sequence[int]]) -> int:
    """How many ids all begin with."""
    count = 0
    while all(len(path) > count for path in paths) and len({path[count] for path in paths}) == 1:
        count += 1
    return count
