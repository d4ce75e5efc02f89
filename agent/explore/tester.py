"""Explores: chooses a task, carries it out, lets the oracles judge, until the time is over.

tester = Tester(session, graph, options)
for event in tester.run(deadline):        # a line for each thing tried, for the progress
    …
tester.suspicions                          # what was seen, each once, not yet replayed
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.explore import oracles
from magenta_qa.agent.explore.bulk import Bulk
from magenta_qa.agent.explore.choose import Tried, choose, home_of, tried_as
from magenta_qa.agent.explore.examine import Examiner
from magenta_qa.agent.explore.filling import is_text, sensible
from magenta_qa.agent.explore.findings import Suspicion
from magenta_qa.agent.explore.forms import FORM_KINDS, FormFiller
from magenta_qa.agent.explore.graph import FORM, Graph, Task, TaskKey, control_key, key_of, plain, words
from magenta_qa.agent.explore.history import Script, path_of
from magenta_qa.agent.explore.ledger import Ledger
from magenta_qa.agent.explore.paging import Paging
from magenta_qa.agent.explore.risk import Risk
from magenta_qa.agent.explore.session import Done, Seen, Session, origin_of
from magenta_qa.agent.explore.tasks import draggables, tasks_of, tickable
from magenta_qa.agent.explore.wording import item_of, quoted
from magenta_qa.model.errors import BrowserError, MagentaError
from magenta_qa.model.schema import Action, Candidate

MAX_SAID = 80  # characters of a message that is worth expecting
MAX_STEPS = 5
"""After so many steps the page is loaded anew: a short way to a fault is worth more than a long one."""
LIKE_FILTER = 0.4
_LEADING_ON = frozenset({"pages", "submit", "choice", "bulk"})
_COMMON = frozenset({"your", "from", "with", "this", "that", "have", "been", "will", "they", "them", "were"})


@dataclass(frozen=True, slots=True)
class Path:
    """A way through the application that was accepted."""

    script: Script
    name: str
    expect: str
    """What was seen at its end."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to explore."""

    allowed: frozenset[Risk] = frozenset()
    data: Mapping[str, str] = field(default_factory=dict)
    """Values for fields, by a word of their names."""
    today: date = date(2026, 1, 1)


@dataclass(slots=True)
class Tester:
    """One exploration by one user."""

    session: Session
    graph: Graph
    options: Options
    suspicions: dict[str, Suspicion] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    """What was accepted by the server: what draft scenarios are made of."""
    actions: int = 0
    examiner: Examiner = field(init=False)
    seen: Seen | None = None
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.examiner = Examiner(self.session, self)
        self.ledger = Ledger(self.graph, self.options.today)

    def run(self, deadline: float) -> Iterator[str]:
        """Try one thing after the other.

        Args:
            deadline: `time.monotonic()` when it ends.

        Yields:
            What is about to be tried.
        """
        self.look()
        while time.monotonic() < deadline:
            here = self.seen.place if self.seen else None
            task = choose(self.graph, self.tried, here, self.options.allowed)
            if task is None:
                return
            task.tried += 1
            yield f"{task.kind} {task.name}{f' = {task.value}' if task.value else ''} on {task.place.key}"
            self._perform(task)

    def _perform(self, task: Task) -> None:
        """Carry it out; a page that breaks on the way is left."""
        try:
            if task.kind == "open":
                self._open(task)
                self.graph.fresh = set()
            elif self.reach(task):
                known, here = set(self.graph.tasks), self.seen
                self._do(task)
                self.tried.append(tried_as(task))
                self._note_fresh(known, here)
        except (MagentaError, PlaywrightError) as error:
            self.session.agent.watch.check_alive()
            self.seen = None
            if isinstance(error, BrowserError):
                self.session.open(self.graph.origin)
        self._stay()

    def _note_fresh(self, known: AbstractSet[TaskKey], before: Seen | None) -> None:
        """What the last action has brought up; of another page only what leads on."""
        now, graph = self.seen, self.graph
        if now is None or before is None:
            graph.fresh = set()
            return
        moved = now.place.key != before.place.key and not now.place.modal
        new = {key for key in graph.tasks if key not in known and key[0] == now.place.key}
        new = {key for key in new if not moved or key[1] in _LEADING_ON}
        graph.fresh = new or ({key for key in graph.fresh if key[0] == now.place.key} if not moved else set())

    def look(self) -> Seen | None:
        """Observe the page, note what can be tried, examine it if it is new."""
        if self.session.agent.dialog_message():
            self.session.agent.watch.answer(False)
        seen = self.session.look()
        key = seen.place.key
        self.graph.visits[key] = self.graph.visits.get(key, 0) + 1
        self.graph.looked[key] = self.graph.sent
        forms = self.session.forms()
        for task in tasks_of(seen, forms, self.graph):
            self.graph.add(task)
        self.seen = seen
        self.examiner.place(seen)
        for found in self.ledger.look(seen, self.session.facts()["lists"]):
            self.suspect(found, seen)
        return seen

    def suspect(self, suspicion: Suspicion, seen: Seen | None = None, candidate: Candidate | None = None) -> None:
        """Note a suspicion, unless it is known; with the picture of the page and the ways to see it again."""
        if suspicion.id in self.suspicions:
            return
        scripts = suspicion.scripts or self.session.scripts()
        box = candidate.box if candidate is not None and candidate.in_view else None
        if suspicion.box is not None:
            image, box = self.session.picture_of(suspicion.box)
        else:
            image = self.session.picture()
        self.suspicions[suspicion.id] = replace(suspicion, scripts=scripts, image=image, box=box)

    def _open(self, task: Task) -> None:
        session, stands = self.session, task.place.url
        mark = session.agent.watch.mark()
        problem = session.open(task.url)
        session.agent.findings(mark)
        events = session.agent.watch.since(mark)
        place = self.graph.place(task.url, "")
        answers = [event for event in events if event.kind == "response" and event.url == task.url.split("#")[0]]
        broken = next((event for event in answers if event.status in (404, 410)), None)
        if broken is not None:
            click = Script(stands, (f'Click "{task.name}"',))
            text = f"“{task.name}” leads to {session.page.url}, which is answered with {broken.status}"
            way, expect = (click,), ("there are no failed requests",)
            found = Suspicion("broken link", task.place.key, task.name, text, stands, way, expect)
            self.suspect(found)
            return
        self.judge_events(events, place.key, f"loading {place.key}")
        if problem or not session.is_document():
            self.seen = None  # a download, a picture: nothing to explore
        else:
            self._judge_target(task, self.look())

    def _judge_target(self, task: Task, arrived: Seen | None) -> None:
        """The link of an entry leads to the page of that entry."""
        heading = arrived.observation.heading if arrived is not None else ""
        if heading and oracles.other_page(task.name, task.url, heading, self.graph):
            text = f"“{task.name}” leads to the page of “{heading}”"
            stands = task.place.url
            way, expect = Script(stands, (f"Click {quoted(task.name)}",)), f"the heading {quoted(task.name)} is shown"
            self.suspect(Suspicion("wrong target", task.place.key, task.name, text, stands, (way,), (expect,)), arrived)

    def judge_events(self, events: object, place: str, subject: str, candidate: Candidate | None = None) -> None:
        """Exceptions, server errors and failed requests."""
        known = self.graph.places.get(place) or self.graph.place(self.session.page.url, "")
        url = self.session.page.url
        for found in oracles.from_events(events, known, subject, url, self.graph.origin):  # type: ignore[arg-type]
            self.suspect(found, self.seen, candidate)

    def reach(self, task: Task) -> bool:
        """Be where the task is; clicks what opens its dialog."""
        here = self.seen
        far = here is None or here.place.key != task.place.key
        if far or (len(self.session.steps) >= MAX_STEPS and key_of(task) not in self.graph.fresh):
            self.session.open(task.place.url)
            here = self.look()
        if here is None or (here.place.key == task.place.key and self.find(task) is not None):
            return here is not None
        opener = task.opener or self.graph.openers.get(task.place.key, "")
        if opener.startswith(FORM):
            if not FormFiller(self).send_again(opener.removeprefix(FORM)):
                return False
        else:
            control = self.control(opener, here)
            if control is None:
                return False
            self.session.act(Action("click", control.mark), here)
        here = self.look()
        return here is not None and here.place.key == task.place.key and self.find(task) is not None

    def find(self, task: Task) -> Candidate | None:
        """The control that a task is about; of a form, any."""
        assert self.seen is not None
        candidates = self.seen.observation.candidates
        if task.kind in FORM_KINDS:
            forms = self.session.forms()
            return candidates[0] if any(form["key"] == task.key for form in forms) and candidates else None
        if task.kind == "bulk":
            return next(iter(tickable(self.seen)), None)
        return self.control(task.key, self.seen)

    def control(self, key: str, seen: Seen) -> Candidate | None:
        """The first control of a key; of those in rows one whose entry has a page of its own, where it can be seen."""
        found = [c for c in seen.observation.candidates if control_key(c) == key and not c.state.disabled]
        linked = (c for c in found if (item := item_of(c)) is not None and self.graph.is_linked(item.text))
        return next(linked, found[0] if found else None)

    def _do(self, task: Task) -> None:
        self.actions += 1
        if task.kind in FORM_KINDS:
            FormFiller(self).carry_out(task)
            return
        seen, candidate = self.seen, self.find(task)
        assert seen is not None and candidate is not None
        if task.kind == "save":
            self.examiner.saving(candidate, seen)
        elif task.kind == "choice":
            self.examiner.choosing(candidate, seen)
        elif task.kind == "drag":
            self.examiner.dragging(draggables(seen), seen)
        elif task.kind == "pages":
            Paging(self).carry_out(candidate)
        elif task.kind == "bulk":
            Bulk(self).carry_out()
        elif task.kind == "option":
            self.act(Action("select", candidate.mark, task.value), candidate, seen, task)
        else:
            self.act(self.action_for(candidate), candidate, seen, task)
            self._note_filter(task, seen)

    def _note_filter(self, task: Task, before: Seen) -> None:
        """Where a control has narrowed a list to one page, its like may leave more, which can be paged through."""
        now = self.seen
        if now is None or now.place.key == before.place.key:
            return
        one, other = (urlsplit(each.observation.url) for each in (before, now))
        if one.path != other.path or one.query == other.query:
            return
        pages = any(key[0] == now.place.key and key[1] == "pages" for key in self.graph.tasks)
        for each in self.graph.tasks.values():
            if each.kind == task.kind and home_of(each) == home_of(task) and plain(each.name) == plain(task.name):
                each.bonus = -LIKE_FILTER if pages else LIKE_FILTER

    def action_for(self, candidate: Candidate) -> Action:
        """The most usual action, such as a click; a field is filled sensibly."""
        if is_text(candidate):
            return Action("fill", candidate.mark, sensible(candidate, self.options.data, self.options.today))
        if candidate.state.checked is not None and "check" in candidate.action_types:
            return Action("uncheck" if candidate.state.checked is True else "check", candidate.mark)
        return Action("click", candidate.mark)

    def act(self, action: Action, candidate: Candidate, seen: Seen, task: Task | None = None) -> Done:
        """Act on a control and judge what came of it."""
        before = self.examiner.snapshot()
        done = self.session.act(action, seen)
        revealed = set(self.graph.tasks)
        self.judge_events(done.events, seen.place.key, done.step, candidate)
        if done.sent:
            self.note_path(done)
        self._stay()
        after = self.look()
        self.note_opener(seen, after, control_key(candidate), revealed)
        self.examiner.action(done, candidate, seen, before, task)
        return done

    def note_path(self, done: Done, values: Sequence[str] = ()) -> None:
        """Remember what was accepted, with what the page said about it.

        Args:
            done: The action that sent it.
            values: What was filled in and chosen, as the form shows it.
        """
        said = done.effect.text if done.effect is not None else ""
        self.graph.sent += 1
        self.graph.news = {word for word in words(said) if len(word) > 3} - _COMMON
        self.session.news |= self.graph.news
        self.graph.expect_at(done.before, done.after)
        self.ledger.sent(done, values, self.session.scripts())
        said = said if said and len(said) < MAX_SAID and '"' not in said else ""
        expect = f'the page shows "{said}"' if said else f"the URL is {path_of(done.after)}"
        script = self.session.script()
        if all(path.script != script for path in self.paths):
            self.paths.append(Path(script, done.step, expect))

    def note_opener(self, before: Seen, after: Seen | None, key: str, known: AbstractSet[TaskKey]) -> None:
        """What came up after a control was clicked, or a form was sent, needs the same again.

        Args:
            before: The page before.
            after: And after it.
            key: Of the control, or `FORM` and the key of the form.
            known: The tasks before.
        """
        if after is None or after.observation.url != before.observation.url:
            return
        if after.place.modal and after.place.key != before.place.key:
            self.graph.openers.setdefault(after.place.key, key)
        elif after.place.key == before.place.key:
            for name, task in self.graph.tasks.items():
                if name not in known and task.place.key == after.place.key:
                    task.opener = key

    def _stay(self) -> None:
        """Go back to the application when it was left."""
        if origin_of(self.session.page.url) != self.graph.origin:
            with suppress(MagentaError):
                self.session.open(self.graph.origin)
            self.seen = None
