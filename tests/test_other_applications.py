"""Scenarios against applications that nobody here wrote, each held against an oracle that the agent cannot see.

`make test-apps` runs the same with a line for each scenario and the table; see apps/proof.py.
"""

import pytest
from apps import proof

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("name", proof.NAMES)
def test_most_scenarios_pass_with_a_true_oracle_and_none_passes_falsely(name: str) -> None:
    outcomes = list(proof.prove(proof.application(name)))
    told = "\n".join(map(proof.line, outcomes))
    assert not [o for o in outcomes if o.is_false_pass], told
    honest = [o for o in outcomes if o.honest]
    assert len(honest) >= 6
    assert sum(o.is_true_pass for o in honest) >= proof.SHARE * len(honest), told
