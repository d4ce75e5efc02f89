"""Decision rows from one look at a page: a tester's step, a history, the described candidates, and the one right answer.

    for row in decision_rows(made, shot, "17-4", count=16, foreign=[Foreign("Archive the invoice 4411", "Archive")]): …
    row.prompt     # model.prompt.decision_prompt of the request
    row.answer     # {"outcome": "act", "mark": 12, "kind": "click", "value": null, "confidence": 0.97, "reason": "…"}

Some steps ask for what the page does not have ("none"), some have been done already ("done"), some come after an action
that missed. A step that two candidates fit equally well is not made.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from magenta_qa.finetune.corpus.photograph import Shot
from magenta_qa.finetune.corpus.render import Place
from magenta_qa.finetune.corpus.rows import description_of, is_on, kind_of
from magenta_qa.finetune.corpus.site import Made
from magenta_qa.finetune.corpus.wording import step_for, step_with_ordinal
from magenta_qa.model.accessible import sentence
from magenta_qa.model.prompt import decision_prompt
from magenta_qa.model.schema import Action, ActionType, Candidate, DecisionRequest, Description, Done, Effect

NONE, DONE, AFTER_MISS = 0.12, 0.12, 0.12
"""Shares of the rows whose answer is "none" or "done", and of those that follow an action that missed."""
DEGRADED = 0.15
"""Share of the looks in which descriptions come without a model."""
_NOTICES = (
    "Saved",
    "Done",
    "Changes saved",
    "Updated",
    "1 item removed",
    "Added",
    "Thank you",
    "Your changes have been stored",
)
_OBSTACLES = (
    "it is disabled; do first what enables it",
    "it is not visible; open first what contains it",
    'it is covered by <div class="overlay">; close that or wait until it is gone',
    "it is covered by the dialog; close that or wait until it is gone",
)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One question to a deciding model and its answer."""

    id: str
    split: str
    site: str
    kind: str
    outcome: str
    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A step that another kind of page can do."""

    step: str
    name: str
    """Of its control; a page that has one of that name is not asked."""


def decision_rows(made: Made, shot: Shot, name: str, count: int, foreign: Sequence[Foreign]) -> Iterator[DecisionRow]:
    """Rows of one look.

    Args:
        made: The page.
        shot: The look.
        name: What ids begin with.
        count: How many at most.
        foreign: Steps of other kinds of pages, asking for what is not here.
    """
    r = Random(f"{name}/decisions")
    maker = Questioner(made, shot, r)
    for number in range(count):
        chance, row_name = r.random(), f"{name}-d{number}"
        if chance < NONE and foreign:
            row = maker.none(row_name, r.choice(foreign))
        elif chance < NONE + DONE:
            row = maker.done(row_name)
        else:
            row = maker.act(row_name, missed=chance < NONE + DONE + AFTER_MISS)
        if row is not None:
            yield row


def steps_of(shot: Shot, r: Random, count: int) -> list[Foreign]:
    """Steps that this page can do: what other pages are asked in vain."""
    marks = r.sample(sorted(shot.known), min(count, len(shot.known)))
    made = []
    for mark in marks:
        candidate, known = shot.observation.candidate(mark), shot.known[mark]
        if candidate is not None:
            meaning = known.place.control.meaning
            step = step_for(meaning, kind_of(candidate, known.place), is_on(candidate, known.place), r)
            made.append(Foreign(step, meaning.name))
    return made


class Questioner:
    """Makes the rows of one look; `targets` are the candidates that a step can mean and nothing else."""

    def __init__(self, made: Made, shot: Shot, r: Random) -> None:
        self._made, self._r, self._shot, self._candidates = made, r, shot, shot.observation.candidates
        self._degraded = degraded = r.random() < DEGRADED
        self._descriptions = tuple(self._describe(candidate, degraded) for candidate in shot.observation.candidates)
        self._same: dict[str, list[Candidate]] = defaultdict(list)
        self._says: dict[str, int] = defaultdict(int)
        for candidate in shot.observation.candidates:
            known = shot.known.get(candidate.mark)
            if known is not None:
                self._same[known.place.control.meaning.name].append(candidate)
                self._says[known.place.control.meaning.says] += 1
        self.targets = [c for c in shot.observation.candidates if self._can_be_meant(c)]

    def _describe(self, candidate: Candidate, degraded: bool) -> Description:
        known = self._shot.known.get(candidate.mark)
        if known is None or degraded or not candidate.in_view:
            text = sentence(candidate, candidate.action_types[0])
            return Description(candidate.mark, text, "rule", "accessible", degraded=degraded)
        return Description(candidate.mark, description_of(candidate, known, self._r), "model", "embedded")

    def _can_be_meant(self, candidate: Candidate) -> bool:
        """Whether a step can mean it and nothing else, and a model can tell."""
        known = self._shot.known.get(candidate.mark)
        if known is None or candidate.state.disabled:
            return False
        meaning = known.place.control.meaning
        if self._degraded or not candidate.in_view:
            if not candidate.name:
                return False  # nothing says what it is
            if len(self._same[meaning.name]) > 1 and meaning.row not in self._text(candidate):
                return False  # nothing says which of several
        twins = [self._shot.known[c.mark].place.control.meaning.row for c in self._same[meaning.name]]
        return self._says[meaning.says] == 1 and twins.count(meaning.row) == 1

    def act(self, name: str, *, missed: bool) -> DecisionRow | None:
        """A step that one candidate fits; with `missed` after an action that hit another one."""
        if not self.targets:
            return None
        target = self._r.choice(self.targets)
        done = self._misses(target) if missed else ()
        return self.row(name, "act", target, step=self.step(target), done=done)

    def _misses(self, target: Candidate) -> tuple[Done, ...]:
        """What was done before and was not what the step asks for: often the same control of another row."""
        others = [each for each in self.targets if each is not target and _label(each)]
        if not others:
            return ()
        twins = [each for each in others if _label(each) == _label(target)]
        missed = self._r.choice(twins if twins and self._r.random() < 0.5 else others)
        # A history does not tell twins apart: had the other one done something, the step would seem to be done.
        ways = (
            ["nothing", "error"] if _label(missed) == _label(target) else ["nothing", "something", "something", "error"]
        )
        way = self._r.choice(ways)
        line = self.done_line(missed, self._effect(missed) if way == "something" else Effect())
        if way != "error":
            return (line,)
        error = f"cannot {line.action.kind.replace('_', ' ')} {line.element}: {self._r.choice(_OBSTACLES)}"
        return (replace(line, effect=None, error=error),)

    def done(self, name: str) -> DecisionRow | None:
        """A step whose action has been carried out with an effect that fits, perhaps after one that missed."""
        named = [each for each in self.targets if _label(each)]
        if not named:
            return None
        target = self._r.choice(named)
        before = self._misses(target) if self._r.random() < 0.2 else ()
        done = (*before, self.done_line(target, self._effect(target)))
        return self.row(name, "done", None, step=self.step(target), done=done)

    def none(self, name: str, foreign: Foreign) -> DecisionRow | None:
        """A step that asks for what is not here; None if it may be here after all."""
        words = _telling_words(foreign.step)
        here = [_telling_words(f"{d.text} {c.name}") for d, c in zip(self._descriptions, self._candidates, strict=True)]
        if foreign.name in self._same or any(2 * len(words & each) >= len(words) for each in here):
            return None
        return self.row(name, "none", None, step=foreign.step)

    def row(
        self,
        name: str,
        outcome: str,
        target: Candidate | None,
        *,
        step: str | None = None,
        goal: str | None = None,
        done: Sequence[Done] = (),
    ) -> DecisionRow:
        """The question of this look with its answer."""
        observation = replace(self._shot.observation, screenshot=b"")
        prompt = decision_prompt(DecisionRequest(step, goal, observation, self._descriptions, tuple(done)))
        made, answer = self._made, self._answer(outcome, target)
        return DecisionRow(name, made.split, made.site, made.kind, outcome, prompt, answer)

    def place(self, candidate: Candidate) -> Place:
        """The control that a known candidate is."""
        return self._shot.known[candidate.mark].place

    def step(self, target: Candidate) -> str:
        """A tester's step that means this candidate."""
        known = self._shot.known[target.mark]
        meaning, action = known.place.control.meaning, self.kind(target)
        twins = [c for c in self._same[meaning.name] if c.in_view]
        countable = len(twins) > 1 and target.in_view and all(_label(each) for each in twins)
        if countable and action == "click" and self._r.random() < 0.15:
            return step_with_ordinal(meaning, twins.index(target), len(twins), self._r)
        return step_for(meaning, action, is_on(target, known.place), self._r)

    def kind(self, target: Candidate) -> ActionType:
        """The action that it takes."""
        return kind_of(target, self._shot.known[target.mark].place)

    def _text(self, target: Candidate) -> str:
        return self._descriptions[target.mark - 1].text

    def value(self, target: Candidate) -> str | None:
        """What a step would have it hold; None where it takes nothing."""
        takes = self.kind(target) in ("fill", "type", "select")
        return self._shot.known[target.mark].place.control.meaning.value if takes else None

    def done_line(self, target: Candidate, effect: Effect) -> Done:
        """The line of the history for this candidate."""
        action = Action(self.kind(target), target.mark, self.value(target))
        return Done(action, f'{target.element_type} "{_label(target)}"', effect)

    def _effect(self, target: Candidate) -> Effect:
        r, kind = self._r, self.kind(target)
        if kind in ("fill", "type", "select"):
            return Effect(state=True, value=self.value(target))
        if target.element_type in ("checkbox", "radio"):
            return Effect(state=True)
        if target.element_type == "link":
            return Effect(url=True, dom=r.randrange(20, 400))
        control = self._shot.known[target.mark].place.control
        if control.popup is not None and control.does != "remove":
            return Effect(dom=r.randrange(1, 30), state=r.random() < 0.4)
        if control.icon in ("download", "print") and r.random() < 0.5:
            return Effect(download=f"export-{r.randrange(1, 99)}.{r.choice(['csv', 'pdf', 'zip'])}")
        notice = Effect(dom=r.randrange(1, 40), text=r.choice(_NOTICES))
        moved = Effect(url=True, dom=r.choice([0, r.randrange(20, 300)]))
        return r.choice(
            [notice, notice, Effect(dom=r.randrange(2, 60)), Effect(dom=r.randrange(1, 9), state=True), moved]
        )

    def _answer(self, outcome: str, target: Candidate | None) -> str:
        reasons = {
            "done": "What was asked for has been carried out.",
            "none": "No candidate does what the step asks for.",
        }
        facts = {
            "outcome": outcome,
            "mark": target.mark if target else None,
            "kind": self.kind(target) if target else None,
            "value": self.value(target) if target else None,
            "confidence": 0.97 if outcome == "act" else 0.9,
            "reason": self._text(target) if target else reasons[outcome],
        }
        return json.dumps(facts, ensure_ascii=False)


def _label(candidate: Candidate) -> str:
    """What a history calls it."""
    return candidate.name or candidate.text


def _telling_words(text: str) -> set[str]:
    """The words of a text that say what it is about, without their endings."""
    return {word[:5] for word in re.findall(r"[a-z0-9]{3,}", text.lower())} - _COMMON


_COMMON = {
    word[:5]
    for word in [
        "the",
        "and",
        "for",
        "with",
        "click",
        "press",
        "tap",
        "use",
        "hit",
        "please",
        "then",
        "next",
        "now",
        "want",
        "you",
        "should",
        "try",
        "into",
        "from",
    ]
}
