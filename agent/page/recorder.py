"""The script that records changes inside a page; `agent.effect` asks it, `agent.watch` puts it into every document.

It is put together from the `effect_*.js` files beside this module, only watches, and never writes to the DOM.

context.add_init_script(recorder_script())      # from then on window[Symbol.for("magenta.recorder")] records
"""

from functools import cache
from pathlib import Path

from magenta_qa.agent.page.script import compact

_PARTS = ("noise", "journal", "press", "reasons", "rest", "report")
_KEY = 'Symbol.for("magenta.recorder")'
CALL = '([name, ...given]) => window[Symbol.for("magenta.recorder")]?.[name](...given) ?? null'
"""Calls one of its functions: `frame.evaluate(CALL, ["begin", element, false])`; null where it is not installed."""

BEGIN = '(...given) => window[Symbol.for("magenta.recorder")]?.begin(...given) ?? null'
"""The same of `begin`, inside another script."""


@cache
def recorder_script() -> str:
    """The source, which evaluates to nothing and installs itself once a document."""
    folder = Path(__file__).parent
    parts = [(folder / f"effect_{part}.js").read_text(encoding="utf-8") for part in _PARTS]
    return f"(() => {{\nconst KEY = {_KEY};\nif (window[KEY]) return;\n{compact(''.join(parts))}}})()"
