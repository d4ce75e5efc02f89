"""The interaction log: what the fine-tune learns from.

`HOME/log/interactions.jsonl` gets one flushed line an interaction; `HOME/log/images/SHA256.webp` holds each un-outlined
screenshot once, named by the SHA-256 of the screenshot it was made from. Both survive a kill -9: a picture is in place
before the line that names it, and a line is one write. A line:

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
from datetime import UTC, datetime
from pathlib import Path

from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Action, Candidate, Description, Effect, Observation

WEBP_QUALITY = 90


def now_utc() -> str:
    """The time now, ISO 8601 in UTC with seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class InteractionLog:
    """Appends interactions and pictures below one folder.

    A disk that is full or read-only never ends a run: `problem` says what was not written, and the run goes on.

    Args:
        home: The `.magenta` folder; created when first written to.
        site: Name of the application under test.
        secrets: Masked in every text written.
        clock: Gives the `at` field.
    """

    def __init__(self, home: Path, site: str, secrets: Secrets, clock: Callable[[], str] = now_utc) -> None:
        self.folder = home / "log"
        self.images = self.folder / "images"
        self.session = uuid.uuid4().hex
        self.site = site
        self.problem = ""
        self._secrets = secrets
        self._clock = clock
        self._step = 0
        self._saved: set[str] = set()

    def save_image(self, screenshot: bytes) -> str | None:
        """Keep an un-outlined screenshot; returns its SHA-256 (the file's stem), or None if it could not be written."""
        if not screenshot:
            return None
        sha = hashlib.sha256(screenshot).hexdigest()
        path = self.images / f"{sha}.webp"
        if sha in self._saved or path.exists():
            return sha
        try:
            self.images.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, _to_webp(screenshot))
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
    ) -> str | None:
        """Log one interaction; returns its id, or None if it was not one to learn from or could not be written."""
        if image is None or not candidate.in_view:
            return None
        self._step += 1
        row = {
            "v": 1,
            "id": uuid.uuid4().hex,
            "session": self.session,
            "step": self._step,
            "at": self._clock(),
            "by": "agent",
            "site": self.site,
            "url": observation.url,
            "viewport": list(observation.viewport),
            "dpr": observation.dpr,
            "image": image,
            "box": [round(v, 2) for v in (candidate.box.x, candidate.box.y, candidate.box.width, candidate.box.height)],
            "action_type": action.kind,
            "element_type": candidate.element_type,
            "text": candidate.text,
            "html": html,
            "value": action.value,
            "locators": list(candidate.locators),
            "goal": goal,
            "step_text": step,
            "summary": description.text if description else None,
            "summary_source": description.source if description else None,
            "confidence": description.confidence if description else None,
            "effect": _effect_row(effect),
        }
        return str(row["id"]) if self._write_line(row) else None

    def _write_line(self, row: dict[str, object]) -> bool:
        masked = {k: self._secrets.mask(v) if isinstance(v, str) else v for k, v in row.items()}
        masked["locators"] = [self._secrets.mask(str(v)) for v in row["locators"]]  # type: ignore[attr-defined]
        line = json.dumps(masked, ensure_ascii=False).encode() + b"\n"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _append(self.folder / "interactions.jsonl", line)
        except OSError as error:
            self.problem = f"interaction not logged: {error}"
            return False
        return True


def _append(path: Path, line: bytes) -> None:
    """One O_APPEND write, so that lines of several workers never mix; a torn line of a killed run is closed first."""
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(fd).st_size
        if size and os.pread(fd, 1, size - 1) != b"\n":
            line = b"\n" + line
        if os.write(fd, line) != len(line):
            raise OSError(f"{path}: only part of a line could be written; is the disk full?")
    finally:
        os.close(fd)


def _write_atomically(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _to_webp(screenshot: bytes) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(screenshot)).convert("RGB").save(out, "WEBP", quality=WEBP_QUALITY, method=0)
    return out.getvalue()


def _effect_row(effect: Effect | None) -> dict[str, object] | None:
    if effect is None:
        return None
    return {"url": effect.url, "dom": effect.dom, "dialog": effect.dialog, "errors": len(effect.errors)}
