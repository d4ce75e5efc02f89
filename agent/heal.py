"""Judges what a step is about to act on against what it acted on when its scenario last passed.

    change_of(errand, candidate, action, decision, description)
        -> None                                  the same control, found as before
        -> Healing(before='button "Delete" …', after='button "Remove" …', reason='…')       another place or name
        -> End("stale", …)                       another control, which nothing says to be the same

Healing may change by what a control is found, never what is expected. Held to be the same is only what stands where the
step says, is of the same sort and is called the same, by the words or by a model's description of what it does; and
once it has been acted on, it must have done the same sort of thing (`other_effect`).
"""

import re

from magenta_qa.agent.errand import End, Errand
from magenta_qa.agent.fingerprint import describe, differences, fingerprint_of, is_same, keeps_place
from magenta_qa.agent.memory import Target, effect_kind
from magenta_qa.model.language.lexicon import stems_of
from magenta_qa.model.language.wording import likeness, read_field, read_words, weighty
from magenta_qa.model.schema import Action, Candidate, Description, Effect
from magenta_qa.model.trace import Fingerprint, Healing

_FAMILIES = (
    frozenset({"button", "link", "menuitem", "generic", "img", "image", "summary", "cell", "gridcell", "listitem"}),
    frozenset({"textbox", "searchbox", "combobox", "spinbutton"}),
    frozenset({"checkbox", "switch", "menuitemcheckbox"}),
    frozenset({"radio", "menuitemradio", "option", "tab", "treeitem"}),
    frozenset({"combobox", "listbox", "button"}),
)
"""Roles that take each other's place when a page is rebuilt."""
_MARK = re.compile(r"#[\w\\-]+|\w*\[(?:data-[\w-]+|name)=\"[^\"]*\"\]")
"""Locators by what programmers call a control, whatever people are shown."""
_LEADS = re.compile(r"^(?:proceed|continue|go|head)(?: on)? to (?:(?:the|my|your) )?(?=\w)", re.I)
"""“Proceed to check out” is “Check out”."""
_KEEPS = re.compile(r"^(?:add|save|put)(?= (?:to|into|in|on)\b)", re.I)
"""“Save to favourites” is “Add to favourites”; “Save” alone is not “Add”."""
_DECISIVE = frozenset(["all", "every", "none", "not", "no", "off", "un", "undo", "never", "without", "except"])
"""Words that turn what a name says into something else, however short they are."""


def change_of(
    errand: Errand, candidate: Candidate, action: Action, description: Description | None
) -> Healing | End | None:
    """What the control that a step is about to act on is to the one that it acted on before.

    Args:
        errand: The step, with what is remembered of it and what it has done.
        candidate: What it is about to act on.
        action: What it is about to do.
        description: What the understanding back end says of it.
    """
    target = errand.target()
    if target is None or target.fingerprint is None:
        return None
    step, then = errand.step or "", target.fingerprint
    now = fingerprint_of(candidate, errand.agent.privacy.mask)
    if target.kind != action.kind and not _is_alike(target.kind, action.kind):
        return End("stale", f"it was {target.kind} {target.label}, and would be {action.kind} {describe(now)}")
    if is_same(then, now, step):
        if errand.detours:
            return _healing(errand, target, candidate, f"it has to be opened first: {errand.done[-1]}")
        if not target.locators or set(target.locators) & set(candidate.locators):
            return None
        return _healing(errand, target, candidate, "none of its locators finds it any more")
    changed = "; ".join(differences(then, now, kind=action.kind)) or "it stands elsewhere"
    if errand.agent.settings.heal == "off":
        return End("stale", f"the {target.label} is not as it was: {changed}")
    proof = _proof(target, then, now, step, description) or _same_mark(target, then, now, candidate, step)
    if not proof:
        reason = f"the {target.label} is gone; {describe(now)} fits the step, but nothing says that it is the same"
        return End("stale", f"{reason}: {changed}")
    return _healing(errand, target, candidate, f"{changed}; {proof}")


def other_effect(target: Target | None, healing: Healing | None, effect: Effect | None) -> End | None:
    """How a healed step ends whose control did another sort of thing than the one before."""
    if healing is None or target is None or effect is None or not target.effect:
        return None
    did = effect_kind(effect)
    if did == target.effect:
        return None
    led = f"that led to {target.effect}, this to {did or 'nothing'}"
    return End("stale", f"{healing.after} is not {healing.before}: {led}")


def means_the_same(name: str, other: str) -> bool:
    """Whether two names of controls say the same: "Delete" and "Remove", not "Delete" and "Delete all"."""
    name, other = _bare(name), _bare(other)
    stems, others = set(stems_of(name)), set(stems_of(other))
    if (stems ^ others) & _DECISIVE:
        return False
    return _covers(name, other) and _covers(other, name)


def _bare(name: str) -> str:
    """A name without what only says that one gets there, and with one verb for keeping something somewhere."""
    return _KEEPS.sub("add", _LEADS.sub("", name.strip()))


def _covers(text: str, name: str) -> bool:
    """Whether each word of the name that says something is in the text, or one that means the same."""
    field, words = read_field(text), weighty(read_words(name))
    return bool(words) and all(likeness(word, field) > 0 for word in words)


def _proof(target: Target, then: Fingerprint, now: Fingerprint, step: str, description: Description | None) -> str:
    """Why the control is held to be the one before; empty when nothing says so."""
    if not keeps_place(then, now, step) or not _is_of_sort(then.role, now.role):
        return ""
    told = description if description is not None and description.source == "model" else None
    if told and not told.degraded and target.description and means_the_same(target.description, told.text):
        return f"what it does is the same: {told.text}"
    if then.name and now.name and means_the_same(then.name, now.name):
        return "its name says the same" if then.name != now.name else "its name is the same"
    if now.name and _covers(step, now.name) and not set(stems_of(now.name)) & _DECISIVE - set(stems_of(step)):
        return "its name is what the step says"
    if not then.name and not now.name and then.hints == now.hints:
        return "it is marked as before"
    return ""


def _same_mark(target: Target, then: Fingerprint, now: Fingerprint, candidate: Candidate, step: str) -> str:
    """The words of the step fit it, and it bears the id, test id or field name that the control had: only renamed."""
    if then.role != now.role or not keeps_place(then, now, step):
        return ""
    mark = next((s for s in target.locators if _MARK.fullmatch(s) and s in candidate.locators), "")
    return f"it is still found by {mark}" if mark else ""


def _is_of_sort(then: str, now: str) -> bool:
    return then == now or any(then in family and now in family for family in _FAMILIES)


def _is_alike(then: str, now: str) -> bool:
    """Kinds of action that do the same: a tick may be a click."""
    return any({then, now} <= kinds for kinds in ({"click", "check", "uncheck"}, {"fill", "type"}, {"click", "select"}))


def _healing(errand: Errand, target: Target, candidate: Candidate, reason: str) -> Healing | End:
    if errand.agent.settings.heal == "off":
        return End("stale", f"the {target.label} is not found as before: {reason}")
    mask = errand.agent.privacy.mask
    after, found = describe(fingerprint_of(candidate, mask)), tuple(s for s in candidate.locators if mask(s) == s)
    return Healing(errand.step or "", target.label, after, reason, target.locators, found, target.image, target.box)
