"""The shop as a hurried team might ship it: controls are icons, and nothing in the HTML says what they do.

    with serve(bare=True) as server: ...

Names for screen readers, titles and words are taken off the controls of rows and cards, a pencil stands for "Edit", and
what scripts find them by has become letters, as build tools make it. What they do is the same. `suite_bare/` is for it.
"""

# ruff: noqa: E501 - pieces of templates are as long as they are

from collections.abc import Mapping
from dataclasses import dataclass

from magenta_qa.scenarios.shop.bugs import Bug

_PENCIL = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 19l1-4.500L16.500 4 20 7.500 9.500 18zM14 6.500l3.500 3.500"/></svg>'
_BARED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "macros.html": (
        (
            """class="round heart" data-wish="{{ product.id }}" aria-pressed="{{ 'true' if product.id in wished else 'false' }}"
        aria-label="{{ 'Remove from wishlist' if product.id in wished else 'Add to wishlist' }}\"""",
            """class="round q1" data-q="{{ product.id }}" data-on="{{ 'true' if product.id in wished else 'false' }}\"""",
        ),
        ('class="round add" data-add="{{ product.id }}" aria-label="Add to cart"', 'class="round q2" data-p="{{ product.id }}"'),
    ),
    "shop.js": (
        (".dataset.wish", ".dataset.q"),
        ('[data-wish="', '[data-q="'),
        ('"[data-wish]"', '"[data-q]"'),
        ('setAttribute("aria-pressed"', 'setAttribute("data-on"'),
        ('    same.setAttribute("aria-label", answer.wished ? "Remove from wishlist" : "Add to wishlist");\n', ""),
        ('"[data-add]"', '"[data-p]"'),
        ("dataset.add)", "dataset.p)"),
    ),
    "shop.css": (
        (".heart[aria-pressed=", ".q1[data-on="),
        (".heart", ".q1"),
        (".round.add", ".round.q2"),
        (".star,", ".q3,"),
        (".star:hover", ".q3:hover"),
    ),
    "addresses.html": (
        ('<div class="star" data-default="{{ address.id }}" title="Use as default">', '<div class="q3" data-r="{{ address.id }}">'),
        ('<button type="button" class="button tiny second" data-edit>Edit</button>', f'<button type="button" class="round small" data-s>{_PENCIL}</button>'),
        (
            '<form method="post" action="/account/addresses/{{ address.id }}/delete" data-confirm="Delete the address “{{ address.label }}”?"><button class="round small" aria-label="Delete">{{ icon("trash") }}</button></form>',
            '<button type="button" class="round small" data-t="{{ address.id }}">{{ icon("trash") }}</button>',
        ),
    ),
    "addresses.js": (
        ('"[data-edit]"', '"[data-s]"'),
        (
            '  const star = event.target.closest("[data-default]");\n  if (star) {',
            '  const star = event.target.closest("[data-r]");\n'
            '  const bin = event.target.closest("[data-t]");\n'
            '  const label = bin && bin.closest("tr").querySelector("strong").textContent;\n'
            "  if (star || (bin && confirm(`Delete the address “${label}”?`))) {",
        ),
        ("`/account/addresses/${star.dataset.default}/default`", "star ? `/account/addresses/${star.dataset.r}/default` : `/account/addresses/${bin.dataset.t}/delete`"),
    ),
    "cart.html": (
        ('data-step="-1" aria-label="One less"', 'data-u="0"'),
        ('data-step="1" aria-label="One more"', 'data-u="1"'),
        ('data-remove title="Remove"', "data-v"),
    ),
    "cart.js": (
        ("""'[data-step="-1"]'""", """'[data-u="0"]'"""),
        ('"[data-step]"', '"[data-u]"'),
        ("Number(step.dataset.step)", '(step.dataset.u === "1" ? 1 : -1)'),
        ('"[data-remove]"', '"[data-v]"'),
    ),
    "packing.html": (
        (' title="Drag to another place"', ""),
        ('class="round small" aria-label="Remove"', 'class="round small"'),
    ),
    "desk_products.html": (
        ('class="button tiny second" aria-haspopup="dialog">Edit</button>', f'class="round small">{_PENCIL}</button>'),
    ),
}  # fmt: skip
"""Template or static file → (piece, what stands there instead), one after the other."""


@dataclass(frozen=True)
class _Bare(Bug):
    def spoil(self, name: str, text: str) -> str:
        """The file's text with nothing that names its icons."""
        for piece, instead in _BARED.get(name, ()):
            if piece not in text:
                raise LookupError(f"{name} should contain {piece!r}")
            text = text.replace(piece, instead)
        return text


BARE = _Bare("controls without names")
