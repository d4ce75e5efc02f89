"""The script that records changes inside a page; `agent.effect` asks it, `agent.watch` puts it into every document.

context.add_init_script(recorder_script())      # from then on window[Symbol.for("magenta.recorder")] records
"""

from functools import cache
from pathlib import Path

CALL = '([name, target]) => window[Symbol.for("magenta.recorder")]?.[name](target) ?? null'
"""Calls one of its functions: `frame.evaluate(CALL, ["begin", element])`; null where it is not installed."""


@cache
def recorder_script() -> str:
    """The source, which evaluates to nothing and installs itself once a document."""
    folder = Path(__file__).parent
    return (folder / "effect.js").read_text(encoding="utf-8")
