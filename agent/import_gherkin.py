"""Turns Gherkin features into scenarios: Given and When become steps, Then becomes an expectation.

    Scenario Outline: Buy <what>            ─▶  name: Buy ${what}, parametrize: [{what: mug}]
      When I click the "Add" button             - Click the "Add" button
      Then I should see "<what>"                - expect: I should see "${what}"

Features hold no bindings, so their sentences are taken as they are; what cannot be read is named.
"""

import re
from pathlib import Path
from typing import Any

from magenta_qa.agent.draft import Draft
from magenta_qa.model.errors import ScenarioError

_SUBJECT = re.compile(
    r"^(?:(?:I|we|he|she|they|(?:the|a|an) (?:user|customer|visitor|admin|guest|person|tester|\w+ user))\s+)"
    r"(?:(?:have|has|am|is|can|will|then|now)\s+)?",
    re.IGNORECASE,
)
_ON_PAGE = re.compile(
    r"(?:on|at|visit(?:ing|s)?|open(?:ing|s)?|navigated? to)\s+(?:the\s+)?[\"'“]?(?P<url>(?:https?:/)?/\S*?)[\"'”]?"
)
_PARAMETER = re.compile(r"<([^<>]+)>")


def import_gherkin(path: Path) -> list[Draft]:
    """A draft for each scenario of a feature file.

    Raises:
        ScenarioError: The parser is not installed, or the file is no Gherkin.
    """
    try:
        from gherkin.errors import CompositeParserException
        from gherkin.parser import Parser
    except ImportError as missing:
        raise ScenarioError('reading Gherkin needs a parser: pip install "magenta-qa[gherkin]"', path) from missing
    try:
        document: Any = Parser().parse(path.read_text(encoding="utf-8"))
    except CompositeParserException as error:
        first = str(error).splitlines()[1:2] or [str(error)]
        raise ScenarioError(f"is not valid Gherkin: {first[0]}", path) from error
    feature = document.get("feature") or {}
    tags = _tags(feature)
    drafts: list[Draft] = []
    _collect(feature.get("children", ()), [], tags, drafts)
    if not drafts:
        raise ScenarioError("it has no scenario", path)
    return drafts


def _collect(children: Any, before: list[Any], tags: list[str], drafts: list[Draft]) -> None:  # noqa: ANN401 - JSON
    for child in children:
        if "background" in child:
            before = [*before, *child["background"]["steps"]]
        elif "rule" in child:
            _collect(child["rule"]["children"], before, [*tags, *_tags(child["rule"])], drafts)
        elif "scenario" in child:
            drafts.append(_draft(child["scenario"], before, tags))


def _tags(node: dict[str, Any]) -> list[str]:
    return [re.sub(r"\W", "_", tag["name"].removeprefix("@")) for tag in node.get("tags", ())]


def _draft(scenario: dict[str, Any], before: list[Any], tags: list[str]) -> Draft:
    draft = Draft(scenario["name"].strip() or "Scenario", tags=list(dict.fromkeys([*tags, *_tags(scenario)])))
    for examples in scenario.get("examples", ()):
        names = [_name(cell["value"]) for cell in (examples.get("tableHeader") or {}).get("cells", ())]
        rows = [[cell["value"] for cell in row["cells"]] for row in examples.get("tableBody", ())]
        draft.rows += [dict(zip(names, row, strict=False)) for row in rows]
    kind = "do"
    for step in [*before, *scenario["steps"]]:
        kind = {"Context": "do", "Action": "do", "Outcome": "expect"}.get(step["keywordType"], kind)
        _add(draft, kind, step)
    return draft


def _add(draft: Draft, kind: str, step: dict[str, Any]) -> None:
    source = f"line {step['location']['line']}"
    text = _PARAMETER.sub(lambda match: f"${{{_name(match[1])}}}", step["text"].strip())
    if "dataTable" in step or "docString" in step:
        draft.entries.append(("lost", f"{text} (with its table or text)", source))
        return
    if kind == "expect":
        draft.entries.append((kind, text, source))
        return
    plain = _SUBJECT.sub("", text)
    at = _ON_PAGE.fullmatch(plain)
    if at and not draft.url and not draft.entries:
        draft.url = at["url"]
        return
    plain = f"Go to {at['url']}" if at else plain
    draft.entries.append((kind, plain[:1].upper() + plain[1:], source))


def _name(text: str) -> str:
    name = re.sub(r"\W+", "_", text.strip()).strip("_") or "value"
    return f"_{name}" if name[0].isdigit() else name
