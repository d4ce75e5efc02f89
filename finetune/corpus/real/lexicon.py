"""Lists of words that telling is done by, from `lexicon.json`.

    listed("verbs")      -> frozenset({"add", "apply", …})

"verbs" are what a label may begin with to ask for something, words that are as often nouns left out; those "only alone" are
nouns before other words ("Star rating"). "demonstration" are words that make names which say nothing, on pages that show
components; "latin" is what texts are made of that stand for texts. "common" nouns of interfaces lose a heading's capitals.
"""

import json
from functools import cache
from importlib.resources import files


@cache
def listed(name: str) -> frozenset[str]:
    """The words of one list."""
    text = files("magenta_qa.finetune.corpus.real").joinpath("lexicon.json").read_text("utf-8")
    return frozenset(json.loads(text)[name])
