"""Carries out what was decided, and keeps what an action was: its log line, its trace, how its target is known again.

trace, effect = carry_out(errand, look, Action("click", 7), candidate, None)
str(trace.effect)                                  -> "url changed"
"""

import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from magenta_qa.agent.errand import Errand, Look
from magenta_qa.agent.execute import execute
from magenta_qa.agent.fingerprint import fingerprint_of
from magenta_qa.agent.memory import page_signature
from magenta_qa.model.errors import ActionError
from magenta_qa.model.html import clean_html
from magenta_qa.model.private_text import MASK
from magenta_qa.model.schema import Action, Candidate, Description, Effect
from magenta_qa.model.trace import ActionTrace, Healing


def carry_out(
    errand: Errand, look: Look, action: Action, candidate: Candidate | None, healing: Healing | None
) -> tuple[ActionTrace, Effect | None]:
    """Execute an action, log it, and say how it went; what was healed comes with its picture."""
    agent = errand.agent
    html = html_of(errand, candidate)
    kept = agent.settings.pictures == "all" or healing is not None
    image = _kept_picture(errand, look) if kept else None
    started = time.monotonic()
    effect, error = None, ""
    if candidate is not None and candidate.state.secret and action.value:
        agent.privacy.note([action.value])  # a password that a step spells out
    try:
        effect = execute(action, agent.observer, agent.watch, agent.secrets, agent.settings)
    except ActionError as problem:
        error = agent.secrets.mask(str(problem))
    interaction = None
    if candidate is not None and not error and action.kind != "read":
        interaction = agent.log.append(
            look.observation,
            candidate,
            action,
            html=html,
            image=image,
            description=description_of(look, action.mark),
            effect=effect,
            step=errand.step,
            goal=errand.goal,
        )
    trace = _action_trace(look, action, candidate, effect, error, time.monotonic() - started)
    digest = sha256(html.encode()).hexdigest()[:12] if html else ""
    trace = replace(trace, image=image, interaction=interaction, html=digest, healing=healing)
    return _recognisable(errand, trace, look, candidate), effect


def html_of(errand: Errand, candidate: Candidate | None) -> str:
    """The HTML around the control, cleaned; empty where there is none, or a dialog is open."""
    if candidate is None or errand.agent.watch.open_dialog:
        return ""
    return clean_html(errand.agent.observer.surrounding_html([candidate.mark]).get(candidate.mark, ""))


def _kept_picture(errand: Errand, look: Look) -> str | None:
    agent = errand.agent
    layout = None if agent.watch.open_dialog else agent.observer.layout()
    return agent.log.save_image(look.observation.screenshot, layout)


def description_of(look: Look, mark: int | None) -> Description | None:
    """What was understood of the candidate with that mark."""
    return next((d for d in look.descriptions if d.mark == mark), None)


def _action_trace(
    look: Look, action: Action, candidate: Candidate | None, effect: Effect | None, error: str, seconds: float
) -> ActionTrace:
    observation = look.observation
    return ActionTrace(
        action,
        look.decision,
        element_type=candidate.element_type if candidate else "",
        role=candidate.role if candidate else "",
        name=(candidate.name or candidate.text) if candidate else "",
        locators=candidate.locators if candidate else (),
        description=description_of(look, action.mark),
        box=candidate.box if candidate and candidate.in_view else None,
        viewport=observation.viewport,
        dpr=observation.dpr,
        url=observation.url,
        candidates=len(observation.candidates),
        effect=effect,
        error=error,
        seconds={**look.seconds, "act": seconds},
        place=look.decision.place,
    )


def _recognisable(errand: Errand, trace: ActionTrace, look: Look, candidate: Candidate | None) -> ActionTrace:
    """The trace with what is remembered of target and page, nothing private in it."""
    mask = errand.agent.privacy.mask
    hidden = candidate is not None and candidate.state.private
    onto = look.observation.candidate(trace.action.target_mark) if trace.action.target_mark else None
    return replace(
        trace,
        name=MASK if hidden else mask(trace.name),
        locators=_public_locators(candidate, trace.locators, mask),
        page=page_signature(look.observation.candidates, mask),
        fingerprint=fingerprint_of(candidate, mask) if candidate else None,
        onto=_public_locators(onto, onto.locators, mask) if onto else (),
        onto_fingerprint=fingerprint_of(onto, mask) if onto else None,
    )


def _public_locators(
    candidate: Candidate | None, locators: tuple[str, ...], mask: Callable[[str], str]
) -> tuple[str, ...]:
    """Those that hold nothing private."""
    hidden = candidate is not None and candidate.state.private
    return () if hidden else tuple(each for each in locators if mask(each) == each)
