"""Selects a piece of text in an editor, as a person does: with the pointer, from its first letter to its last.

select_text(hand, field)     # hand.value: "Hello"; plain fields get the range without the pointer
"""

from typing import Any

from playwright.sync_api import ElementHandle

from magenta_qa.agent.actions.hand import Hand

# Where the text begins and ends on the screen; null when it is not there, the number of places when there are several.
_ENDS = """(editor, wanted) => {
  const walker = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push([node, text.length]);
    text += node.data;
  }
  const at = text.indexOf(wanted);
  if (at < 0) return null;
  if (text.indexOf(wanted, at + 1) >= 0) return text.split(wanted).length - 1;
  const place = (offset, after) => {
    const [node, start] = nodes.findLast(([, start]) => (after ? start < offset : start <= offset));
    return [node, offset - start];
  };
  const range = document.createRange();
  range.setStart(...place(at, false));
  range.setEnd(...place(at + wanted.length, true));
  range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
  const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
  const first = rects[0], last = rects[rects.length - 1];
  return [first.left + 0.5, first.top + first.height / 2, last.right - 0.5, last.top + last.height / 2];
}"""
_RANGE = """(field, wanted) => {
  const at = field.value.indexOf(wanted);
  if (at < 0) return null;
  if (field.value.indexOf(wanted, at + 1) >= 0) return field.value.split(wanted).length - 1;
  field.focus();
  field.setSelectionRange(at, at + wanted.length);
  return true;
}"""
_SELECTED = "() => String(getSelection())"


def select_text(hand: Hand, field: ElementHandle, *, plain: bool) -> None:
    """Select `hand.value` in an editable element.

    Args:
        hand: What is to be done.
        field: The editable element.
        plain: Whether it is an input or textarea.

    Raises:
        ActionError: The text is not there, or more than once.
    """
    found: Any = field.evaluate(_RANGE if plain else _ENDS, hand.value)
    if found is None or (isinstance(found, (int, float)) and found is not True):
        times = "not there" if found is None else f"there {int(found)} times"
        raise hand.refuse(f'the text "{hand.value[:80]}" is {times}')
    if plain:
        return
    left, top, right, bottom = found
    mouse = hand.page.mouse
    mouse.move(left, top)
    mouse.down()
    mouse.move(right, bottom, steps=4)
    mouse.up()
    if hand.page.evaluate(_SELECTED).strip() != hand.value.strip():
        raise hand.refuse(f'the text "{hand.value[:80]}" could not be selected')
