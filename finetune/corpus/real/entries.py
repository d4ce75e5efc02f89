"""What fields, lists, boxes and choices take, told from their labels.

say_entry(seen)   -> Meaning("[Enters|Types in] the email address", name="Email address", thing="email address", value=…)
"""

import re
from random import Random

from magenta_qa.finetune.corpus.page import Meaning
from magenta_qa.finetune.corpus.real.lexicon import listed
from magenta_qa.finetune.corpus.real.look import Seen
from magenta_qa.finetune.corpus.real.names import clean, container, item_of
from magenta_qa.model.schema import Candidate

_CHOICES = frozenset({"checkbox", "input:checkbox", "radio", "input:radio"})
_ASKS = re.compile(
    r"(?i)^(?:please )?(?:enter|type in|type|choose|select|provide|pick|write|input|fill in|add|set|specify|upload)\s+(?:your |an? |the |one )?"
)
_SEARCH = re.compile(r"(?i)^search\b(?:\s+(?:for|in|by|the|all)\b)*\s*(.*)$")
_VALUES = (
    (r"search|find|filter|keyword", ("lantern", "march report", "olsen")),
    (r"\bdigit\b", ("4", "7")),
    (r"\bday\b", ("14", "27")),
    (r"\bmonth\b", ("3", "11")),
    (r"\byear\b", ("1986", "2026")),
    (r"e-?mail", ("mara.olsen@example.org", "j.tanaka@example.com", "office@harbour.example")),
    (r"password|passphrase", ("Tr0ub4dor-9", "violet-anchor-77")),
    (r"phone|tel\b|mobile", ("+49 3834 55012", "020 7946 0018")),
    (r"first name|given", ("Mara", "Jonas", "Aiko")),
    (r"last name|surname|family", ("Olsen", "Tanaka", "Petit")),
    (r"name|author|contact", ("Mara Olsen", "Northwind", "Juniper")),
    (r"date|birth", ("2026-03-14", "2025-11-02")),
    (r"time\b", ("09:30", "17:45")),
    (r"zip|post ?code|postal", ("17489", "SW1A 2AA")),
    (r"city|town", ("Greifswald", "Leeds")),
    (r"street|address", ("42 Mill Lane", "7 Harbour Road")),
    (r"url|website|link|host", ("https://example.org/start", "http://127.0.0.1:8080")),
    (
        r"\b(?:number|amount|quantity|age|port|count|users|rate|year|month|day|size|limit|price|percent|discount)\b",
        ("12", "250", "7"),
    ),
    (r"sql|query", ("select * from visits", "status = 'open'")),
    (
        r"message|comment|description|note|detail|bio|review|feedback",
        ("Please check the second delivery.", "Two pieces are missing."),
    ),
)
_OTHERWISE = ("blue lantern", "Northwind", "spring plan", "A-1042")


def is_entry(candidate: Candidate) -> bool:
    """Whether something is entered, chosen or ticked there."""
    if candidate.element_type in _CHOICES or candidate.role in ("checkbox", "radio", "switch"):
        return True
    return candidate.action_types[0] in ("fill", "type", "select", "upload") or candidate.element_type == "input:range"


def say_entry(seen: Seen) -> Meaning | None:
    """What is entered or chosen there; None where its label does not say."""
    candidate = seen.candidate
    name = clean(candidate.name)
    if candidate.state.readonly and candidate.action_types[0] != "select":
        return None
    if not name or len(name.split()) > 9 or re.search(r"@|(?i:\be\.g\b|lorem|https?:)|\d{4}|\.\.", candidate.name):
        return None
    if candidate.element_type in _CHOICES or candidate.role in ("checkbox", "radio", "switch"):
        return _choice(seen, name)
    searched = _SEARCH.match(name)
    if searched and candidate.action_types[0] != "select":
        return _search_field(seen, name, searched[1])
    thing = _thing(name)
    if not thing:
        return None
    if candidate.action_types[0] == "upload" or candidate.element_type == "input:file":
        file = (
            thing
            if re.search(r"(?i)file|photo|image|picture|document|attachment|avatar", thing)
            else f"file for the {thing}"
        )
        return Meaning(
            f"[Chooses|Selects|Picks] the {re.sub(r'^upload ', '', file)} to upload",
            name,
            thing=thing,
            value="report.pdf",
        )
    where = _where(seen, name)
    ordered = re.fullmatch(r"(?i)(filter|sort|order|group) (?:[a-z]+ )?by (.+)", name)
    if ordered and candidate.action_types[0] == "select":
        does = {"filter": "[Filters|Narrows]", "group": "Groups"}.get(ordered[1].lower(), "[Sorts|Orders]")
        thing = f"{ordered[1].lower()} by {ordered[2].lower()}"
        says = f"{does} the entries by {ordered[2].lower()}"
        return Meaning(says, name, thing=thing, value=chosen_of(candidate)) if chosen_of(candidate) else None
    if candidate.element_type == "input:range":
        return Meaning(f"[Adjusts|Sets|Changes] the {thing}{where}", name, thing=thing, value="40")
    if candidate.action_types[0] == "select":
        chosen = chosen_of(candidate)
        if not chosen:
            return None
        return Meaning(f"[Chooses|Selects|Sets|Determines] the {thing}{where}", name, thing=thing, value=chosen)
    verb = "[Enters|Types in|Sets|Fills in]"
    return Meaning(f"{verb} the {thing}{where}", name, thing=thing, value=_value(candidate, thing))


def chosen_of(candidate: Candidate) -> str:
    """An option that a tester might choose; empty where there is none."""
    others = [each for each in candidate.options if each and each != candidate.state.value and _is_value(each)]
    return Random(candidate.name + candidate.text).choice(others) if others else ""


def _is_value(text: str) -> bool:
    return len(text) <= 40 and not re.match(r"(?i)(select|choose|open this|please|--?|none\b|\W+$)", text)


def _thing(name: str) -> str:
    """What is entered, as it follows "the"."""
    if name.endswith("?"):
        return f"answer to “{name}”"
    plain = _ASKS.sub("", name).strip(" .:!")
    plain = re.sub(r"(?i)^(?:your|my|the|an?)\s+", "", plain)
    plain = re.sub(r"\s*\([^)]*\)$|(?i:\s+picker)$", "", plain)
    again = re.fullmatch(r"(?i)(?:repeat|confirm|retype|re-enter|verify)\s+(.+)", plain)
    if again:
        return f"{again[1].lower()} once more"
    plain = re.sub(r"(?i)\s+(?:field|input|here|text ?box)$", "", plain)
    words = plain.split()
    if len(words) == 2 and words[0].lower() == words[1].lower():
        words = words[:1]
    if not 1 <= len(words) <= 6 or re.search(r"[.,!?&/+#%$:\"“()]", plain):
        return ""
    lowered = [word if word.isupper() or word[1:] != word[1:].lower() else word.lower() for word in words]
    if lowered[-1] in listed("particles") or (len(lowered) > 1 and lowered[0].removesuffix("s") in listed("verbs")):
        return ""
    if lowered[-1] in listed("vague ends") or lowered[0] in listed("not entered") or "label" in lowered:
        return ""
    return " ".join(lowered)


def _search_field(seen: Seen, name: str, rest: str) -> Meaning | None:
    rest = re.sub(r"[.…]+$", "", rest).strip()
    words = [word if word.isupper() else word.lower() for word in clean(rest).split()]
    if len(words) > 5 or re.search(r"[/,&:]", rest):
        return None
    if words and words[0] in ("field", "input", "box", "text"):
        words = []
    whole = " ".join(words)
    if not whole:
        return Meaning(
            "[Enters|Types in] the [words|text] to search for",
            name,
            thing="search text",
            value=_value(seen.candidate, "search"),
        )
    joined = (
        "which [pages and commands|entries] to look for"
        if " or " in f" {whole} "
        else f"what to look for [in the|among the] {whole}"
    )
    if " or " in f" {whole} ":
        return None
    return Meaning(
        f"[Enters|Types in] {joined}",
        name,
        thing=f"search text for the {whole}",
        value=_value(seen.candidate, "search"),
    )


def _choice(seen: Seen, name: str) -> Meaning | None:
    candidate = seen.candidate
    group = _group(seen)
    if re.search(r"(?i)\btoggle\b", name):
        return None
    if candidate.element_type in ("radio", "input:radio") or candidate.role == "radio":
        if candidate.state.checked is True:
            return None  # choosing it again does nothing
        if group.endswith("?"):
            return Meaning(
                f"[Answers “{group}” with “{name}”|Chooses “{name}” as the answer to “{group}”]",
                name,
                thing=f"“{name}”",
            )
        if group:
            return Meaning(f"[Chooses|Selects|Picks] “{name}” [for|under] “{group}”", name, thing=f"“{name}”")
        return Meaning(f"[Chooses|Selects|Picks] the option “{name}”", name, thing=f"“{name}”")
    picked = re.fullmatch(r"(?i)select (all|every|row|the)\b ?(.*)", name)
    if picked:
        item = item_of(seen)
        if picked[1].lower() in ("all", "every"):
            what = picked[2].lower() or "rows"
            return Meaning(f"Selects all {what}", name, thing=f"all {what}", undo=f"[Deselects|Unticks] all {what}")
        return (
            Meaning(
                f"[Selects|Ticks] the row of “{item}”",
                name,
                row=item,
                thing=f"the row of “{item}”",
                undo=f"[Deselects|Unticks] the row of “{item}”",
            )
            if item
            else None
        )
    noun = "switch" if candidate.role == "switch" else "[box|option]"
    on = "[Turns on|Switches on]" if candidate.role == "switch" else "[Ticks|Turns on|Checks]"
    off = "[Turns off|Switches off]" if candidate.role == "switch" else "[Unticks|Turns off|Clears]"
    under = f"[ under “{group}”|]" if group and not group.endswith("?") else ""
    return Meaning(
        f"{on} the {noun} “{name}”{under}", name, thing=f"“{name}”", undo=f"{off} the {noun} “{name}”{under}"
    )


def _group(seen: Seen) -> str:
    plain = clean(seen.group)
    return plain if plain and len(plain.split()) <= 9 and plain != clean(seen.candidate.name) else ""


def _where(seen: Seen, name: str) -> str:
    """Which form or dialog it belongs to, sometimes."""
    for kind, own in (("dialog", seen.dialog), ("form", seen.form)):
        text = container(own)
        if text and text != name:
            return f"[ in the “{text}” {kind}|]"
    return ""


def _value(candidate: Candidate, thing: str) -> str:
    r = Random(candidate.name + thing + str(candidate.box.y))
    kind = candidate.element_type.partition(":")[2]
    for pattern, values in _VALUES:
        if re.search(rf"(?i){pattern}", f"{thing} {'' if kind == 'text' else kind}"):
            return r.choice(values)
    return r.choice(_OTHERWISE)
