"""Turns what a control means into words: descriptions in the third person, and steps as testers write them.

    expand("[Removes|Takes out] the {}", r)                  one of the sentences that a grammar stands for
    describe(meaning, on=False, r)                           -> "Removes the Blue backpack from the cart."
    step_for(meaning, "click", value, place, r)              -> "please delete the blue backpack from the cart"

A grammar has alternatives in square brackets, which may be nested; an empty one may be left out. A verb at its
beginning may be exchanged for another that governs the same words.
"""

import re
from random import Random

from magenta_qa.finetune.corpus.page import Meaning

_SAME = (
    ("Removes", "Deletes", "Removes"),
    ("Opens", "Shows", "Opens", "Brings up", "Displays"),
    ("Starts", "Begins", "Starts", "Kicks off"),
    ("Creates", "Makes", "Creates"),
    ("Edits", "Changes", "Edits", "Modifies"),
    ("Filters", "Narrows", "Filters"),
    ("Discards", "Throws away", "Discards"),
    ("Hides", "Conceals", "Hides"),
    ("Goes to", "Navigates to", "Leads to", "Takes the user to", "Opens"),
    ("Chooses", "Selects", "Picks"),
    ("Increases", "Raises", "Increases"),
    ("Decreases", "Lowers", "Reduces"),
    ("Duplicates", "Makes a copy of", "Copies"),
    ("Cancels", "Calls off", "Cancels"),
    ("Closes", "Shuts", "Closes", "Dismisses"),
    ("Jumps to", "Goes to", "Moves to", "Skips to"),
)
_EXCHANGE = {group[0]: group for group in _SAME}
_BASE = {"goes": "go", "does": "do", "has": "have", "is": "be", "applies": "apply", "copies": "copy", "tries": "try"}
_ES = ("sses", "shes", "ches", "xes", "zzes")
MIN_WORDS = 3
"""Of a description: fewer say hardly more than the label."""
_TRIES = 12
_NEVER_STEPS = ("Takes the user to", "Leads to", "Takes the", "Determines", "Specifies", "Provides")
_POLITE = ("please {}", "{}, please", "Now {}", "Then {}", "Next, {}", "You should {}", "I want to {}", "Try to {}")


def expand(grammar: str, r: Random) -> str:
    """One of the sentences of a grammar, blanks folded."""
    while "[" in grammar:
        start = grammar.rindex("[")
        end = grammar.index("]", start)
        grammar = grammar[:start] + r.choice(grammar[start + 1 : end].split("|")) + grammar[end + 1 :]
    return " ".join(grammar.split())


def describe(meaning: Meaning, on: bool, r: Random) -> str:
    """A description: one sentence of at least three words with a full stop."""
    sentence = ""
    for _ in range(_TRIES):
        sentence = _exchanged(expand(meaning.undo if on and meaning.undo else meaning.says, r), r)
        if len(sentence.split()) >= MIN_WORDS:
            break
    return sentence[0].upper() + sentence[1:] + "."


def _exchanged(sentence: str, r: Random) -> str:
    if re.match(r"Opens a\b", sentence):
        return sentence  # what is made or started by opening it cannot be shown: "Opens a new ticket"
    for verb, others in _EXCHANGE.items():
        if sentence.startswith(f"{verb} ") and r.random() < 0.5:
            return r.choice(others) + sentence[len(verb) :]
    return sentence


def imperative(sentence: str) -> str:
    """A sentence in the third person as a request: "Goes to the cart" -> "Go to the cart"."""
    words = sentence.split()
    words[0] = _base_form(words[0])
    for place, word in enumerate(words[:-1]):
        if word == "and" and re.fullmatch(r"[a-z]+s", words[place + 1]) and place:
            follower = _base_form(words[place + 1])
            words[place + 1] = follower if follower in _VERBS_AFTER_AND else words[place + 1]
    return " ".join(words)


_VERBS_AFTER_AND = frozenset(
    {"go", "save", "move", "close", "return", "start", "send", "create", "open", "sign", "pay", "apply", "end"}
)


def _base_form(word: str) -> str:
    lower = word.lower()
    if lower in _BASE:
        made = _BASE[lower]
    elif lower.endswith("ies"):
        made = lower[:-3] + "y"
    elif lower.endswith(_ES):
        made = lower[:-2]
    else:
        made = lower[:-1] if lower.endswith("s") else lower
    return made.capitalize() if word[0].isupper() else made


def step_for(meaning: Meaning, action: str, on: bool, r: Random) -> str:
    """A tester's step that asks for this control.

    Args:
        meaning: Of the control.
        action: The action type; decides how fields, choices and boxes are put.
        on: Whether it is on now.
        r: Source of chance.
    """
    if action in ("fill", "type"):
        return _voiced(_fill_step(meaning, r), r, meaning.value)
    if action == "select":
        return _voiced(_select_step(meaning, r), r, meaning.value)
    if r.random() < 0.35 and meaning.name and not meaning.name.startswith("Select"):
        return _voiced(_named_step(meaning, _ticking(meaning, action, on), r), r)
    grammar = meaning.undo if on and meaning.undo else meaning.says
    for _ in range(4):
        sentence = expand(grammar, r)
        if not sentence.startswith(_NEVER_STEPS):
            break
    return _voiced(imperative(sentence), r)


def _ticking(meaning: Meaning, action: str, on: bool) -> str:
    """`check` and `uncheck` for boxes, whatever the action is called."""
    return action if action != "click" or not meaning.thing else "uncheck" if on else "check"


def _fill_step(meaning: Meaning, r: Random) -> str:
    quoted = r.choice([f'"{meaning.value}"', f'"{meaning.value}"', meaning.value, f"'{meaning.value}'"])
    thing, name = meaning.thing or meaning.name, meaning.name
    own = f" for {meaning.row}" if meaning.row else ""
    return r.choice(
        [
            f"Enter {quoted} as the {thing}",
            f"Type {quoted} into the {name} field{own}",
            f"Fill in {quoted} for the {thing}",
            f"Set the {thing} to {quoted}",
            f"Put {quoted} in {name}{own}",
            f"Fill the {name} field{own} with {quoted}",
            f"Write {quoted} in the field for the {thing}",
            f"{name}{own}: {quoted}",
        ]
    )


def _select_step(meaning: Meaning, r: Random) -> str:
    quoted = r.choice([f'"{meaning.value}"', meaning.value, meaning.value])
    thing, name = meaning.thing or meaning.name, meaning.name
    own = f" for {meaning.row}" if meaning.row else ""
    return r.choice(
        [
            f"Select {quoted} as the {thing}",
            f"Choose {quoted} from the {name} list{own}",
            f"Set the {thing} to {quoted}",
            f"Pick {quoted} under {name}{own}",
            f"Change {name}{own} to {quoted}",
            f"In the {name} dropdown{own}, choose {quoted}",
        ]
    )


def _named_step(meaning: Meaning, action: str, r: Random) -> str:
    name = r.choice([f'"{meaning.name}"', meaning.name, f"the {meaning.name}", f'the "{meaning.name}"'])
    verbs = {"check": ["Tick", "Check", "Select"], "uncheck": ["Untick", "Uncheck", "Clear"]}
    verb = r.choice(verbs.get(action, ["Click", "Press", "Click on", "Hit", "Tap", "Use", "Push"]))
    suffix = ""
    if meaning.row:
        suffix = " " + r.choice(
            [
                f"for {meaning.row}",
                f"in the row of {meaning.row}",
                f"next to {meaning.row}",
                f'of "{meaning.row}"',
                f"beside {meaning.row}",
                f"on the {meaning.row.removeprefix('the ')} line",
            ]
        )
    noun = r.choice(["", "", " button" if action == "click" else ""])
    return f"{verb} {name}{noun}{suffix}"


def _voiced(step: str, r: Random, value: str = "") -> str:
    """The step as somebody in particular would write it: politeness, case, punctuation, a slip of the finger."""
    chance = r.random()
    if chance < 0.12:
        pattern = r.choice(_POLITE)
        step = pattern.format(step[0].lower() + step[1:])
    elif chance < 0.22:
        step = step[0].lower() + step[1:]
    if r.random() < 0.06:
        step = _typo(step, value, r)
    return step + ("." if r.random() < 0.2 and step[-1] not in ".!?…" else "")


def _typo(step: str, value: str, r: Random) -> str:
    """Two neighbouring letters of one long word exchanged, neither in quotes nor in the value."""
    masked = re.sub(r"\"[^\"]*\"|'[^']*'", lambda found: "_" * len(found[0]), step)
    if value:
        masked = masked.replace(value, "_" * len(value))
    words = list(re.finditer(r"[a-z]{5,}", masked))
    if not words:
        return step
    word = r.choice(words)
    at = r.randrange(word.start() + 1, word.end() - 1)
    return step[:at] + step[at + 1] + step[at] + step[at + 2 :]


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def step_with_ordinal(meaning: Meaning, place: int, of: int, r: Random) -> str:
    """A step that counts controls of the same name from the top: "Click the second Remove button".

    Args:
        meaning: Of the control.
        place: Its place among them, from 0.
        of: How many there are.
        r: Source of chance.
    """
    word = "last" if place == of - 1 and r.random() < 0.6 else _ORDINALS[place] if place < len(_ORDINALS) else ""
    if not word:
        return step_for(meaning, "click", False, r)
    verb = r.choice(["Click", "Press", "Use", "Hit", "Click on"])
    name = r.choice([f'"{meaning.name}"', meaning.name])
    return _voiced(f"{verb} the {word} {name}{r.choice(['', ' button', ''])}", r)


def join_steps(steps: list[str], r: Random) -> str:
    """Several steps as one goal: "Enter Ada as the first name, tick Active, then save the user"."""
    clauses = [step.rstrip(".") for step in steps]
    clauses = clauses[:1] + [clause[0].lower() + clause[1:] for clause in clauses[1:]]
    way = r.choice(["comma", "comma", "then", "lines"])
    if way == "lines":
        return ". ".join(clause[0].upper() + clause[1:] for clause in clauses) + "."
    if way == "then":
        return ", then ".join(clauses)
    last = r.choice([" and ", ", and then ", " and finally ", ", then "])
    return ", ".join(clauses[:-1]) + last + clauses[-1]
