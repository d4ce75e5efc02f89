"""Keeps a chain of scenarios on one xdist worker, in order, whatever way of distributing was chosen.

xdist's scheduler sees node ids only, and its `loadgroup` finds groups in a suffix that it writes into them, which
pytest 9.2 ignores. So the scheduler chosen by the user does the work, with the chains read from the scenario files.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling, LoadScopeScheduling
from xdist.workermanage import WorkerController

from magenta_qa.agent.plugin.collection import chain_name
from magenta_qa.agent.pytest_plugin import is_scenario
from magenta_qa.agent.scenario import load_scenario


class ChainScheduling:
    """The user's scheduler until it is known whether there are chains; then one that groups by chain.

    Args:
        config: The controller's.
        log: xdist's.
        inner: The scheduler that was chosen.
    """

    def __init__(self, config: pytest.Config, log: Producer, inner: Any) -> None:  # noqa: ANN401 - xdist has no base class
        self.config = config
        self.log = log
        self._inner = inner
        self._collections: dict[WorkerController, list[str]] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands in for all of xdist's protocol
        return getattr(self._inner, name)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """Note what a worker has collected."""
        self._collections[node] = list(collection)
        self._inner.add_node_collection(node, collection)

    def schedule(self) -> None:
        """Start; by now every worker has collected."""
        if self._inner.collection is None:
            groups = _groups(self.config.rootpath, next(iter(self._collections.values()), []))
            if groups:
                self._group(groups)
        self._inner.schedule()

    def remove_node(self, node: WorkerController) -> str | None:
        """Take a worker away that ended; returns the item on which it crashed.

        xdist would give that item to the next worker, and so on until all are gone, when it schedules in groups.
        """
        work = self._inner.assigned_work.get(node) if isinstance(self._inner, LoadScopeScheduling) else None
        crashed: str | None = next(
            (item for unit in (work or {}).values() for item, done in unit.items() if not done), None
        )
        if work is None or crashed is None:
            return cast("str | None", self._inner.remove_node(node))
        del self._inner.assigned_work[node]
        for scope, unit in work.items():
            left = {item: done or item == crashed for item, done in unit.items()}
            if not all(left.values()):
                self._inner.workqueue[scope] = left
        for other in self._inner.assigned_work:
            self._inner._reschedule(other)
        return crashed

    def _group(self, groups: dict[str, str]) -> None:
        if not isinstance(self._inner, LoadScopeScheduling):
            nodes = list(self._inner.nodes)
            self._inner = LoadGroupScheduling(self.config, self.log)
            for node in nodes:
                self._inner.add_node(node)
            for node, collection in self._collections.items():
                self._inner.add_node_collection(node, collection)
        scope_of: Callable[[str], str] = self._inner._split_scope
        self._inner._split_scope = lambda nodeid: groups.get(nodeid) or scope_of(nodeid)


def _groups(root: Path, nodeids: Sequence[str]) -> dict[str, str]:
    """Node id → chain, for every scenario that comes after another or that others come after."""
    paths = {nodeid: root / nodeid.partition("::")[0] for nodeid in nodeids if is_scenario(nodeid)}
    chains: dict[Path, str] = {}
    for path in dict.fromkeys(paths.values()):
        # Reading is cheap, parsing hundreds of files is not.
        if b"after" in path.read_bytes() and load_scenario(path).after:
            chains[path] = chain_name(path)
    heads = set(chains.values())
    return {
        nodeid: chains.get(path, str(path)) for nodeid, path in paths.items() if path in chains or str(path) in heads
    }
