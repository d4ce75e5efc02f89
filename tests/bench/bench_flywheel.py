"""Does fine-tuning on one application's own interactions help there, on a CPU, and cost nothing elsewhere?

    python tests/bench/bench_flywheel.py OUT --model embedded [--rows 300] [--seeds 0 1 2] [--epochs 6] [--train full]

The application is one that nothing was trained on: a drawn site of the test split, with a held-out style sheet and
icon set. 300 of the interactions of some of its pages, labelled by the generator, are trained on by `magenta finetune
train`; `magenta finetune export` writes what came of it. Before and after, the decision step gets instructions and what
the back end says, on the site's other pages and on the golden set: pages of other sites. Each seed takes other rows and
another order. A seed that is finished is not trained again. Needs the extra `[finetune]`.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from random import Random
from statistics import mean

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "bench"))

from bench_grounding import Answer, describer, judge  # noqa: E402
from exam_looks import SEED, ExamLook, drawn_look, generated_looks, load_looks, save_looks  # noqa: E402

from magenta_qa.finetune.corpus.fetch import fetch  # noqa: E402
from magenta_qa.finetune.corpus.frameworks import HELD_OUT as HELD_OUT_FRAMEWORKS  # noqa: E402
from magenta_qa.finetune.corpus.icons import HELD_OUT as HELD_OUT_ICONS  # noqa: E402
from magenta_qa.finetune.corpus.photograph import open_studio  # noqa: E402
from magenta_qa.finetune.corpus.rows import Seen, understanding_rows  # noqa: E402
from magenta_qa.finetune.corpus.site import Made, Site, make_site  # noqa: E402
from magenta_qa.finetune.corpus.views import views  # noqa: E402
from magenta_qa.finetune.dataset import FACTS, load_rows  # noqa: E402
from magenta_qa.finetune.dataset_write import ParquetWriters  # noqa: E402
from magenta_qa.finetune.progress import progress_bar  # noqa: E402
from magenta_qa.finetune.row import Row  # noqa: E402
from magenta_qa.model.decide import open_decision  # noqa: E402
from magenta_qa.model.schema import View  # noqa: E402
from magenta_qa.model.understand import open_understanding  # noqa: E402

KEPT_PAGES = 12
"""Of the site, that are asked about and never trained on."""
TRAINED_PAGES = 24
GOLDEN_PAGES = 15
SETS = ("own pages", "golden set")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a model finds on one set."""

    right: float
    unnamed: float
    """Among icons that nothing names."""
    elements: int


def application(modules: Path) -> Site:
    """The first site of the test split with both a held-out style sheet and held-out icons."""
    for number in range(10_000):
        site = make_site(number, SEED + 1, modules)
        made = site.draw(0) if site.split == "test" else None
        if made and made.framework in HELD_OUT_FRAMEWORKS and made.icons in HELD_OUT_ICONS:
            return site
    raise LookupError(f"no site of seed {SEED + 1} has both held-out style sheets and icons")


def prepare(out: Path) -> None:
    """Photograph the application and the golden set, unless that has been done."""
    modules = fetch()
    if not (out / "golden-set" / "done").exists():
        save_looks(generated_looks(GOLDEN_PAGES, modules, SEED + 2), out / "golden-set")
    if (out / "own-pages" / "done").exists():
        return
    site = application(modules)
    with open_studio() as studio:
        folder = out / "interactions" / "v1"
        with ParquetWriters(str(folder)) as writers:
            count = 0
            for page in range(KEPT_PAGES, KEPT_PAGES + TRAINED_PAGES):
                made, seen = site.draw(page), Seen()
                for number, shot in enumerate(views(studio, made, Random(f"{page}/views"), seen)):
                    for row, _ in understanding_rows(made, shot, f"{page}-{number}", seen):
                        writers.write("train", row)
                        count += 1
        facts = {"format": 1, "rows": {"train": count}, "split_rule": "pages"}
        (folder / FACTS).write_text(json.dumps(facts), "utf-8")
        kept = (_kept(studio, site.draw(page), page) for page in range(KEPT_PAGES))
        save_looks((look for looks in kept for look in looks), out / "own-pages")


def _kept(studio: object, made: Made, page: int) -> Iterator[ExamLook]:
    for number, shot in enumerate(islice(views(studio, made, Random(f"{page}/views"), set()), 2)):  # type: ignore[arg-type]
        look = drawn_look(made, shot, f"own-{page}-{number}", f"own-{page}")
        if look.asked:
            yield look


def chosen_rows(out: Path, count: int, seed: int) -> Path:
    """A dataset of so many of the interactions, as a team's log would have them."""
    folder = out / f"rows-{seed}" / "v1"
    if not (folder / FACTS).exists():
        rows = load_rows(str(out / "interactions"), "train")
        numbers = sorted(Random(seed).sample(range(len(rows)), min(count, len(rows))))
        picked: list[Row] = [rows[number] for number in numbers]
        with ParquetWriters(str(folder)) as writers:
            for row in picked:
                writers.write("train", row)
        facts = {"format": 1, "rows": {"train": len(picked)}, "split_rule": "pages"}
        (folder / FACTS).write_text(json.dumps(facts), "utf-8")
    return folder.parent


def tuned(out: Path, options: argparse.Namespace, seed: int) -> tuple[Path, float]:
    """The model that one seed's rows made of it, and the seconds of its training; as it is there already."""
    exported, told = out / f"model-{seed}", out / f"seconds-{seed}.json"
    if exported.exists() and told.exists():
        return exported, json.loads(told.read_text("utf-8"))
    run = out / f"run-{seed}"
    started = time.monotonic()
    flags = [
        "--model", options.model, "--data", str(chosen_rows(out, options.rows, seed)), "--output_dir", str(run),
        "--train", options.train, "--learning_rate", str(options.learning_rate), "--seed", str(seed),
        "--num_train_epochs", str(options.epochs), "--per_device_train_batch_size", str(options.batch),
        "--report_to", "none", "--start_over", "true", "--save_steps", "100000",
    ]  # fmt: skip
    _magenta("finetune", "train", *flags)
    seconds = time.monotonic() - started
    _magenta("finetune", "export", str(run), str(exported))
    told.write_text(json.dumps(seconds), "utf-8")
    return exported, seconds


def _magenta(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "magenta_qa.agent.cli", *arguments], check=True)


def measure(out: Path, understanding: str, decision: str) -> dict[str, Figures]:
    """What a model finds on the application's other pages and on the golden set."""
    asked = open_understanding(understanding, view=View(), cache_dir=out / "descriptions", api_key=None)
    deciding = open_decision(decision, api_key=None)
    found = {}
    with progress_bar() as show:
        for which in SETS:
            looks = load_looks(out / which.replace(" ", "-"))
            answers = judge(looks, describer(asked, show, f"{understanding}: {which}", len(looks)), deciding)
            found[which] = Figures(_share(answers, "all"), _share(answers, "unnamed"), len(answers))
    asked.close()
    return found


def _share(answers: Sequence[Answer], kind: str) -> float:
    return 100 * mean([a.outcome == "right" for a in answers if kind in a.kinds] or [False])


def main() -> int:
    """Measure, train, measure; print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="embedded", help="What is trained: embedded, embedded:PATH or a checkpoint")
    parser.add_argument("--before", help="The same as a back end, where --model is a checkpoint: embedded:PATH")
    parser.add_argument("--decision", default="embedded")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=float, default=6)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--train", default="full")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    prepare(options.out)
    results = {"before": measure(options.out, options.before or options.model, options.decision)}
    seconds = []
    for seed in options.seeds:
        folder, took = tuned(options.out, options, seed)
        results[f"seed {seed}"] = measure(options.out, f"embedded:{folder}", options.decision)
        seconds.append(took)
        print(table(results), flush=True)
    print(f"training took {', '.join(f'{each / 60:.1f}' for each in seconds)} minutes")
    after = [found for name, found in results.items() if name != "before"]
    for which in SETS:
        gain = mean(found[which].right for found in after) - results["before"][which].right
        print(f"{which}: {results['before'][which].right:.1f} % before, {gain:+.1f} points, mean of {len(after)}")
    stored = {name: {which: asdict(f) for which, f in found.items()} for name, found in results.items()}
    (options.out / "flywheel.json").write_text(json.dumps({"seconds": seconds, **stored}, indent=2), "utf-8")
    return 0


def table(results: dict[str, dict[str, Figures]]) -> str:
    """A line for each model."""
    lines = [f"{'':12}" + "".join(f"{which:>14}{'icons':>9}" for which in SETS)]
    for name, found in results.items():
        lines.append(f"{name:12}" + "".join(f"{found[w].right:12.1f} %{found[w].unnamed:7.1f} %" for w in SETS))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
