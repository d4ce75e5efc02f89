"""The browser side: observe, understand, decide, act, check.

    from magenta_qa.agent import Agent
    agent = Agent(page)
    agent.do("Add the Blue backpack to the cart")
    agent.check("the cart shows 1 item")

Names are loaded on first use, so that importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from magenta_qa.agent.agent import Agent
    from magenta_qa.agent.plugin.steps import magenta_step
    from magenta_qa.model.schema import Candidate, Description, Observation
    from magenta_qa.model.trace import Result

_EXPORTS = {
    "Agent": "magenta_qa.agent.agent",
    "magenta_step": "magenta_qa.agent.plugin.steps",
    "Candidate": "magenta_qa.model.schema",
    "Description": "magenta_qa.model.schema",
    "Observation": "magenta_qa.model.schema",
    "Result": "magenta_qa.model.trace",
}

__all__ = ["Agent", "Candidate", "Description", "Observation", "Result", "magenta_step"]


def __getattr__(name: str) -> object:
    """Load an exported name on first use (PEP 562)."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_EXPORTS[name]), name)
