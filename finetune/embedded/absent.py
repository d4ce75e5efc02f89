"""Decisions whose right candidate is taken off the page: what is asked for is gone, its like in other rows is not.

    for decision in with_absent(read_decisions([corpus], "train")): ...   # each, and after some their absent form

The generator's own "none" rows ask for what another kind of page has. These are harder, and what verdicts hang on:
"Remove Ada" where Ada is gone and Ben stays. Candidates are numbered anew, so that no gap tells.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from magenta_qa.finetune.embedded.corpora import Decision
from magenta_qa.model.prompt import DECISION_ANSWER

SHARE = 0.15
"""Of the decisions that act, how many are given this way, too."""
_COUNTED = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|\d+(?:st|nd|rd|th))\b",
    re.IGNORECASE,
)
"""Steps that count: with one candidate fewer they mean the next one."""
_HEAD, _MARK = "\nCandidates:\n", re.compile(r"\[(\d+)\] ")
_REASON = "No candidate does what the step asks for."


def with_absent(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """The decisions, those chosen by their id followed by their absent form."""
    for decision in decisions:
        yield decision
        if int(hashlib.sha256(decision.id.encode()).hexdigest()[:8], 16) < SHARE * 2**32:
            absent = without_target(decision)
            if absent is not None:
                yield absent


def without_target(decision: Decision) -> Decision | None:
    """The same question without the candidate that it means; None where it means none, or would then mean another."""
    head, found, rest = decision.prompt.partition(_HEAD)
    asked = " ".join(line for line in head.splitlines() if line.startswith(("Goal: ", "Step: ")))
    if decision.outcome != "act" or not found or not rest.endswith(DECISION_ANSWER) or _COUNTED.search(asked):
        return None
    target = json.loads(decision.answer)["mark"]
    lines = rest.removesuffix(DECISION_ANSWER).splitlines()
    gone = [_content(line) for line in lines if line.startswith(f"[{target}] ")]
    kept = [line for line in lines if not line.startswith(f"[{target}] ")]
    if len(gone) != 1 or gone[0] in map(_content, kept):
        return None
    numbered = [_MARK.sub(f"[{number}] ", line, count=1) for number, line in enumerate(kept, 1)]
    answer = {"outcome": "none", "mark": None, "kind": None, "value": None, "confidence": 0.9, "reason": _REASON}
    prompt = head + found + "\n".join([*numbered, DECISION_ANSWER])
    return replace(decision, id=f"{decision.id}-absent", outcome="none", prompt=prompt, answer=json.dumps(answer))


def _content(line: str) -> str:
    """A candidate's line without its mark."""
    return _MARK.sub("", line, count=1)
