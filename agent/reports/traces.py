"""Traces on disk: one JSON file per scenario, written by any xdist worker, read by whoever builds the report.

save_trace(trace, Path(".magenta/traces"))     -> .magenta/traces/pay-with-a-bad-card-5f0c2a9be1d4.json
load_traces(Path(".magenta/traces"))           -> [ScenarioTrace(id="suite/pay.scenario.yaml::0", …), …]
"""

import dataclasses
import hashlib
import json
import re
import tempfile
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from magenta_qa.agent.reports.printable import printable
from magenta_qa.model.schema import ScenarioTrace

_SLUG = re.compile(r"[^a-z0-9]+")
_TRACE = TypeAdapter(ScenarioTrace)


def save_trace(trace: ScenarioTrace, folder: Path) -> Path:
    """Write one scenario's trace in one stroke, under a name that no other worker, scenario or attempt has."""
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(f"{trace.id}\0{trace.attempt}\0{trace.worker}".encode(errors="replace")).hexdigest()[:12]
    slug = _SLUG.sub("-", trace.name.lower()).strip("-")[:60] or "scenario"
    path = folder / f"{slug}-{key}.json"
    # Pages may hold lone surrogates, which no UTF-8 file can.
    text = json.dumps(dataclasses.asdict(trace), ensure_ascii=False).encode("utf-8", errors="replace")
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".tmp", delete=False) as file:
        file.write(text)
    return Path(file.name).replace(path)


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
