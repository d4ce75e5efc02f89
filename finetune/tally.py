"""What could not be used, counted by its reason, with a few names to look at.

tally.add("its picture cannot be read", ".magenta/log/interactions.jsonl:12")
tally.lines()     # ["3 × its picture cannot be read (.magenta/log/interactions.jsonl:12, …:40, …:41)"]
"""

from dataclasses import dataclass, field

EXAMPLES = 5
"""Names that are kept for a reason."""


@dataclass(slots=True)
class Tally:
    """Reason → how many, and the first few of them."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, name: str) -> None:
        """Count one."""
        self.add_many(reason, 1)
        names = self.examples.setdefault(reason, [])
        if len(names) < EXAMPLES:
            names.append(name)

    def add_many(self, reason: str, count: int) -> None:
        """Count several that have no names."""
        if count:
            self.counts[reason] = self.counts.get(reason, 0) + count

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def lines(self) -> list[str]:
        """One line a reason, the most frequent first."""
        ordered = sorted(self.counts.items(), key=lambda item: -item[1])
        return [f"{count} × {reason}{self._names(reason)}" for reason, count in ordered]

    def facts(self) -> dict[str, dict[str, object]]:
        """The same as JSON."""
        return {
            reason: {"count": count, "examples": self.examples.get(reason, [])} for reason, count in self.counts.items()
        }

    def _names(self, reason: str) -> str:
        names = self.examples.get(reason, [])
        more = ", …" if self.counts[reason] > len(names) else ""
        return f" ({', '.join(names)}{more})" if names else ""
