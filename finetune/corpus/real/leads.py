"""What a link does that is named by what it leads to.

    say_link(seen, "Orders", sight)     -> ("[Opens|Goes to|Shows] the [page “Orders”|orders page]", "")

The page at the other end is read first (`targets`): a link that a name alone would tell wrongly, such as one that filters, is
left to `deeds`; where the other page has another heading than the link, that heading is told.
"""

import re
from urllib.parse import urlsplit

from magenta_qa.finetune.corpus.real.english import is_verb, lowered
from magenta_qa.finetune.corpus.real.lexicon import listed
from magenta_qa.finetune.corpus.real.look import Seen, Sight
from magenta_qa.finetune.corpus.real.names import clean, quoted

_TALKS = re.compile(
    r"[?!.,]|^(?:Already|Have|Don.t|Not|No|Yes|Or|And|But|This|That|Here|You|We|I|Why|How|What|By)\b", re.IGNORECASE
)
_AROUND = re.compile(r"(?i)navigation|banner|header|footer|contentinfo|menu|\bnav\b")


def say_link(seen: Seen, name: str, sight: Sight) -> tuple[str, str] | None:
    """The grammar of its description, and the row that tells it apart; None where that is not certain."""
    candidate, here = seen.candidate, urlsplit(sight.observation.url)
    there = urlsplit(candidate.href)
    if candidate.element_type not in ("link", "menuitem") or is_verb(name.split()[0]) or len(name.split()) > 6:
        return None
    if there.scheme == "mailto" and re.fullmatch(r"[\w.+-]+@[\w.-]+", there.path):
        return f"[Starts|Begins] an email to {quoted(there.path)}", ""
    if there.scheme not in ("http", "https") or re.fullmatch(r"[\d\W]+", name) or candidate.state.expanded is not None:
        return None
    if there.netloc == here.netloc and there.fragment.startswith(("/", "!/")):
        same = there.fragment == here.fragment or _TALKS.search(name)
        return _called(seen, name, sight) if not same and _route_tells(name, there.fragment) else None
    if (there.netloc, there.path) == (here.netloc, here.path):
        jumps = there.query == here.query and seen.anchors and not seen.tabbed
        return (f"[Jumps to|Scrolls to|Goes to] the [section|part] {quoted(name)}", "") if jumps else None
    if there.netloc != here.netloc:
        host = there.netloc.removeprefix("www.")
        if re.match(r"127\.|localhost", host):
            return None
        return (
            None
            if _TALKS.search(name)
            else (f"[Opens|Leads to|Goes to] {quoted(name)} on [{host}|another website]", "")
        )
    return _page(seen, name, sight)


def _page(seen: Seen, name: str, sight: Sight) -> tuple[str, str] | None:
    """A link to another page of the site."""
    target = sight.targets.of(seen.candidate.href) if sight.targets else None
    back = re.fullmatch(r"(?i)(?:go |return )?back to (?:the )?(.+)", name)
    if back:
        where = lowered(back[1], sight.words | listed("common"))
        return f"[Goes|Takes the user] back to the [page {quoted(back[1])}|{where or quoted(back[1])}]", ""
    if re.search(r"\.(?!html?$)[a-z]{2,4}$", urlsplit(seen.candidate.href).path):
        return None  # a file
    if target is None:
        around = any(each.kind == "region" and _AROUND.search(each.text) for each in seen.candidate.context)
        told = _route_tells(name, urlsplit(seen.candidate.href).path) if seen.live else around
        return _called(seen, name, sight) if told and not _TALKS.search(name) else None
    if target.is_about(name, sight.observation.title) and not _TALKS.search(name):
        return _called(seen, name, sight)
    if seen.item and not seen.live:
        return None  # templates lead from every card to the same page
    known = target.heading and target.heading != clean(sight.observation.heading) and len(target.heading.split()) <= 7
    return (
        (f"[Opens|Goes to|Shows] the [page {quoted(target.heading)}|{quoted(target.heading)} page]", "")
        if known
        else None
    )


def _route_tells(name: str, route: str) -> bool:
    """Whether the last part of an address says what the link is called: "Build Masters" and `/build-masters`."""
    last = re.sub(r"[^a-z0-9]", "", route.rstrip("/").rpartition("/")[2].lower())
    words = [word[:5] for word in re.findall(r"[a-z]{3,}", name.lower())]
    return bool(last) and bool(words) and 2 * sum(word in last for word in words) >= len(words)


def _called(seen: Seen, name: str, sight: Sight) -> tuple[str, str]:
    verb = "[Goes back to|Returns to]" if seen.crumb else "[Opens|Goes to|Shows]"
    if name.lower() == "home":
        return "[Goes|Takes the user] [back |]to the [home|start] page", ""
    plain = lowered(name, sight.words | listed("common"))
    also = f"|{plain} page" if plain and len(plain.split()) <= 2 and not plain.endswith(("page", "home")) else ""
    return f"{verb} the [page {quoted(name)}|{quoted(name)} page{also}{also}]", ""
