"""One request to the shop, as the handlers see it; the only module besides `app` that knows of Bottle's request.

A handler takes a `Visit` (and the parts of its URL) and returns an HTML string or a dict, which becomes JSON:

    def show_wishlist(visit: Visit) -> str:
        return visit.render("wishlist.html", products=visit.store.wishes())
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn
from urllib.parse import quote

import bottle
from jinja2 import Environment

from magenta_qa.scenarios.shop.records.goods import CATEGORIES, User
from magenta_qa.scenarios.shop.records.store import Store
from magenta_qa.scenarios.shop.visitors import Visitors


def money(cents: int) -> str:
    """`cents` as it is shown: ``€1,234.50``."""
    return f"{'−' if cents < 0 else ''}€{abs(cents) / 100:,.2f}"


@dataclass
class Visit:
    """What a handler may use.

    Args:
        store: The visitor's own database, open for this request.
        session: The visitor.
    """

    store: Store
    session: str
    visitors: Visitors
    pages: Environment

    @cached_property
    def user(self) -> User | None:
        """Who is logged in."""
        return self.store.user()

    def form(self, name: str) -> str:
        """A field of the form that was sent; empty when it is not there."""
        return str(bottle.request.forms.getunicode(name, "")).strip()

    def file(self, name: str) -> tuple[str, bytes]:
        """Name and content of a file that was sent; both empty when there is none."""
        upload = bottle.request.files.get(name)
        return (str(upload.raw_filename), upload.file.read()) if upload and upload.raw_filename else ("", b"")

    def query(self, name: str) -> str:
        """A parameter of the URL; empty when it is not there."""
        return str(bottle.request.query.getunicode(name, "")).strip()

    def queries(self, name: str) -> list[str]:
        """All values of a parameter of the URL."""
        return [str(value) for value in bottle.request.query.decode().getall(name)]

    @property
    def json(self) -> Mapping[str, Any]:
        """The JSON object that was sent; answers 400 when there is none."""
        try:
            sent = bottle.request.json
        except bottle.HTTPError:
            sent = None
        if not isinstance(sent, dict):
            raise bottle.HTTPError(400, "a JSON object was expected")
        return sent

    def number(self, name: str, default: int | None = None) -> int:
        """An integer of the JSON that was sent; answers 400 when it is none."""
        value = self.json.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1_000_000:
            raise bottle.HTTPError(400, f"{name} must be a number")
        return value

    @property
    def origin(self) -> str:
        """Scheme, host and port that the visitor used."""
        return f"{bottle.request.urlparts.scheme}://{bottle.request.urlparts.netloc}"

    def render(self, template: str, **values: object) -> str:
        """A page, with what its header needs."""
        header = {
            "user": self.user,
            "cart_count": self.store.cart().count,
            "wished": self._wished(),
            "unread": self.store.unread(),
        }
        path = bottle.request.path
        return self.pages.get_template(template).render(header | values, path=path, categories=CATEGORIES)

    def _wished(self) -> set[int]:
        return {product.id for product in self.store.wishes()}

    def require_user(self) -> User:
        """Who is logged in; others are sent to the login page first."""
        if self.user is None:
            self.redirect(f"/login?next={quote(bottle.request.path)}")
        return self.user

    def require_staff(self) -> None:
        """Let nobody else in: visitors are asked to log in first, customers are answered with 403."""
        if not self.require_user().is_staff:
            raise bottle.HTTPError(403, "staff only")

    def attachment(self, name: str, kind: str, text: str) -> bottle.HTTPResponse:
        """A file to be saved."""
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}
        return bottle.HTTPResponse(text.encode(), **headers)

    def redirect(self, path: str) -> NoReturn:
        """Send the browser on to another page of the shop."""
        raise bottle.HTTPResponse(status=303, Location=path)

    def not_found(self, what: str) -> NoReturn:
        """Answer 404."""
        raise bottle.HTTPError(404, what)
