"""Kinds of pages; each is a function that fills one page of a site with content and controls."""

from collections.abc import Callable
from random import Random

from magenta_qa.finetune.corpus.kinds import documents, media, people, shop, talk, work
from magenta_qa.finetune.corpus.kinds.overlays import dialog_over, menu_over
from magenta_qa.finetune.corpus.page import Page
from magenta_qa.finetune.corpus.vocabulary import World

_PLAIN: dict[str, Callable[[Random, World], Page]] = {
    "product list": shop.listing,
    "product": shop.product,
    "cart": shop.cart,
    "checkout": shop.checkout,
    "order table": shop.orders,
    "inventory": shop.inventory,
    "user table": people.user_table,
    "user form": people.user_form,
    "settings": people.settings,
    "sign in": people.sign_in,
    "sign up": people.sign_up,
    "api keys": people.keys,
    "billing": people.billing,
    "profile": people.profile,
    "mail": talk.inbox,
    "mail reading": talk.mail,
    "chat": talk.chat,
    "forum": talk.forum,
    "tickets": talk.tickets,
    "notifications": talk.notifications,
    "board": work.board,
    "calendar": work.calendar,
    "task list": work.task_list,
    "issue": work.issue,
    "wizard": work.wizard,
    "survey": work.survey,
    "editor": documents.editor,
    "wiki": documents.wiki,
    "files": documents.files,
    "spreadsheet": documents.spreadsheet,
    "drawing": documents.drawing,
    "translations": documents.translations,
    "player": media.player,
    "gallery": media.gallery,
    "icon picker": media.icon_picker,
    "map": media.map_page,
    "booking": media.booking,
    "seats": media.seats,
    "results": media.results,
    "dashboard": media.dashboard,
    "servers": media.servers,
}
HELD_OUT = frozenset({"inventory", "api keys", "tickets", "drawing", "translations", "booking", "servers"})
"""Kinds that no training page is of."""
_BELOW = {
    name: kind
    for name, kind in _PLAIN.items()
    if name not in HELD_OUT and name not in ("sign in", "sign up", "icon picker")
}
KINDS: dict[str, Callable[[Random, World], Page]] = {**_PLAIN, "dialog": dialog_over(_BELOW), "menu": menu_over(_BELOW)}
