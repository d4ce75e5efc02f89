"""Pages of npm packages: HTML files as they are, and pieces of documentation put together to pages of a few each.

    site = FileSite(source, root)
    site.paths                        # ("production/inbox.html", …, "__pieces/3.html")
    site.answer("http://gentelella.test/production/inbox.html?x=1")     -> Reply(body, content_type), or None where there is nothing

Nothing is served through a socket: the browser's requests are answered from here (`look.answer`).
"""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import unquote, urlsplit

from magenta_qa.finetune.corpus.real.sources import Source

PIECES_PER_PAGE = 5
MAX_PAGES = 70
"""Of one package."""
PIECES_PER_FILE = 8
"""Of one file: examples further down repeat what those before them show."""
_LONG_PIECE = 9000
"""Characters of a piece that makes a page by itself."""
_FOREIGN = re.compile(r"(?i)welsh|translat|i18n|locale|rtl|right-to-left")
"""Files of other languages than English."""
_BLOCK = re.compile(r"^```html([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request for a file is answered with."""

    body: bytes
    content_type: str


class FileSite:
    """The pages of one package.

    Args:
        source: The package.
        package: Where it has been unpacked.
    """

    def __init__(self, source: Source, package: Path) -> None:
        self._source, self._root = source, (package / source.root).resolve()
        self._made = dict(source.replies)
        files = [
            path for glob in source.pages for path in sorted(self._root.glob(glob)) if not _FOREIGN.search(path.name)
        ]
        self._made |= {f"__pieces/{n}.html": html for n, html in enumerate(_pages_of_pieces(source, self._root))}
        made = [path for path in self._made if path.startswith("__pieces/")]
        self.paths = tuple([path.relative_to(self._root).as_posix() for path in files] + made)[:MAX_PAGES]

    @property
    def address(self) -> str:
        """Scheme and host of its pages; the browser resolves neither."""
        return f"http://{self._source.site}.test"

    @property
    def headers(self) -> Mapping[str, str]:
        """None."""
        return {}

    @property
    def live(self) -> bool:
        """Nothing but these files answers."""
        return False

    def answer(self, address: str) -> Reply | None:
        """The file of an address; None where there is none."""
        path = unquote(urlsplit(address).path).lstrip("/")
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        if path in self._made:
            return Reply(self._made[path].encode(), f"{kind}; charset=utf-8")
        file = (self._root / path).resolve()
        if not file.is_relative_to(self._root) or not file.is_file():
            return None
        return Reply(file.read_bytes(), f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)


def _pages_of_pieces(source: Source, root: Path) -> list[str]:
    """Pages in an order that mixes components, long pieces alone."""
    long: list[str] = []
    short: list[str] = []
    for glob in source.pieces:
        for file in sorted(root.glob(glob)):
            if _FOREIGN.search(file.name):
                continue
            for piece in _pieces(file)[:PIECES_PER_FILE]:
                (long if len(piece) > _LONG_PIECE else short).append(piece)
    Random(source.package).shuffle(short)
    Random(source.package).shuffle(long)
    groups = [short[at : at + PIECES_PER_PAGE] for at in range(0, len(short), PIECES_PER_PAGE)]
    groups = [[piece] for piece in long[: MAX_PAGES // 2]] + groups
    return [_page(source, group) for group in groups]


def _pieces(file: Path) -> list[str]:
    text = file.read_text("utf-8", errors="replace")
    if file.suffix != ".md":
        return [text]
    title = file.stem.replace("-", " ")
    return [
        block if "isFullscreen" in flags or len(block) > _LONG_PIECE else f"<section><h2>{title}</h2>{block}</section>"
        for flags, block in _BLOCK.findall(text)
    ]


def _page(source: Source, pieces: list[str]) -> str:
    gaps = (
        "".join(f'<div style="margin-bottom: 32px">{piece}</div>' for piece in pieces) if len(pieces) > 1 else pieces[0]
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Examples</title>{source.head}</head>'
        f"<body {source.body}>{gaps}</body></html>"
    )
