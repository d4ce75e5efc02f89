"""`magenta evaluate`: how well descriptions fit, and whether they help to find what a tester means.

    magenta evaluate data/shop --understanding local:openbmb/MiniCPM-V-4.6+runs/1 --out runs/1/evaluation
    magenta evaluate data/shop --understanding openai:shop@http://127.0.0.1:8001 --base openai:base@http://127.0.0.1:8001

In: a dataset's held-out split and any understanding back end. Out: `evaluation.json` (`evaluation.py`) and
`evaluation.html` with the worst examples as pictures. What a model has said is cached below OUT, so that an interrupted
run goes on where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from magenta_qa.finetune.asking import ControlAnswers, Report, Said, ask, ask_controls
from magenta_qa.finetune.dataset import find_source, load_facts, load_rows
from magenta_qa.finetune.evaluation import BASE, FILE, MODEL, Answer, Data, Evaluation, Example, System, save_evaluation
from magenta_qa.finetune.figures import control_figures, figures_of, gains_of
from magenta_qa.finetune.grounding import Case, build_cases, ground
from magenta_qa.finetune.held_out import HeldOut
from magenta_qa.finetune.metrics import TOKENIZER, SentenceScore, score_sentences
from magenta_qa.finetune.row import Row
from magenta_qa.model.decide import open_decision
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.line import Limits
from magenta_qa.model.schema import View
from magenta_qa.model.understand import ModelUnderstanding, Understanding, open_understanding

PATIENT = Limits(timeout_s=120.0, budget_s=900.0, break_after=20)
"""Of an endpoint's client: nobody waits for a single page here."""

Stage = Callable[[str, int], Report]
"""Begins a stage of so many rows; gives what is to be told of each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is evaluated, and how."""

    data: str
    """The dataset."""
    model: str
    """Understanding back end."""
    base: str = ""
    """The one that it is compared with; empty for none."""
    split: str = "test"
    view: View = field(default_factory=View)
    decision: str = "rules"
    limit: int | None = None
    """Rows at most, spread evenly."""
    control_rows: int = 200
    """Rows at most for each control; 0 for no controls."""
    seed: int = 0
    api_key: str | None = None


def _silent(_name: str, _rows: int) -> Report:
    return lambda _: None


def run_evaluation(plan: Plan, out: Path, stage: Stage = _silent) -> tuple[Evaluation, HeldOut]:
    """Evaluate a dataset's split and write `evaluation.json` into `out`.

    Raises:
        DatasetError: There are no rows to judge by.
        ConfigError: A back end cannot be used.
        BackendError: A back end did not answer; what it did answer is kept, and the same call goes on from there.
    """
    rows = load_rows(plan.data, plan.split)
    source = find_source(plan.data)
    data = Data(source.path, plan.split, rows=0, pages=0, version=source.version, split_rule=_split_rule(plan.data))
    evaluation, held = evaluate_rows(rows, plan, data, out, stage)
    save_evaluation(evaluation, str(out / FILE))
    return evaluation, held


def evaluate_rows(
    rows: Sequence[Row], plan: Plan, data: Data, out: Path, stage: Stage = _silent
) -> tuple[Evaluation, HeldOut]:
    """Evaluate rows that are given; `data` says where they come from. See `run_evaluation`."""
    held = HeldOut(rows, plan.limit)
    cases = build_cases(held.items, held.others)
    specs = {BASE: plan.base, MODEL: plan.model} if plan.base else {MODEL: plan.model}
    judged = {name: _judge(name, spec, plan, held, cases, out, stage) for name, spec in specs.items()}
    examples = _examples(held, cases, judged)
    pages = {item.page for item in held.items}
    left_out = dict(held.left_out)
    counts = {name: [score.bleu for score in one.scores] for name, one in judged.items()}
    return Evaluation(
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        package=_package_version(),
        data=replace(data, rows=len(held.items), pages=len(pages), left_out=left_out),
        view=plan.view,
        decision=plan.decision,
        tokenizer=TOKENIZER,
        seed=plan.seed,
        systems={name: one.system for name, one in judged.items()},
        figures={name: figures_of(examples, name, counts[name], plan.seed) for name in specs},
        gains=gains_of(examples, plan.seed) if plan.base else {},
        controls={
            name: control_figures(held.items, one.said, one.controls, plan.seed)
            for name, one in judged.items()
            if one.controls is not None
        },
        examples=examples,
    ), held


@dataclass(frozen=True, slots=True)
class _Judged:
    """One system: what it said and how good that was, by the number of the item."""

    system: System
    said: list[Said]
    scores: list[SentenceScore]
    grounded: dict[int, bool]
    controls: ControlAnswers | None


def _judge(name: str, spec: str, plan: Plan, held: HeldOut, cases: Sequence[Case], out: Path, stage: Stage) -> _Judged:
    cache = out / "cache"
    understanding = open_understanding(spec, view=plan.view, cache_dir=cache, api_key=plan.api_key, limits=PATIENT)
    try:
        numbers = range(len(held.everything))
        found = ask(understanding, held.looks(numbers), stage(f"{name}: describe", len(numbers)))
        controls = _control_answers(name, understanding, held, plan, stage) if plan.control_rows else None
        identity = _identity(understanding)
    finally:
        understanding.close()
    said = [found[number] for number in range(len(held.items))]
    scores = score_sentences([one.text for one in said], [item.reference for item in held.items])
    system = System(spec, identity, unusable=sum(not one.text for one in said))
    return _Judged(system, said, scores, _grounded(name, found, cases, held, plan, stage), controls)


def _control_answers(
    name: str, understanding: Understanding, held: HeldOut, plan: Plan, stage: Stage
) -> ControlAnswers:
    """Of evenly spread looks, so many rows of them as the plan allows."""
    looks: dict[str, list[int]] = {}
    for number, item in enumerate(held.items):
        looks.setdefault(item.look, []).append(number)
    # Looks at which outlines can be moved come first.
    groups = sorted(looks.values(), key=lambda group: len(group) < 2)
    numbers: list[int] = []
    for group in groups:
        if len(numbers) + len(group) <= plan.control_rows or not numbers:
            numbers += group[: plan.control_rows]
    return ask_controls(understanding, held, sorted(numbers), stage(f"{name}: controls", 3 * len(numbers)))


def _grounded(
    name: str, said: Mapping[int, Said], cases: Sequence[Case], held: HeldOut, plan: Plan, stage: Stage
) -> dict[int, bool]:
    deciding = open_decision(plan.decision, api_key=plan.api_key, limits=PATIENT)
    report = stage(f"{name}: ground", len(cases))
    try:
        texts = {number: one.text for number, one in said.items()}
        return ground(cases, held.everything, texts, deciding, lambda: report(1))
    finally:
        deciding.close()


def _examples(held: HeldOut, cases: Sequence[Case], judged: dict[str, _Judged]) -> tuple[Example, ...]:
    by_number = {case.number: case for case in cases}
    examples = []
    for number, item in enumerate(held.items):
        case = by_number.get(number)
        examples.append(
            Example(
                id=item.id,
                page=item.page,
                kinds=item.kinds,
                reference=item.reference,
                answers={name: _answer(one, number) for name, one in judged.items()},
                instruction=case.instruction if case else "",
                candidates=len(case.candidates) if case else 0,
            )
        )
    return tuple(examples)


def _answer(one: _Judged, number: int) -> Answer:
    said, score = one.said[number], one.scores[number]
    return Answer(
        text=said.text,
        cider_d=score.cider_d,
        rouge_l=score.rouge_l,
        confidence=said.confidence,
        grounded=one.grounded.get(number),
        problem=said.problem,
    )


def _identity(understanding: Understanding) -> str:
    if isinstance(understanding, ModelUnderstanding):
        return understanding.answering.identity() or ""
    return ""


def _split_rule(path: str) -> str:
    try:
        return str(load_facts(path).get("split_rule", ""))
    except DatasetError:
        return ""


def _package_version() -> str:
    try:
        return version("magenta-qa")
    except PackageNotFoundError:
        return ""
