"""How often a tester's instruction leads to the right one of a page's elements, by what was labelled by hand.

    python tests/hand_labelled.py OUT
    python tests/hand_figures.py OUT [--understanding openai:shop@http://127.0.0.1:8001] [--decision rules]

`magenta evaluate OUT/first` judges the same rows by kinds that it reads from the HTML; here the kinds are those of
`hand_labels.py`, and beside the back end stand what chance would find and what people's own descriptions lead to: the
first description of every labelled element, the back end's for the elements beside them. `agreement` is ROUGE-L between
people's two descriptions of an element, `rouge` that of the back end with the nearer of the two.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from hand_labelled import WORDINGS
from hand_labels import load_labels

from magenta_qa.finetune.asking import ask
from magenta_qa.finetune.dataset import load_rows
from magenta_qa.finetune.grounding import build_cases, ground
from magenta_qa.finetune.held_out import HeldOut
from magenta_qa.finetune.metrics import rouge_l, words
from magenta_qa.model.decide import open_decision
from magenta_qa.model.schema import View
from magenta_qa.model.understand import open_understanding

KINDS = ("all", "icon-only", "repeated", "button", "link", "input", "select", "checkbox", "tab", "menu", "dialog")
COLUMNS = ("elements", "candidates", "chance", "grounding", "by people's words", "rouge", "agreement")


@dataclass(frozen=True, slots=True)
class Found:
    """One labelled element."""

    kinds: tuple[str, ...]
    candidates: int
    """How many elements there were to choose from."""
    chance: float
    grounded: bool
    by_people: bool
    """Whether people's own descriptions lead to it."""
    rouge: float
    agreement: float


def find(out: Path, understanding: str, decision: str) -> list[Found]:
    """What comes of each labelled element.

    Args:
        out: Where `hand_labelled.py` has written.
        understanding: Back end that describes, as `--understanding` takes it.
        decision: Back end that decides by the descriptions.
    """
    kinds = {name: element.kinds for labels in load_labels() for name, element in labels.elements()}
    first, second = (HeldOut(load_rows(str(out / wording), "test")) for wording in WORDINGS)
    describing = open_understanding(understanding, view=View(), cache_dir=out / "cache", api_key=None)
    answers = ask(describing, first.looks(range(len(first.everything))))
    describing.close()
    said = {number: answer.text for number, answer in answers.items()}
    people = dict(enumerate(item.reference for item in first.items))
    cases = build_cases(first.items, first.others)
    deciding = open_decision(decision, api_key=None)
    grounded = ground(cases, first.everything, said, deciding)
    by_people = ground(cases, first.everything, said | people, deciding)
    deciding.close()
    found = []
    for case in cases:
        one, other = (words(held.items[case.number].reference) for held in (first, second))
        spoken = words(said[case.number])
        found.append(
            Found(
                kinds=("all", *kinds[first.items[case.number].id]),
                candidates=len(case.candidates),
                chance=len(case.right) / len(case.candidates),
                grounded=grounded[case.number],
                by_people=by_people[case.number],
                rouge=max(rouge_l(spoken, one), rouge_l(spoken, other)),
                agreement=rouge_l(other, one),
            )
        )
    return found


def table(found: Sequence[Found]) -> str:
    """In Markdown, a line for each kind; all but the counts in per cent."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
    for kind in KINDS:
        some = [one for one in found if kind in one.kinds]
        if some:
            lines.append(f"| {kind} | {len(some)} | {mean(one.candidates for one in some):.0f} | {_shares(some)} |")
    return "\n".join(lines)


def _shares(some: Sequence[Found]) -> str:
    columns: Mapping[str, Callable[[Found], float]] = {
        "chance": lambda one: one.chance,
        "grounding": lambda one: one.grounded,
        "by people's words": lambda one: one.by_people,
        "rouge": lambda one: one.rouge,
        "agreement": lambda one: one.agreement,
    }
    return " | ".join(f"{100 * mean(map(value, some)):.1f}" for value in columns.values())


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--understanding", default="accessible")
    parser.add_argument("--decision", default="rules")
    options = parser.parse_args()
    print(table(find(options.out, options.understanding, options.decision)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
