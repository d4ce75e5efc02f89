"""The page of `magenta playground`, built with Gradio.

    page = build_page(camera, back_ends, record)
    page.launch(…)

What a visitor looks at is kept in their session alone and forgotten after a while. Gradio is told to ask nobody for
anything: no analytics, no fonts of others; what its page may load is bounded by its Content-Security-Policy besides.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from magenta_qa.agent.playground.answers import Answer, ask_all, target_of
from magenta_qa.agent.playground.camera import Camera, Look, look_at_picture
from magenta_qa.agent.playground.stage import EMPTY, label_of, stage_html, stage_js
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Box, Question
from magenta_qa.model.understand import Understanding

Record = Callable[[Look, Question, str], str]
"""(look, what it is about, the sentence): keep it as a label; returns what to say."""

FORGET_S = 1800
"""After which what a visitor looked at is forgotten."""
QUEUE = 20
"""Visitors that wait at most."""
LOADS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'self'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy of the page; Gradio's scripts are inline, and its components are compiled in the page."""
_ACCENT = "#b3008f"
_BRAND = (
    '<div id="brand"><svg viewBox="0 0 16 16" aria-hidden="true"><rect x="2" y="3.5" width="12" height="9"/></svg>'
    "magenta playground <span>what does the model say about any control of any page?</span></div>"
)
_NOTHING = '<div class="answers"><p class="none">Click an outlined control, or draw a box around anything.</p></div>'


def theme() -> gr.themes.Base:
    """Colours of this project, and fonts that the system has."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.fuchsia,
        neutral_hue=gr.themes.colors.zinc,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        button_primary_background_fill=_ACCENT,
        button_primary_background_fill_dark=_ACCENT,
        button_primary_background_fill_hover="#8f0072",
        button_primary_background_fill_hover_dark="#8f0072",
        button_primary_text_color="#ffffff",
    )


class Playground:
    """What happens on the page.

    Args:
        camera: Opens pages.
        back_ends: Spec → back end, in the order in which their answers are shown.
        record: Keeps a label.
        privacy: Makes the rules for what is dropped.
    """

    def __init__(
        self, camera: Camera, back_ends: Mapping[str, Understanding], record: Record, privacy: Callable[[], Privacy]
    ) -> None:
        self._camera, self._back_ends, self._record, self._privacy = camera, back_ends, record, privacy

    def look(self, url: str, screens: float) -> tuple[Any, ...]:
        """Open a page."""
        if not url.strip():
            return self._problem("Type an address first, such as https://example.com")
        return self._shown(partial(self._camera.look, url, int(screens or 0)))

    def drop(self, path: str | None) -> tuple[Any, ...]:
        """Take a screenshot."""
        if path is None:
            return None, None, EMPTY, gr.Dropdown(choices=[], value=None), "", *self._blank()
        return self._shown(lambda: look_at_picture(Path(path).read_bytes(), self._privacy()))

    def _shown(self, take: Callable[[], Look]) -> tuple[Any, ...]:
        try:
            look = take()
        except MagentaError as error:
            return self._problem(str(error))
        seen = [(label_of(each), each.mark) for each in look.observation.candidates if each.in_view]
        return look, None, stage_html(look), gr.Dropdown(choices=seen, value=None), "", *self._blank(look)

    @staticmethod
    def _problem(message: str) -> tuple[Any, ...]:
        """Says why there is nothing new; what is there stays."""
        told = f'<p class="problem" role="alert">{html.escape(message)}</p>'
        return *[gr.skip()] * 4, told, *[gr.skip()] * 7

    @staticmethod
    def _blank(look: Look | None = None) -> tuple[Any, ...]:
        unknown = look is not None and look.layout is None
        return "", _NOTHING, "", None, "", gr.Checkbox(value=False, visible=unknown), ""

    def chosen(self, look: Look | None, event: gr.EventData) -> tuple[Any, ...]:
        """A control was clicked, or a box was drawn."""
        found = event._data if isinstance(event._data, dict) else {}
        box = found.get("box")
        try:
            drawn = Box(*(float(side) for side in box)) if box else None
            mark = int(found.get("mark") or 0)
        except (TypeError, ValueError):
            return self._answered(look, 0, None)
        return self._answered(look, mark, drawn)

    def listed(self, look: Look | None, mark: int | None) -> tuple[Any, ...]:
        """A control was chosen in the list."""
        return self._answered(look, int(mark or 0), None)

    def _answered(self, look: Look | None, mark: int, box: Box | None) -> tuple[Any, ...]:
        question = None if look is None else target_of(look, mark, box)
        if look is None or question is None:
            return None, gr.skip(), None, *self._blank(look)
        answers = ask_all(self._back_ends, look, question)
        first = next((answer for answer in answers if answer.prompt), None)
        return (
            question,
            stage_html(look, question.candidate.box),
            question.candidate.mark or None,  # a box that was drawn is none of the list
            f"**{question.action_type.replace('_', ' ')}** · " + _plain(_called(question)),
            answers_html(answers),
            first.prompt if first else "No model is asked: the sentence is made of role, name and context.",
            first.picture if first else None,
            answers[0].text if answers else "",
            gr.skip(),
            "",
        )

    def keep(self, look: Look | None, question: Question | None, sentence: str, consent: bool) -> str:
        """Keep the sentence as a label."""
        if look is None or question is None:
            return "Choose a control first."
        if not sentence.strip():
            return "Write a sentence first."
        if look.layout is None and not consent:
            return "What is private in a screenshot of yours cannot be found: tick that nothing is, or it is not kept."
        try:
            return self._record(look, question, sentence)
        except (MagentaError, OSError) as error:
            return f"Not kept: {error}"


def answers_html(answers: Sequence[Answer]) -> str:
    """The answers, one below the other."""
    return f'<div class="answers">{"".join(map(_article, answers))}</div>'


def _article(answer: Answer) -> str:
    sure = "" if answer.confidence is None else f"{100 * answer.confidence:.0f} % sure · "
    took = "under 1 ms" if answer.seconds < 0.001 else f"{answer.seconds * 1000:,.0f} ms"
    said = html.escape(answer.text) or "no sentence"
    note = f'<p class="note">{html.escape(answer.note)}</p>' if answer.note else ""
    return (
        f"<article><header><span>{html.escape(answer.spec)}</span><span>{sure}{took}</span></header>"
        f"<p>{said}</p>{note}</article>"
    )


def _called(question: Question) -> str:
    return label_of(question.candidate) if question.candidate.mark else "the box that you have drawn"


def _plain(text: str) -> str:
    """Text of a page that stands in Markdown as what it is."""
    escaped = html.escape(text)
    return "".join(f"&#{ord(char)};" if char in "\\`*_{}[]()#+-.!|~$:" else char for char in escaped)


def build_page(playground: Playground) -> gr.Blocks:
    """The page."""
    with gr.Blocks(
        title="magenta playground", analytics_enabled=False, fill_width=True, delete_cache=(FORGET_S, FORGET_S)
    ) as page:
        look = gr.State(None, time_to_live=FORGET_S)
        question = gr.State(None, time_to_live=FORGET_S)
        gr.HTML(_BRAND)
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=5, min_width=320):
                with gr.Row():
                    url = gr.Textbox(
                        label="Address",
                        placeholder="https://example.com",
                        submit_btn="Look",
                        scale=5,
                        elem_id="url",
                        max_lines=1,
                    )
                    screens = gr.Number(
                        0, label="Screens down", precision=0, minimum=0, maximum=20, scale=1, min_width=140
                    )
                problem = gr.HTML("", elem_id="problem", padding=False)
                stage = gr.HTML(EMPTY, elem_id="stage", js_on_load=stage_js(), padding=False)
                with gr.Accordion("Or a screenshot of your own", open=False):
                    dropped = gr.Image(
                        label="Screenshot", type="filepath", sources=["upload", "clipboard"], height=180, elem_id="drop"
                    )
            with gr.Column(scale=3, min_width=320):
                listed = gr.Dropdown([], label="Controls in view", elem_id="controls")
                target = gr.Markdown("", elem_id="target")
                answers = gr.HTML(_NOTHING, elem_id="answers")
                sentence = gr.Textbox(label="Correct it", lines=2, max_length=500, elem_id="sentence")
                consent = gr.Checkbox(False, label="My screenshot shows nothing private", visible=False)
                keep = gr.Button("Keep as a label", elem_id="keep")
                kept = gr.Markdown("", elem_id="kept")
                with gr.Accordion("What the model is asked", open=False):
                    shown = gr.Image(label="Its picture", interactive=False, height=300, buttons=[], format="png")
                    prompt = gr.Textbox(label="Its prompt", lines=8, interactive=False, elem_id="prompt")
        said = [target, answers, prompt, shown, sentence, consent, kept]
        looked = [look, question, stage, listed, problem, *said]
        one = {"concurrency_limit": 1, "concurrency_id": "look"}
        url.submit(playground.look, [url, screens], looked, **one)
        dropped.change(playground.drop, [dropped], looked, **one)
        chosen = [question, stage, listed, *said]
        stage.select(playground.chosen, [look], chosen, **one)
        listed.input(playground.listed, [look, listed], chosen, **one)
        gr.on([keep.click, sentence.submit], playground.keep, [look, question, sentence, consent], [kept])
    page.queue(max_size=QUEUE)
    return page
