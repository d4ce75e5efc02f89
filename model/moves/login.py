"""Logging in: name, password, submit, on one page or on two; done only when it can be seen that the form was sent.

    "Log in as ada@x.org with password ${PW}"
    -> fill E-mail, fill Password, click "Sign in", and another page, new text or no form any more after that

A link "Log in" of the page's header leads to the form and does not send it; nor does "Log in with Google".
"""

import re
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Target
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, named, none, undecided
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.fitness import is_editable
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import Candidate, Done

_FILLS = frozenset({"fill", "type"})
_SUBMITS = frozenset({"click", "press"})
_USER_WORDS = ("username", "login", "email", "phone", "name", "account")
_SUBMIT_WORDS = ("log in", "submit", "continue", "next")
_ANOTHER_WAY = re.compile(r"\b(?:with|via|using|through)\b", re.IGNORECASE)
_SCRIPT_LINK = re.compile(r"javascript:|[^#]*#$", re.IGNORECASE)
_ONLY_FIELD, _LAST_FIELD = 0.97, 0.8  # before the password: the only one of its form, or one of several
_ENTER_CONFIDENCE = 0.9  # a button may still be about to come


def log_in(intent: Intent, turn: Turn) -> Answer:
    """Name, password, submit; whatever of it is there, on one page or on two."""
    done = turn.carried_out
    filled = [d for d in done if d.action.kind in _FILLS]
    values = [d.action.value for d in filled]
    user_done = intent.value is None or intent.value in values
    secret_done = intent.secret is None or intent.secret in values
    last_fill = max((i for i, d in enumerate(turn.rest) if d.action.kind in _FILLS and not d.error), default=-1)
    after = ends_at(turn.rest[last_fill + 1 :], _SUBMITS)
    if user_done and secret_done and after and last_fill >= 0:
        return _sent(turn, filled, last_fill + 1 + after)
    password = next((c for c in turn.page.candidates if _is_password(c)), None)
    if not user_done:
        user = _user_field(turn, password)
        if user.best is not None:
            return act("fill", user.best.candidate, intent.value, choice=user)
        return _open_login(turn, user) if not done else undecided(user)
    if not secret_done and password is not None:
        return act("fill", password, intent.secret, reason="the password field")
    if not secret_done and after:
        return none("the password is not asked for", absent=False)
    name = _user_field(turn, None).best if password is None else None
    return _submit(turn, password or (name.candidate if name else None))


def _is_password(candidate: Candidate) -> bool:
    return candidate.element_type == "input:password"


def _user_field(turn: Turn, password: Candidate | None) -> Choice:
    best: Choice | None = None
    for word in _USER_WORDS:
        choice = find(Target(word, word, ("field",)), "fill", turn.page)
        if choice.best is not None and not _is_password(choice.best.candidate):
            return choice
        best = best or choice
    before = [
        c
        for c in turn.page.candidates
        if is_editable(c) and not _is_password(c) and (password is None or c.mark < password.mark)
    ]
    if before and password is not None:
        in_form = [c for c in before if _form_of(c) == _form_of(password) is not None]
        sure = _ONLY_FIELD if in_form == before[-1:] else _LAST_FIELD
        return Choice(Ranked(before[-1], sure, "before the password"), (), reason="the field before the password")
    assert best is not None
    return best


def _form_of(candidate: Candidate) -> int | None:
    return next((k.id for k in candidate.context if k.kind == "form"), None)


def _open_login(turn: Turn, missing: Choice) -> Answer:
    """Where there is no field yet, the way to the log-in form."""
    choice = find(Target("", "", verb="log in"), "click", turn.page)
    return act("click", choice.best.candidate, choice=choice) if choice.best else undecided(missing)


def _submit(turn: Turn, field: Candidate | None) -> Answer:
    """The button that sends the form of that field, else Enter in it."""
    if field is None:
        return none("there is no log-in form any more, and it was not sent", absent=False)
    observation = turn.page.observation
    form = Page(replace(observation, candidates=tuple(c for c in turn.page.candidates if _may_send(c, field, turn))))
    for verb in _SUBMIT_WORDS:
        choice = find(Target("", "", ("button",), verb=verb), "click", form)
        if choice.best is not None:
            return act("click", choice.best.candidate, choice=choice)
        if choice.torn:
            return undecided(choice)
    return replace(act("press", field, "Enter", reason="submits the form"), confidence=_ENTER_CONFIDENCE)


def _may_send(candidate: Candidate, field: Candidate, turn: Turn) -> bool:
    """Whether it can be what sends the form: in it, or behind the field where no form is told, and no way elsewhere."""
    if _ANOTHER_WAY.search(candidate.name or candidate.text):
        return False
    if candidate.href and not _SCRIPT_LINK.match(candidate.href):
        return False
    form = _form_of(field)
    if form is not None:
        return any(k.id == form for k in candidate.context)
    further = [c.mark for c in turn.page.candidates if is_editable(c) and c.mark > field.mark]
    return field.mark < candidate.mark < min(further, default=candidate.mark + 1)


def _sent(turn: Turn, filled: list[Done], used: int) -> Answer:
    """Finished if the last action shows that the form was sent, whatever came of it; else nobody knows that."""
    effect = turn.rest[used - 1].effect
    if effect is not None and (effect.url or effect.text or effect.tab or effect.dialog or effect.download):
        return Finished(used)
    names = {d.element for d in filled}
    secret = any(name.startswith("input:password") for name in names)
    here = [c for c in turn.page.candidates if named(c) in names or (secret and _is_password(c))]
    if turn.page.candidates and not here:
        return Finished(used, "the log-in form is gone")
    return none("the log-in form is there as before: nothing shows that it was sent", absent=False)
