"""The interaction log: what the fine-tune learns from.

`HOME/log/interactions.jsonl` gets one flushed line an interaction; `HOME/log/images/SHA256.webp` holds each un-outlined
screenshot once, named by the SHA-256 of the screenshot it was made from. Both survive a kill -9: a picture is in place
before the line that names it, and a line is one write. Beside each picture `SHA256.layout.json.gz` says what is drawn
where (`privacy.layout`). Everything goes through `privacy.Privacy`, and nothing private is written. A line:

    {"v": 1, "id": "5e…", "session": "a0…", "step": 3, "at": "2026-11-22T21:52:41Z", "by": "agent", "site": "shop",
     "url": "http://127.0.0.1:8000/cart", "viewport": [1280, 720], "dpr": 1, "image": "SHA256",
     "box": [812, 340, 32, 32], "action_type": "click", "element_type": "button", "text": "", "html": "<tr>…",
     "value": null, "locators": ["…"],
     "goal": null, "step_text": "Remove the blue backpack", "summary": "Removes the Blue backpack from the cart.",
     "summary_source": "model", "confidence": 0.93, "effect": {"url": false, "dom": 14, "dialog": null, "errors": 0}}
"""

import hashlib
import io
import json
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from magenta_qa.agent.privacy.files import write_atomically
from magenta_qa.agent.privacy.layout import SUFFIX, Layout
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.private_text import MASK
from magenta_qa.model.schema import Action, Box, Candidate, Description, Effect, Observation

WEBP_QUALITY = 90
LOG_FILE = "interactions.jsonl"


def now_utc() -> str:
    """The time now, ISO 8601 in UTC with seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Interaction:
    """What one line of the log says, before it is masked."""

    by: str
    """agent | person | test | crawl: whose interaction it was."""
    url: str
    viewport: tuple[int, int]
    dpr: float
    image: str
    box: Box
    action_type: str
    element_type: str
    text: str
    html: str
    value: str | None = None
    locators: tuple[str, ...] = ()
    goal: str | None = None
    step_text: str | None = None
    summary: str | None = None
    summary_source: str | None = None
    confidence: float | None = None
    effect: dict[str, object] | None = None
    private: bool = False
    """Nothing of the element itself may be written down."""


class InteractionLog:
    """Appends interactions and pictures below one folder.

    A disk that is full or read-only never ends a run: `problem` says what was not written, and the run goes on.

    Args:
        home: The `.magenta` folder; created when first written to.
        site: Name of the application under test.
        privacy: Masks everything that is written.
        clock: Gives the `at` field.
        session: Where it is one that another process has begun; else a new one.
    """

    def __init__(
        self, home: Path, site: str, privacy: Privacy, clock: Callable[[], str] = now_utc, *, session: str = ""
    ) -> None:
        self.home = home
        self.folder = home / "log"
        self.images = self.folder / "images"
        self.session = session or uuid.uuid4().hex
        self.site = site
        self.problem = ""
        self._privacy = privacy
        self._clock = clock
        self._step = 0
        self._saved: set[str] = set()

    def save_image(self, screenshot: bytes, layout: Layout | None = None) -> str | None:
        """Keep an un-outlined screenshot, in which what is private is painted over already.

        Args:
            screenshot: An encoded picture; empty where there is none.
            layout: What is drawn where in it; kept beside it.

        Returns:
            Its SHA-256 (the file's stem), or None if it could not be written.
        """
        if not screenshot:
            return None
        sha = hashlib.sha256(screenshot).hexdigest()
        path = self.images / f"{sha}.webp"
        try:
            if layout is not None and not (self.images / f"{sha}{SUFFIX}").exists():
                self.images.mkdir(parents=True, exist_ok=True)
                write_atomically(self.images / f"{sha}{SUFFIX}", layout.masked(self._privacy).dump())
            if sha not in self._saved and not path.exists():
                self.images.mkdir(parents=True, exist_ok=True)
                write_atomically(path, to_webp(screenshot))
        except OSError as error:
            self.problem = f"picture not kept: {error}"
            return None
        self._saved.add(sha)
        return sha

    def append(
        self,
        observation: Observation,
        candidate: Candidate,
        action: Action,
        *,
        html: str,
        image: str | None,
        description: Description | None,
        effect: Effect | None,
        step: str | None,
        goal: str | None,
        by: str = "agent",
    ) -> str | None:
        """Log one interaction; returns its id, or None if it was not one to learn from or could not be written."""
        if image is None or not candidate.in_view:
            return None
        interaction = Interaction(
            by,
            observation.url,
            observation.viewport,
            observation.dpr,
            image,
            candidate.box,
            action.kind,
            candidate.element_type,
            candidate.text,
            html,
            _public_value(action, candidate),
            candidate.locators,
            goal,
            step,
            description.text if description else None,
            description.source if description else None,
            description.confidence if description else None,
            _effect_row(effect),
            candidate.state.private,
        )
        return self.write(interaction)

    def write(self, interaction: Interaction, site: str = "") -> str | None:
        """Log one interaction, masked; returns its id, or None if it could not be written.

        Args:
            interaction: What happened.
            site: Name of the application, where the log has none of its own.
        """
        self._step += 1
        row = {"v": 1, "id": uuid.uuid4().hex, "session": self.session, "step": self._step, "at": self._clock()}
        masked = {**row, **_masked(interaction, self.site or site, self._privacy)}
        line = json.dumps(masked, ensure_ascii=False).encode(errors="replace") + b"\n"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            append_line(self.folder / LOG_FILE, line)
        except OSError as error:
            self.problem = f"interaction not logged: {error}"
            return None
        return str(row["id"])


def _public_value(action: Action, candidate: Candidate) -> str | None:
    """The value, unless a step spells out what goes into a secret field; a secret's name may be told."""
    spelt = action.kind in ("fill", "type") and action.value and "${" not in action.value
    return MASK if candidate.state.secret and spelt else action.value


def _masked(interaction: Interaction, site: str, privacy: Privacy) -> dict[str, object]:
    """The fields of a line, in the order in which it has them."""
    box = interaction.box
    hidden = interaction.private
    locators = [each for each in interaction.locators if not hidden and not privacy.finds(each)]
    value = interaction.value
    facts: dict[str, object] = {
        "by": interaction.by,
        "site": site,
        "url": privacy.mask(interaction.url),
        "viewport": list(interaction.viewport),
        "dpr": interaction.dpr,
        "image": interaction.image,
        "box": [round(v, 2) for v in (box.x, box.y, box.width, box.height)],
        "action_type": interaction.action_type,
        "element_type": interaction.element_type,
        "text": MASK if hidden and interaction.text else privacy.mask(interaction.text),
        "html": privacy.mask_html(interaction.html),
        "value": MASK if hidden and value else value and privacy.mask(value),
        "locators": locators,
        "goal": interaction.goal,
        "step_text": interaction.step_text,
        "summary": interaction.summary,
        "summary_source": interaction.summary_source,
        "confidence": interaction.confidence,
        "effect": interaction.effect,
    }
    return {**facts, **privacy.mask_all({name: facts[name] for name in ("goal", "step_text", "summary", "effect")})}


def append_line(path: Path, line: bytes, *, durable: bool = False) -> None:
    """One O_APPEND write, so that lines of several workers never mix; a torn line of a killed run is closed first.

    Args:
        path: The file.
        line: With its end.
        durable: Whether it is on the disk when this returns, and outlives the machine.

    Raises:
        OSError: It could not be written as a whole.
    """
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(fd).st_size
        if size and os.pread(fd, 1, size - 1) != b"\n":
            line = b"\n" + line
        if os.write(fd, line) != len(line):
            raise OSError(f"{path}: only part of a line could be written; is the disk full?")
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)


def to_webp(screenshot: bytes) -> bytes:
    """A picture as the log keeps it."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(screenshot)).convert("RGB").save(out, "WEBP", quality=WEBP_QUALITY, method=0)
    return out.getvalue()


def _effect_row(effect: Effect | None) -> dict[str, object] | None:
    if effect is None:
        return None
    return {"url": effect.url, "dom": effect.dom, "dialog": effect.dialog, "errors": len(effect.errors)}
