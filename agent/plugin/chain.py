"""Chains of scenarios: `after:` goes on with the browser state in which another scenario ended.

    login.scenario.yaml ◀─ after ─ cart.scenario.yaml ◀─ after ─ checkout.scenario.yaml

A selected scenario brings its predecessors in, they run in order on one xdist worker, and what comes after one that did
not pass is skipped. The state (cookies, local storage, IndexedDB, session storage, URL) stays in this process's memory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from magenta_qa.agent.plugin.collection import ScenarioModule, register_marker, scenario_of
from magenta_qa.agent.plugin.mutants import mutant_of
from magenta_qa.agent.plugin.repetition import repetition_of
from magenta_qa.agent.scenario import predecessors

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from magenta_qa.model.schema import VerdictName

# Pages without an origin of their own (about:blank, data:) refuse to be asked.
_READ_SESSION_STORAGE = """() => {
  try { return JSON.stringify([location.origin, {...sessionStorage}]); } catch { return '["", {}]'; }
}"""
_WRITE_SESSION_STORAGE = """(([origin, values]) => {
  if (location.origin !== origin || sessionStorage.length) return;
  for (const [key, value] of Object.entries(values)) sessionStorage.setItem(key, value);
})(%s)"""


@dataclass(frozen=True, slots=True)
class BrowserState:
    """Where a scenario left the browser."""

    url: str
    storage: Any
    """Playwright's storage state."""
    session_storage: str
    """JSON of [origin, {key: value}]."""

    @classmethod
    def of(cls, page: "Page") -> "BrowserState":
        """The state of a page and its context."""
        return cls(page.url, page.context.storage_state(indexed_db=True), page.evaluate(_READ_SESSION_STORAGE))

    def restore(self, context: "BrowserContext") -> None:
        """Give new pages the session storage; the rest was given to the context when it was made."""
        context.add_init_script(_WRITE_SESSION_STORAGE % json.dumps(json.loads(self.session_storage)))


_Key = tuple[Path, str, int]
"""File, browser and repetition: a chain goes on within one repetition."""
_ENDED = pytest.StashKey["dict[_Key, tuple[VerdictName, BrowserState | None]]"]()
"""How scenarios that others come after have ended."""
_RESUMED = pytest.StashKey[set[Path]]()
"""Files that others come after."""
_BEFORE = pytest.StashKey[BrowserState]()
"""What an item goes on with."""
_AFTER = pytest.StashKey["BrowserState | None"]()
"""How an item has left the browser."""


def complete_chains(session: pytest.Session, collected: list[pytest.Item], items: list[pytest.Item]) -> None:
    """Bring in what selected scenarios come after, and put every scenario behind its predecessors.

    Args:
        session: pytest's.
        collected: All items before anything was deselected.
        items: The selected ones; changed in place.
    """
    known = {_key(item): item for item in collected if isinstance(item.parent, ScenarioModule) and not mutant_of(item)}
    ordered: dict[str, pytest.Item] = {}
    resumed: set[Path] = set()
    for item in items:
        for earlier in _earlier(item):
            resumed.add(earlier)
            key = (earlier, *_key(item)[1:])
            needed = known.get(key) or _collect(session, items, key)
            if needed is not None:
                known[_key(needed)] = needed
                ordered.setdefault(needed.nodeid, needed)
        ordered.setdefault(item.nodeid, item)
    if resumed:
        register_marker(session.config, "xdist_group", "scenarios that run on one worker")
    for item in ordered.values():
        if item.path in resumed and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(name=str(item.path)))
    session.config.stash[_RESUMED] = resumed
    items[:] = ordered.values()


def resume(item: pytest.Item) -> None:
    """Skip an item whose predecessor did not pass; else have its context made with that one's state.

    Raises:
        pytest.skip.Exception: The predecessor did not pass or was not run.
    """
    if not isinstance(item.parent, ScenarioModule):
        return
    after = scenario_of(item).after
    if after is None:
        return
    verdict, state = item.config.stash.get(_ENDED, {}).get((after, *_key(item)[1:]), (None, None))
    if verdict is None:
        pytest.skip(f"{after.name}, which it comes after, was not run")
    if verdict != "passed":
        pytest.skip(f"{after.name}, which it comes after, did not pass ({verdict})")
    if state is None:
        pytest.skip(f"the browser was gone after {after.name}, which it comes after")
    item.stash[_BEFORE] = state
    marker = item.get_closest_marker("browser_context_args")
    arguments = {**(marker.kwargs if marker else {}), "storage_state": state.storage}
    item.add_marker(pytest.mark.browser_context_args(**arguments), append=False)


def resumed_state(item: pytest.Item) -> BrowserState | None:
    """The state that an item goes on with."""
    return item.stash.get(_BEFORE, None)


def keep_state(item: pytest.Item, page: "Page") -> None:
    """Keep how an item leaves the browser, if others come after it."""
    from playwright.sync_api import Error

    if item.path not in item.config.stash.get(_RESUMED, set()) or mutant_of(item):
        return
    try:
        item.stash[_AFTER] = BrowserState.of(page)
    except Error:
        item.stash[_AFTER] = None


def keep_verdict(item: pytest.Item, verdict: "VerdictName") -> None:
    """Keep how an item ended, if others come after it; a later verdict of the same item replaces an earlier one."""
    if item.path in item.config.stash.get(_RESUMED, set()) and not mutant_of(item):
        state = item.stash.get(_AFTER, None) if verdict == "passed" else None
        item.config.stash.setdefault(_ENDED, {})[_key(item)] = (verdict, state)


def _earlier(item: pytest.Item) -> tuple[Path, ...]:
    if isinstance(item.parent, ScenarioModule) and scenario_of(item).after:
        return predecessors(item.path)
    return ()


def _key(item: pytest.Item) -> _Key:
    return item.path, _browser(item), repetition_of(item)


def _browser(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("browser_name", "")) if callspec else ""


def _collect(session: pytest.Session, items: list[pytest.Item], key: _Key) -> pytest.Item | None:
    """Collect a scenario file that the command line did not name (or that --lf left out)."""
    path = key[0]
    folders = {node.path: node for item in items for node in item.listchain() if isinstance(node, pytest.Directory)}
    above = [parent for parent in reversed(path.parents) if parent in folders]
    if not above:
        return None
    node: pytest.Collector = folders[above[-1]]
    for part in path.relative_to(above[-1]).parts:
        wanted = node.path / part
        report = session.config.hook.pytest_make_collect_report(collector=node)
        found = next((child for child in report.result or () if child.path == wanted), None)
        if found is None:
            return None
        node = found
    return next((item for item in _items_of(node) if _key(item) == key and not mutant_of(item)), None)


def _items_of(node: pytest.Collector) -> Iterator[pytest.Item]:
    for item in node.collect():
        node.ihook.pytest_itemcollected(item=item)
        yield cast(pytest.Item, item)
