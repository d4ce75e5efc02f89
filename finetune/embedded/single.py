"""Questions to the deciding model about one candidate each: is it what the step asks for?

    for single in singles(decision, words): ...      # about the right candidate, one much like it, another

A model this small does not find a mark in a list of fifty, and learned little from single lines either; what decides
when serving is the reranker (`finetune.reranker`). Now and then words that step and candidate share are others in
both, so that it learns to compare them, not to know them. Of an answer is kept all before the confidence.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from magenta_qa.finetune.embedded.corpora import Decision
from magenta_qa.model.prompt import single_prompts

RENAMED = 0.3
"""Share of the questions in which shared words are others."""
_CLOSE = 4
"""Of so many candidates that share most words with the step one is drawn."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_REFUSAL = '{"outcome": "none", "mark": null, "kind": null, "value": null, "'
_KEPT = 4000
"""Words at most that others are drawn from."""


def all_singles(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """The questions about single candidates of all decisions, in their order."""
    words: deque[str] = deque(maxlen=_KEPT)
    for decision in decisions:
        yield from singles(decision, words)


def singles(decision: Decision, words: deque[str]) -> Iterator[Decision]:
    """Questions about the candidate that is meant, one that shares words with the step, and any other one.

    Args:
        decision: With all candidates of its page.
        words: Of earlier steps, which others are drawn from; grows.
    """
    r = Random(hashlib.sha256(decision.id.encode()).digest())
    prompts = single_prompts(decision.prompt)
    mark = json.loads(decision.answer)["mark"]
    lines = {number: _line(prompt) for number, prompt in prompts.items()}
    meant = lines.get(mark, "") if mark is not None else None
    asked = _asked(decision.prompt)
    others = [number for number, line in lines.items() if line != meant]
    near = sorted(others, key=lambda number: -len(asked & _words(lines[number])))[:_CLOSE]
    beginning = decision.answer.partition("confidence")[0]
    if meant:
        yield _renamed(decision, prompts[mark], beginning, lines[mark], words, r, "right")
    answer = beginning if mark is None else _REFUSAL
    outcome = decision.outcome if mark is None else "none"
    for name, choices in (("near", near), ("other", others)):
        if choices and (meant or name == "other" or r.random() < 0.5):
            number = r.choice(choices)
            other = replace(decision, outcome=outcome)
            yield _renamed(other, prompts[number], answer, lines[number], words, r, name)
    words.extend(asked)


def _renamed(
    decision: Decision, prompt: str, answer: str, line: str, words: deque[str], r: Random, name: str
) -> Decision:
    """The question, now and then with other words in place of those that step and candidate share."""
    if words and r.random() < RENAMED:
        for word in sorted(_asked(prompt) & _words(line)):
            other = r.choice(words)
            other = other.capitalize() if word[0].isupper() else other
            prompt, answer = (re.sub(rf"\b{re.escape(word)}\b", other, text) for text in (prompt, answer))
    return replace(decision, id=f"{decision.id}-{name}", prompt=prompt, answer=answer)


def _asked(prompt: str) -> set[str]:
    """Words of the goal and the step."""
    lines = prompt.partition("\nCandidates:\n")[0].splitlines()
    return _words(" ".join(line for line in lines if line.startswith(("Goal: ", "Step: "))))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text)) - {"Goal", "Step"}


def _line(prompt: str) -> str:
    """The candidate of a single prompt, without its mark."""
    return prompt.partition("\nCandidates:\n")[2].partition("\n")[0].partition("] ")[2]
