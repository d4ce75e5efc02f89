"""Finds a control that no locator reaches, such as one in a closed shadow root, by what it is.

    find_unlocated(agent, target)      -> (Found(candidate, element), "") or (None, "2 controls are as it was")

It must be the only one on the page that is as the lock remembers it: `agent.fingerprint`.
"""

from typing import TYPE_CHECKING

from magenta_qa.agent.fingerprint import differences, fingerprint_of
from magenta_qa.agent.known_effect import Found
from magenta_qa.agent.memory import Target
from magenta_qa.model.errors import ActionError
from magenta_qa.model.private_text import MASK
from magenta_qa.model.trace import Fingerprint

if TYPE_CHECKING:
    from magenta_qa.agent.agent import Agent


def can_tell(known: Fingerprint) -> bool:
    """Whether the control has a name, and nothing in what tells it from others is hidden for privacy."""
    return bool(known.name) and not any(MASK in each for each in (known.name, *known.within))


def find_unlocated(agent: "Agent", target: Target) -> tuple[Found | None, str]:
    """The control, else why it is not found.

    Args:
        agent: Looks at its page, without a picture and without a model.
        target: What was acted on then; `can_tell` holds of its fingerprint.
    """
    known, mask = target.fingerprint, agent.privacy.mask
    assert known is not None
    candidates = agent.observe(picture=False).candidates
    same = [c for c in candidates if not differences(known, fingerprint_of(c, mask), kind=target.kind)]
    if len(same) != 1 or same[0].state.disabled:
        return None, f"{len(same)} controls are as it was" if len(same) != 1 else "it is disabled"
    try:
        element = agent.watch.run(lambda: agent.observer.element(same[0]), agent.settings.timeout_ms / 1000 + 5)
    except ActionError as error:
        return None, str(error)
    return (Found(same[0], element), "") if element is not None else (None, "a JavaScript dialog is open")
