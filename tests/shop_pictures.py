"""Plays the shop's scenarios whose controls only their pictures tell apart, with any back ends, and asks the oracles.

    for outcome in play(page_of, "embedded", "embedded"): print(outcome)
    -> Outcome(suite="suite_bare", scenario="bin_address", verdict="passed", is_done=True, reason="", seconds=4.2)

`moved` draws the outline of each candidate around the next one while the model is asked, and leaves all else as it is.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser
from shop_bare import BARE_ORACLES
from shop_evidence import Evidence
from shop_oracles import ORACLES

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.runner import run_scenario
from magenta_qa.agent.scenario import load_scenario, resolve_secrets, start_url
from magenta_qa.agent.settings import Settings
from magenta_qa.model.schema import Candidate, Description, Observation, Question
from magenta_qa.model.understand import Understanding
from magenta_qa.scenarios.shop import PASSWORD, SUITE_BARE, SUITE_PICTURES, Server, serve

SUITES = (SUITE_BARE, SUITE_PICTURES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario."""

    suite: str
    scenario: str
    verdict: str
    is_done: bool
    """Whether the shop's state says that it was carried out."""
    reason: str
    seconds: float


class Moved:
    """An understanding back end that is shown each outline around the next candidate in view."""

    def __init__(self, inner: Understanding) -> None:
        self._inner = inner
        self.spec = inner.spec
        self.needs_html, self.needs_pictures = inner.needs_html, inner.needs_pictures
        self.looks_at = inner.looks_at

    def describe(self, observation: Observation, questions: Sequence[Question]) -> list[Description]:
        """What is said of each candidate while another one is outlined."""
        shown = [c for c in observation.candidates if c.in_view]
        after = {c.mark: other.box for c, other in zip(shown, [*shown[1:], *shown[:1]], strict=True)}
        boxes = {c.mark: after.get(c.mark, c.box) for c in observation.candidates}

        def at(candidate: Candidate) -> Candidate:
            return replace(candidate, box=boxes[candidate.mark], point=None)

        elsewhere = replace(observation, candidates=tuple(map(at, observation.candidates)))
        return self._inner.describe(elsewhere, [replace(q, candidate=at(q.candidate)) for q in questions])

    def close(self) -> None:
        """Release the back end."""
        self._inner.close()


def scenarios(only: Sequence[str] = ()) -> list[Path]:
    """The files of both suites, or those of some names."""
    found = [path for suite in SUITES for path in sorted(suite.glob("*.scenario.yaml"))]
    return [path for path in found if not only or _name(path) in only]


def play(
    browser: Browser, home: Path, understanding: str, decision: str, *, moved: bool = False, only: Sequence[str] = ()
) -> Iterator[Outcome]:
    """Each scenario on a shop of its own kind, in a context of its own.

    Args:
        browser: To open pages in.
        home: Folder for caches and what the shops keep.
        understanding: Spec of the back end.
        decision: Spec of the back end.
        moved: Whether outlines are drawn around other elements.
        only: Names of scenarios; all if empty.
    """
    settings = Settings(
        understanding, decision, pictures="failures", timeout_ms=4_000, expect_timeout_ms=3_000, home=home / "agent",
        secrets={"SHOP_PASSWORD": PASSWORD},
    )  # fmt: skip
    with serve(data_dir=home / "shop") as shop, serve(data_dir=home / "bare", bare=True) as bare:
        for path in scenarios(only):
            server = bare if path.parent == SUITE_BARE else shop
            wrap = Moved if moved else None
            yield _play(browser, server, path, settings, wrap)


def _play(
    browser: Browser, server: Server, path: Path, settings: Settings, wrap: Callable[[Understanding], Moved] | None
) -> Outcome:
    started = time.monotonic()
    scenario = load_scenario(path)
    settings = replace(settings, secrets=resolve_secrets(scenario, {"SHOP_PASSWORD": PASSWORD}))
    with closing(browser.new_context(viewport={"width": 1280, "height": 720})) as context:
        page = context.new_page()
        with Agent(page, settings=settings) as agent:
            if wrap is not None:
                agent.understanding = wrap(agent.understanding)
            url = start_url(scenario, server.url)
            trace = run_scenario(scenario, agent, node_id=path.name, url=url, remember=False)
        cookie = f"tarn-{urlsplit(server.url).port}"
        session = next((str(c["value"]).partition(".")[0] for c in context.cookies() if c["name"] == cookie), "")
        evidence = Evidence.of(server.data_dir, session, page.url)
        done = bool(session) and (BARE_ORACLES | ORACLES)[_name(path)](evidence)
    seconds = time.monotonic() - started
    return Outcome(path.parent.name, _name(path), trace.verdict, done, trace.reason, seconds)


def _name(path: Path) -> str:
    return path.name.removesuffix(".scenario.yaml")
