"""Packs a corpus for travelling: screens once, questions and answers as token ids, in parts of at most 60 MiB.

    pack([Path("build/corpus/v1")], base, out)       # base: a checkpoint, for its tokenizer

    out/train-screens-00000.parquet      width, height, webp
    out/train-elements-00000.parquet     screen (number), rect, prompts with and without HTML, answer, facts
    out/pack.json                        written last: counts, what training knows, the tokenizer's fingerprint

Prompts are encoded by the model's own processor, with the picture's 64 places in them, so that what is learned is what
is asked when serving. Splits lie apart, so that only what is needed travels.
"""

import io
import json
import multiprocessing
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image

from magenta_qa.finetune.embedded.corpora import SPLITS, Element, read_elements
from magenta_qa.finetune.embedded.pack_files import ELEMENTS, FACTS, KNOWN, SCREENS, Parts, fingerprint_of
from magenta_qa.finetune.embedded.shown import shown_sentence
from magenta_qa.finetune.row import Row, row_prompt
from magenta_qa.finetune.splits import page_group
from magenta_qa.model.closeup import PICTURE_PX, css_page, visible_rect
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.outline import Rect
from magenta_qa.model.prompt import understanding_prompt

ELEMENT_TOKENS = 512
"""Of a question with its picture and answer; HTML is cut at its end to fit, as when serving."""
TEXTS = 3
"""Of elements that show a text, every so many-th is learned to be read."""

Ids = dict[str, list[int]]
_ENCODED_AT_ONCE = 2048


class Encoder:
    """Questions and answers as ids.

    Args:
        base: The checkpoint.
    """

    def __init__(self, base: Path) -> None:
        self._processor = family_of(base).load_processor(base)
        self._blank = Image.new("RGB", (PICTURE_PX, PICTURE_PX))

    def __call__(self, asked: Row) -> Ids | None:
        """Ids of an element's two questions and its answer; None if it cannot be asked or learned."""
        try:
            return self._ids(asked)
        except ValueError:
            return None

    def _ids(self, asked: Row) -> Ids:
        full, answer = self._encode(row_prompt(asked), asked.summary)
        without = understanding_prompt(asked.action_type, asked.element_type, "", "")
        bare, _ = self._encode(without, asked.summary)
        return {"full": full, "bare": bare, "answer": answer}

    def _encode(self, prompt: str, answer: str) -> tuple[list[int], list[int]]:
        example = self._processor.encode([self._blank], prompt, answer, max_length=ELEMENT_TOKENS)
        ids = list(example.input_ids)
        return ids[: example.answer_start], ids[example.answer_start :]


Encoders = Callable[[Sequence[Row]], list[Ids | None]]


@contextmanager
def encoding(base: Path, processes: int) -> Iterator[Encoders]:
    """A function that encodes many rows, in so many processes."""
    if processes <= 1:
        encoder = Encoder(base)
        yield lambda asked: [encoder(each) for each in asked]
        return
    with multiprocessing.get_context("spawn").Pool(processes, _begin, (base,)) as pool:
        yield lambda asked: pool.map(_encode_one, asked, chunksize=32)


_ENCODER: list[Encoder] = []
"""Of a process that encodes."""


def _begin(base: Path) -> None:
    _ENCODER.append(Encoder(base))


def _encode_one(asked: Row) -> Ids | None:
    return _ENCODER[0](asked)


def pack(
    corpora: Sequence[Path], base: Path, out: Path, tell: Callable[[str], None] | None = None, processes: int = 1
) -> dict[str, object]:
    """Pack corpora, built before; returns the facts of `pack.json`.

    Args:
        corpora: Folders of `finetune.corpus`.
        base: Checkpoint whose tokenizer the ids are of.
        out: Folder, which must not hold a pack.
        tell: Told about progress.
        processes: That clean HTML and encode.

    Raises:
        DatasetError: `out` holds something, or there are no training rows.
    """
    if out.exists() and any(out.iterdir()):
        raise DatasetError(f"{out} is not empty; expected a new folder; remove it or choose another")
    out.mkdir(parents=True, exist_ok=True)
    facts: dict[str, object] = {"tokenizer": fingerprint_of(base)}
    with encoding(base, processes) as encoders:
        for split in SPLITS:
            facts[split] = _pack_elements(read_elements(corpora, split), split, encoders, out, tell)
            if tell:
                tell(f"{split}: {facts[split]}")
    if not facts["train"]["elements"]:  # type: ignore[index]
        raise DatasetError(f"no training rows in {', '.join(map(str, corpora))}; expected a corpus of 5 sites or more")
    (out / FACTS).write_text(json.dumps(facts, indent=2), "utf-8")
    return facts


def _pack_elements(
    elements: Iterator[Element], split: str, encode: Encoders, out: Path, tell: Callable[[str], None] | None
) -> dict[str, Any]:
    numbers: dict[str, int] = {}
    known: dict[str, Counter[str]] = {name: Counter() for name in KNOWN}
    left_out = 0
    with Parts(out, f"{split}-screens", SCREENS) as screens, Parts(out, f"{split}-elements", ELEMENTS) as rows:
        for many in _many(elements):
            told = [replace(element, row=told) for element in many if (told := _told(element))]
            shown = [(element, rect) for element in told if (rect := _rect(element.row)) is not None]
            left_out += len(many) - len(shown)
            # Pictures are of no use to the processes that encode.
            encoded = encode([replace(element.row, image=b"") for element, _ in shown])
            for (element, rect), ids in zip(shown, encoded, strict=True):
                if ids is None:
                    left_out += 1
                    continue
                row, facts = element.row, element.facts
                if row.screenshot not in numbers:
                    numbers[row.screenshot] = screens.count
                    _add_screen(screens, row)
                for name, counter in known.items():
                    counter[facts[name]] += 1
                stored = {"id": row.external_id, "screen": numbers[row.screenshot], "rect": list(rect)}
                stored |= {"summary": row.summary, "instruction": row.instruction, "page": page_group(row)}
                rows.add(stored | {name: facts[name] for name in _FROM_FACTS} | ids, 1000)
            if tell:
                tell(f"{split}: {rows.count:,} elements on {screens.count:,} screens")
        counts = {"elements": rows.count, "screens": screens.count, "left_out": left_out}
    return counts | {name: dict(sorted(counter.items())) for name, counter in known.items()}


def _told(element: Element) -> Row | None:
    """The row with what its picture alone tells as its answer; None where that is nothing, and for most texts."""
    sentence = shown_sentence(element.facts, element.row.text)
    if not sentence or (element.facts["shown"] != "icon" and zlib.crc32(element.row.external_id.encode()) % TEXTS):
        return None
    return replace(element.row, summary=sentence)


def _rect(row: Row) -> Rect | None:
    """Where the element shows; None if it does not, or nobody knows where."""
    if row.box is None or row.viewport is None:
        return None
    rect = visible_rect(row.box, row.viewport)
    return rect if rect[0] < rect[2] and rect[1] < rect[3] else None


def _many(elements: Iterator[Element]) -> Iterator[list[Element]]:
    while some := list(islice(elements, _ENCODED_AT_ONCE)):
        yield some


def _add_screen(screens: Parts, row: Row) -> None:
    assert row.viewport is not None, "only elements whose place is known are packed"
    webp = at_css_size(row.image, row.viewport)
    screens.add({"width": row.viewport[0], "height": row.viewport[1], "webp": webp}, len(webp))


_FROM_FACTS = ("kind", "framework", "icons", "shown", "named", "accessible", "repeated")


def at_css_size(image: bytes, viewport: tuple[int, int]) -> bytes:
    """The screenshot with one pixel for a CSS pixel; as it is where it has that size already."""
    with Image.open(io.BytesIO(image)) as picture:
        if picture.size == viewport:
            return image
        buffer = io.BytesIO()
        css_page(picture.convert("RGB"), viewport).save(buffer, "WEBP", lossless=True)
        return buffer.getvalue()
