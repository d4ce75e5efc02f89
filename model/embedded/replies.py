"""How likely each answer to the decision prompt is: no free writing, but a number for every answer that fits the page.

    weighed = weigh(network, prompts, decision_prompt(request))
    weighed.chances()                                      -> {Head("act", 3): 0.91, Head("none"): 0.06, …}
    weighed.finish(Head("act", 3), ("click", "hover"))     -> Rest("click", None, -0.02)

The model is asked about each candidate by itself, all of them in batches: is this what the step asks for? So it was
trained; a model this small does not find one in a list of fifty. Odds of all candidates and of none are then shares.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from magenta_qa.model.embedded.network import Network, Run, log_softmax
from magenta_qa.model.embedded.prompts import Prompts
from magenta_qa.model.prompt import single_prompts

BATCH = 16
"""Candidates in one pass."""
_LEAST = 1e-6
_HARDLY = 7.0
"""Logarithm by which a branch may be less likely than the best one and still be followed."""
_VALUE_TOKENS = 80
_ROOM = 160
"""Tokens of an answer at most; its reason is not asked for."""


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


def weigh(network: Network, prompts: Prompts, prompt: str) -> "Weighed":
    """How likely each answer is.

    Args:
        network: The model.
        prompts: Its tokenizer.
        prompt: The decision prompt.

    Raises:
        ValueError: The prompt holds one of the model's own tokens, or is longer than the model can read.
    """
    singles = single_prompts(prompt)
    begun, (acts, done, none) = _fork(prompts)
    encoded = {mark: prompts.encode_text(text, begun) for mark, text in singles.items()}
    order = sorted(encoded, key=lambda mark: len(encoded[mark]))
    logs: dict[Head, float] = {Head("none"): 0.0}
    ended: list[float] = []
    for start in range(0, len(order), BATCH):
        marks = order[start : start + BATCH]
        run = network.begin([encoded[mark] for mark in marks], 0)
        chances = log_softmax(run.logits[:, [acts, done, none]])
        logs |= {Head("act", m): float(c[0] - np.logaddexp(c[1], c[2])) for m, c in zip(marks, chances, strict=True)}
        ended += np.exp(chances[:, 1]).tolist()
    share = float(np.clip(np.mean(ended), _LEAST, 1 - _LEAST)) if ended else _LEAST
    logs[Head("done")] = float(np.log(share) - np.log1p(-share))
    return Weighed(logs, network, prompts, singles)


def _fork(prompts: Prompts) -> tuple[tuple[int, ...], tuple[int, int, int]]:
    """Ids that all answers begin with, and those that acting, being done and refusing go on with."""
    paths = [prompts.ids(head.text) for head in (Head("act", 1), Head("done"), Head("none"))]
    shared = 0
    while len({path[shared] for path in paths}) == 1:
        shared += 1
    acts, done, none = (path[shared] for path in paths)
    return paths[0][:shared], (acts, done, none)


def shares_of(logs: Mapping[Head, float], temperature: float) -> dict[Head, float]:
    """What share each answer has, all together one, from logarithms of their chances."""
    scaled: np.ndarray = np.array(list(logs.values())) / temperature
    shares = np.exp(scaled - scaled.max())
    return dict(zip(logs, (shares / shares.sum()).tolist(), strict=True))


class Weighed:
    """Answers with their weights, and the way on from each of them.

    Args:
        logs: Logarithms of the heads' odds; that of refusing is 0.
        network: The model.
        prompts: The tokenizer.
        singles: By mark, what was asked.
    """

    def __init__(
        self, logs: Mapping[Head, float], network: Network, prompts: Prompts, singles: Mapping[int, str]
    ) -> None:
        self.logs = logs
        self._network, self._prompts, self._singles = network, prompts, singles

    def chances(self, temperature: float = 1.0) -> dict[Head, float]:
        """What share each answer has, all together one."""
        return shares_of(self.logs, temperature)

    def finish(self, head: Head, kinds: Iterable[str]) -> Rest:
        """The most likely kind of action among these, and the value that is written with it.

        Args:
            head: An answer that acts.
            kinds: At least one.
        """
        written = self._prompts.ids(head.text)
        encoded = self._prompts.encode_text(self._singles[head.mark or 0], written)
        run = self._network.begin([encoded], _ROOM)
        tails = {kind: self._prompts.ids(f'{head.text} "{kind}", "value":')[len(written) :] for kind in kinds}
        walk = _Walk(run)
        walk.down(tails, 0.0)
        kind = max(walk.found, key=lambda each: walk.found[each])
        run.go_back(len(encoded))
        for token in tails[kind]:
            run.step(np.array([token]))
        return Rest(kind, self._value(run), walk.found[kind])

    def _value(self, run: Run) -> str | None:
        """A JSON string or null, the most likely token each time; null where it never ends."""
        written: list[int] = []
        for _ in range(_VALUE_TOKENS):
            token = int(run.logits[0].argmax())
            written.append(token)
            text = self._prompts.decode(written)
            if text.rstrip().endswith(",") or "}" in text:
                try:
                    value, _ = json.JSONDecoder().raw_decode(text.strip())
                except ValueError:
                    pass
                else:
                    return value if isinstance(value, str) else None
            run.step(np.array([token]))
        return None


class _Walk:
    """Goes down the tree of answers' ends; `found` has the logarithm of each one's chance."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.found: dict[str, float] = {}
        self._best = -np.inf

    def down(self, paths: Mapping[str, tuple[int, ...]], log: float) -> None:
        """Share `log` out among answers by their ids from here on; the run stands before the first of them."""
        if len(paths) == 1 or not all(paths.values()):
            self._settle(paths, log)
            return
        branches: dict[int, dict[str, tuple[int, ...]]] = {}
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

    def _settle(self, paths: Mapping[str, tuple[int, ...]], log: float) -> None:
        """No more is asked: all of these are as likely."""
        each = log - float(np.log(len(paths)))
        self.found |= dict.fromkeys(paths, each)
        self._best = max(self._best, each)
