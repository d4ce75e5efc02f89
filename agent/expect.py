"""Compiles a plain-English expectation to a deterministic assertion, or says that it cannot (None).

    compile_expectation("The cart should show 2 items and the Checkout button is enabled.")
        -> AllChecks((CountCheck("item", = 2, region "cart"), StateCheck(button "Checkout", "disabled", negated)))
    compile_expectation("everything looks fine")  -> None

No browser and no model is needed, so that `pytest --collect-only` already knows what cannot be compiled.
Whatever is not understood in full is not compiled: half an expectation would be half a check.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from magenta_qa.agent.checks.kinds import AllChecks, Check, TextCheck, ValueCheck
from magenta_qa.agent.checks.phrases import Phrases
from magenta_qa.agent.checks.rules import content_rule
from magenta_qa.agent.checks.rules_page import page_rule
from magenta_qa.agent.checks.sentence import TOKEN, Sentence, clause, fold

MAX_CHARACTERS = 1_000  # a longer expectation is several expectations
_JOINT = re.compile(
    r"\s*(?:,\s*and\s+|,\s*but\s+|;\s*(?:and\s+)?|,\s*while\s+|\s+and\s+|\s+but\s+|\s+while\s+|\s+nor\s+|,\s*)"
)
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|unless|until|before|after|once|because|so that|within \d+|for \d+ seconds?)\b", re.I
)
_PLURAL = re.compile(r"\b(?:are|were)\b")
_VERB_FIRST = re.compile(
    r"(?:is|was|are|were|does|do|did|shows?|displays?|says?|reads?|contains?|includes?|lists?|has|have|should|"
    r"must|will|"
    r"starts|begins|ends|appears?|exists?|equals?|no longer|not)\b",
    re.I,
)
_PREDICATE = re.compile(
    r"(?P<subject>.+?) (?P<predicate>(?:(?:does|is|was) not|is|was|shows?|displays?|contains?|has|says?|lists?|"
    r"see|sees|includes?)\b.*)"
)
_SHOWING = re.compile(
    r"(?P<head>.+? (?:does not )?(?:shows?|displays?|contains?|includes?|lists?|has|have|says?|reads?|sees?|"
    r"mentions?|is|is not))(?P<object> .+)"
)


@lru_cache(maxsize=1024)
def compile_expectation(text: str) -> Check | None:
    """The assertion that an English sentence stands for.

    Args:
        text: One expectation, such as ``the cart shows "Blue backpack"``.

    Returns:
        The assertion, or None when the sentence cannot be read in full.
    """
    if not text.strip() or len(text) > MAX_CHARACTERS:
        return None
    sentence = fold(text)
    return _sentence(sentence, sentence.text)


def _sentence(sentence: Sentence, text: str) -> Check | None:
    neither = _neither(sentence, text)
    if neither is not None:
        return neither
    whole = _clause(sentence, text)
    if whole is not None and not _could_be_two(whole) and not (_PLURAL.search(text) and " and " in text):
        return whole
    parts = _conjunction(sentence, text)
    return parts if parts is not None else whole


def _clause(sentence: Sentence, text: str) -> Check | None:
    text = clause(text)
    if _CONDITION.search(
        re.sub(r"(?:comes?|is|stands?|appears?|listed|shown|looks? as|looks? the same as) (?:before|after)", "", text)
    ) or re.search(r"\bor\b(?! (?:more|fewer|less|above|below|higher|lower|greater))", _before_literal(text)):
        return None
    phrases = Phrases(sentence)
    return page_rule(phrases, text) or content_rule(phrases, text)


def _before_literal(text: str) -> str:
    """The text up to an unquoted literal that starts with a capital ("shows Sign in or register")."""
    match = re.search(r"\b(?:shows?|says?|reads?|displays?) [A-Z]", text)
    return text[: match.start()] if match else text


def _could_be_two(check: Check) -> bool:
    """Whether an unquoted literal has swallowed what could be a second assertion."""
    if isinstance(check, TextCheck) and not check.quoted:
        return bool(_JOINT.search(check.text))
    return isinstance(check, ValueCheck) and not check.quoted and bool(_JOINT.search(check.value))


def _neither(sentence: Sentence, text: str) -> Check | None:
    """ "neither A nor B is shown", "does not show "A" or "B""."""
    match = re.fullmatch(
        r"neither (?P<a>.+?) nor (?P<b>.+?) (?P<verb>is|was|appears?|exists?|shows?|has)\b(?P<rest>.*)", text, re.I
    )
    if match:
        verb = {"is": "is not", "was": "was not"}.get(match["verb"].lower(), f"does not {match['verb']}")
        return _all(_sentence(sentence, f"{side} {verb}{match['rest']}") for side in (match["a"], match["b"]))
    match = re.fullmatch(
        r"(?P<head>.+?) (?P<verb>shows?|displays?|contains?|sees?|lists?|has) neither (?P<a>.+?) nor (?P<b>.+)",
        text,
        re.I,
    )
    if match:
        return _all(
            _sentence(sentence, f"{match['head']} does not {match['verb']} {side}") for side in (match["a"], match["b"])
        )
    match = re.fullmatch(
        rf"(?P<head>.+? does not \w+) (?P<a>.*{TOKEN}.*?)(?:,? or|,? and|,? nor) (?P<b>.*{TOKEN}.*)", text, re.I
    )
    if match:
        return _all(_sentence(sentence, f"{match['head']} {side}") for side in (match["a"], match["b"]))
    return None


def _conjunction(sentence: Sentence, text: str) -> Check | None:
    for joint in _JOINT.finditer(text):
        left_text, right_text = text[: joint.start()].strip(), text[joint.end() :].strip()
        if not left_text or not right_text:
            continue
        left = _clause(sentence, left_text)
        if left is not None and not _could_be_two(left):
            for variant in _right_variants(clause(left_text), right_text):
                if (right := _sentence(sentence, variant)) is not None:
                    return _all((left, right))
        elif (both := _shared_predicate(sentence, left_text, right_text)) is not None:
            return both
    return None


def _right_variants(left: str, right: str) -> Iterator[str]:
    """What the second half may stand for, in full: itself, or with the subject (and verb) of the first."""
    subject = _PREDICATE.fullmatch(left)
    if subject and re.match(rf"not (?:the |a |an )?(?:\w+ )?{TOKEN}", right):
        yield f"{subject['subject']} does not show {right[4:]}"
        return
    if _VERB_FIRST.match(right):
        if subject:
            negative = re.sub(r"^not (?!be\b)", "is not ", right)
            yield f"{subject['subject']} {negative}"
        return
    yield right
    head = _SHOWING.fullmatch(left)
    quoted = re.match(rf"(?:the |a |an )?(?:\w+ )?{TOKEN}", right)
    if head and quoted:
        yield f"{head['head']} {right}"
    elif subject and re.fullmatch(r"(?:not )?[a-z\-]+(?: (?:on|off|out))?", right):
        yield f"{subject['subject']} is {right}"


def _shared_predicate(sentence: Sentence, left: str, right: str) -> Check | None:
    """ "Newsletter and Terms are ticked": the first half has no verb of its own."""
    match = _PREDICATE.fullmatch(clause(right))
    if not match or _PREDICATE.fullmatch(clause(left)) or re.match(r"there\b", match["subject"]):
        return None
    left = re.sub(r"^both (?:the )?", "", left)
    if not re.search(r"\b(?:is|was)\b", match["predicate"].split(" ", 1)[0]):
        return None
    right_check = _sentence(sentence, f"{match['subject']} {match['predicate']}")
    left_check = _clause(sentence, f"{left} {match['predicate']}")
    return _all((left_check, right_check))


def _all(checks: Iterator[Check | None] | tuple[Check | None, ...]) -> Check | None:
    found: list[Check] = []
    for check in checks:
        if check is None:
            return None
        found.extend(check.checks if isinstance(check, AllChecks) else (check,))
    return AllChecks(tuple(found)) if len(found) > 1 else found[0]
