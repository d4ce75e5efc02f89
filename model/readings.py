"""Names for controls that have none: what a model reads on their pictures.

    with_readings(request).observation.candidate(7).name        # "Delete", where the page says nothing

Only candidates of which the page itself says nothing get one, not even by a telling class, so that no reading hides it.
"""

from dataclasses import replace

from magenta_qa.model.embedded.icons import ALSO
from magenta_qa.model.ranking.fitness import is_nameless
from magenta_qa.model.schema import DecisionRequest


def with_readings(request: DecisionRequest) -> DecisionRequest:
    """The request with candidates named by what their descriptions read."""
    readings = {description.mark: description.reading for description in request.descriptions if description.reading}
    if not readings:
        return request
    candidates = tuple(
        replace(c, name=readings[c.mark], description=c.description or ALSO.get(readings[c.mark], ""))
        if c.mark in readings and is_nameless(c)
        else c
        for c in request.observation.candidates
    )
    return replace(request, observation=replace(request.observation, candidates=candidates))
