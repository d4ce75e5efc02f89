"""Labels of real interfaces with what they do, from the explanations that MediaWiki's translators are given.

    "visualeditor-dialog-media-goback": "Back"                                            (en.json)
    "Label for the button to go back to edit settings in the media dialog."               (qqq.json)
    -> Message(…, label="Back", widget="button", says="Goes back to edit settings in the media dialog")

Debian's package `mediawiki` has them; `fetch_messages` unpacks only these files, below `build/`. They are rows of words without
a picture: about a tenth say what a button, link, box or field does, the others what a text is for.
"""

import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from magenta_qa.model.errors import DatasetError

MAX_LABEL = 40
"""Characters of a label."""
MIN_WORDS = 4
"""Of an explanation."""
MAX_WORDS = 14
"""Of a description."""
_WIDGET = r"(button|link|checkbox|check box|tab|menu item|option|tool|action|dropdown|field|text field|input field|textbox|radio button)s?"
_THAT = re.compile(rf"(?i)\b{_WIDGET}[^.,;:()]{{0,30}}? (?:that|which) (?P<says>(?:is used to )?[a-z]+s?\b[^.;:\n(]*)")
_TO = re.compile(rf"(?i)\b{_WIDGET}(?: used| which is used)? to (?P<says>[a-z]+ [^.;:\n(]*)")
_MARKUP = (
    (re.compile(r"\[\[(?:[^|\]]*\|)?([^\]]*)\]\]"), r"\1"),
    (re.compile(r"\{\{msg-mw\|([^|}]*)(?:\|[^}]*)?\}\}", re.IGNORECASE), ""),
    (re.compile(r"\{\{[^{}]*\}\}"), ""),
    (re.compile(r"<[^>]*>|'''?|\$\d"), ""),
    (re.compile(r"(?i)\bSpecial:(\w+)"), lambda found: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", found[1]).lower() + " page"),
)
_UNCLEAR = re.compile(
    r"(?i)\$\d|\{\{|\[\[|\b(?:message|parameter|localis|translat|example|see also|following|e\.g|above|below)\b|[|{}\[\]<>]"
)
_VERBS = frozenset(
    [
        "add",
        "allow",
        "apply",
        "approve",
        "archive",
        "ask",
        "attach",
        "block",
        "browse",
        "cancel",
        "change",
        "check",
        "choose",
        "clear",
        "close",
        "collapse",
        "compare",
        "confirm",
        "continue",
        "copy",
        "create",
        "cut",
        "delete",
        "disable",
        "discard",
        "dismiss",
        "display",
        "download",
        "edit",
        "empty",
        "enable",
        "end",
        "enter",
        "expand",
        "export",
        "filter",
        "find",
        "finish",
        "follow",
        "format",
        "generate",
        "go",
        "group",
        "hide",
        "highlight",
        "import",
        "insert",
        "install",
        "jump",
        "leave",
        "list",
        "load",
        "lock",
        "log",
        "look",
        "make",
        "mark",
        "merge",
        "move",
        "navigate",
        "open",
        "paste",
        "pause",
        "pick",
        "play",
        "preview",
        "print",
        "protect",
        "publish",
        "record",
        "redo",
        "refresh",
        "reject",
        "remove",
        "rename",
        "reorder",
        "reply",
        "report",
        "request",
        "reset",
        "resize",
        "restore",
        "retry",
        "return",
        "review",
        "revert",
        "rotate",
        "save",
        "search",
        "select",
        "send",
        "set",
        "share",
        "show",
        "sign",
        "skip",
        "sort",
        "split",
        "start",
        "stop",
        "submit",
        "subscribe",
        "switch",
        "take",
        "test",
        "toggle",
        "turn",
        "unblock",
        "undelete",
        "undo",
        "unwatch",
        "update",
        "upload",
        "use",
        "validate",
        "verify",
        "view",
        "watch",
    ]
)


@dataclass(frozen=True, slots=True)
class Message:
    """One text of an interface with what its translators are told about it."""

    key: str
    label: str
    explanation: str
    """Plain sentences: markup, references and lists of parameters left out."""
    widget: str = ""
    """button | link | checkbox | field, where the explanation says what it does."""
    says: str = ""
    """That as a description, without a full stop."""


def fetch_messages(folder: Path) -> Path:
    """The file with all of them below `folder`, made if it is not there.

    Raises:
        DatasetError: The package cannot be downloaded or unpacked.
    """
    made = folder / "messages.json"
    if made.exists():
        return made
    place = folder / "debian"
    place.mkdir(parents=True, exist_ok=True)
    try:
        if not list(place.glob("mediawiki_*.deb")):
            subprocess.run(["apt-get", "download", "mediawiki"], cwd=place, check=True, capture_output=True, text=True)
        package = next(place.glob("mediawiki_*.deb"))
        with subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", package.name], cwd=place, stdout=subprocess.PIPE
        ) as unpacked:
            found = list(read_messages(_files(unpacked.stdout)))
    except (OSError, StopIteration, subprocess.CalledProcessError) as error:
        raise DatasetError(f"cannot fetch Debian's package mediawiki: {error}; needs apt-get and dpkg-deb") from error
    made.write_text(json.dumps([asdict(each) for each in found], indent=0, ensure_ascii=False), "utf-8")
    return made


def _files(stream: object) -> dict[str, dict[str, object]]:
    """Path -> messages of every English and explaining file."""
    found = {}
    with tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]
        for member in tar:
            if member.name.endswith(("/qqq.json", "/en.json")) and "/api/" not in member.name:
                content = tar.extractfile(member)
                found[member.name] = json.loads(content.read()) if content else {}
    return found


def read_messages(files: Mapping[str, Mapping[str, object]]) -> Iterator[Message]:
    """Every short text that has an explanation in plain words, no explanation twice.

    Args:
        files: Path -> messages, of `en.json` and `qqq.json` beside each other.
    """
    seen: set[str] = set()
    for path in sorted(files):
        if not path.endswith("/qqq.json"):
            continue
        english = files.get(path.replace("qqq.json", "en.json"), {})
        for key, explained in files[path].items():
            label = english.get(key)
            if isinstance(label, str) and isinstance(explained, str):
                made = read_message(key, label, explained)
                if made and made.explanation.lower() not in seen:
                    seen.add(made.explanation.lower())
                    yield made


def read_message(key: str, label: str, explained: str) -> Message | None:
    """A text with its explanation; None where one of them is not plain words."""
    plain = _plain(explained)
    if not 2 <= len(label) <= MAX_LABEL or _UNCLEAR.search(label) or len(plain.split()) < MIN_WORDS or "{" in plain:
        return None
    found = _TO.search(plain) or _THAT.search(plain)
    says = _sentence(found["says"]) if found else None
    if found is None or says is None or _stems(says) <= _stems(label):
        return Message(key, label.rstrip(":"), plain)
    kind = found[1].lower()
    fields = ("field", "text field", "input field", "textbox")
    widget = "checkbox" if "check" in kind else "field" if kind in fields else "link" if kind == "link" else "button"
    return Message(key, label.rstrip(":"), plain, widget, says)


def _plain(explained: str) -> str:
    """The explanation's first part as plain words."""
    text = re.split(r"(?i)\n\s*(?:see also|parameters?|\*|\{\{)|see also|parameters?:", explained)[0]
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return " ".join(text.split()).strip(" :,")


def _stems(text: str) -> set[str]:
    return {word[:4] for word in re.findall(r"[a-z]{3,}", text.lower())} - {"the", "all", "for"}


def _sentence(words: str) -> str | None:
    """The words as a sentence in the third person; None where they do not begin with a verb that is known."""
    text = " ".join(re.sub(r"(?i)^is used to ", "", words).split()).rstrip(" ,")
    text = re.sub(r"(?i)\byour\b", "the user's", re.sub(r"(?i)\bthe user is\b|\byou are\b", "the user is", text))
    first, _, rest = text.partition(" ")
    base = first.lower()
    stem = (
        base
        if base in _VERBS
        else next(
            (
                base[: -len(end)] + new
                for end, new in (("ies", "y"), ("es", ""), ("s", ""))
                if base.endswith(end) and base[: -len(end)] + new in _VERBS
            ),
            "",
        )
    )
    if not stem or not 2 <= len(rest.split()) <= MAX_WORDS or _UNCLEAR.search(rest) or re.search(r"(?i)\byou\b", rest):
        return None
    return f"{_third(stem).capitalize()} {rest}"


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "o")):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


@cache
def load_messages(path: Path) -> tuple[Message, ...]:
    """What `fetch_messages` has made."""
    return tuple(Message(**each) for each in json.loads(path.read_text("utf-8")))


def write_messages(path: Path, out: Path) -> str:
    """Write them as rows of words into `out/words/`; says how many."""
    rows = [asdict(each) for each in load_messages(path)]
    (out / "words").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), out / "words" / "messages.parquet", compression="zstd")
    return f"{len(rows)} texts, {sum(bool(row['says']) for row in rows)} of them with what they do"
