"""The deciding back end `embedded:PATH`: rules where words decide, the small model where no control bears the words.

    deciding = open_decider("embedded:models/small")
    deciding.decide(DecisionRequest(step="Get rid of the blue backpack", …))
    -> Decision("act", Action("click", 7), 0.97, 'button "": Removes the Blue backpack from the cart.', …)

`rules` find a control by its name, by what is around it and by what it is said to do, and say why not. The model is
asked only where nothing bears the words, never where several do: then the step is what has to be mended. It is shown at
most `MAX_SHOWN` candidates, one at a time, and every answer that fits them is weighed (`replies`); the files say
from which share on an answer counts (`Calibration`). What it picks is checked (`_objection`): all that a page can reach
by its texts is which of its own controls is picked.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from magenta_qa.model.accessible import sentence
from magenta_qa.model.embedded.files import Calibration, ModelFiles, folder_of, read_files
from magenta_qa.model.embedded.network import THREADS, shared_network
from magenta_qa.model.embedded.prompts import Prompts
from magenta_qa.model.embedded.replies import Head, weigh
from magenta_qa.model.language.step import read_step
from magenta_qa.model.prompt import candidate_line, choose_candidates, decision_prompt
from magenta_qa.model.reply import (
    Answer,
    action_of,
    alternative_of,
    gives,
    label_of,
    objection_to,
    quoted_texts,
    unborne,
)
from magenta_qa.model.rules import RulesDecider, clause_of
from magenta_qa.model.schema import Candidate, Decision, DecisionRequest, Description

MAX_SHOWN = 60
"""Candidates that are asked about: some 100 tokens each."""
_REMEMBERED = 64
"""Questions whose answers are kept: while it waits, the agent asks the same of a page at rest."""
_MENTIONED = 3
"""Answers that are told beside the best one."""


@dataclass(frozen=True, slots=True)
class _Picked:
    """What the model answers, by the marks that it was shown."""

    chances: tuple[tuple[Head, float], ...]
    """Most likely first."""
    answer: Answer
    """The first of them, written to its end."""


def open_decider(spec: str, threads: int = THREADS) -> "EmbeddedDecider":
    """Rules and the model that `spec` names.

    Raises:
        ConfigError: The spec has another form, or there is no whole model.
    """
    return EmbeddedDecider(spec.strip(), read_files(folder_of(spec)), threads)


class EmbeddedDecider:
    """Rules, and a small model where no control bears the words.

    Args:
        spec: What the model's decisions are signed with.
        files: The model's; the graphs are loaded when it is first asked.
        threads: At most.
    """

    instant = True

    def __init__(self, spec: str, files: ModelFiles, threads: int = THREADS) -> None:
        self.spec = spec
        self._rules, self._closest = RulesDecider(lenient=False), RulesDecider()
        self._prompts, self._network = Prompts(files, 0), shared_network(files, threads)
        self._calibration = files.manifest.calibration or Calibration()
        self._known: dict[str, _Picked] = {}

    def decide(self, request: DecisionRequest) -> Decision:
        """The rules' decision; where they find nothing that bears the words, the model's, if it is certain."""
        decision = self._rules.decide(request)
        if not decision.unmatched or not request.observation.candidates or request.observation.dialog:
            return decision
        clause = clause_of(request, decision)
        whole = request.step or request.goal or ""
        # One action is asked for as a step; of several the model is to find out itself which one comes next.
        asked = clause if clause.step == whole else replace(request, goal=whole, step=None)
        try:
            return self._asked(asked, clause, request, decision)
        except ValueError as error:
            return replace(decision, reason=f"{decision.reason}; the model cannot be asked: {error}")

    def asks_about(self, request: DecisionRequest) -> tuple[int, ...]:
        """What the rules ask about."""
        return self._rules.asks_about(request)

    def close(self) -> None:
        """Nothing to release: the memory goes with the object."""

    def _asked(
        self, asked: DecisionRequest, clause: DecisionRequest, request: DecisionRequest, decision: Decision
    ) -> Decision:
        shown = choose_candidates(asked, MAX_SHOWN)
        prompt, question = self._question(asked, shown)
        picked = self._known.get(prompt) or self._picked(prompt, question)
        self._known = dict([*self._known.items(), (prompt, picked)][-_REMEMBERED:])
        judged = self._judged(picked, shown, question, clause, decision)
        if judged is not None:
            return judged
        # Not certain by itself; but what it takes for the nearest may be what has most of the step's words, too.
        closest, mark = self._closest.decide(request), shown[(picked.answer.mark or 0) - 1].mark
        if closest.action is not None and closest.action.mark == mark:
            return closest
        threshold = self._calibration.threshold
        unsure = f"the model is not certain ({picked.answer.confidence:.2f} < {threshold:.2f}) of [{mark}]"
        return replace(decision, reason=f"{decision.reason}; {unsure}")

    @staticmethod
    def _question(asked: DecisionRequest, shown: Sequence[Candidate]) -> tuple[str, DecisionRequest]:
        """The prompt, and the request that it stands for: with these candidates alone, numbered from one."""
        texts = {description.mark: description.text for description in asked.descriptions}
        numbered = tuple(replace(candidate, mark=number) for number, candidate in enumerate(shown, 1))
        descriptions = tuple(
            Description(number, texts.get(c.mark) or sentence(c, c.action_types[0]), "rule", "")
            for number, c in enumerate(shown, 1)
        )
        observation = replace(asked.observation, candidates=numbered)
        question = replace(asked, observation=observation, descriptions=descriptions)
        return decision_prompt(question), question

    def _picked(self, prompt: str, question: DecisionRequest) -> _Picked:
        weighed = weigh(self._network, self._prompts, prompt)
        chances = weighed.chances(self._calibration.temperature)
        ordered = tuple(sorted(chances.items(), key=lambda item: -item[1]))
        head, chance = ordered[0]
        candidate = question.observation.candidate(head.mark or 0)
        if candidate is None:
            return _Picked(ordered, Answer(outcome=head.outcome, confidence=chance))
        rest = weighed.finish(head, candidate.action_types)
        answer = Answer(
            outcome=head.outcome,
            mark=head.mark,
            kind=rest.kind,
            value=rest.value,
            confidence=chance * math.exp(min(rest.log, 0.0)),
        )
        return _Picked(ordered, answer)

    def _judged(
        self,
        picked: _Picked,
        shown: Sequence[Candidate],
        question: DecisionRequest,
        clause: DecisionRequest,
        decision: Decision,
    ) -> Decision | None:
        """The decision, by the page's own marks; the rules' where the answer does not count; None if it is unsure."""
        answer = picked.answer
        certain = answer.confidence >= self._calibration.threshold
        if answer.outcome == "done":
            # A goal's outcome is checked afterwards; a step's is not, so that words must show that it is done.
            ended = certain and question.goal is not None and bool(clause.done)
            reason = "the model holds it to be done"
            return Decision("done", None, answer.confidence, reason, decider=self.spec) if ended else decision
        if answer.outcome == "none":
            return decision
        candidate = question.observation.candidates[(answer.mark or 0) - 1]
        answer = answer.model_copy(update={"value": _value(answer, clause.step or clause.goal or "")})
        objection = _objection(answer, candidate, question, clause)
        if objection:
            return replace(decision, reason=f"{decision.reason}; {objection}")
        if not certain:
            return None
        action = action_of(answer, question)
        assert action is not None, "an action without a kind has been objected to"
        described = question.descriptions[(answer.mark or 0) - 1].text
        others = ((shown[(head.mark or 0) - 1], chance) for head, chance in picked.chances if head.mark)
        return Decision(
            "act",
            replace(action, mark=shown[(action.mark or 0) - 1].mark),
            round(answer.confidence, 3),
            f"{label_of(candidate)}: {described}",
            tuple(alternative_of(other, round(chance, 3)) for other, chance in list(others)[:_MENTIONED]),
            decider=self.spec,
            place=decision.place,
            unmatched=True,
        )


def _value(answer: Answer, words: str) -> str | None:
    """The value as the step quotes it, where it quotes one; else as the model has copied it."""
    quoted = quoted_texts(words)
    return quoted[0] if answer.value is not None and len(quoted) == 1 else answer.value


def _gives(words: str, value: str) -> bool:
    """Whether the step gives this value, word for word and as the rules read it."""
    read = {intent.value.casefold() for intent in read_step(words) if intent.value}
    return gives(words, value) and (not read or value.casefold() in read)


def _objection(answer: Answer, candidate: Candidate, question: DecisionRequest, clause: DecisionRequest) -> str:
    """Why this answer cannot be meant; empty when it can."""
    action = action_of(answer, question)
    objection = objection_to(answer, candidate, action, question)
    if objection or action is None:
        return objection
    if action.kind == "drag" or action.target_mark is not None:
        return "the model picked a drag, of which it knows one end only"
    texts = {description.mark: description for description in question.descriptions}
    lines = [_content(other, texts[other.mark]) for other in question.observation.candidates]
    if lines.count(_content(candidate, texts[candidate.mark])) > 1:
        return f"the model picked {label_of(candidate)}, and there is another one that looks just like it"
    words = clause.step or clause.goal or ""
    if answer.value is not None and not _gives(words, answer.value):
        return f"the model picked the value {answer.value!r}, which is not what the step gives"
    left = unborne(words, answer.value, candidate, texts[candidate.mark].text, question)
    return f"the model picked {label_of(candidate)}, on which {left[0]!r} does not stand" if left else ""


def _content(candidate: Candidate, description: Description) -> str:
    """A candidate's line without its mark."""
    return candidate_line(replace(candidate, mark=0), description)
