"""What a control does, found out by using it: in a fresh tab, on a page just loaded, with the agent's own hands and eyes.

    find_out(viewers, viewport, "/production/inbox.html", seen)  -> Meaning("[Opens|Shows] the [dialog “New message”|…]", …)

What is told is what has changed: another page with a heading, a dialog, a menu and what it offers, a download, a question.
Nothing is used whose name speaks of deleting, ending or leaving, and nothing that sends a form to a server.
"""

import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.execute import execute
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.finetune.corpus.page import Meaning
from magenta_qa.finetune.corpus.real.look import Seen, Sight, Viewer, Viewers
from magenta_qa.finetune.corpus.real.names import clean
from magenta_qa.finetune.corpus.real.targets import Target
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Action, Effect

_HARM = re.compile(
    r"(?i)delet|remov|drop|destroy|trash|log.?out|sign.?out|shut|restart|reset|stop|kill|purge|clear|uninstall|import|upload|export|submit|save"
)
_USED = frozenset({"button", "link", "other"})
_OFFERED = frozenset({"menuitem", "link", "button", "option"})
_MIN_OFFERED = 2
_MAX_OFFERED = 14
_SETTLE_MS = 1_000
_TIMEOUT_MS = 3_000


def is_worth_trying(seen: Seen) -> bool:
    """Whether using it can tell something, and can do no harm."""
    candidate = seen.candidate
    if candidate.state.disabled or candidate.frame or seen.index < 0 or not candidate.in_view or seen.posts:
        return False
    if candidate.element_type not in _USED or candidate.action_types[0] != "click" or len(candidate.text) > 60:
        return False
    if not (candidate.name or candidate.text or seen.icons) or (candidate.element_type == "link" and _is_dead(seen)):
        return False
    return not _HARM.search(f"{candidate.name} {candidate.text} {candidate.hints} {candidate.href}")


def _is_dead(seen: Seen) -> bool:
    """A link of a template that leads nowhere, or out of the machine."""
    href = seen.candidate.href
    if seen.live:
        return not href.startswith(("http://127.0.0.1", "javascript:"))
    opens = bool(seen.candidate.popup) or seen.candidate.state.expanded is not None
    return not opens and not href.startswith("javascript:") and not href.partition("#")[2]


def promise(seen: Seen) -> int:
    """How likely using it tells something, for an order of trying."""
    candidate = seen.candidate
    opens = bool(candidate.popup) or candidate.state.expanded is not None
    return 3 * opens + 2 * (candidate.element_type == "button") + bool(candidate.name)


def find_out(viewers: Viewers, viewport: tuple[int, int], path: str, seen: Seen) -> Meaning | None:
    """What using it changes; None where that is nothing that can be told.

    Args:
        viewers: Of the site.
        viewport: As it was seen.
        path: Of its page.
        seen: The candidate.
    """
    with viewers.open(viewport) as viewer, tempfile.TemporaryDirectory() as home:
        try:
            viewer.show(path)
            before = viewer.sight(picture=False)
            again = next((each for each in before.seen.values() if _is_same(each, seen)), None)
            if again is None:
                return None
            action = Action("click", again.candidate.mark)
            settings = Settings(timeout_ms=_TIMEOUT_MS, settle_ms=_SETTLE_MS, home=Path(home))
            effect = execute(action, viewer.finder, viewer.watch, Secrets({}), settings)
            said = _said(before, _after(viewer, effect), effect, again)
        except (MagentaError, PlaywrightError):
            return None
    return Meaning(said, clean(seen.candidate.name)) if said else None


def _is_same(each: Seen, seen: Seen) -> bool:
    return (each.index, each.candidate.name, each.candidate.text) == (
        seen.index,
        seen.candidate.name,
        seen.candidate.text,
    )


def _after(viewer: Viewer, effect: Effect) -> Sight | None:
    """The page afterwards; None behind a question or where another tab has opened."""
    return None if effect.dialog or effect.tab else viewer.sight(picture=False)


def _said(before: Sight, after: Sight | None, effect: Effect, used: Seen) -> str:
    """The grammar of a description; empty where nothing is told."""
    if effect.dialog:
        question = clean(effect.dialog.partition(": ")[2])
        return f"[Asks|Shows the question] {_quoted(question)}" if question and "confirm" in effect.dialog else ""
    if effect.download:
        return f"Downloads the file {_quoted(effect.download)}" if clean(effect.download) else ""
    if after is None:
        return ""
    if effect.url and _path(after) != _path(before):
        return "" if used.item and not used.live else _page(before, after, used)
    modal = clean(after.observation.modal)
    if modal and after.observation.modal != before.observation.modal:
        return f"[Opens|Shows|Brings up] the [dialog {_quoted(modal)}|{_quoted(modal)} dialog]"
    return "" if effect.url else _offered(before, after, used)


def _path(sight: Sight) -> tuple[str, str]:
    parts = urlsplit(sight.observation.url)
    inner = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return parts.path + inner, parts.query


def _page(before: Sight, after: Sight, used: Seen) -> str:
    heading = clean(after.observation.heading)
    if (
        not heading
        or after.observation.heading == before.observation.heading
        or not re.search(r"[A-Za-z]{2}", heading)
        or heading == "Not found"
    ):
        return ""
    own = Target("", heading)
    if re.search(r"\w", used.candidate.name) and not own.is_about(used.candidate.name, ""):
        return ""  # what it says and what came have nothing in common: one of them is not all that it does
    return f"[Opens|Goes to|Shows] the [page {_quoted(heading)}|{_quoted(heading)} page]"


def _offered(before: Sight, after: Sight, used: Seen) -> str:
    """A menu or list that came up near what was used, and the first things that it offers."""
    old = {
        (seen.candidate.element_type, seen.candidate.name) for seen in before.seen.values() if seen.candidate.in_view
    }
    came = [
        seen.candidate
        for seen in after.seen.values()
        if seen.candidate.in_view and (seen.candidate.element_type, seen.candidate.name) not in old
    ]
    names = [clean(each.name) for each in came if each.element_type in _OFFERED]
    gone = len(old) - len(
        {(seen.candidate.element_type, seen.candidate.name) for seen in after.seen.values() if seen.candidate.in_view}
        & old
    )
    if gone > 2 or not _MIN_OFFERED <= len(came) <= _MAX_OFFERED or len(names) < len(came) - 1 or not all(names):
        return ""
    if any(len(name.split()) > 4 for name in names[:2]) or len(set(names)) < len(names):
        return ""
    first, second = names[:2]
    others = (
        f"{_quoted(first)} and {_quoted(second)}"
        if len(names) == 2
        else f"{_quoted(first)}, {_quoted(second)} and more"
    )
    return f"[Opens a menu with|Opens a list with|Shows the choices] {others}"


def _quoted(text: str) -> str:
    return f"“{text}”"
