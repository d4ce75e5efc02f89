"""The picture with all candidates outlined, as HTML: one is clicked, or a box is drawn.

`static/stage.js` tells the server which. Everything of a page that stands here is escaped.
"""

import html
import io
from base64 import b64encode
from pathlib import Path

from magenta_qa.agent.playground.camera import Look
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Box, Candidate

_STATIC = Path(__file__).with_name("static")
EMPTY = '<div class="stage empty"><p>Type an address and press Enter, or drop a screenshot.</p></div>'


def stage_html(look: Look, chosen: Box | None = None) -> str:
    """The picture of a look.

    Args:
        look: It.
        chosen: The box that is asked about, outlined as the model is shown it.
    """
    width, height = look.observation.viewport
    seen = [candidate for candidate in look.observation.candidates if candidate.in_view]
    # Small ones last: they lie on top of what they stand in.
    seen.sort(key=lambda candidate: -candidate.box.width * candidate.box.height)
    boxes = "".join(map(_outline, seen))
    mine = "" if chosen is None else _rect(chosen, 'class="chosen"')
    picture = b64encode(_webp(look.observation.screenshot)).decode("ascii")
    return (
        f'<div class="stage" data-width="{width}" data-height="{height}">'
        f'<img src="data:image/webp;base64,{picture}" alt="The page as the browser shows it" draggable="false">'
        f'<svg viewBox="0 0 {width} {height}" role="group" aria-label="Controls of the page">{boxes}{mine}</svg></div>'
    )


def stage_js() -> str:
    """What makes it respond."""
    return (_STATIC / "stage.js").read_text(encoding="utf-8")


def page_css() -> str:
    """Its looks, and those of the page around it."""
    return (_STATIC / "playground.css").read_text(encoding="utf-8")


def label_of(candidate: Candidate) -> str:
    """What a candidate is called in lists."""
    name = candidate.name or candidate.text or candidate.description
    return f"{candidate.mark} · {candidate.element_type}" + (f" “{name[:60]}”" if name else "")


def _outline(candidate: Candidate) -> str:
    label = html.escape(label_of(candidate))
    facts = f'data-mark="{candidate.mark}" tabindex="0" role="button" aria-label="{label}"'
    return _rect(candidate.box, facts, f"<title>{label}</title>")


def _rect(box: Box, facts: str, inside: str = "") -> str:
    x, y, width, height = (round(side, 1) for side in (box.x, box.y, box.width, box.height))
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" {facts}>{inside}</rect>'


def _webp(screenshot: bytes) -> bytes:
    out = io.BytesIO()
    decode(screenshot).save(out, "WEBP", quality=85, method=0)
    return out.getvalue()
