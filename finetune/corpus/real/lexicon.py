"""Lists of words that telling is done by, from `lexicon.json`.

words("verbs")      -> frozenset({"add", "apply", …})
"""

import json
from functools import cache
from importlib.resources import files


@cache
def words(name: str) -> frozenset[str]:
    """The words of one list."""
    text = files("magenta_qa.finetune.corpus.real").joinpath("lexicon.json").read_text("utf-8")
    return frozenset(json.loads(text)[name])
