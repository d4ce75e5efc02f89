"""What people are given of a run: one HTML file, made of the traces that the workers saved.

    save_trace(trace, Path(".magenta/traces"))                      # one JSON file per scenario, from any xdist worker
    traces = load_traces(Path(".magenta/traces"))
    build_report(traces, Path(".magenta/log/images"), Path(".magenta/report.html"), title="Shop")
    print(build_summary(traces, Path(".magenta/report.html")))      # for $GITHUB_STEP_SUMMARY

The report holds everything that it needs, asks the network for nothing, and opens from a folder. Text of the pages
under test is hostile: the template escapes all of it, and the Content-Security-Policy lets no script run but the
report's own.
"""

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from jinja2 import Environment, PackageLoader, StrictUndefined

from magenta_qa.agent.reports.overview import GLYPHS, MEANINGS, STAGES, VERDICTS, build_overview
from magenta_qa.agent.reports.pictures import Pictures
from magenta_qa.agent.reports.printable import printable
from magenta_qa.agent.reports.summary import agreed, build_summary, duration, headline
from magenta_qa.agent.reports.traces import load_traces, save_trace
from magenta_qa.agent.reports.view import build_scenarios
from magenta_qa.model.trace import ScenarioTrace

__all__ = ["build_report", "build_summary", "load_traces", "save_trace"]

BUDGET_BYTES = 19_000_000
"""How large a report may get, pictures included."""
_TEMPLATES = "templates"


def build_report(
    traces: Sequence[ScenarioTrace],
    images: Path,
    out: Path,
    *,
    title: str = "magenta-qa",
    command: str = "",
    not_started: Mapping[str, str] | None = None,
    budget_bytes: int = BUDGET_BYTES,
) -> Path:
    """Write the report as one HTML file.

    Args:
        traces: Scenarios of all workers.
        images: Folder of the screenshots, named SHA256.webp.
        out: The HTML file.
        title: Heading, such as the application's name.
        command: What was run; shown so that a reader can run it again.
        not_started: Scenarios that never started → why.
        budget_bytes: Pictures get smaller, and at last are left out, so that the file stays below this.

    Returns:
        `out`.
    """
    pictures = Pictures(images)
    overview = build_overview(traces)
    parts = {
        "title": title,
        "command": command,
        "not_started": not_started or {},
        "overview": overview,
        "headline": headline(overview),
        "worst": next((verdict for verdict in VERDICTS if overview.counts[verdict]), "error"),
        "scenarios": build_scenarios(traces, pictures),
    }
    return write_page("report.html.j2", parts, pictures, out, budget_bytes)


def write_page(template: str, parts: Mapping[str, object], pictures: Pictures, out: Path, budget_bytes: int) -> Path:
    """Render a template into one HTML file that holds its pictures, in one stroke.

    Args:
        template: Its name.
        parts: What it shows.
        pictures: Those that it asks for, which may go on while it is rendered.
        out: The HTML file.
        budget_bytes: How large that may get.

    Returns:
        `out`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=out.parent) as text,
        tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=out.parent, suffix=".tmp", delete=False) as file,
    ):
        marker = os.urandom(8).hex()
        text.writelines(_environment(marker).get_template(template).generate(parts))
        size = text.tell()
        text.seek(0)
        _fill(text, file, re.compile(f"{marker}-(\\d+)"), pictures, budget_bytes - size)
    Path(file.name).chmod(0o644)
    return Path(file.name).replace(out)


def _fill(text: IO[str], file: IO[str], marker: re.Pattern[str], pictures: Pictures, budget: int) -> None:
    """Copy the rendered template, with each picture's bytes where its marker stands."""
    encoded = pictures.encoded(budget)
    for line in text:
        file.write(marker.sub(lambda _: next(encoded), line))


def _environment(marker: str) -> Environment:
    loader = PackageLoader("magenta_qa.agent.reports", _TEMPLATES)
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    style, script = (loader.get_source(environment, f"report.{suffix}")[0] for suffix in ("css", "js"))
    environment.filters["duration"] = duration
    environment.globals |= {
        "style": style,
        "style_hash": _csp_hash(style),
        "script": script,
        "script_hash": _csp_hash(script),
        "marker": marker,
        "agreed": agreed,
        "verdicts": VERDICTS,
        "glyphs": GLYPHS,
        "meanings": MEANINGS,
        "stages": STAGES,
    }
    return environment


def _csp_hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
