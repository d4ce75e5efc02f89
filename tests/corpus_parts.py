"""What npm would have brought, made up: empty style sheets, icons that are squares, fonts that are none."""

import functools
import json
from concurrent.futures import ThreadPoolExecutor

from magenta_qa.finetune.corpus.fetch import FONTS, ICON_SETS
from magenta_qa.finetune.corpus.frameworks import FRAMEWORKS
from magenta_qa.finetune.corpus.icons import CONCEPTS

_SQUARE = '<path d="M4 4h16v16H4z"/>'


def apart(function):
    """Run in a thread of its own: a browser cannot be started where another test's browser holds the event loop."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(function, *args, **kwargs).result()

    return run


def write_modules(folder):
    names = {word for words in CONCEPTS.values() for word in words.split()}
    icons = {name: {"body": _SQUARE} for name in sorted(names)}
    for each in ICON_SETS:
        _write(folder / "@iconify-json" / each / "icons.json", json.dumps({"icons": icons, "width": 24, "height": 24}))
    for framework in FRAMEWORKS.values():
        for theme in (*framework.themes, *framework.dark_themes):
            for file in framework.files:
                _write(folder / file.format(theme=theme), "/* nothing */")
    for font in FONTS:
        for weight in (400, 700):
            _write(folder / "@fontsource" / font / "files" / f"{font}-latin-{weight}-normal.woff2", "")
    return folder


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
