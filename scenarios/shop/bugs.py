"""Defects that can be planted with ``--bug NAME``; the shop itself knows nothing of them.

A defect overrides a method of the store, replaces a piece of a template or script, or makes a request fail. Replacing
insists on finding the correct piece, so that a defect cannot vanish silently when a page is rewritten.
`expected.yaml` says what each one does to each scenario.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from magenta_qa.scenarios.shop.store import Store


@dataclass(frozen=True)
class Bug:
    """One planted defect; the default is none."""

    description: str = ""
    store: type[Store] = Store
    spoiled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Template or static file → (correct piece, what stands there instead)."""
    fails: frozenset[tuple[str, str]] = frozenset()
    """(method, path) of the requests that are answered with 500."""

    def spoil(self, name: str, text: str) -> str:
        """The file's text as this defect has it."""
        if name not in self.spoiled:
            return text
        correct, wrong = self.spoiled[name]
        if text.count(correct) != 1:
            raise LookupError(f"{name} should contain {correct!r} once, but has it {text.count(correct)} times")
        return text.replace(correct, wrong)


NO_BUG = Bug()
CATALOGUE: Mapping[str, Bug] = {}
BUGS: dict[str, str] = {name: bug.description for name, bug in CATALOGUE.items()}
"""Name → what is wrong, for help texts."""
