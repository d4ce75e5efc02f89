"""What the rules make of the steps of data/steps.yaml; a wrong pick is worse than none."""

from collections import Counter

from step_pages import play_all


def test_no_step_of_the_corpus_ends_in_a_wrong_action() -> None:
    wrong = [f"{p.page}: {p.step}: {p.got} instead of {p.wanted}" for p in play_all() if p.outcome == "wrong"]
    assert wrong == []


def test_most_steps_of_the_corpus_are_understood() -> None:
    outcomes = Counter(p.outcome for p in play_all())
    assert sum(outcomes.values()) >= 290
    assert outcomes["right"] / sum(outcomes.values()) >= 0.92, outcomes  # 273 of 295 when this was written


def test_what_nobody_can_tell_is_not_guessed() -> None:
    unclear = [p for p in play_all() if p.wanted == ("stuck",)]
    assert len(unclear) >= 45
    assert [p.step for p in unclear if p.got != ("stuck",)] == []
