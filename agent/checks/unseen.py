"""What lists that draw only what is in view ("virtualised") have to say about checks.

    judge_unseen((TextCheck("Order 950", negated=True),), judgements, windows, page, watch, look)
        -> (Judgement(False, '"Order 950" is shown in the page'),)      # once its screen is drawn

Something shown may be anywhere in such a list; something absent must be absent everywhere in it. A number or an order
of what is drawn says nothing about the list: where that changes from screen to screen, it cannot be told.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from playwright.sync_api import Page

from magenta_qa.agent.checks.kinds import CellCheck, Check, StateCheck, TextCheck, ValueCheck
from magenta_qa.agent.checks.scene import Judgement
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.agent.windowed import Windowed, look_through, put_back

LOOK_SECONDS = 40.0  # how long all the lists of a page may take
_ONLY_DRAWN = "a list of the page draws only what is in view"


def judge_unseen(
    checks: Sequence[Check],
    judgements: Sequence[Judgement],
    windows: list[Windowed],
    page: Page,
    watch: Watch,
    look: Callable[[], Sequence[Judgement]],
    secrets: Secrets,
) -> tuple[Judgement, ...]:
    """The judgements once every list has been looked through; the lists are put back afterwards.

    Args:
        checks: The checks.
        judgements: What is said of them on the page as it was.
        windows: The lists.
        page: The page.
        watch: Knows dialogs and requests.
        look: Judges all checks on the page as it is now.
        secrets: Values behind placeholders.
    """
    found, complete = list(judgements), False
    for stop in look_through(windows, page, watch, LOOK_SECONDS):
        complete = stop.last
        if any(_may_change(check, stop.text, secrets) for check in checks):
            found = [_both(*each) for each in zip(checks, found, look(), strict=True)]
        if all(_is_shown(check) and j.holds for check, j in zip(checks, found, strict=True)):
            complete = True
            break
    put_back(windows)
    return tuple(j if complete else _in_part(c, j) for c, j in zip(checks, found, strict=True))


def _is_shown(check: Check) -> bool:
    """Whether it is enough that it holds somewhere."""
    return isinstance(check, (TextCheck, CellCheck, StateCheck, ValueCheck)) and not check.negated


def _may_change(check: Check, text: str, secrets: Secrets) -> bool:
    """Whether a screen with this text could say something new; a cheap test, as there may be hundreds."""
    if not isinstance(check, TextCheck) or check.place.name:
        return True
    words = secrets.resolve(check.text).casefold().split()
    return not words or words[0] in text.casefold()


def _both(check: Check, before: Judgement, now: Judgement) -> Judgement:
    """What two screens say together."""
    if before.holds is False and not _is_shown(check):
        return before
    if _is_shown(check):
        return before if before.holds or not now.holds else now
    if getattr(check, "negated", False) and isinstance(check, (TextCheck, CellCheck, StateCheck, ValueCheck)):
        return before if now.holds or now.missing else now
    return before if now.actual == before.actual else _untold(before)


def _in_part(check: Check, judgement: Judgement) -> Judgement:
    """What can be said before a list was looked through to its end."""
    if not _is_shown(check):
        return _untold(judgement)
    if judgement.holds is not False:
        return judgement
    return replace(judgement, holds=None, reason=f"{judgement.reason}, but {_ONLY_DRAWN}, and not all of it was seen")


def _untold(judgement: Judgement) -> Judgement:
    if judgement.holds is not True:
        return judgement
    return replace(judgement, holds=None, reason=f"{_ONLY_DRAWN}, so that this cannot be told: {judgement.reason}")
