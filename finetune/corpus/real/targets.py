"""Where links lead to: the title and the first heading of the page at the other end, read without a browser.

    targets = Targets(site)
    targets.of("http://127.0.0.1:40123/clinic/visits/3")    -> Target(title="clinic: visits: 3", heading="visits: 3"), or None

A page that is built by scripts tells nothing here; what its links do is found out by using them (`deeds`).
"""

import re
import urllib.request
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from magenta_qa.finetune.corpus.real.names import clean

if TYPE_CHECKING:
    from magenta_qa.finetune.corpus.real.look import Served

MAX_ASKED = 400
"""Addresses that a server is asked for."""
_BYTES = 400_000
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_SEPARATORS = re.compile(r"\s+[|–—·•-]\s+")
"""Between the parts of a title, of which some are the site's own name."""
_HARM = re.compile(r"(?i)log_?out|sign_?out|delete|remove|shutdown|restart|drop|export|download|stop|reset|clear|kill")


@dataclass(frozen=True, slots=True)
class Target:
    """What a page calls itself."""

    title: str
    heading: str

    def is_about(self, name: str, here: str) -> bool:
        """Whether most words of a name are among its own; `here` is the title of the page that links to it."""
        common = set(_SEPARATORS.split(here))
        own = _stems(" ".join([self.heading, *(part for part in _SEPARATORS.split(self.title) if part not in common)]))
        asked = _stems(name)
        return bool(asked) and 2 * len(asked & own) > len(asked)


class Targets:
    """The pages of one site, each read once."""

    def __init__(self, site: "Served") -> None:
        self._site = site
        self._found: dict[str, Target | None] = {}

    def of(self, address: str) -> Target | None:
        """What is at an address of the site; None where there is no page, or none that may be asked for."""
        address = address.partition("#")[0]
        if not address.startswith(self._site.address + "/") or _HARM.search(address) or len(self._found) > MAX_ASKED:
            return None
        if address not in self._found:
            self._found[address] = _read(self._ask(address))
        return self._found[address]

    def _ask(self, address: str) -> str:
        if not self._site.live:
            reply = self._site.answer(address)
            return reply.body.decode("utf-8", "replace") if reply and "html" in reply.content_type else ""
        try:
            request = urllib.request.Request(address, headers=dict(self._site.headers))
            with urllib.request.urlopen(request, timeout=5) as answer:
                is_page = "html" in answer.headers.get("Content-Type", "")
                return answer.read(_BYTES).decode("utf-8", "replace") if is_page else ""
        except (OSError, ValueError):
            return ""


def _read(html: str) -> Target | None:
    title, heading = _TITLE.search(html), _HEADING.search(html)
    if not title and not heading:
        return None
    return Target(_plain(title[1] if title else ""), clean(_plain(heading[1] if heading else "")))


def _plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[a-z]{2,}|[0-9]+", text.lower())} - {"the", "and", "page", "of", "to"}
