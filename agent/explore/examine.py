"""Examines a page that is new, and what an action did: asks the oracles and tries again what they need tried twice.

examiner.place(seen)                                  # health of the page, once a place
before = examiner.snapshot()
examiner.action(done, candidate, seen, before, task)  # effect, lists, order, totals, what a reload says
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.check import evaluate
from magenta_qa.agent.checks.health import ailments, probe
from magenta_qa.agent.checks.kinds import HealthCheck
from magenta_qa.agent.effect import needs_effect
from magenta_qa.agent.explore import oracles
from magenta_qa.agent.explore.findings import Suspicion
from magenta_qa.agent.explore.graph import Task, words
from magenta_qa.agent.explore.history import Script, path_of
from magenta_qa.agent.explore.session import Done, Seen, Session
from magenta_qa.agent.explore.tasks import beside, choices, companions, undoable
from magenta_qa.agent.explore.wording import is_same, label, quoted
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Action, Candidate

if TYPE_CHECKING:
    from magenta_qa.agent.explore.tester import Tester

LOADING_MS = 8_000
MAX_BESIDE = 2
_ONCE = {
    "pictures": ("broken picture", "no picture is broken"),
    "overflow": ("overflow", "no text overflows"),
    "covered": ("covered control", "no control is covered"),
    "accessibility": ("accessibility", ""),
}
"""What is looked for once a place → kind of finding, expectation."""
_NUMBERS_AGREE = ("the numbers on the page agree with each other",)
_QUIET = ("there are no uncaught exceptions",)
_SILENT = re.compile(r"\b(?:cop(?:y|ies)|print\w*|download\w*|export\w*|play\w*|full ?screen|skip to)\b", re.I)
"""What has an effect outside the page."""
_CONTROLS = frozenset({"button", "link", "tab", "menuitem", "option", "switch", "checkbox", "treeitem"})
"""Roles of what is taken for a control although its markup is none: a listener elsewhere may wait for clicks inside."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a page states and holds at one moment."""

    states: Mapping[str, str]
    lists: oracles.Entries
    numbers: oracles.Numbers
    stored: str


class Examiner:
    """Judges for one tester.

    Args:
        session: What it looks at.
        tester: Where suspicions go.
    """

    def __init__(self, session: Session, tester: "Tester") -> None:
        self.session = session
        self.tester = tester
        self._known: set[str] = set()

    def snapshot(self) -> Snapshot:
        """The page as it is now."""
        facts = self.session.facts()
        return Snapshot(facts["states"], facts["lists"], self._numbers(), self.session.stored())

    def _numbers(self) -> oracles.Numbers:
        with suppress(PlaywrightError, MagentaError):
            found: oracles.Numbers = probe("numbers", self.session.page, self.session.agent.watch)
            return found
        return None

    def place(self, seen: Seen) -> None:
        """Numbers at every look, for they change; the rest once a place."""
        with suppress(PlaywrightError, MagentaError):
            for each in ailments("numbers", self.session.page, self.session.agent.watch):
                found = self.suspicion("wrong number", seen, "numbers", each.text, _NUMBERS_AGREE, identity=each.key)
                self.tester.suspect(replace(found, box=each.box), seen)
            if seen.place.key not in self._known:
                self._known.add(seen.place.key)
                self._health(seen)

    def _health(self, seen: Seen) -> None:
        page, watch = self.session.page, self.session.agent.watch
        secrets = self.session.agent.secrets
        trace = evaluate(HealthCheck("loading"), page, watch, since=0, timeout_ms=LOADING_MS, secrets=secrets)
        if trace.verdict == "failed" and "still shows that it is loading" in trace.reason:
            expect = ("the page has finished loading",)
            self.tester.suspect(self.suspicion("endless loading", seen, "page", trace.reason, expect), seen)
        for kind, (name, phrase) in _ONCE.items():
            for each in ailments(kind, page, watch):
                expect = (phrase or f'the page has no accessibility violations of "{each.key}"',)
                subject = each.key if kind == "accessibility" else each.text
                identity = path_of(each.text) if kind == "pictures" else each.text if phrase else each.key
                found = self.suspicion(name, seen, subject, each.text, expect, identity=identity)
                self.tester.suspect(replace(found, box=each.box), seen)

    def action(self, done: Done, candidate: Candidate, seen: Seen, before: Snapshot, task: Task | None) -> None:
        """Judge one action on a control.

        Args:
            done: The action.
            candidate: What it was done to.
            seen: The page before.
            before: What that stated.
            task: As chosen; its second try is the same task.
        """
        if self._is_dead(done, candidate, before):
            self._try_again(candidate, seen, task)
            return
        after = self.snapshot()
        self._judge_lists(done, candidate, seen, before, after)
        if task is not None and task.kind == "option":
            self._judge_order(task, candidate, seen)
        if done.sent and done.after.split("#")[0] == done.before.split("#")[0]:
            self._judge_reload(done, candidate, seen, before, after)

    def _is_dead(self, done: Done, candidate: Candidate, before: Snapshot) -> bool:
        """Whether nothing at all came of a click."""
        if done.action.kind != "click" or done.error or done.effect is None or done.effect.visible:
            return False
        if candidate.element_type in ("other", "image") and candidate.role not in _CONTROLS:
            return False
        if candidate.state.selected:  # the tab that is shown
            return False
        told = f"{label(candidate)} {candidate.hints}"
        if not needs_effect(done.action, candidate) or _SILENT.search(told) or candidate.href or done.dialogs:
            return False
        elsewhere = self.session.stored() != before.stored
        return not done.has_effect and not elsewhere and not self._focus_moved(candidate)

    def _focus_moved(self, candidate: Candidate) -> bool:
        """Whether the click put the cursor into a field, as what looks like one does."""
        script = "() => document.activeElement?.matches('input, textarea, select, [contenteditable]') ?? false"
        with suppress(PlaywrightError, MagentaError):
            return bool(self.session.agent.watch.run(lambda: self.session.page.evaluate(script), 5))
        return False

    def _try_again(self, candidate: Candidate, seen: Seen, task: Task | None) -> None:
        """Once more on a page that is loaded anew."""
        tester, session = self.tester, self.session
        if task is None:
            return
        session.open(seen.place.url if seen.place.modal else seen.observation.url)
        again = tester.look()
        arrived = again is not None and again.place.key == task.place.key
        if not arrived and not tester.reach(task):
            return
        found, now = tester.find(task), tester.seen
        if found is None or now is None:
            return
        before = self.snapshot()
        done = session.act(Action("click", found.mark), now)
        if self._is_dead(done, found, before):
            scripts = session.scripts(done.step)
            if not self._wakes_up(found, now):
                self._dead(done, found, now, scripts)

    def _wakes_up(self, candidate: Candidate, seen: Seen) -> bool:
        """Whether it does something once a button beside it has: "less" has nothing to do at its least."""
        for other in beside(candidate, seen, self.tester.options.allowed)[:MAX_BESIDE]:
            self.session.act(Action("click", other.mark), seen)
            now = self.tester.look()
            found = next((c for c in now.observation.candidates if is_same(c, candidate)), None) if now else None
            if now is None or found is None or now.place.key != seen.place.key:
                return False
            before = self.snapshot()
            if not self._is_dead(self.session.act(Action("click", found.mark), now), found, before):
                return True
            again = self.tester.look()
            if again is None or again.place.key != seen.place.key:
                return False
            seen = again
        return False

    def _dead(self, done: Done, candidate: Candidate, seen: Seen, scripts: tuple[Script, ...] | None = None) -> None:
        """Note a control that did nothing twice."""
        scripts = scripts or self.session.scripts(done.step)
        kind = candidate.role if candidate.element_type == "other" else candidate.element_type
        subject = f'{kind} "{label(candidate)}"'
        text = f"{subject} does nothing when clicked"
        found = self.suspicion("dead control", seen, subject, text, _QUIET, dead=True, scripts=scripts)
        self.tester.suspect(found, seen, candidate)

    def _judge_lists(self, done: Done, candidate: Candidate, seen: Seen, before: Snapshot, after: Snapshot) -> None:
        wrong = oracles.wrong_row(done, before.lists, after.lists)
        if wrong is not None:
            kept, gone = wrong
            text = f"{done.step} removed “{gone}”; “{kept}” is still there"
            expect = (f"the page shows {quoted(gone)}", f"the page does not show {quoted(kept)}")
            found = self.suspicion("wrong target", seen, label(candidate), text, expect)
            self.tester.suspect(found, seen, candidate)

    def _judge_order(self, task: Task, candidate: Candidate, seen: Seen) -> None:
        why = oracles.wrong_order(task.value, self.session.column())
        if why:
            counted = oracles.totals(self._numbers())
            noun = counted[0].split()[1] if counted else "entries"
            expect = (f"the {noun} are sorted by price, {oracles.direction(task.value)}",)
            found = self.suspicion("wrong order", seen, label(candidate), why, expect, identity=task.value)
            self.tester.suspect(found, seen, candidate)

    def _judge_reload(self, done: Done, candidate: Candidate, seen: Seen, before: Snapshot, after: Snapshot) -> None:
        """What was accepted must still be so after a reload, and what the page showed must have been true."""
        scripts = self.session.scripts()
        self.session.reload()
        reloaded = self.snapshot()
        differing = oracles.stale_badges(before.numbers, after.numbers, reloaded.numbers, reloaded.numbers)
        if differing:
            self.session.reload()
            differing = oracles.stale_badges(before.numbers, after.numbers, reloaded.numbers, self._numbers())
        for name, shown, true in differing[:1]:
            text = f"after {done.step} “{name}” shows {shown}; after a reload {true}"
            expect = (f'the {name} {"badge" if shown.isdigit() else "link"} shows "{true}"',)
            self.tester.suspect(self.suspicion("stale display", seen, name, text, expect, scripts=scripts), seen)
        back = oracles.came_back(done, before.lists, after.lists, reloaded.lists)
        if back:
            text = f"{done.step} took “{back}” away; it is there again after a reload"
            gone = (f"the page does not show {quoted(back)}",)
            self.tester.suspect(self.suspicion("lost change", seen, label(candidate), text, gone), seen)
        if undoable(candidate):
            changed = [key for key, value in after.states.items() if before.states.get(key, value) != value]
            self.judge_lost(before, after, reloaded, changed, seen, done.step)

    def judge_lost(
        self, before: Snapshot, after: Snapshot, reloaded: Snapshot, changed: Sequence[str], seen: Seen, step: str
    ) -> None:
        """What was changed and saved must be so after a reload.

        Args:
            before: The page before the change.
            after: As it was saved.
            reloaded: After the reload.
            changed: Keys of the states that were changed.
            seen: The page.
            step: What saved it.
        """
        for key, saved, found in oracles.lost_changes(before.states, after.states, reloaded.states, changed)[:1]:
            name = key.split(" ", 1)[1].rsplit(" ", 1)[0]
            text = f"“{name}” was changed to “{saved}” ({step}), and is “{found}” after a reload"
            suspicion = self.suspicion("lost change", seen, name, text, (_holds(name, saved),))
            self.tester.suspect(suspicion, seen)

    def saving(self, button: Candidate, seen: Seen) -> None:
        """Change a control beside a "Save" button, save, and see whether it stays so."""
        for attempt in range(2):
            before = self.snapshot()
            if not self._change_one(button, seen) and attempt:
                return
            now = self.tester.look()
            save = next((c for c in now.observation.candidates if is_same(c, button)), None) if now else None
            if now is None or save is None or save.state.disabled:
                return
            changed = self.snapshot()
            done = self.session.act(Action("click", save.mark), now)
            self.tester.judge_events(done.events, seen.place.key, done.step, save)
            if not self._is_dead(done, save, changed):
                self._judge_saved(done, before, changed, seen)
                return
            if attempt:
                self._dead(done, save, now)
                return
            self.session.open(seen.observation.url)
            again = self.tester.look()
            if again is None:
                return
            seen, button = again, next((c for c in again.observation.candidates if is_same(c, button)), button)

    def _change_one(self, button: Candidate, seen: Seen) -> bool:
        """Set a switch, tick a box, or choose another option, near the button."""
        for companion in companions(button, seen):
            if undoable(companion):
                done = self.session.act(Action("click", companion.mark), seen)
                return done.effect is not None and done.effect.visible
            if companion.element_type == "select":
                others = [option for option in companion.options if option != companion.state.value]
                if others:
                    self.session.act(Action("select", companion.mark, others[0]), seen)
                    return True
        return False

    def _judge_saved(self, done: Done, before: Snapshot, changed: Snapshot, seen: Seen) -> None:
        keys = [key for key, value in changed.states.items() if before.states.get(key, value) != value]
        if not keys or done.effect is None or not (done.sent or done.effect.visible):
            return
        self.tester.note_path(done)
        shown = self.snapshot()  # "Save and add another" begins anew, with nothing of what was saved
        keys = [key for key in keys if shown.states.get(key) == changed.states[key]]
        self.session.reload()
        self.judge_lost(before, changed, self.snapshot(), keys, seen, done.step)
        self.tester.seen = None

    def choosing(self, button: Candidate, seen: Seen) -> None:
        """Choose another option than the first, add, and look whether that one has arrived."""
        tester, session = self.tester, self.session
        options = choices(seen)
        other = next((c for c in options if c.state.checked is False), None)
        usual = next((c for c in options if c.state.checked is True), None)
        if other is None or usual is None:
            return
        session.act(Action("click", other.mark), seen)
        now = tester.look()
        button = next((c for c in now.observation.candidates if is_same(c, button)), button) if now else button
        if now is None:
            return
        done = session.act(Action("click", button.mark), now)
        tester.judge_events(done.events, seen.place.key, done.step, button)
        if not done.sent:
            return
        tester.note_path(done)
        news = tester.graph.news
        told = [t for t in tester.graph.tasks.values() if t.kind == "open" and news & words(t.name)]
        entry = " ".join(seen.observation.heading.split())
        if not told or not entry:
            return
        scripts = [replace(s, steps=(*s.steps, f"Go to {path_of(told[0].url)}")) for s in session.scripts()]
        session.open(told[0].url)
        arrived = tester.look()
        listed = [e["text"] for each in self.snapshot().lists for e in each["entries"] if entry in e["text"]]
        chosen, default = label(other), label(usual)
        if arrived is not None and listed and not any(chosen in t for t in listed) and default in listed[-1]:
            text = f"“{chosen}” was chosen for {entry}, but {told[0].name} lists it as “{default}”"
            expect = (f"the page shows {quoted(chosen)}",)
            found = self.suspicion("wrong target", seen, chosen, text, expect, scripts=tuple(scripts))
            tester.suspect(found, arrived)

    def dragging(self, movable: Sequence[Candidate], seen: Seen) -> None:
        """Drag the first entry behind the third; the new order must still be there after a reload."""
        before = self.snapshot()
        drag = Action("drag", movable[0].mark, target_mark=movable[2].mark)
        done = self.session.act(drag, seen, onto=movable[2])
        self.tester.judge_events(done.events, seen.place.key, done.step, movable[0])
        after = self.snapshot()
        self.session.reload()
        lost = oracles.lost_order(before.lists, after.lists, self.snapshot().lists)
        self.tester.seen = None
        if lost is not None and done.sent:
            wanted, found = lost
            first, second = next((a, b) for a, b in zip(wanted, found, strict=True) if a != b)
            text = f"{done.step}: the order is as before after a reload"
            expect = (f"{quoted(first)} stands before {quoted(second)}",)
            self.tester.suspect(self.suspicion("lost change", seen, "order", text, expect), seen, movable[0])

    def suspicion(
        self,
        kind: str,
        seen: Seen,
        subject: str,
        text: str,
        expect: tuple[str, ...],
        *,
        identity: str = "",
        dead: bool = False,
        scripts: tuple[Script, ...] = (),
    ) -> Suspicion:
        """A suspicion about a place.

        Args:
            kind: As in `findings.KINDS`.
            seen: The page.
            subject: Control or part of it.
            text: What is wrong.
            expect: What the reproducing scenario expects.
            identity: What tells it apart besides kind, place and subject.
            dead: Whether the last step itself fails.
            scripts: Ways to see it again; those of the session by default.
        """
        url = seen.observation.url
        return Suspicion(kind, seen.place.key, subject, text, url, scripts, expect, dead, identity)


def _holds(name: str, state: str) -> str:
    if state in ("true", "false"):
        return f"{quoted(name)} is {'checked' if state == 'true' else 'not checked'}"
    return f"the field {quoted(name)} has the value {quoted(state)}"
