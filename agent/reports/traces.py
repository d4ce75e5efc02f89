"""Traces on disk: one JSON file per scenario, written by any xdist worker, read by whoever builds the report.

save_trace(trace, Path(".magenta/traces"))     -> .magenta/traces/pay-with-a-bad-card-chromium-5f0c2a9be1d4.json
load_traces(Path(".magenta/traces"))           -> [ScenarioTrace(id="suite/pay.scenario.yaml::0", …), …]

A scenario's trace is there from its start, as an `error`, and so is the list of what has not started yet: of a run that
was killed, they tell what became of it.
"""

import dataclasses
import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from magenta_qa.agent.reports.printable import printable
from magenta_qa.model.trace import ScenarioTrace

_SLUG = re.compile(r"[^a-z0-9]+")
_TRACE = TypeAdapter(ScenarioTrace)
_NAMES = TypeAdapter(dict[str, str])
_NOT_STARTED = "not_started"
ENDED_BEFORE = "the run ended before it"
"""Why a scenario never started that nobody skipped."""
ENDED_AMID = "the run ended in the middle of it"


def save_trace(trace: ScenarioTrace, folder: Path) -> Path:
    """Write one scenario's trace in one stroke, under a name that no other worker, scenario or attempt has."""
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(f"{trace.id}\0{trace.attempt}\0{trace.worker}".encode(errors="replace")).hexdigest()[:12]
    slug = _SLUG.sub("-", trace.id.rpartition("::")[2].lower()).strip("-")[:60] or "scenario"
    path = folder / f"{slug}-{key}.json"
    # Pages may hold lone surrogates, which no UTF-8 file can.
    text = json.dumps(dataclasses.asdict(trace), ensure_ascii=False).encode("utf-8", errors="replace")
    return _write(text, path)


def save_not_started(names: Mapping[str, str], folder: Path) -> None:
    """Write which scenarios have not started, and why: node id → reason."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(json.dumps(names).encode(), folder / _NOT_STARTED)


def load_not_started(folder: Path) -> dict[str, str]:
    """The same, read again; empty where nobody wrote it."""
    try:
        return _NAMES.validate_json((folder / _NOT_STARTED).read_bytes())
    except (OSError, ValidationError):
        return {}


def _write(content: bytes, path: Path) -> Path:
    """In one stroke; on a full disk nothing is left behind."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    return temporary.replace(path)


def load_traces(folder: Path) -> list[ScenarioTrace]:
    """All scenarios of a folder in the order in which they started.

    A file that cannot be read stands among them as a scenario with verdict `error`, so that none goes missing.
    """
    traces = [_load(path) for path in sorted(folder.glob("*.json"))]
    return sorted(traces, key=lambda trace: (trace.started_at, trace.id, trace.attempt))


def _load(path: Path) -> ScenarioTrace:
    try:
        return _TRACE.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        why = printable(str(error), 200)
        reason = f"trace {path.name} cannot be read ({why}); run this scenario again"
        return ScenarioTrace(id=f"trace:{path.name}", name=path.stem, path="", verdict="error", reason=reason, steps=())
