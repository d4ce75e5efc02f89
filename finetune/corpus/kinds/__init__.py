"""Kinds of pages; each is a function that fills one page of a site with content and controls."""

from collections.abc import Callable
from random import Random

from magenta_qa.finetune.corpus.kinds import (
    account,
    bars,
    documents,
    forum,
    media,
    people,
    places,
    sheets,
    shop,
    steps,
    stock,
    talk,
    watching,
    work,
)
from magenta_qa.finetune.corpus.kinds.overlays import dialog_over, menu_over
from magenta_qa.finetune.corpus.page import Page
from magenta_qa.finetune.corpus.vocabulary import World

_PLAIN: dict[str, Callable[[Random, World], Page]] = {
    "product list": shop.listing,
    "product": shop.product,
    "cart": shop.cart,
    "checkout": shop.checkout,
    "order table": stock.orders,
    "inventory": stock.inventory,
    "user table": people.user_table,
    "user form": people.user_form,
    "settings": account.settings,
    "sign in": account.sign_in,
    "sign up": account.sign_up,
    "api keys": account.keys,
    "billing": account.billing,
    "profile": people.profile,
    "mail": talk.inbox,
    "mail reading": talk.mail,
    "chat": talk.chat,
    "forum": forum.forum,
    "tickets": forum.tickets,
    "notifications": forum.notifications,
    "board": work.board,
    "calendar": work.calendar,
    "task list": work.task_list,
    "issue": work.issue,
    "wizard": steps.wizard,
    "survey": steps.survey,
    "editor": documents.editor,
    "wiki": documents.wiki,
    "files": documents.files,
    "spreadsheet": sheets.spreadsheet,
    "drawing": sheets.drawing,
    "translations": sheets.translations,
    "player": media.player,
    "gallery": media.gallery,
    "icon picker": media.icon_picker,
    "map": places.map_page,
    "booking": places.booking,
    "seats": places.seats,
    "results": watching.results,
    "dashboard": watching.dashboard,
    "servers": watching.servers,
}
HELD_OUT = frozenset({"inventory", "api keys", "tickets", "drawing", "translations", "booking", "servers"})
"""Kinds that no training page is of."""
_BELOW = {
    name: kind
    for name, kind in _PLAIN.items()
    if name not in HELD_OUT and name not in ("sign in", "sign up", "icon picker")
}
TRAINED_ALONE = "icon bars"
"""A kind that no page to be examined by is of."""
KINDS: dict[str, Callable[[Random, World], Page]] = {
    **_PLAIN,
    "dialog": dialog_over(_BELOW),
    "menu": menu_over(_BELOW),
    TRAINED_ALONE: bars.bars,
}
