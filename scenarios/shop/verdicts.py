"""The truth about the suite: which verdict each scenario must end with, clean and under each planted defect.

expected_verdict("edit_address", bug=None)               -> "passed"
expected_verdict("edit_address", bug="renamed-control")  -> "stale"
"""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

Verdict = Literal["passed", "failed", "stale", "stuck"]


class _Affected(BaseModel):
    model_config = ConfigDict(extra="forbid")
    verdict: Verdict
    because: str


class _Truth(BaseModel):
    model_config = ConfigDict(extra="forbid")
    clean: dict[str, Verdict]
    bugs: dict[str, dict[str, _Affected]]


@cache
def load_truth() -> _Truth:
    """What `expected.yaml` says."""
    text = Path(__file__).with_name("expected.yaml").read_text(encoding="utf-8")
    return _Truth.model_validate(yaml.safe_load(text))


def expected_verdict(scenario: str, bug: str | None) -> Verdict:
    """The verdict that a scenario (its file's name without ``.scenario.yaml``) must end with.

    Raises:
        KeyError: The scenario or the defect is not written down.
    """
    truth = load_truth()
    clean = truth.clean[scenario]
    affected = truth.bugs[bug].get(scenario) if bug else None
    return affected.verdict if affected else clean
