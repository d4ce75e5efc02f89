"""The page of `magenta mutate`: what was changed, who noticed it and how; what nobody noticed comes first.

    build_mutants_page(judge(mutants, outcomes), Path("log/images"), Path(".magenta/mutate/mutants.html"))

It opens from a folder and asks the network for nothing, as the report does; text of pages and scenarios is hostile.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magenta_qa.agent.mutation import KINDS
from magenta_qa.agent.plugin.session import without_usual_browser
from magenta_qa.agent.reports.pictures import Pictures, Shot
from magenta_qa.agent.reports.report import BUDGET_BYTES, write_page

if TYPE_CHECKING:
    from magenta_qa.agent.plugin.mutants import Judged

FATES = {
    "survived": "the scenario passed all the same: nobody would notice this change",
    "not judged": "the run broke, or the scenario no longer passes as it is",
    "not applied": "the control did not appear, could not be changed so, or worked in spite of it; says nothing",
    "noticed": "the scenario did not pass, as it should",
}
"""What can become of a mutant, the most telling first."""
_DONE = {"hide": "hidden", "disable": "disabled", "rename": "renamed"}


@dataclass(frozen=True, slots=True)
class Row:
    """One control of a scenario and what became of each change of it."""

    target: str
    step: str
    cells: tuple["Judged | None", ...]
    """One for each kind; None where there is no such mutant."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that nobody noticed."""

    judged: "Judged"
    name: str
    done: str
    """Such as "renamed"."""
    shot: Shot | None
    """What the page looked like at the end."""


def build_mutants_page(found: Sequence["Judged"], images: Path, out: Path, *, budget_bytes: int = BUDGET_BYTES) -> Path:
    """Write what became of each mutant as one HTML file.

    Args:
        found: What became of them.
        images: Folder of the screenshots, named SHA256.webp.
        out: The HTML file.
        budget_bytes: The file stays below this.

    Returns:
        `out`.
    """
    pictures = Pictures(images)
    counts = Counter(each.fate for each in found)
    survivors = tuple(_survivor(each, pictures) for each in found if each.fate == "survived")
    judged = counts["noticed"] + counts["survived"]
    parts = {
        "counts": counts,
        "fates": FATES,
        "kinds": KINDS,
        "done": _DONE,
        "headline": f"{counts['noticed']} of {judged} changes were noticed" if judged else "No change was judged",
        "survivors": survivors,
        "scenarios": _scenarios(found),
        "total": len(found),
    }
    return write_page("mutants.html.j2", parts, pictures, out, budget_bytes)


def _survivor(judged: "Judged", pictures: Pictures) -> Survivor:
    shot = pictures.ask(judged.outcome.image if judged.outcome else None, None, (0, 0), True)
    return Survivor(judged, _name(judged), _DONE[judged.mutant.kind], shot)


def _scenarios(found: Sequence["Judged"]) -> list[tuple[str, list[Row]]]:
    """(scenario, its controls), those with survivors first."""
    groups: dict[str, dict[tuple[str, tuple[str, ...]], list[Judged]]] = {}
    for each in found:
        key = (each.mutant.target, each.mutant.locators)
        groups.setdefault(each.mutant.scenario, {}).setdefault(key, []).append(each)
    built = [
        (_name(next(iter(rows.values()))[0]), [_row(cells) for cells in rows.values()]) for rows in groups.values()
    ]
    return sorted(built, key=lambda item: (-sum(_survived(row) for row in item[1]), item[0]))


def _row(cells: Sequence["Judged"]) -> Row:
    by_kind = {each.mutant.kind: each for each in cells}
    return Row(cells[0].mutant.target, cells[0].mutant.step, tuple(by_kind.get(kind) for kind in KINDS))


def _survived(row: Row) -> int:
    return sum(cell is not None and cell.fate == "survived" for cell in row.cells)


def _name(judged: "Judged") -> str:
    file, _, name = judged.mutant.scenario.partition("::")
    return without_usual_browser(name) or file
