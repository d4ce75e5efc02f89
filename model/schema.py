"""The data that flows while a step is worked off; what is kept of it is in `model/trace.py`.

    Observation ─ candidates ─▶ Question ─ understand ─▶ Description ─▶ DecisionRequest ─ decide ─▶ Decision
        ─ execute ─▶ Effect ─▶ ActionTrace ─▶ StepTrace ─▶ ScenarioTrace ─▶ log, report

Boxes are in CSS pixels of the top page's viewport (origin at its top left), also for elements in frames.
Everything is a frozen dataclass; pydantic's ``TypeAdapter`` turns each one into JSON and back.
"""

from dataclasses import dataclass
from typing import Literal, get_args

ActionType = Literal[
    "click",
    "double_click",
    "right_click",
    "hover",
    "fill",
    "type",
    "clear",
    "press",
    "select",
    "check",
    "uncheck",
    "upload",
    "drag",
    "scroll",
]
"""What can be done to an element; the `action_type` of prompts, log and dataset."""

PageActionType = Literal["goto", "back", "reload", "switch_tab", "dialog", "wait"]
"""What can be done to the page as a whole; never asked about, never a training row."""

ReadingType = Literal["read"]
"""What changes nothing: the value of an element, or what the page states for a label, is only read."""

ActionKind = ActionType | PageActionType | ReadingType

VerdictName = Literal["passed", "failed", "stale", "stuck", "error"]

SummarySource = Literal["person", "accepted", "teacher", "effect", "rule", "model"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels, origin at the top page's viewport's top left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> tuple[float, float]:
        """Its middle, (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2

    def contains(self, other: "Box", slack: float = 0.0) -> bool:
        """Whether `other` lies within it, give or take `slack` CSS pixels."""
        right, bottom = other.x + other.width, other.y + other.height
        inside = other.x >= self.x - slack and other.y >= self.y - slack
        return inside and right <= self.x + self.width + slack and bottom <= self.y + self.height + slack


@dataclass(frozen=True, slots=True)
class State:
    """What a control's state is; None where the notion does not apply to it."""

    value: str | None = None
    """The field's value; None for secrets (passwords, one-time codes, known secret values)."""
    checked: bool | Literal["mixed"] | None = None
    selected: bool | None = None
    expanded: bool | None = None
    pressed: bool | None = None
    disabled: bool = False
    readonly: bool = False
    required: bool = False
    focused: bool = False
    secret: bool = False
    invalid: bool = False
    sorted: str = ""
    """Of a column's header: ascending | descending, else empty."""
    private: bool = False
    """The page or the team says that nothing of it may be written down."""

    def __str__(self) -> str:
        """The words that the decision prompt shows, such as ``checked disabled value="Ada"``; may be empty."""
        words: list[str] = []
        for word in ("checked", "selected", "expanded", "pressed"):
            flag = getattr(self, word)
            if flag is not None:
                words.append(word if flag is True else f"{word}={flag}" if flag == "mixed" else f"not {word}")
        words += [w for w in ("disabled", "readonly", "required", "focused", "invalid") if getattr(self, w)]
        words += [f"sorted {self.sorted}"] if self.sorted else []
        if self.value:
            words.append(f'value="{self.value}"')
        return " ".join(words)


IDS_PER_FRAME = 1_000_000
"""A context's id divided by this is the index of the frame that it is in."""


@dataclass(frozen=True, slots=True)
class Context:
    """One container around a candidate that gives it meaning, such as the table row it stands in."""

    kind: str
    """row | listitem | cell | column | header | group | form | dialog | menu | table | list | region | card |
    frame | heading | label. `column` heads what stands below it, `header` is that head, around what stands in it."""
    text: str
    """Its name or heading, else its visible text; whitespace folded, at most 200 characters."""
    id: int
    """The same number for the same container within one observation."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element that a person could act on."""

    mark: int
    """Its number in this observation, from 1, in reading order of the document."""
    box: Box
    element_type: str
    """button | link | input:TYPE | select | option | textarea | checkbox | radio | tab | menuitem | image | canvas |
    other."""
    role: str
    """ARIA role, explicit or implicit; "generic" where there is none."""
    name: str
    """Accessible name (accname-1.2); empty where there is none."""
    text: str
    """Visible text, else the value unless secret, else empty."""
    state: State
    action_types: tuple[str, ...]
    """Its possible actions, the most usual one first (what it is asked about)."""
    tag: str = ""
    """Lower-case tag name."""
    description: str = ""
    """Accessible description, title or placeholder where they are not already the name."""
    hints: str = ""
    """Words from id, class, name, data-testid, icon names and href, split at case and punctuation; for the decision."""
    context: tuple[Context, ...] = ()
    """Containers from the nearest outwards, only those that add meaning."""
    options: tuple[str, ...] = ()
    """Labels of a native select's options (at most 200)."""
    frame: str = ""
    """"" for the top page, else the frame's URL."""
    frame_index: int = 0
    """Index into the page's frames at observation time."""
    locators: tuple[str, ...] = ()
    """Playwright selector strings for that frame, best first, each found to match this element alone."""
    point: tuple[float, float] | None = None
    """A point of it that is not covered, in the box's coordinates; None when it must be scrolled to first."""
    in_view: bool = True
    """False when the page or an inner container must be scrolled to see it."""
    href: str = ""
    """Absolute address of a link, or of a button that only goes to one; empty otherwise."""
    popup: str = ""
    """aria-haspopup: menu | listbox | dialog | grid | tree, else empty."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the agent sees at one moment: one screenshot and every candidate."""

    url: str
    title: str
    viewport: tuple[int, int]
    """(width, height) in CSS pixels."""
    dpr: float
    """Device pixels per CSS pixel; the screenshot is viewport × dpr pixels large."""
    screenshot: bytes
    """The viewport, not outlined, known secrets painted over; an encoded picture that Pillow reads."""
    candidates: tuple[Candidate, ...]
    heading: str = ""
    """First visible level-1 heading."""
    modal: str = ""
    """Name of the open modal dialog on top, if any."""
    dialog: str = ""
    """Message of an open JavaScript dialog ("confirm: Delete Ada?"); nothing else can be seen while it is open."""
    outlined: bool = False
    """The only candidate is outlined in the screenshot already (other people's data): it is shown as it is."""

    def candidate(self, mark: int) -> Candidate | None:
        """The candidate with this mark, or None."""
        index = mark - 1
        if 0 <= index < len(self.candidates) and self.candidates[index].mark == mark:
            return self.candidates[index]
        return next((c for c in self.candidates if c.mark == mark), None)


ViewName = Literal["page", "crop", "both", "closeup"]
"""`closeup` is what the small model was trained on (`model.closeup`)."""
VIEWS: tuple[ViewName, ...] = get_args(ViewName)


@dataclass(frozen=True, slots=True)
class View:
    """What of the page the model is shown (design: *View*)."""

    name: ViewName = "crop"
    crop_px: int = 448
    """Side of the square window around the element, CSS pixels."""
    max_slices: int = 9
    downsample: Literal["16x", "4x"] = "16x"


@dataclass(frozen=True, slots=True)
class Question:
    """One candidate to be described: what an understanding back end gets."""

    candidate: Candidate
    action_type: str
    html: str
    """Surrounding HTML, cleaned and trimmed by `model.html.clean_html`."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a picture may show that a small model is not certain of."""

    text: str
    reading: str
    """What the control would then be called."""
    chance: float


@dataclass(frozen=True, slots=True)
class Description:
    """One short sentence that says what acting on a candidate does."""

    mark: int
    text: str
    source: SummarySource
    """"model" from a model, "rule" from `accessible`."""
    backend: str
    confidence: float = 1.0
    degraded: bool = False
    """True when the configured back end could not answer and `accessible` did."""
    cached: bool = False
    reason: str = ""
    """Why it is degraded."""
    unusable: bool = False
    """With `degraded`: the model did answer, but not with a sentence."""
    reading: str = ""
    """What a small model reads on the picture of a control: what it would be called if the page gave it a name."""
    guesses: tuple[Guess, ...] = ()
    """What else it may be, the likeliest first; with what is read, or too doubtful to be, among them."""
    taught: tuple[str, ...] = ()
    """What a team's labels and steps say of controls like it: "Exports the picture", "Download the picture"."""

    @property
    def whole(self) -> str:
        """The sentence, and of a control with a name the first of what it is taught to be for."""
        if not self.taught or self.reading:
            return self.text
        return f"{self.text.rstrip('.')}: {self.taught[0][0].lower()}{self.taught[0][1:]}."


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed between just before an action and the moment the page had settled."""

    url: bool = False
    """The top page's URL changed, or it was loaded anew."""
    dom: int = 0
    """Lasting DOM changes anywhere in the page (nodes added or removed, attributes, text)."""
    dom_near: int = 0
    """Of these, the ones in the target's own container."""
    dialog: str | None = None
    """Type and message of a JavaScript dialog that opened, such as "confirm: Delete Ada?"."""
    download: str | None = None
    """Suggested file name of a download that started."""
    tab: str | None = None
    """URL of a tab that opened, or "closed" when the current one closed."""
    value: str | None = None
    """What the field holds now (fill, type, clear, select), or what was read; None for secrets or where it does not
    apply."""
    state: bool = False
    """The control's own state changed (value, checked, selected, expanded, pressed, scroll position, playing)."""
    pixels: bool = False
    """The picture inside the target changed (canvas, image and media targets only)."""
    errors: tuple[str, ...] = ()
    """Uncaught exceptions, console errors and failed requests seen meanwhile, one line each."""
    text: str = ""
    """New visible text that appeared, whitespace folded, at most 200 characters ("Added to cart")."""

    @property
    def visible(self) -> bool:
        """Whether anything that a person could notice changed."""
        changed = self.url or self.dom > 0 or self.state or self.pixels
        return changed or self.dialog is not None or self.download is not None or self.tab is not None

    def __str__(self) -> str:
        """One line for the decision's history, such as ``url changed; new text "Added to cart"``."""
        parts = ["url changed"] if self.url else []
        parts += [f"dialog {self.dialog}"] if self.dialog else []
        parts += [f"downloaded {self.download}"] if self.download else []
        parts += [f"tab {self.tab}"] if self.tab else []
        parts += [f'value is now "{self.value}"'] if self.value is not None else []
        parts += [f'new text "{self.text}"'] if self.text else []
        parts += [f"{self.dom} page changes"] if self.dom and not self.text else []
        parts += ["state changed"] if self.state and self.value is None else []
        parts += ["picture changed"] if self.pixels else []
        parts += [f"errors: {'; '.join(self.errors)}"] if self.errors else []
        return "; ".join(parts) or "no effect"


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done: carried out by `agent.execute`."""

    kind: ActionKind
    mark: int | None = None
    value: str | None = None
    """Text, option, key, file path, URL, direction, tab or seconds; `${NAME}` placeholders are still in it."""
    target_mark: int | None = None
    """Where a drag ends."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a step an action belongs, as its decider sees it."""

    part: int
    """Which request of the step, from 0: 1 for the click of "Fill in the form and click Save"."""
    of: int = 0
    """How many controls there were that the request is about, where it is about several ("Tick all boxes")."""
    prepares: bool = False
    """It only opens, turns or scrolls something, so that the control can be found."""
    attempt: bool = False
    """There is another way, should nothing on the page change."""


@dataclass(frozen=True, slots=True)
class Done:
    """One line of "Done so far"."""

    action: Action
    element: str
    """element_type and name, such as `button "Save"`; empty for page actions."""
    effect: Effect | None
    error: str = ""
    """Why it could not be carried out; empty when it was."""
    place: Place | None = None
    """What the decision said about it; None where its decider does not say."""

    def __str__(self) -> str:
        value = f' "{self.action.value}"' if self.action.value is not None else ""
        return f"{self.action.kind} {self.element}{value} → {self.error or self.effect or 'no effect'}"


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """What a deciding back end gets. No picture."""

    step: str | None
    goal: str | None
    observation: Observation
    descriptions: tuple[Description, ...]
    done: tuple[Done, ...] = ()
    """Actions of this step (or goal) so far, oldest first."""
    read_on: Observation | None = None
    """The page whose names tell how the step is read, where `observation` is left without them."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate that was considered."""

    mark: int
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Decision:
    """One action, or that nothing is left to do, or that no candidate fits."""

    outcome: Literal["act", "done", "none"]
    action: Action | None = None
    confidence: float = 0.0
    reason: str = ""
    alternatives: tuple[Alternative, ...] = ()
    """Best first; with "none", what it was torn between."""
    decider: str = ""
    """The back end's spec, such as "rules"."""
    absent: bool = False
    """With "none": the step names a control that this page does not have, and no nameless control could be it."""
    place: Place | None = None
    """From `rules`, with "act" and with an unmatched "none": which part of the step it is about."""
    unmatched: bool = False
    """No control bears the words: with "none" a model may know what is meant, with "act" one did."""
