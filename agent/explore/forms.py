"""Fills forms: sensibly, not at all, with nasty data, and sends them by Enter; judges what they take.

FormFiller(tester).carry_out(task)      # task.kind: submit | empty | nasty | enter
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.check import read_view
from magenta_qa.agent.checks.kinds import ErrorShownCheck
from magenta_qa.agent.checks.scene import Scene
from magenta_qa.agent.checks.states import judge_error_shown
from magenta_qa.agent.explore import oracles
from magenta_qa.agent.explore.examine import Snapshot
from magenta_qa.agent.explore.filling import is_mail, is_text, nasty, sensible
from magenta_qa.agent.explore.findings import Suspicion
from magenta_qa.agent.explore.graph import FORM, Task, control_key
from magenta_qa.agent.explore.history import path_of
from magenta_qa.agent.explore.picking import is_picked, pick, sample_picture
from magenta_qa.agent.explore.session import Done, Seen
from magenta_qa.agent.explore.tasks import SAVES, at_box, fields_of
from magenta_qa.agent.explore.wording import label, quoted
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Action, Candidate

if TYPE_CHECKING:
    from magenta_qa.agent.explore.tester import Tester

Form = Mapping[str, Any]
"""A form as `page.js` tells it."""
_QUIET = ("there are no uncaught exceptions",)
_CLOSES = re.compile(r"^(?:close|cancel|discard|dismiss|back|no|not now|×|✕|x)$", re.I)
_ERROR = ("an error message is shown",)


FORM_KINDS = frozenset({"submit", "empty", "nasty", "enter", "leak"})
"""Tasks that are about a whole form."""


@dataclass(frozen=True, slots=True)
class FormFiller:
    """Works on the form of one task."""

    tester: "Tester"

    def carry_out(self, task: Task) -> None:
        """Fill the form in the task's way, send it, judge."""
        if task.kind == "leak" and not self._open_another(task):
            return
        form, seen = self._form(task), self.tester.seen
        if form is None or seen is None:
            return
        before, known = self.tester.examiner.snapshot(), set(self.tester.graph.tasks)
        filled = self._fill(task, form, seen)
        if not filled and task.kind in ("nasty", "enter"):
            return
        done, values = self._send(task)
        if done is None:
            self.tester.look()
            return
        self.tester.judge_events(done.events, seen.place.key, done.step)
        if done.sent:
            self.tester.note_path(done, values)
        if task.kind == "enter":
            self._judge_enter(task, done, seen)
            return
        after = self.tester.look()
        self.tester.note_opener(seen, after, FORM + task.key, known)
        if task.kind in ("submit", "leak"):
            self._judge_taken(done, before, seen, values)
        elif after is not None:
            self._judge_validation(task, form, done, seen, filled)

    def send_again(self, key: str) -> bool:
        """Fill a form of the page sensibly and send it, for what comes after it; whether there is one."""
        seen, tester = self.tester.seen, self.tester
        task = next((t for t in tester.graph.tasks.values() if t.kind == "submit" and t.key == key), None)
        form = self._form(task) if task is not None else None
        if seen is None or task is None or form is None:
            return False
        self._fill(task, form, seen)
        done, values = self._send(task)
        if done is not None and done.sent:
            tester.note_path(done, values)
        return done is not None

    def _open_another(self, task: Task) -> bool:
        """Open and close another dialog of the same page first: what it leaves behind must not get into this one."""
        tester, session, graph = self.tester, self.tester.session, self.tester.graph
        openers = graph.other_openers(task.place)
        if not openers:
            return False
        session.open(task.place.url)
        for key in (openers[0], graph.openers.get(task.place.key, "")):
            seen = tester.look()
            control = next((c for c in seen.observation.candidates if control_key(c) == key), None) if seen else None
            if seen is None or control is None:
                return False
            session.act(Action("click", control.mark), seen)
            if key == openers[0] and not self._close_dialog():
                return False
        now = tester.look()
        return now is not None and now.place.key == task.place.key

    def _close_dialog(self) -> bool:
        session = self.tester.session
        seen = session.look()
        closing = [c for c in seen.observation.candidates if _CLOSES.match(label(c)) and c.role == "button"]
        if not seen.place.modal or not closing:
            return False
        session.act(Action("click", closing[0].mark), seen)
        return not session.look().place.modal

    def _form(self, task: Task) -> Form | None:
        forms = self.tester.session.forms()
        return next((form for form in forms if form["key"] == task.key), None)

    def _fill(self, task: Task, form: Form, seen: Seen) -> list[Candidate]:
        """Fill what the task wants filled; the fields that were."""
        filled = []
        marks: set[int] = set()
        chosen: set[str] = set()
        chosen |= {c.hints for c in fields_of(form, seen) if c.role == "radio" and c.state.checked}
        for candidate in fields_of(form, seen):
            if candidate.mark in marks:
                continue
            if task.kind not in ("empty", "nasty") and is_picked(candidate):
                marks.add(candidate.mark)
                seen = pick(self.tester.session, candidate, seen)
                continue
            action = self._action(task, candidate, chosen)
            if action is None:
                continue
            marks.add(candidate.mark)
            done = self.tester.session.act(action, seen)
            if not done.error:
                filled.append(candidate)
        return filled

    def _action(self, task: Task, candidate: Candidate, chosen: set[str]) -> Action | None:
        """What is done to one field."""
        options, state = self.tester.options, candidate.state
        if state.readonly:
            return None
        if is_text(candidate):
            if task.kind == "empty":
                return Action("clear", candidate.mark) if state.value else None
            if task.kind == "nasty":
                return Action("fill", candidate.mark, nasty(candidate))
            given = sensible(candidate, options.data, options.today)
            return Action("fill", candidate.mark, given) if given != state.value else None
        if task.kind in ("empty", "nasty"):
            return None
        if candidate.element_type == "input:file":
            return Action("upload", candidate.mark, sample_picture(self.tester.session.settings.home))
        if candidate.element_type == "select":
            others = [option for option in candidate.options[1:] if option.strip() and option != state.value]
            return Action("select", candidate.mark, others[0]) if others else None
        if candidate.role == "radio" and not state.checked and candidate.hints not in chosen:
            chosen.add(candidate.hints)
            return Action("click", candidate.mark)
        if candidate.role == "checkbox" and state.checked is False and state.required:
            return Action("check", candidate.mark)
        return None

    def _send(self, task: Task) -> tuple[Done | None, list[str]]:
        """Press the button, or Enter in the last single-line field; with what the fields held then."""
        form = self._form(task)
        session = self.tester.session
        if form is None:
            return None, []
        seen = session.look()  # the page may have moved while it was filled
        fields = fields_of(form, seen)
        values = [value for c in fields if (value := _held(c))]
        if task.kind == "enter":
            lines = [c for c in fields if is_text(c) and c.element_type != "textarea" and not c.state.readonly]
            return session.act(Action("press", lines[-1].mark, "Enter"), seen) if lines else None, values
        submit = at_box(form["submit"], seen)
        if submit is None or submit.state.disabled:
            return None, values
        return session.act(Action("click", submit.mark), seen), values

    def _judge_enter(self, task: Task, done: Done, seen: Seen) -> None:
        """Enter must do something where the button does; tried twice."""
        tester, session = self.tester, self.tester.session
        if done.has_effect:
            tester.look()
            return
        if task.tried < 2:
            task.tried = 2
            session.open(seen.place.url)
            tester.look()
            if tester.reach(task):
                self.carry_out(task)
            return
        scripts = session.scripts(done.step)
        if done.candidate is None or not self._button_works(task):
            return
        subject = f"Enter in {quoted(label(done.candidate))}"
        text = f"{subject} does nothing, although the button of its form sends it"
        found = Suspicion("dead control", "", subject, text, seen.observation.url, scripts, _QUIET, fails_in_step=True)
        tester.suspect(found, seen, done.candidate)

    def _button_works(self, task: Task) -> bool:
        """Whether the same form does something when its button is pressed."""
        form, session = self._form(task), self.tester.session
        seen = session.look()
        submit = at_box(form["submit"], seen) if form else None
        if submit is None or submit.state.disabled:
            return False
        self.tester.seen = None
        return session.act(Action("click", submit.mark), seen).has_effect

    def _judge_taken(self, done: Done, before: Snapshot, seen: Seen, values: Sequence[str]) -> None:
        """What was sent must be added where it says so, and shown wherever the same entry is shown."""
        tester = self.tester
        if not done.sent:
            return
        after = tester.examiner.snapshot()
        self._follow(done, before, after, seen)
        self._judge_kept(done, before, after, seen)
        changed = oracles.overwritten(f"{seen.place.modal} {done.step}", before.lists, after.lists)
        if changed is not None:
            old, new = changed
            text = f"{done.step} of “{seen.place.modal}” changed “{old}” to “{new}” instead of adding an entry"
            expect = (f"the page shows {quoted(old[:40])}",)
            tester.suspect(Suspicion("wrong target", seen.place.key, done.step, text, seen.observation.url, (), expect))

    def _judge_kept(self, done: Done, before: Snapshot, after: Snapshot, seen: Seen) -> None:
        """What a page's own form was saved with is in it after a reload, where something else was in it before."""
        tester, session = self.tester, self.tester.session
        stayed = not seen.place.modal and done.after.split("#")[0] == done.before.split("#")[0]
        if not stayed or done.candidate is None or not SAVES.search(label(done.candidate)) or self._shows_error():
            return
        changed = [key for key, value in after.states.items() if before.states.get(key) not in (None, "", value)]
        if changed:
            session.reload()
            tester.examiner.judge_lost(before, after, tester.examiner.snapshot(), changed, seen, done.step)
            tester.look()

    def _follow(self, done: Done, before: Snapshot, after: Snapshot, seen: Seen) -> None:
        """Look at the page of an entry that was changed in a list: it must not state what the list stated before."""
        tester, session = self.tester, self.tester.session
        change = oracles.changed_amount(before.lists, after.lists)
        url = tester.graph.links.get(change.entry.casefold(), "") if change is not None else ""
        if change is None or not url:
            return
        scripts = [replace(way, steps=(*way.steps, f"Go to {path_of(url)}")) for way in session.scripts()]
        session.open(url)
        arrived, text = tester.look(), session.text()
        if arrived is not None and change.old in text and change.new not in text:
            told = f"{change.entry} was changed from {change.old} to {change.new} ({done.step})"
            where, expect = arrived.observation.url, (f"the page shows {quoted(change.new)}",)
            text = f"{told}, but its own page still states {change.old}"
            place = arrived.place.key
            found = Suspicion("wrong number", place, "changed entry", text, where, tuple(scripts), expect)
            tester.suspect(found, arrived)

    def _judge_validation(self, task: Task, form: Form, done: Done, seen: Seen, filled: list[Candidate]) -> None:
        """What cannot be right must be refused."""
        tester, session = self.tester, self.tester.session
        if session.is_marked():
            text = f"markup typed into a form ({done.step}) is executed as code"
            found = Suspicion("no validation", seen.place.key, str(form["key"]), text, seen.observation.url, (), _QUIET)
            tester.suspect(found, seen)
        mails = [c for c in filled if is_mail(c)]
        posted = done.sent and form["method"] != "dialog"
        if not posted or self._shows_error() or done.effect is None or not done.effect.visible:
            return
        if task.kind == "empty" and form["texts"] > 1:
            what = "without any text"
        elif task.kind == "nasty" and mails:
            what = f"with “not-an-address” as {quoted(label(mails[0]))}"
        else:
            return
        text = f"{done.step} takes the form {what}"
        url = seen.observation.url
        found = Suspicion("no validation", seen.place.key, done.step, text, url, (), _ERROR, identity=task.kind)
        tester.suspect(found, seen, done.candidate)

    def _shows_error(self) -> bool:
        """Whether the page shows an error message now."""
        agent = self.tester.session.agent
        with suppress(PlaywrightError, MagentaError):
            view = read_view(agent.page, agent.watch)
            return view is not None and judge_error_shown(ErrorShownCheck(), Scene(view, agent.secrets)).holds is True
        return True


def _held(candidate: Candidate) -> str:
    """What a field says that was chosen or filled in."""
    if candidate.role in ("radio", "checkbox"):
        return label(candidate) if candidate.state.checked is True else ""
    return candidate.state.value or ""
