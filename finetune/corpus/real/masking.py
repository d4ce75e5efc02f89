"""Takes out of the HTML what a description was made from, so that it must be seen in the picture or in what stands around.

    masked(html, "Delete", icons=("fa-trash",))

The HTML is the raw one that the agent takes around a candidate, the candidate marked. Attributes that name it, its text that
nobody sees, its label's text, and class names of its icon go; everything else stays as it is.
"""

import re
from collections.abc import Collection

from bs4 import BeautifulSoup, Tag

from magenta_qa.finetune.corpus.real.lexicon import listed

TARGET = "data-magenta-target"
_UNSEEN = re.compile(
    r"(?i)(^|-|__)(sr-only|visually-hidden|screen-reader|offscreen|hidden-visually|show-for-sr|u-hidden)"
)


def masked(html: str, name: str, icons: Collection[str]) -> str:
    """The HTML without the candidate's name.

    Args:
        html: Raw, the candidate marked with `data-magenta-target`.
        name: Its accessible name; empty: only icons are masked.
        icons: Class names, sprite ids and the like that tell what its icon shows.
    """
    soup = BeautifulSoup(html, "html.parser")
    target = soup.find(lambda tag: tag.has_attr(TARGET))
    if not isinstance(target, Tag):
        return html
    own = [target, *target.find_all(True)]
    for element in own:
        _mask_attributes(element, icons)
    wanted = _folded(name)
    if wanted:
        _mask_text(soup, target, wanted)
    for element in own:
        if element is not target and _UNSEEN.search(
            " ".join(element.get_attribute_list("class")) if element.has_attr("class") else ""
        ):
            element.clear()
    return str(soup)


def _mask_attributes(element: Tag, icons: Collection[str]) -> None:
    for attribute in list(element.attrs):
        if attribute.lower() in listed("naming attributes") or (
            attribute in ("uk-icon", "data-icon", "href", "xlink:href") and str(element[attribute]).strip("#") in icons
        ):
            del element[attribute]
    if icons and element.has_attr("class"):
        kept = [each for each in element.get_attribute_list("class") if each and each not in icons]
        element["class"] = " ".join(kept)


def _mask_text(soup: BeautifulSoup, target: Tag, wanted: str) -> None:
    """Texts that are the name, of the candidate's own labels and of what names it from elsewhere."""
    around = {id(each) for each in target.descendants}
    for text in soup.find_all(string=True):
        if _folded(str(text)) != wanted:
            continue
        inside = id(text) in around
        parent = text.parent
        of_label = parent is not None and (parent.name == "label" or parent.find_parent("label") is not None)
        named = parent is not None and parent.get("id") and parent.get("id") == target.get("aria-labelledby")
        if of_label or named or (inside and target.name not in ("a", "button")):
            text.replace_with("")


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold().strip(" *:")
