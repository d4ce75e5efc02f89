"""The pytest side of `--magenta-collect DIR`: installs the hook for the run and says at its end what was logged.

magenta collect: 412 actions logged in data/log (p50 96 ms each); 3 not logged: 2 not in view, 1 gone
"""

import statistics
from pathlib import Path

import pytest

from magenta_qa.agent.collect.collector import Collector
from magenta_qa.agent.collect.hooks import install
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.plugin.configuration import Configuration
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.pytest_plugin import is_scenario
from magenta_qa.agent.secrets import Secrets

_STATE = "magenta_collected"
"""What an xdist worker tells the controller."""


class CollectPlugin:
    """Hooks of a run that collects.

    Args:
        folder: Where the log goes.
        configuration: Of the run.
    """

    def __init__(self, folder: Path, configuration: Configuration) -> None:
        settings = configuration.settings
        privacy = Privacy(settings.private, Secrets(settings.secrets))
        self.folder = folder
        self.origins = Origins(folder, settings.allow)
        self.collector = Collector(InteractionLog(folder, settings.site, privacy), privacy, self.origins)
        self.told: list[dict[str, object]] = []
        self._remove = install(self.collector.before)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        """What the agent does by itself, it logs by itself."""
        self.collector.paused = is_scenario(item.nodeid) or "qa" in getattr(item, "fixturenames", ())
        return (yield)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what is left; a worker tells the controller."""
        self._remove()
        self.collector.close()
        found: dict[str, object] = {
            "logged": self.collector.logged,
            "missed": dict(self.collector.missed),
            "seconds": self.collector.seconds,
            "refused": dict(self.origins.refused),
        }
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_STATE] = found
        self.told.append(found)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Hear what a worker of xdist has logged."""
        found = getattr(node, "workeroutput", {}).get(_STATE)
        if found:
            self.told.append(found)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was logged, and what was not and why."""
        logged = sum(int(str(found["logged"])) for found in self.told)
        seconds = [s for found in self.told for s in _list(found["seconds"])]
        cost = f" (p50 {1000 * statistics.median(seconds):.0f} ms each)" if seconds else ""
        terminalreporter.write_line(f"magenta collect: {logged} actions logged in {self.folder / 'log'}{cost}")
        missed: dict[str, int] = {}
        for found in self.told:
            for reason, count in _dict(found["missed"]).items():
                missed[reason] = missed.get(reason, 0) + count
        if missed:
            reasons = ", ".join(f"{count} {reason}" for reason, count in missed.items())
            terminalreporter.write_line(f"magenta collect: {sum(missed.values())} not logged: {reasons}", yellow=True)
        refused = sorted({origin for found in self.told for origin in _dict(found["refused"])})
        if refused:
            hint = " ".join(f"--magenta-allow {origin}" for origin in refused)
            terminalreporter.write_line(f"magenta collect: to log there too (kept for later runs): {hint}", yellow=True)


def _list(value: object) -> list[float]:
    return list(value) if isinstance(value, list) else []


def _dict(value: object) -> dict[str, int]:
    return dict(value) if isinstance(value, dict) else {}
