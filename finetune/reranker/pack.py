"""Turns a corpus into arrays of pieces of words: what the reranker is trained on.

    python -m magenta_qa.finetune.reranker.pack CORPUS START.npz OUT.npz [--written FOLDER]

A look's candidates stand as the agent knows them: type, name, state, and the sentence that `accessible` makes, with
the small model's reading where they have no name (as it is, as it would be misread, and without one), and what people
say they do. Steps are the corpus' instructions and those of its decisions. Written pages come after them.
"""

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from rich.progress import track

from magenta_qa.finetune.corpus.decisions import DEGRADED
from magenta_qa.finetune.embedded.shown import concept_of
from magenta_qa.finetune.reranker.look import ACCESSIBLE, MISREAD, PEOPLE, READ, Look
from magenta_qa.finetune.reranker.written import written_looks
from magenta_qa.model.embedded.icons import ICONS
from magenta_qa.model.reranker.pieces import MAX_LINE, MAX_STEP, Pieces
from magenta_qa.model.reranker.words import Line, Word, by_slips, line_words, meant, stem, step_words

_LINE = re.compile(r'\[(?P<mark>\d+)\] (?P<kind>\S+) "(?P<name>[^"]*)"(?: (?P<state>[^|]*?))? \| (?P<said>.*)')
_CLICKS = re.compile(
    r"(?:Clicks|Activates|Opens|Presses|Hovers over) the (?:(?! next to | in the ).)*?(?= next to | in the |\.$)"
)
_DOES = re.compile(r"^(\w+)(?= the .*\b(?:row|card|item)\b)")


def looks_of(corpus: Path) -> Iterator[Look]:
    """All looks of a corpus whose candidates' names are known."""
    for decisions in sorted((corpus / "decisions").glob("*.parquet")):
        split, _, number = decisions.stem.partition("-")
        rows = corpus / "understanding" / "v1" / "data" / decisions.name
        facts = corpus / "facts" / f"{number}.parquet"
        if rows.exists() and facts.exists():
            yield from _chunk(split, decisions, rows, facts)


def _chunk(split: str, decisions: Path, rows: Path, facts: Path) -> Iterator[Look]:
    looks: dict[str, Look] = {}
    asked: dict[str, list[tuple[str, int]]] = defaultdict(list)
    listed: dict[str, dict[int, Line]] = defaultdict(dict)
    for row in pq.read_table(decisions).to_pylist():
        name = row["id"].rpartition("-d")[0]
        looks.setdefault(name, Look(split))
        for line in row["prompt"].partition("\nCandidates:\n")[2].splitlines():
            if match := _LINE.match(line):
                line = Line(match["kind"], match["name"], match["state"] or "", match["said"])
                listed[name].setdefault(int(match["mark"]), line)
        step = re.search(r"^Step: (.*)$", row["prompt"], re.MULTILINE)
        if step and step[1] != "-" and row["outcome"] in ("act", "none"):
            asked[name].append((step[1], json.loads(row["answer"])["mark"] or 0))
    known = {row["external_id"]: row for row in pq.read_table(facts).to_pylist()}
    columns = ["external_id", "instruction", "summary"]
    taught: dict[str, dict[int, Any]] = defaultdict(dict)
    for row in pq.read_table(rows, columns=columns).to_pylist():
        name, _, mark = row["external_id"].rpartition("-")
        if row["external_id"] in known and mark.isdigit():
            taught[name][int(mark)] = (known[row["external_id"]], row)
    for name, look in looks.items():
        _fill(look, listed[name], taught[name], asked[name], Random(name), _is_degraded(name))
        if look.steps and len(look.lines) > 1:
            yield look


def _fill(
    look: Look,
    listed: dict[int, Line],
    taught: dict[int, Any],
    asked: Iterable[tuple[str, int]],
    r: Random,
    degraded: bool,
) -> None:
    for mark, line in listed.items():
        if mark in taught:
            facts, row = taught[mark]
            look.says[mark] = row["summary"]
            look.lines[mark] = dict(_variants(line, facts, row["summary"], r))
            look.steps.setdefault(row["instruction"], mark)
        elif degraded or re.match(r"(?:Clicks|Activates) ", line.sentence):
            look.lines[mark] = {ACCESSIBLE: line}  # said without knowing what it does
    for step, mark in asked:
        if mark in taught or not mark:
            look.steps.setdefault(step, mark)


def _is_degraded(name: str) -> bool:
    """Whether a look's candidates were listed without a model: as `corpus.decisions` draws it."""
    return Random(f"{name}/decisions").random() < DEGRADED


def _variants(line: Line, facts: dict[str, Any], summary: str, r: Random) -> Iterator[tuple[int, Line]]:
    yield ACCESSIBLE, line._replace(sentence=facts["accessible"])
    yield PEOPLE, line._replace(sentence=summary)
    if facts["icon"] and not line.name:
        concept = concept_of(facts["icon"].partition(":")[2])
        yield READ, _read(line, facts["accessible"], concept)
        yield MISREAD, _read(line, facts["accessible"], r.choice(list(ICONS)))


def _read(line: Line, accessible: str, concept: str) -> Line:
    """As `model.embedded.placing` puts a reading where it belongs."""
    does = ICONS[concept].does if concept in ICONS else "Activates"
    name = ICONS[concept].name if concept in ICONS else concept.replace("-", " ").capitalize()
    placed, count = _CLICKS.subn(lambda _: does, accessible, count=1)
    if not count:
        placed = _DOES.sub(lambda _: does, accessible, count=1)
    return line._replace(name=name, sentence=f"{placed.rstrip('.')} ({concept.replace('-', ' ')} icon).")


class Packer:
    """Words to numbers.

    Args:
        pieces: What words are made of.
    """

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.stems: dict[str, int] = {}
        self.texts: dict[str, int] = {}
        self.arrays: dict[str, list[Any]] = defaultdict(list)

    def add(self, look: Look, *, written: bool = False) -> None:
        """Append a look's rows; `written` says that no generator made it."""
        arrays, first = self.arrays, len(self.arrays["line"])
        stems: set[str] = set()
        texts: set[str] = set()
        number = len(arrays["look"])
        for mark, variants in look.lines.items():
            for variant, line in variants.items():
                words = line_words(line)
                stems.update(stem(word.text) for word in words)
                texts.update(word.text for word in words)
                arrays["line"].append(self._row(words, MAX_LINE))
                arrays["of"].append((number, mark, variant))
        arrays["look"].append((first, len(arrays["line"]), ["train", "validation", "test"].index(look.split), written))
        page, slipped = frozenset(stems), by_slips(texts)
        groups = _same(look)
        for step, mark in look.steps.items():
            asked = [Word(meant(word.text, page, slipped), word.segment) for word in step_words(step)]
            if asked:
                arrays["step"].append(self._row(asked, MAX_STEP))
                arrays["asks"].append((number, mark))
                right = groups.get(mark, ())
                arrays["right"].append(tuple(right)[:8] + (0,) * (8 - len(right)))

    def _row(self, words: list[Word], size: int) -> list[tuple[int, int, int, int]]:
        """Of each piece its place and segment, and its word's number and stem; all from 1."""
        numbers = [
            (
                self.texts.setdefault(word.text, len(self.texts) + 1),
                self.stems.setdefault(stem(word.text), len(self.stems) + 1),
            )
            for word in words
        ]
        row = [
            (piece.place, piece.segment, *(numbers[piece.word] if piece.word >= 0 else (0, 0)))
            for piece in self.pieces.row(words, size)
        ]
        return row + [(0, 0, 0, 0)] * (size - len(row))

    def save(self, path: Path) -> None:
        """Write the arrays."""
        a = self.arrays
        tables: dict[str, np.ndarray] = {}
        for name in ("line", "step"):
            place, segment, text, stems = np.moveaxis(np.array(a[name], np.int32), -1, 0)
            tables |= {name: place.astype(np.uint16), f"{name}_segment": segment.astype(np.uint8)}
            tables |= {f"{name}_text": text, f"{name}_stem": stems}
        tables |= {name: np.array(a[name], np.int32) for name in ("of", "look", "asks")}
        arrays: dict[str, Any] = tables | {"right": np.array(a["right"], np.int16)}
        np.savez_compressed(path, **arrays)


def _same(look: Look) -> dict[int, list[int]]:
    """The marks that do the same as each."""
    groups: dict[str, list[int]] = defaultdict(list)
    for mark, says in look.says.items():
        groups[says].append(mark)
    return {mark: groups[says] for mark, says in look.says.items()}


def counted(looks: Iterable[Look]) -> Counter[str]:
    """How often training has each word."""
    found: Counter[str] = Counter()
    for look in looks:
        if look.split == "train":
            found.update(
                w.text for variants in look.lines.values() for line in variants.values() for w in line_words(line)
            )
            found.update(w.text for step in look.steps for w in step_words(step))
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--written", type=Path, default=Path("finetune/reranker/written"), help="pages written line by line"
    )
    args = parser.parse_args()
    with np.load(args.start) as stored:
        packer = Packer(Pieces(stored["pieces"].tolist()))
    for look in track(looks_of(args.corpus), "packing looks"):
        packer.add(look)
    for look in written_looks(sorted(args.written.glob("*.txt"))):
        packer.add(look, written=True)
    packer.save(args.out)
    print(f"{args.out}: {len(packer.arrays['step']):,} steps on {len(packer.arrays['look']):,} looks")


if __name__ == "__main__":
    main()
