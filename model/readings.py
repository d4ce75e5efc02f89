"""Names for controls that have none: what a model reads on their pictures.

    with_readings(request).observation.candidate(7).name        # "Delete", where the page says nothing

Only candidates without any letter in name and text get one, so that no reading ever hides what the page itself says.
"""

import re
from dataclasses import replace

from magenta_qa.model.schema import DecisionRequest

_LETTER = re.compile(r"[^\W_]")


def with_readings(request: DecisionRequest) -> DecisionRequest:
    """The request with candidates named by what their descriptions read."""
    readings = {description.mark: description.reading for description in request.descriptions if description.reading}
    if not readings:
        return request
    candidates = tuple(
        replace(c, name=readings[c.mark]) if c.mark in readings and not _LETTER.search(c.name + c.text) else c
        for c in request.observation.candidates
    )
    return replace(request, observation=replace(request.observation, candidates=candidates))
