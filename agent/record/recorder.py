"""Takes down what a person does in the tabs of a browser: rows of the log, and the steps of a scenario."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.log import Interaction, InteractionLog
from magenta_qa.agent.privacy.layout import join_frames
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.paint import paint_over
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.record.pictures import document_of
from magenta_qa.agent.record.steps import Deed, build_steps
from magenta_qa.agent.record.tab import Answered, Tab, Told
from magenta_qa.model.html import clean_html
from magenta_qa.model.private_text import MASK

CONSEQUENCE_SECONDS = 5.0
"""A page that comes so soon after something was done comes because of it."""
REDIRECT_SECONDS = 0.7
"""And one that comes so soon after another."""
FRAME_SECONDS = 0.5
"""A picture comes so long after what it shows."""
LATE_SECONDS = 3.0
"""Or so long on a busy machine; waited for where there is none yet."""
PATIENT_SECONDS = 1.0
"""So long something waits to be logged while pages are drawn."""
_GIVEN = frozenset({"fill", "select", "upload"})
"""What gives an element a value that is as secret as the element; that of a press is a key."""
_RELOADS = frozenset({"F5", "Control+F5", "Control+R", "Control+Shift+R", "Meta+R"})
_ARRIVALS = {"reload": "reload", "back_forward": "back"}


@dataclass(frozen=True, slots=True)
class _Done:
    """Something that was done, the picture of which may still come."""

    tab: Tab
    told: Told
    deed: Deed | None
    """None where it will only be told later what was done."""
    heard: float
    """On the clock that only goes on."""

    @property
    def at(self) -> float:
        return float(self.told.facts["at"])

    @property
    def document(self) -> str:
        """That of the tab."""
        return document_of(self.told.facts) if self.told.is_top else self.tab.pictures.document_at(self.at)


class Recorder:
    """Records all tabs of a context.

    Args:
        context: Of the browser that the person works in.
        log: Where rows go.
        privacy: What is private.
        origins: Where may be recorded.
        echo: Told each step.
    """

    def __init__(
        self,
        context: BrowserContext,
        log: InteractionLog,
        privacy: Privacy,
        origins: Origins,
        echo: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.deeds: list[Deed] = []
        self.logged = 0
        self.missed: Counter[str] = Counter()
        self.spent_ms: list[float] = []
        """How long the page was held up, each time that it was looked at."""
        self.heading = ""
        """First heading of the page that the person was at last."""
        self._context, self._log, self._privacy, self._origins, self._echo = context, log, privacy, origins, echo
        self._tabs: dict[Page, Tab] = {}
        self._done: deque[_Done] = deque()
        self._count = 0
        self._at: Tab | None = None
        """The tab that a replay of the steps so far is in."""
        self._arrived_in: set[int] = set()
        """Numbers of the tabs in which a page has come."""
        self._arrived = 0.0
        """When a page came last."""
        self._led_on = False
        """Whether a page has come since something was done."""
        self._new: list[Page] = list(context.pages)
        context.on("page", self._on_page)

    def _on_page(self, page: Page) -> None:
        self._new.append(page)

    @property
    def is_over(self) -> bool:
        """Whether the person has closed every tab."""
        return bool(self._count) and not self._context.pages

    def pump(self) -> None:
        """Take in what happened since the last time; to be called many times a second."""
        while self._new:
            page = self._new.pop(0)
            try:
                self._tabs[page] = Tab(page, self._privacy, self._count)
                self._count += 1
            except PlaywrightError:
                continue  # closed already
        for page, tab in list(self._tabs.items()):
            for told in tab.pump():
                self._take(tab, told)
            if page.is_closed():
                del self._tabs[page]
        self._log_done(time.monotonic())
        shown = [tab for tab in self._tabs.values() if tab is self._at] or list(self._tabs.values())
        if shown and shown[-1].last.get("heading"):
            self.heading = str(shown[-1].last["heading"])

    @property
    def is_through(self) -> bool:
        """Whether all that was done is logged."""
        return not self._done

    def finish(self) -> None:
        """Log all that was done with the pictures that there are."""
        while self._log_done(float("inf")):
            pass

    def _log_done(self, now: float) -> bool:
        """Log what was done first, if no picture of it can come any more; whether there was something."""
        if not self._done:
            return False
        done = self._done[0]
        pictures = done.tab.pictures
        is_past = pictures.newest > done.at or done.tab.page.is_closed()
        wait = FRAME_SECONDS if pictures.before(done.at, done.document) else LATE_SECONDS
        if now < done.heard + wait and not is_past:
            return False
        # It takes a tenth of a second or more, while pages that are drawn have to be asked.
        if now < done.heard + PATIENT_SECONDS and any(tab.is_drawn for tab in self._tabs.values()):
            return False
        self._done.popleft()
        if done.deed:
            self._keep(done, done.deed)
        else:
            pictures.keep(done.at, done.document)
        return True

    def _take(self, tab: Tab, told: Told | Answered) -> None:
        if isinstance(told, Answered):
            self._add(Deed("accept" if told.accepted else "dismiss", at=time.time(), tab=tab.number))
            return
        facts = told.facts
        self.spent_ms += map(float, facts["spent"])
        if facts["kind"] == "arrival":
            self._arrive(tab, facts)
            return
        if facts["kind"] == "begun":
            self._done.append(_Done(tab, told, None, time.monotonic()))
            return
        element = (facts["seen"] or {}).get("element")
        if element is None:
            self.missed["gone"] += 1
            return
        self._privacy.take(facts["seen"]["private"])
        deed = self._deed(facts, element, tab.number)
        self._enter(tab, str(facts["seen"]["title"]), deed.at)
        self._add(deed)
        self._done.append(_Done(tab, told, deed, time.monotonic()))

    def _deed(self, facts: dict[str, Any], element: dict[str, Any], tab: int) -> Deed:
        name = str(element["name"] or element["text"] or "")
        kind, value = str(facts["kind"]), facts["value"]
        # Whoever replays it has to give what must not be written down; the page keeps what is secret by now to itself.
        secret = kind in _GIVEN and bool(element["secret"] or element["private"] or value is None)
        secret = secret or (value is not None and self._privacy.finds(str(value)))
        value = None if secret else value
        return Deed(
            kind,
            str(element["type"]),
            name,
            value,
            str(element["within"]),
            str(element["part"]),
            secret,
            float(facts["at"]),
            tab,
            str(facts["way"]),
        )

    def _enter(self, tab: Tab, title: str, at: float) -> None:
        """Something is done in a tab: a replay may have to go there first."""
        if self._at not in (None, tab):
            self._add(Deed("tab", value=title, at=at, tab=tab.number))
        self._at = tab

    def _arrive(self, tab: Tab, facts: dict[str, Any]) -> None:
        kind = _ARRIVALS.get(facts["value"], "goto")
        last = self.deeds[-1] if self.deeds else None
        at, before, self._arrived = float(facts["at"]), self._arrived, float(facts["at"])
        led_on, self._led_on = self._led_on, True
        leads_on, tab.leads_on = tab.leads_on, False
        is_new = tab.number not in self._arrived_in
        self._arrived_in.add(tab.number)
        if last is None:
            return
        if is_new:
            self._at = tab  # whatever opens a tab goes on in it
        # One page comes because of what was done last, and others that it leads on to at once.
        first = not led_on and at - last.at < CONSEQUENCE_SECONDS
        if leads_on or (kind == "goto" and (first or at - before < REDIRECT_SECONDS)):
            return
        if kind == "reload" and last.kind == "press" and last.value in _RELOADS:
            self.deeds.pop()
        self._enter(tab, str(tab.last.get("title", "")), at)
        parts = urlsplit(str(facts["url"]))
        address = f"{parts.path}{'?' + parts.query if parts.query else ''}"
        self._add(Deed(kind, value=self._privacy.mask(address), at=at, tab=tab.number))
        self._led_on = True

    def _add(self, deed: Deed) -> None:
        self.deeds.append(deed)
        self._led_on = False
        steps, _ = build_steps([deed])
        for step in steps:
            self._echo(self._privacy.mask(step))

    def _keep(self, done: _Done, deed: Deed) -> None:
        """Log the row, if there is a picture of that moment and it may be kept."""
        told, seen, pictures = done.told, done.told.facts["seen"], done.tab.pictures
        element: dict[str, Any] = seen["element"]
        top = seen if told.is_top else pictures.facts_at(done.at, done.document)
        frame = pictures.before(done.at, done.document)
        if top is None or frame is None:
            self.missed["no picture of that moment"] += 1
            return
        addresses = {str(top["url"]), str(seen["url"])}  # a frame without an address of its own is the tab's
        if not all(self._origins.permits(url) for url in addresses if not url.startswith("about:")):
            self.missed["origin not allowed"] += 1
            return
        viewport = (int(top["viewport"][0]), int(top["viewport"][1]))
        boxes = [told.place.box_of(rect) for rect in seen["private"]["rects"]]
        picture = paint_over(frame.picture, [*frame.hidden, *boxes], viewport[0], "BMP")
        others = [look for look in frame.others if look.facts["key"] != seen["key"]]
        parts = [(look.facts["layout"], look.place.box_of) for look in others if look.facts["layout"]]
        layout = join_frames(viewport, [*parts, (seen["layout"], told.place.box_of)])
        steps, _ = build_steps([deed])
        row = Interaction(
            "person",
            str(top["url"]),
            viewport,
            float(top["dpr"]),
            self._log.save_image(picture, layout) or "",
            told.place.box_of(element["box"]),
            deed.kind,
            deed.element_type,
            str(element["text"] or ""),
            clean_html(self._privacy.mask_html(str(element["html"]))),
            MASK if deed.secret else deed.value,
            tuple(element["locators"]),
            step_text=steps[0] if steps else None,
            private=bool(element["private"]),
        )
        if row.image and self._log.write(row, site=urlsplit(row.url).hostname or ""):
            self.logged += 1
        else:
            self.missed[self._log.problem or "not written"] += 1
