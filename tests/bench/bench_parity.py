"""Do the shipped files say the same as the PyTorch checkpoint that they come from?

    python tests/bench/bench_parity.py CHECKPOINT LOOKS [--understanding embedded] [--elements 200]

Unnamed elements of pages that nothing was trained on, as `bench_grounding.py OUT` has photographed them into
OUT/generated. Prints how many sentences are the same (aim 95 %) and those that are not.
"""

import argparse
import sys
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from exam_looks import load_looks  # noqa: E402

from magenta_qa.model.closeup import CLOSEUP  # noqa: E402
from magenta_qa.model.embedded.answering import open_embedded  # noqa: E402
from magenta_qa.model.local import open_local  # noqa: E402
from magenta_qa.model.picture import open_views  # noqa: E402
from magenta_qa.model.ranking.fitness import is_nameless  # noqa: E402
from magenta_qa.model.understand import Ask  # noqa: E402


def main() -> None:
    """Ask both, print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("looks", type=Path)
    parser.add_argument("--understanding", default="embedded")
    parser.add_argument("--elements", type=int, default=200)
    options = parser.parse_args()
    asks = (
        Ask(open_views(look.observation, CLOSEUP), question)
        for look in load_looks(options.looks)
        for question in look.questions
        if question.candidate.in_view and is_nameless(question.candidate)
    )
    asked = list(islice(asks, options.elements))
    local = open_local(f"local:{options.checkpoint}", CLOSEUP, device="cpu").answer_all(asked)
    shipped = open_embedded(options.understanding).answer_all(asked)
    told = [[getattr(answer, "text", str(answer)) for answer in answers] for answers in (local, shipped)]
    other = [(one, another) for one, another in zip(*told, strict=True) if one != another]
    kinds = len(set(told[0]))
    print(f"{len(asked) - len(other)} of {len(asked)} sentences are the same, {kinds} different ones (aim 95 %)")
    for one, another in other:
        print(f"  {one!r} → {another!r}")


if __name__ == "__main__":
    main()
