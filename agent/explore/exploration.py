"""One exploration from start to report: each user in turn explores, then what was suspicious is replayed.

    found = explore(Plan(url="http://shop/", budget_seconds=600, …), tell)
    found.findings, found.places, found.drafts

Most of the time explores; replays get the rest, and a little more where what is grave has not been replayed by then.
What they leave over goes to the next user. Ctrl-C keeps what was found so far.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path as FilePath

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.explore.choose import Tried
from magenta_qa.agent.explore.findings import Finding, Suspicion, in_order
from magenta_qa.agent.explore.graph import Graph
from magenta_qa.agent.explore.replay import Replayer, load_first, save_scenario
from magenta_qa.agent.explore.risk import Risk
from magenta_qa.agent.explore.session import Session, origin_of
from magenta_qa.agent.explore.tester import Options, Path, Tester
from magenta_qa.agent.scenario import SUFFIX, resolve_secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import BrowserError, MagentaError

EXPLORING = 0.85
GRACE = 0.2  # of a user's share, beyond it: a suspicion that nobody has replayed is worth little
_MINOR = frozenset({"overflow", "covered control", "accessibility"})
MAX_DRAFTS = 20
_TIMEOUT_MS, _SETTLE_MS = 3_000, 3_000

Tell = Callable[[str, str], None]
"""Gets what kind of news it is (act | suspicion | replay | note) and one line about it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be explored, and how."""

    url: str
    budget_seconds: float
    folder: FilePath
    """Where scenarios, pictures and reports go."""
    settings: Settings
    firsts: tuple[FilePath, ...] = ()
    """Steps files that come first, such as log-ins; each is a user who gets an equal share of the time."""
    allowed: frozenset[Risk] = frozenset()
    data: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    today: date = date(2026, 1, 1)


@dataclass(slots=True)
class Exploration:
    """What came of it."""

    findings: list[Finding] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    """Place → how often it was looked at."""
    actions: int = 0
    left: int = 0
    """Tasks that there was no time for."""
    avoided: dict[str, set[str]] = field(default_factory=dict)
    """What was not tried because of what it may do, such as "Log out (leaving)" → the places where it is."""
    drafts: list[str] = field(default_factory=list)
    """File names of draft scenarios."""
    seconds: float = 0.0
    interrupted: bool = False
    tried: list[Tried] = field(default_factory=list)
    """What was done, by whichever user: others try it last."""
    links: dict[str, str] = field(default_factory=dict)
    """Name of what a link leads to → where, whichever user has seen it."""


def explore(plan: Plan, browser: Browser, tell: Tell) -> Exploration:
    """Explore until the time is over, there is nothing left to try, or Ctrl-C.

    Raises:
        BrowserError: The application cannot be reached, or a log-in does not pass.
    """
    started = time.monotonic()
    result = Exploration()
    users: tuple[FilePath | None, ...] = plan.firsts or (None,)
    for index, first in enumerate(users):
        if result.interrupted:
            break
        now = time.monotonic()
        share = (plan.budget_seconds - (now - started)) / (len(users) - index)
        _explore_as(plan, browser, first, now, share, result, tell)
    result.findings = in_order(result.findings)
    result.seconds = time.monotonic() - started
    return result


def _explore_as(
    plan: Plan, browser: Browser, first: FilePath | None, started: float, share: float, result: Exploration, tell: Tell
) -> None:
    settings, name = _settings_for(plan, first)
    graph = Graph(origin_of(plan.url), familiar=frozenset(result.places), links=dict(result.links))
    session = Session(browser, settings, graph)
    tester = Tester(session, session.graph, Options(plan.allowed, plan.data, plan.today), tried=[*result.tried])
    try:
        _begin(session, plan, name)
        _run(tester, started + share * EXPLORING, tell)
    except KeyboardInterrupt:
        result.interrupted = True
    finally:
        with suppress(PlaywrightError, MagentaError):
            session.close()
    known = {finding.id for finding in result.findings}
    new = [each for each in told_once(list(tester.suspicions.values())) if each.id not in known]
    replayer = Replayer(browser, settings, plan.folder, origin_of(plan.url), name)
    _replay(replayer, new, started + share, share * GRACE, result, tell)
    result.drafts += _draft(plan.folder / "drafts", tester.paths, plan.folder / name if name else None, name)
    _count(tester, plan, result)


def told_once(suspicions: list[Suspicion]) -> list[Suspicion]:
    """Without the failed request of a picture that is told as a broken picture."""
    pictures = {f"GET {each.identity}" for each in suspicions if each.kind == "broken picture"}
    return [each for each in suspicions if each.kind != "failed request" or each.identity not in pictures]


def _settings_for(plan: Plan, first: FilePath | None) -> tuple[Settings, str]:
    """The agent's settings, and the name of the steps file's copy beside the scenarios."""
    settings = replace(
        plan.settings,
        home=plan.folder,
        files=plan.folder,
        timeout_ms=_TIMEOUT_MS,
        settle_ms=_SETTLE_MS,
        pictures="failures",
        allow=(origin_of(plan.url), *plan.settings.allow),
    )
    plan.folder.mkdir(parents=True, exist_ok=True)
    if first is None:
        return settings, ""
    if first.resolve() != (plan.folder / first.name).resolve():
        shutil.copyfile(first, plan.folder / first.name)
    secrets = resolve_secrets(load_first(plan.folder / first.name), plan.environ)
    return replace(settings, secrets={**settings.secrets, **secrets}), first.name


def _begin(session: Session, plan: Plan, first: str) -> None:
    """Open the application and carry out the first steps."""
    problem = session.open(plan.url)
    if problem:
        raise BrowserError(f"{plan.url} cannot be explored: {problem}")
    if first:
        patient = replace(session.agent.settings, timeout_ms=plan.settings.timeout_ms)
        session.agent.settings, quick = patient, session.agent.settings
        for entry in load_first(plan.folder / first).entries[:-1]:
            done = session.agent.do(entry.text)
            if done.verdict != "passed":
                raise BrowserError(f"{first}: “{entry.text}” ended {done.verdict}: {done.reason}; mend it first")
        session.agent.settings = quick
        session.open(plan.url)


def _run(tester: Tester, deadline: float, tell: Tell) -> None:
    known = 0
    for line in tester.run(deadline):
        for suspicion in list(tester.suspicions.values())[known:]:
            tell("suspicion", f"{suspicion.kind}: {suspicion.text}")
        known = len(tester.suspicions)
        tell("act", line)


def _replay(
    replayer: Replayer, suspicions: list[Suspicion], deadline: float, grace: float, result: Exploration, tell: Tell
) -> None:
    """Replay the gravest first; what there is no time for stays a suspicion."""
    for together in _groups([each.suspicion for each in in_order([Finding(each, "not tried") for each in suspicions])]):
        latest = deadline if together[0].kind in _MINOR else deadline + grace
        found = [replayer.unconfirmed(each) for each in together]
        if not result.interrupted and time.monotonic() <= latest:
            try:
                found = replayer.confirm_all(together) if len(together) > 1 else [replayer.confirm(together[0])]
            except KeyboardInterrupt:
                result.interrupted = True
            for each in found:
                tell("replay", f"{each.status}: {each.suspicion.kind}: {each.suspicion.text}")
        result.findings += found


def _groups(suspicions: list[Suspicion]) -> list[list[Suspicion]]:
    """What is replayed at once: of what is minor all that the same way shows; all else by itself."""
    groups: dict[object, list[Suspicion]] = {}
    for each in suspicions:
        key = each.scripts[:1] if each.kind in _MINOR and len(each.expect) == 1 and each.scripts else each.id
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def _draft(folder: FilePath, paths: list[Path], first: FilePath | None, name: str) -> list[str]:
    """Scenarios of what was accepted, for a person to look through."""
    drafts = []
    for number, path in enumerate(paths[:MAX_DRAFTS], 1):
        prefix = f"{name.partition('.')[0]}-" if name else ""
        file = folder / f"{prefix}{number:02}{SUFFIX}"
        comment = "DRAFT, written by `magenta explore`: what was seen is not yet what is right; review it"
        save_scenario(file, f"Draft: {path.name}", path.script, (path.expect,), name, comment=comment, tags=("draft",))
        drafts.append(file.name)
    if first is not None and drafts:
        shutil.copyfile(first, folder / first.name)
    return drafts


def _count(tester: Tester, plan: Plan, result: Exploration) -> None:
    graph = tester.graph
    for key, visits in graph.visits.items():
        result.places[key] = result.places.get(key, 0) + visits
    result.actions += tester.actions
    result.tried, result.links = tester.tried, graph.links
    open_tasks = [task for task in graph.tasks.values() if not task.tried]
    result.left += sum(task.risks <= plan.allowed for task in open_tasks)
    for task in open_tasks:
        if not task.risks <= plan.allowed:
            told = f"{task.name} ({', '.join(sorted(task.risks - plan.allowed))})"
            result.avoided.setdefault(told, set()).add(task.place.key)
