"""What an exploration found, with an identity that stays the same from run to run.

suspicion = Suspicion("dead control", "/account/settings", 'button "Save changes"', "nothing changed, twice", …)
suspicion.id       -> "dead-control-3f9a1c22"
save_findings(findings, path) ; load_baseline(path) -> frozenset of ids
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from magenta_qa.agent.explore.history import Script
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.schema import Box

KINDS = {
    "exception": "an uncaught exception of a script",
    "server error": "an answer with a status of 500 or more",
    "failed request": "a request that failed, or was answered with a status of 400 or more",
    "broken link": "a link to a page that does not exist",
    "broken picture": "a picture that cannot be loaded",
    "dead control": "a control without any effect, tried twice",
    "endless loading": "a part of a page that never finishes loading",
    "lost change": "a change that a reload undoes, although it was accepted",
    "stale display": "a number that is another one after a reload",
    "wrong target": "a control that does something else than it says",
    "wrong order": "entries that are not in the order that was chosen",
    "wrong number": "numbers that disagree with each other",
    "no validation": "a form that takes what cannot be right",
    "overflow": "text or controls that do not fit",
    "covered control": "a control that something else lies over",
    "accessibility": "a rule of WCAG 2 A or AA that the page breaks",
}
"""Kind → what it is, the gravest first."""
_ANYWHERE = frozenset({"exception", "server error", "failed request", "broken picture", "accessibility"})
"""Kinds whose identity says it all: the same fault of all pages is one finding."""
Status = Literal["reproduced", "not reproduced", "not tried"]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that contradicts itself, as seen once."""

    kind: str
    place: str
    """Key of the place."""
    subject: str
    """Control or part of the page."""
    text: str
    """What is wrong, in one sentence."""
    url: str
    scripts: tuple[Script, ...]
    """Ways to see it again, the shortest first."""
    expect: tuple[str, ...]
    """What the reproducing scenario expects; false as long as the fault is there."""
    fails_in_step: bool = False
    """Whether the last step itself fails, as with a dead control."""
    identity: str = ""
    """What of the fault is told apart besides kind, place and subject."""
    image: str | None = None
    box: Box | None = None

    @property
    def id(self) -> str:
        """The same in every run that finds it."""
        where = () if self.kind in _ANYWHERE else (self.place.partition("?")[0], _plain(self.subject))
        parts = (self.kind, *where, _plain(self.identity))
        return f"{self.kind.replace(' ', '-')}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspicion after it was tried to be reproduced."""

    suspicion: Suspicion
    status: Status
    reason: str = ""
    """What the replay ended with."""
    scenario: str = ""
    """File name of the scenario."""
    script: Script | None = None
    """The way that was replayed."""
    known: bool = False
    """Whether the baseline has it."""

    @property
    def id(self) -> str:
        """As the suspicion's."""
        return self.suspicion.id

    @property
    def counts(self) -> bool:
        """Whether it is new and reproduced: what the exit code tells."""
        return self.status == "reproduced" and not self.known


def save_findings(findings: Sequence[Finding], path: Path, **facts: object) -> None:
    """Write them as JSON, with facts about the run; also what a later run takes as its baseline."""
    rows = [{"id": each.id, **_ADAPTER.dump_python(each, mode="json")} for each in findings]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_ANY.dump_json({"v": 1, **facts, "findings": rows}, indent=1))


def load_baseline(path: Path) -> frozenset[str]:
    """The ids of an earlier run.

    Raises:
        ConfigError: The file is none that `magenta explore` wrote.
    """
    try:
        data = _ANY.validate_json(path.read_bytes())
        return frozenset(str(each["id"]) for each in data["findings"])
    except (OSError, ValidationError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"--since {path}: no findings.json of an exploration ({reason}); give one") from error


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """New and reproduced ones first, then the gravest kinds."""
    kinds = list(KINDS)
    return sorted(
        findings, key=lambda each: (not each.counts, each.known, each.status, kinds.index(each.suspicion.kind))
    )


def with_baseline(findings: Sequence[Finding], known: frozenset[str]) -> list[Finding]:
    """The findings, those of the baseline marked."""
    return [replace(each, known=each.id in known) for each in findings]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\d.,]+", "#", text.casefold()).split())


_ADAPTER = TypeAdapter(Finding)
_ANY: TypeAdapter[Any] = TypeAdapter(Any)
