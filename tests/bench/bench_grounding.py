"""Does a tester's instruction lead to the right element of a page that nothing was trained on?

    python tests/bench/bench_grounding.py OUT [--understanding embedded] [--decision embedded] [--pages 60]

As the product does it: the back end describes every element that shows, the decision step gets the instruction. Pages
are drawn ones of held-out kinds, frameworks and icon sets (`--pages`, 8 elements a look asked about), and the 200
elements of other people's applications that were labelled by hand. They are photographed into OUT the first time: drawn
pages need npm's packages, the applications are installed below build/apps. Descriptions are kept there as well, so that
a run that was stopped goes on where it was. Beside the back end stand `accessible` with `rules`, what the decision step
makes of the descriptions that people or the generator wrote, and chance.

The controls ask what descriptions alone tell, without names and surroundings: as served; without a picture; without
HTML and text; and with each outline around another element. Intervals are 95 %, over pages. Figures go to
OUT/grounding.json.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from exam_looks import Asked, ExamLook, generated_looks, labelled_looks, load_looks, save_looks  # noqa: E402
from hand_labelled import photograph  # noqa: E402
from hand_labels import load_labels  # noqa: E402

from magenta_qa.finetune.bootstrap import interval  # noqa: E402
from magenta_qa.finetune.controls import html_only, picture_only  # noqa: E402
from magenta_qa.finetune.corpus.fetch import fetch  # noqa: E402
from magenta_qa.finetune.grounding import bare_candidate  # noqa: E402
from magenta_qa.finetune.held_out import Look  # noqa: E402
from magenta_qa.finetune.progress import OnProgress, progress_bar  # noqa: E402
from magenta_qa.model.accessible import AccessibleUnderstanding  # noqa: E402
from magenta_qa.model.decide import Deciding, open_decision  # noqa: E402
from magenta_qa.model.schema import DecisionRequest, Description, Observation, View  # noqa: E402
from magenta_qa.model.understand import Understanding, open_understanding  # noqa: E402

KINDS = (
    "all", "icon-only", "unnamed", "repeated", "new kind", "new framework", "new icons", "flask-admin", "label-studio",
    "verdaccio",
)  # fmt: skip
SETS = ("generated", "by hand")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one instruction."""

    page: str
    kinds: tuple[str, ...]
    chance: float
    outcome: str
    """right | wrong | stuck."""


Describe = Callable[[ExamLook], Sequence[Description]]


def judge(looks: Iterable[ExamLook], describe: Describe, deciding: Deciding, *, bare: bool = False) -> list[Answer]:
    """Decide every instruction of the looks.

    Args:
        looks: The pages.
        describe: Says what a page's candidates do.
        deciding: The decision step.
        bare: Whether only descriptions and types are there to decide by.
    """
    return [answer for look in looks for answer in _judged(look, describe(look), deciding, bare)]


def _judged(look: ExamLook, said: Sequence[Description], deciding: Deciding, bare: bool) -> Iterator[Answer]:
    for asked in look.asked:
        observation = _bared(look.observation, asked) if bare else look.observation
        decision = deciding.decide(DecisionRequest(asked.instruction, None, observation, tuple(said)))
        action = decision.action if decision.outcome == "act" else None
        points = (
            decision.place is not None and decision.place.prepares and action is not None and action.kind == "hover"
        )
        mark = action.mark if action is not None and not points else None  # a pointer on the way acts on nothing
        outcome = "stuck" if mark is None else "right" if mark in asked.right else "wrong"
        kinds = ("all", *asked.kinds, look.page.partition("/")[0])
        yield Answer(look.page, kinds, len(asked.right) / len(look.observation.candidates), outcome)


def _bared(observation: Observation, asked: Asked) -> Observation:
    candidates = tuple(
        bare_candidate(c.mark, c.element_type, c.action_types[0], asked.instruction) for c in observation.candidates
    )
    return replace(observation, candidates=candidates, title="", heading="", modal="", screenshot=b"")


def by_people(look: ExamLook) -> list[Description]:
    """What people or the generator wrote, for the elements that were asked about; what a rule says of the others."""
    own = {mark: asked.descriptions[0] for asked in look.asked for mark in asked.right}
    plain = AccessibleUnderstanding().describe(look.observation, look.questions)
    # Signed as a model's, whoever said it: the decision step leaves out what it could work out by itself.
    return [replace(d, text=own.get(d.mark, d.text), source="model") for d in plain]


def moved(look: Look) -> Look:
    """The look without HTML and text, each outline around the next element."""
    silent = picture_only(look)
    boxes = [question.candidate.box for question in look.questions]
    turned = [*boxes[1:], *boxes[:1]]
    questions = tuple(
        replace(question, candidate=replace(question.candidate, box=box, point=None))
        for question, box in zip(silent.questions, turned, strict=True)
    )
    return replace(silent, questions=questions)


def _unchanged(look: Look) -> Look:
    return look


CONTROLS: dict[str, Callable[[Look], Look]] = {
    "descriptions alone": _unchanged,
    "HTML only": html_only,
    "picture only": picture_only,
    "outline moved": moved,
}


def describer(
    understanding: Understanding, show: OnProgress, what: str, total: int, change: Callable[[Look], Look] = _unchanged
) -> Describe:
    """Asks a back end about looks, changed on the way."""
    done = 0

    def describe(look: ExamLook) -> list[Description]:
        nonlocal done
        whole = Look(look.observation, tuple(look.questions), tuple(range(len(look.questions))))
        asked = change(whole)
        found = understanding.describe(asked.observation, asked.questions)
        done += 1
        show(what, done, total)
        return found

    return describe


def figures(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """For each kind: how many, shares, the interval of what is right, chance; all shares in per cent."""
    found = {}
    for kind in KINDS:
        some = [a for a in answers if kind in a.kinds]
        if some:
            sure = interval([a.outcome == "right" for a in some], [a.page for a in some])
            shares = {name: 100 * mean(a.outcome == name for a in some) for name in ("right", "wrong", "stuck")}
            found[kind] = {
                "elements": len(some), "pages": sure.pages, "chance": 100 * mean(a.chance for a in some), **shares,
                "low": 100 * sure.low, "high": 100 * sure.high,
            }  # fmt: skip
    return found


def table(results: dict[str, dict[str, dict[str, dict[str, float]]]]) -> str:
    """In Markdown: a line for each set and kind, a column for each system."""
    systems = list(dict.fromkeys(name for systems in results.values() for name in systems))
    lines = ["| | elements | chance | " + " | ".join(systems) + " |", "|---|---:|---:|" + "---:|" * len(systems)]
    for which, found in results.items():
        for kind in KINDS:
            rows = [found[name].get(kind) for name in systems if name in found]
            first = next((row for row in rows if row), None)
            if first:
                cells = " | ".join(_cell(row) for row in rows)
                lines.append(f"| {which}, {kind} | {first['elements']} | {first['chance']:.1f} | {cells} |")
    return "\n".join(lines)


def _cell(row: dict[str, float] | None) -> str:
    if row is None:
        return "-"
    return f"{row['right']:.1f} ({row['low']:.0f}–{row['high']:.0f}), wrong {row['wrong']:.1f}"


def looks_in(out: Path, pages: int, sets: Sequence[str]) -> dict[str, list[ExamLook]]:
    """The looks of both sets, photographed the first time."""
    makers: dict[str, Callable[[], Iterable[ExamLook]]] = {
        "generated": lambda: generated_looks(pages, fetch()),
        "by hand": lambda: labelled_looks(look for labels in load_labels() for look in photograph(labels)),
    }
    found = {}
    for which in sets:
        folder = out / which.replace(" ", "-")
        if not (folder / "done").exists():
            print(f"photographing what was {which} …", flush=True)
            save_looks(makers[which](), folder)
        found[which] = load_looks(folder)
    return found


def main() -> int:
    """Photograph, describe, decide; print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--understanding", default="embedded")
    parser.add_argument("--decision", default="embedded")
    parser.add_argument("--pages", type=int, default=60, help="Generated ones; two looks each at most.")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--control-looks", type=int, default=20, help="Looks of each set that the controls take.")
    options = parser.parse_args()
    looks = looks_in(options.out, options.pages, options.sets)
    understanding = open_understanding(
        options.understanding, view=View(), cache_dir=options.out / "descriptions", api_key=None
    )
    with progress_bar() as show:
        results = compare(looks, understanding, options, show)
        controls = control(looks, understanding, options.control_looks, show)
    understanding.close()
    print(table(results), table(controls), sep="\n\n")
    stored = {"options": {k: str(v) for k, v in vars(options).items()}, "grounding": results, "controls": controls}
    (options.out / "grounding.json").write_text(json.dumps(stored, indent=2), "utf-8")
    return 0


Results = dict[str, dict[str, dict[str, dict[str, float]]]]


def compare(
    looks: dict[str, list[ExamLook]], understanding: Understanding, options: argparse.Namespace, show: OnProgress
) -> Results:
    """Set → system → kind → figures."""
    rules = open_decision("rules", api_key=None)
    deciding = open_decision(options.decision, api_key=None)
    results: Results = {}
    for which, some in looks.items():
        plain = describer(AccessibleUnderstanding(), show, f"{which}: accessible", len(some))
        own = describer(understanding, show, f"{which}: {understanding.spec}", len(some))
        systems = {
            "accessible + rules": judge(some, plain, rules),
            f"{understanding.spec} + {options.decision}": judge(some, own, deciding),
            f"people's words + {options.decision}": judge(some, by_people, deciding),
        }
        results[which] = {name: figures(answers) for name, answers in systems.items()}
    deciding.close()
    return results


def control(looks: dict[str, list[ExamLook]], understanding: Understanding, count: int, show: OnProgress) -> Results:
    """Set → control → kind → figures, by `rules` on descriptions alone."""
    rules = open_decision("rules", api_key=None)
    results: Results = {}
    for which, some in looks.items():
        few = Random(0).sample(some, min(count, len(some)))
        results[which] = {}
        for name, change in CONTROLS.items():
            ask = describer(understanding, show, f"{which}: {name}", len(few), change)
            results[which][name] = figures(judge(few, lambda look, ask=ask: _as_model(ask(look)), rules, bare=True))
    return results


def _as_model(said: Sequence[Description]) -> list[Description]:
    return [replace(description, source="model", degraded=False) for description in said]


if __name__ == "__main__":
    sys.exit(main())
