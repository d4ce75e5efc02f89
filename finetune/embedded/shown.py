"""What the picture of an element alone tells, as one sentence: what the small model learns to say.

    shown_sentence(facts, "")              -> "Deletes (trash icon)."          what acting does, and the icon's name
    shown_sentence(facts, "Clear all")     -> 'Says "Clear all".'

Where the element stands, and what stands beside it, is known without a model and put in when serving
(`model.embedded.placing`): a model this small would make names up.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from magenta_qa.finetune.corpus.icons import CONCEPTS
from magenta_qa.model.embedded.icons import ICONS
from magenta_qa.model.embedded.placing import icon_sentence, text_sentence

OTHERWISE = "Activates"
"""For an icon of no concept: its name is all there is to say."""
MAX_TEXT = 28
"""Characters that are read; a longer text is not asked about."""

_FORMS = frozenset(
    {"outline", "outlined", "filled", "fill", "solid", "line", "linear", "bold", "broken", "regular", "duotone"}
    | {"twotone", "sharp", "baseline", "round", "16", "20", "24", "o", "alt"}
)
"""Words of icons' names that say how they are drawn."""


def shown_sentence(facts: Mapping[str, Any], text: str) -> str:
    """What the picture tells; empty where nothing is to be learned from it.

    Args:
        facts: Of the row: `shown` and `icon`, as "tabler:trash-filled".
        text: The element's visible text.
    """
    if facts["shown"] == "icon" and facts["icon"]:
        concept = concept_of(facts["icon"].partition(":")[2])
        does = ICONS[concept].does if concept in ICONS else OTHERWISE
        return icon_sentence(does, concept.replace("-", " "))
    text = " ".join(text.split())
    readable = facts["shown"] in ("text", "both") and 1 < len(text) <= MAX_TEXT and '"' not in text
    return text_sentence(text) if readable else ""


def concept_of(name: str) -> str:
    """The concept that an icon's name stands for in its set, else the name without words of form.

    Args:
        name: Such as "baseline-delete" or "x-16".
    """
    if name in _concepts():
        return _concepts()[name]
    words = [word for word in re.split(r"[-_]", name) if word not in _FORMS]
    plain = "-".join(words).removeprefix("bxs-")
    return _concepts().get(plain, plain or name)


@cache
def _concepts() -> dict[str, str]:
    """Name to concept; of several the one that has it further to the front."""
    ranked = sorted(
        (rank, concept, name) for concept, names in CONCEPTS.items() for rank, name in enumerate(names.split())
    )
    found: dict[str, str] = {}
    for _, concept, name in ranked:
        found.setdefault(name, concept)
    return found
