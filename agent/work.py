"""The loop: observe, describe, decide, execute, until the step is done or it is clear that it cannot be.

"Remove the Blue backpack" ─▶ StepTrace(verdict="passed", actions=(click button "Remove" → 3 page changes,))
"""

import re
import time
from contextlib import suppress
from dataclasses import replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.anchored import anchored_locator
from magenta_qa.agent.carry_out import carry_out, description_of
from magenta_qa.agent.check import page_text
from magenta_qa.agent.errand import (
    SLOW_SECONDS,
    End,
    Errand,
    Look,
    Next,
    Sight,
    first_line,
    follow_tab,
    judge,
    label_of,
    missing,
    step_trace,
)
from magenta_qa.agent.execute import come_to_rest, execute
from magenta_qa.agent.heal import change_of, means_the_same, other_effect
from magenta_qa.agent.memory import RememberedStep, explain_absence, successor_of
from magenta_qa.agent.replay import can_replay, replay
from magenta_qa.agent.settle import is_loading
from magenta_qa.agent.windowed import find_windowed, look_through, put_back
from magenta_qa.model.errors import ActionError, MagentaError
from magenta_qa.model.ranking.choice import ACCEPT
from magenta_qa.model.ranking.looks import names_colour
from magenta_qa.model.schema import (
    Action,
    Decision,
    DecisionRequest,
    Description,
    Done,
    Question,
)
from magenta_qa.model.trace import StepTrace

if TYPE_CHECKING:
    from magenta_qa.agent.agent import Agent

TORN_SECONDS = 2.0  # a page that shows two equal candidates rarely gets a better one later
SURE = 0.95  # of a decision that need not wait until the page has come to rest
ROUGH = 0.8  # below that a decision waits as long as none would, while the page loads
REST_SECONDS = 5.0  # how long a rougher one waits for that
PATIENCE = 3  # times the time limit, for what is missing from a page that is still loading
SEARCH_SECONDS = 30.0  # for looking through lists that draw only what is in view
PICTURE_SECONDS = 6.0
POLL_SECONDS = (0.1, 0.2, 0.3, 0.5)
_RENAMED = frozenset({"click", "check", "uncheck", "fill", "select"})
MAX_DETOURS = 1  # menus that a step may open to find what needed none when its scenario last passed


def work(
    agent: "Agent",
    *,
    step: str | None,
    goal: str | None,
    max_actions: int,
    remembered: RememberedStep | None = None,
    then: Next = "",
) -> StepTrace:
    """Work off one step or goal, one action at a time.

    Args:
        agent: Whose page, back ends and log are used.
        step: An imperative sentence, or None.
        goal: What is to be achieved, or None.
        max_actions: More than that is `stuck`.
        remembered: What the step acted on when it last passed.
        then: What follows; after a replayed step the page need not come to rest for everything.

    Returns:
        Its trace; failures of browser, page and model are verdicts, not exceptions.
    """
    errand = Errand(agent, step, goal, remembered, time.monotonic(), agent.watch.mark())
    try:
        end = _replayed(errand, then) or _pursue(errand, max_actions)
    except ActionError as error:
        end = missing(errand, str(error))
    except (MagentaError, PlaywrightError) as error:
        end = End("error", first_line(error))
    return step_trace(errand, end)


def _replayed(errand: Errand, then: Next) -> End | None:
    """How the step ended as its lock remembers it; None where the page has to be looked at."""
    agent = errand.agent
    if not agent.settings.replay or not can_replay(errand.remembered):
        return None
    end = replay(errand, then=then)
    if end is None:  # nobody may have waited after the last action, of this step or the one before
        come_to_rest(agent.observer, agent.watch, agent.settings, errand.started)
    return end


def _pursue(errand: Errand, max_actions: int) -> End:
    while len(errand.actions) < max_actions:
        look = _look_until_decided(errand)
        if _finds_nothing(look.decision):
            look = _look_further(errand) or look
        look = _renamed(errand, look)
        if look.decision.outcome == "done":
            return _finished(errand, look.decision)
        if look.decision.outcome == "none" or look.decision.action is None or _is_detour(errand, look):
            return _undecided(errand, look)
        end = _act(errand, look, look.decision.action) or _finished_by_history(errand, look)
        if end is not None:
            return end
    return End("stuck", f"not done after {max_actions} actions: {'; '.join(map(str, errand.done[-2:]))}")


def _look_until_decided(errand: Errand) -> Look:
    """Look again, with pauses, while no candidate fits or a better one may still appear.

    How long the page was given is told by when it was looked at last; what a slow model takes afterwards gives nothing.
    """
    started = time.monotonic()
    pauses = chain(POLL_SECONDS, repeat(POLL_SECONDS[-1]))
    before: Look | None = None
    while True:
        waited = time.monotonic() - started
        look = _scrolled_to(errand, _look(errand))
        if look.decision.outcome == "done" or look.observation.dialog or waited >= _patience(errand, look, before):
            return look
        before = look
        errand.agent.page.wait_for_timeout(1000 * next(pauses))


def _finds_nothing(decision: Decision) -> bool:
    return decision.outcome == "none" and all(a.score < ACCEPT for a in decision.alternatives)


def _look_further(errand: Errand) -> Look | None:
    """What is nowhere on the page may be in a list that draws only what is in view; it stays scrolled to that."""
    page, watch = errand.agent.page, errand.agent.watch
    windows = find_windowed(page, watch)
    if not windows:
        return None
    news = _words(errand.step or errand.goal or "") - _words(page_text(page))
    for stop in look_through(windows, page, watch, SEARCH_SECONDS):
        if news and not news & _words(stop.text):
            continue
        look = _look(errand)
        if look.decision.outcome != "none" and not _prepares(look.decision):
            return look
    put_back(windows)
    return None


def _renamed(errand: Errand, look: Look) -> Look:
    """Where the step's words find nothing: what took the place of the control of then, its name in other words."""
    before, agent = errand.target(), errand.agent
    if look.decision.outcome != "none" or before is None or before.kind not in _RENAMED or agent.settings.heal == "off":
        return look
    candidate = successor_of(before, look.observation, agent.privacy.mask)
    if candidate is None or candidate.state.private or not means_the_same(before.name, candidate.name):
        return look
    action = Action(before.kind, candidate.mark, before.value)  # type: ignore[arg-type]
    reason = f"it took the place of {before.label}"
    return replace(look, decision=Decision("act", action, SURE, reason, decider="memory", place=before.place))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _prepares(decision: Decision) -> bool:
    """Whether the action would only open something that may hold the control: tried only after having waited for it."""
    return decision.place is not None and decision.place.prepares


def _is_detour(errand: Errand, look: Look) -> bool:
    """Whether a step would do something else than when it last passed, for want of the control that it meant then.

    It would open a second menu, press a key in place of a lost button, or take what only a model says to be meant.
    """
    action, before = look.decision.action, errand.target()
    if errand.remembered is None or action is None or before is None:
        return False
    if action.kind == "press" and before.kind == "click":
        return explain_absence(errand.remembered, errand.at, look.observation, errand.agent.privacy.mask) is not None
    candidate = look.observation.candidate(action.mark or 0)
    mask = errand.agent.privacy.mask
    if candidate is None or mask(candidate.name) == mask(before.name):
        return False
    if _prepares(look.decision):
        return errand.detours >= MAX_DETOURS or errand.agent.settings.heal == "off"
    return look.decision.unmatched or not (candidate.name or candidate.text)


def _patience(errand: Errand, look: Look, before: Look | None) -> float:
    """How many seconds to go on looking; a page that is still loading gets more, so that nothing is decided early.

    What fits only roughly must have been seen twice on a page at rest: "New" is not what "Create" means where "Create"
    is about to come.
    """
    agent, decision = errand.agent, look.decision
    limit = agent.settings.timeout_ms / 1000
    loading = not look.observation.candidates or is_loading(agent.watch, time.monotonic())
    if decision.outcome == "act" and not _prepares(decision):
        steady = before is not None and before.decision.action == decision.action
        if (decision.confidence >= SURE and not decision.unmatched) or (steady and not loading):
            return 0.0
        if loading:
            return limit if decision.confidence >= ROUGH else PATIENCE * limit
        return min(limit, REST_SECONDS)
    if loading:
        return PATIENCE * limit
    if _prepares(decision):
        return min(limit, TORN_SECONDS)
    return limit if decision.absent or not decision.alternatives else min(limit, TORN_SECONDS)


def _look(errand: Errand) -> Look:
    agent = errand.agent
    t0 = time.monotonic()
    request = _observed(errand, picture=_needs_picture(errand))
    if not request.observation.screenshot and agent.understanding.needs_pictures and agent.decision.asks_about(request):
        errand.needs_picture = True
        request = _observed(errand, picture=True)
    t1, thought = time.monotonic(), agent.thought
    observation = request.observation
    request = replace(request, descriptions=_described(agent, request))
    t2 = time.monotonic()
    decision = agent.decision.decide(request)
    seconds = {"observe": t1 - t0, "describe": t2 - t1, "decide": time.monotonic() - t2}
    agent.thought += seconds["decide"]
    errand.sights.append(Sight(decision.outcome == "act" and not _prepares(decision), thought))
    return Look(observation, request.descriptions, decision, seconds)


def _observed(errand: Errand, *, picture: bool) -> DecisionRequest:
    observation = errand.agent.observe(picture=picture)
    return DecisionRequest(errand.step, errand.goal, observation, (), tuple(errand.done))


def _described(agent: "Agent", request: DecisionRequest) -> tuple[Description, ...]:
    """All descriptions where they cost nothing; else those that the decision asks about, and plain ones of the rest.

    What words decide needs none: a model that looks at every control of every page would take longer than the page.
    """
    if not agent.understanding.needs_pictures:
        return tuple(agent.describe(request.observation))
    known: dict[int, Description] = {}
    while lacking := [m for m in agent.decision.asks_about(request) if m not in known]:
        known |= {description.mark: description for description in agent.describe(request.observation, lacking)}
        request = replace(request, descriptions=tuple(known.values()))
    rest = (Question(c, c.action_types[0], "") for c in request.observation.candidates if c.mark not in known)
    return (*request.descriptions, *map(agent.understanding.plain, rest))


def _needs_picture(errand: Errand) -> bool:
    """Whether somebody surely looks at the screenshot: report, log, a model, rules that look for a colour."""
    agent = errand.agent
    told = errand.step or errand.goal or ""
    wanted = agent.settings.pictures == "all" or bool(errand.drift)  # what is healed is shown
    asked = errand.needs_picture or (agent.understanding.needs_pictures and not agent.decision.instant)
    return wanted or asked or names_colour(told)


def _scrolled_to(errand: Errand, look: Look) -> Look:
    """Bring an element outside the viewport into view and decide anew, now that it has a picture."""
    action = look.decision.action
    candidate = look.observation.candidate(action.mark) if action and action.mark else None
    if candidate is None or candidate.in_view or (action and action.kind == "scroll"):
        return look
    agent = errand.agent
    scroll = Action("scroll", candidate.mark)
    execute(scroll, agent.observer, agent.watch, agent.secrets, agent.settings)
    again = _look(errand)
    return again if again.decision.outcome == "act" else look


def _act(errand: Errand, look: Look, action: Action) -> End | None:
    """Carry out one action and record it; returns how the errand ends, or None to go on."""
    agent, target = errand.agent, errand.target()
    candidate = look.observation.candidate(action.mark) if action.mark else None
    look, described = _with_description(errand, look, action.mark)
    healing = None
    if candidate is not None:
        locator = anchored_locator(agent.observer, candidate, errand.step or "")
        candidate = replace(candidate, locators=(*filter(None, [locator]), *candidate.locators))
        opening = _prepares(look.decision) and target is not None and candidate.name != target.name
        errand.detours += opening
        change = None if opening else change_of(errand, candidate, action, described)
        if isinstance(change, End):
            return replace(change, decision=look.decision)
        healing = change
    trace, effect = carry_out(errand, look, action, candidate, healing)
    errand.actions.append(trace)
    errand.done.append(Done(action, label_of(candidate), effect, trace.error, look.decision.place))
    follow_tab(errand, effect)
    return judge(errand, action, candidate, effect, trace.error) or other_effect(target, healing, effect)


def _with_description(errand: Errand, look: Look, mark: int | None) -> tuple[Look, Description | None]:
    """What the control does in a model's words, which the lock keeps; words alone may have decided without it."""
    described, agent = description_of(look, mark), errand.agent
    if mark is None or errand.goal is not None or not agent.understanding.needs_pictures:
        return look, described
    if described is not None and described.source == "model":
        return look, described
    if errand.remembered is not None and errand.remembered.anew:
        return look, described  # it is never compared with
    if agent.hurries:
        return look, described  # the page, or what it shows for a moment, does not wait
    if not look.observation.screenshot:
        picture = _picture(errand)
        if not picture:
            return look, described
        look = replace(look, observation=replace(look.observation, screenshot=picture))
    before = agent.thought
    told = agent.describe(look.observation, [mark])
    agent.hurries = agent.thought - before >= SLOW_SECONDS
    others = tuple(each for each in look.descriptions if each.mark != mark)
    return replace(look, descriptions=(*others, *told)), told[0] if told else None


def _picture(errand: Errand) -> bytes:
    """The page as it is now; empty where it gives none, which the action will say more about."""
    agent = errand.agent
    with suppress(PlaywrightError, MagentaError):
        return agent.watch.run(agent.observer.screenshot, PICTURE_SECONDS) or b""
    return b""


def _finished(errand: Errand, decision: Decision) -> End:
    """ "Done" counts only after an action, or where the rules read from the control itself that it is already so."""
    if errand.done:
        return End("passed", "; ".join(map(str, errand.done)))
    if decision.decider == "rules":
        return End("passed", decision.reason or "already so")
    return End("stuck", f"{decision.decider} says that it is done, but nothing was done: {decision.reason}")


def _finished_by_history(errand: Errand, look: Look) -> End | None:
    """The end of a step whose actions alone tell that it is done, without another look at the page.

    The decision is asked about a page without candidates, so that nothing outdated can speak for it; only their names
    still tell how many things the step asks for.
    """
    if not errand.agent.decision.instant or errand.goal is not None:
        return None  # a goal may have something left to do that only the page tells
    blank = replace(look.observation, candidates=(), dialog=errand.agent.dialog_message())
    request = DecisionRequest(errand.step, errand.goal, blank, (), tuple(errand.done), look.observation)
    decision = errand.agent.decision.decide(request)
    return _finished(errand, decision) if decision.outcome == "done" and errand.done else None


def _undecided(errand: Errand, look: Look) -> End:
    decision = look.decision
    reason = decision.reason or "no candidate fits"
    if errand.remembered is not None:
        absence = explain_absence(errand.remembered, errand.at, look.observation, errand.agent.privacy.mask)
        if absence is not None and absence.verdict == "failed":
            return missing(errand, absence.reason, decision, seen_last=False)
        if absence is not None:
            return End(absence.verdict, absence.reason, decision)
    if decision.absent:
        return missing(errand, reason, decision, seen_last=False)
    best = ", ".join(f"[{a.mark}] {a.label} ({a.score:.2f})" for a in decision.alternatives[:4])
    return End("stuck", f"{reason}; closest: {best}" if best and best not in reason else reason, decision)
