"""The log as a labeller needs it: one item an interaction, few bytes each, brought up to date by what is appended.

    labels = LabelLog(Path(".magenta"))
    labels.catch_up()                 # -> items that are new; judgements are noted in their items
    labels.line(item)                 # the interaction's own line, read anew
    labels.record(item, judgement)    # appends a line; it is on the disk when this returns

The file is all there is: whoever is killed loses nothing, and what another process appends is seen at the next look.
"""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from magenta_qa.agent.label.judgement import Judgement, Settled, add, settle
from magenta_qa.agent.log import LOG_FILE, append_line
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Box

TRUSTED = frozenset({"person", "accepted", "teacher", "effect"})
"""`summary_source` of what is trained on already."""
UNKNOWN = 0.5
"""How sure nobody knows the model to be: there is no suggestion, or it is not a model's."""
_TAGS = re.compile(r"<(\w+)([^<>]*)>")
_CLASS = re.compile(r"\sclass=\"([^\"]*)\"")
_DIGITS = re.compile(r"\d+")
_HASH_PX = 8
_NOISE = 12
"""Grey levels that compression may make of nothing."""


class Line(BaseModel):
    """A line of the log, as far as it is shown and judged."""

    model_config = ConfigDict(extra="ignore")

    id: str
    site: str = ""
    url: str = ""
    viewport: tuple[int, int]
    image: str = Field(pattern=r"^[0-9a-f]{64}$")
    box: tuple[float, float, float, float]
    action_type: str
    element_type: str
    text: str = ""
    html: str = ""
    goal: str | None = None
    step_text: str | None = None
    summary: str | None = None
    summary_source: str | None = None
    confidence: float | None = None
    judgement: Judgement | None = None


@dataclass(slots=True)
class Item:
    """An interaction in the queue."""

    id: str
    offset: int
    """Where its own line begins in the file."""
    image: str
    sure: float
    """How sure the model is of its suggestion, 0 to 1."""
    alike: bytes
    """Equal for near-duplicates."""
    trusted: bool
    """It has a label that is trained on already, which nobody was asked about here."""
    judgements: list[Judgement] = field(default_factory=list)
    """That stand, in order."""

    @property
    def settled(self) -> Settled:
        """What they come to."""
        return settle(self.judgements)

    def judged_by(self, name: str) -> bool:
        """Whether this person's judgement stands."""
        return any(each.by == name for each in self.judgements)


class LabelLog:
    """The log of a folder.

    Args:
        folder: A `.magenta` folder, the `log` in it, or another one that holds an `interactions.jsonl`.
        taught: Id → what a teacher has said, which takes the place of the log's own suggestion.

    Raises:
        DatasetError: It has no log.
    """

    def __init__(self, folder: Path, taught: Mapping[str, str] | None = None) -> None:
        places = (folder / "log" / LOG_FILE, folder / LOG_FILE)
        found = next((path for path in places if path.is_file()), None)
        if found is None:
            raise DatasetError(
                f"{folder} has no {LOG_FILE}: expected the .magenta folder of a run, or what "
                "'magenta record', 'magenta crawl' or --magenta-collect has written"
            )
        self.path = found
        self._taught = taught or {}
        self.images = found.parent / "images"
        self.items: dict[str, Item] = {}
        self.judged: dict[str, list[str]] = {}
        """Name → ids of what they have judged, the last one last; what they took back is gone."""
        self.unreadable = 0
        """Lines that are none, such as a torn one."""
        self.without_picture = 0
        self._read = 0

    def catch_up(self) -> list[Item]:
        """Read what was appended since the last time; an unfinished last line is left for the next."""
        new: list[Item] = []
        with self.path.open("rb") as file:
            if file.seek(0, io.SEEK_END) < self._read:
                raise DatasetError(f"{self.path} has become shorter: it was replaced; start 'magenta label' again")
            file.seek(self._read)
            for content in file:
                if not content.endswith(b"\n"):
                    break
                offset, self._read = self._read, self._read + len(content)
                if content.strip():
                    new += self._take(offset, content)
        return new

    def _take(self, offset: int, content: bytes) -> list[Item]:
        try:
            line = Line.model_validate_json(content)
        except ValidationError:
            self.unreadable += 1
            return []
        known = self.items.get(line.id)
        if line.judgement is not None and known is not None:
            self._apply(known, line.judgement)
            return []
        item = self._item(offset, line)
        if item is None:
            return []
        if known is not None:  # corrected by whoever logged it
            item.judgements = known.judgements
        self.items[line.id] = item
        return [item]

    def _item(self, offset: int, line: Line) -> Item | None:
        if not (self.images / f"{line.image}.webp").is_file():
            self.without_picture += 1
            return None
        from_model = line.summary_source == "model" and line.confidence is not None
        sure = line.confidence if from_model and line.confidence is not None else UNKNOWN
        trusted = line.summary_source in TRUSTED and line.judgement is None
        item = Item(line.id, offset, line.image, sure, self._alike(line), trusted)
        if line.judgement is not None:
            self._apply(item, line.judgement)
        return item

    def _apply(self, item: Item, judgement: Judgement) -> None:
        add(item.judgements, judgement)
        mine = self.judged.setdefault(judgement.by, [])
        if judgement.verdict != "undone":
            mine.append(item.id)
        elif item.id in mine:
            del mine[len(mine) - 1 - mine[::-1].index(item.id)]

    def _alike(self, line: Line) -> bytes:
        """Hash of what near-duplicates share: the site, the kind of element, how its surroundings are built, its text.

        Numbers do not count. An element without text is told by its pixels.
        """
        built = [(tag, _CLASS.findall(facts)) for tag, facts in _TAGS.findall(line.html)]
        text = _DIGITS.sub("#", line.text.casefold()).strip()
        shown = text or _pixels(self.images / f"{line.image}.webp", Box(*line.box), line.viewport[0])
        parts = [line.site, line.action_type, line.element_type, built, shown]
        return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).digest()

    def line(self, item: Item) -> Line:
        """The interaction as it was logged, with what a teacher has said of it, if one has."""
        line = Line.model_validate(self._raw(item))
        said = None if item.trusted else self._taught.get(item.id)
        return line if said is None else line.model_copy(update={"summary": said, "summary_source": "teacher"})

    def _raw(self, item: Item) -> dict[str, Any]:
        with self.path.open("rb") as file:
            file.seek(item.offset)
            found: dict[str, Any] = json.loads(file.readline())
        return found

    def picture(self, item: Item) -> bytes:
        """Its encoded screenshot, not outlined."""
        return (self.images / f"{item.image}.webp").read_bytes()

    def record(self, item: Item, judgement: Judgement) -> None:
        """Append a judgement; it is on the disk when this returns.

        Raises:
            OSError: It could not be written, and does not count.
        """
        said = list(item.judgements)
        add(said, judgement)
        after = settle(said)
        raw = self._raw(item)
        if after.state == "labelled":
            raw |= {"summary": after.summary, "summary_source": after.source}
            mine = after.source == "accepted" and item.id not in self._taught
            raw["confidence"] = raw.get("confidence") if mine else None
        raw["judgement"] = judgement.model_dump()
        append_line(self.path, json.dumps(raw, ensure_ascii=False).encode(errors="replace") + b"\n", durable=True)
        self.catch_up()


@lru_cache(maxsize=2)
def _screenshot(path: Path) -> Image.Image:
    return decode(path.read_bytes())


def _pixels(path: Path, box: Box, css_width: int) -> str:
    """A difference hash of the element: equal where the same is drawn, whatever is around it."""
    image = _screenshot(path)
    scale = image.width / max(css_width, 1)
    left, top = max(round(box.x * scale), 0), max(round(box.y * scale), 0)
    right, bottom = round((box.x + box.width) * scale), round((box.y + box.height) * scale)
    if right <= left or bottom <= top:
        return ""
    small = image.crop((left, top, right, bottom)).convert("L").resize((_HASH_PX + 1, _HASH_PX))
    tones = small.tobytes()
    rows = [tones[y * (_HASH_PX + 1) : (y + 1) * (_HASH_PX + 1)] for y in range(_HASH_PX)]
    return "".join("1" if row[x] > row[x + 1] + _NOISE else "0" for row in rows for x in range(_HASH_PX))
