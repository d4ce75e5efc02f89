"""The shop as a WSGI application: routes, templates, static files, cookies and the request log.

app = build_app(Visitors(data_dir), BUGS_BY_NAME["wrong-total"])
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import bottle
from jinja2 import Environment, FunctionLoader, StrictUndefined

from magenta_qa.scenarios.shop.bugs import Bug
from magenta_qa.scenarios.shop.pages import (
    account,
    browsing,
    buying,
    desk,
    journal,
    packing,
    post,
    studio,
    workshop,
)
from magenta_qa.scenarios.shop.pages.visit import Visit, money
from magenta_qa.scenarios.shop.visitors import Visitors

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_FOLDER = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/", browsing.show_catalogue),
    ("GET", "/products/<slug>", browsing.show_product),
    ("GET", "/wishlist", browsing.show_wishlist),
    ("GET", "/help", browsing.show_help),
    ("GET", "/fragments/reviews/<slug>", browsing.reviews_fragment),
    ("GET", "/fragments/related/<slug>", browsing.related_fragment),
    ("POST", "/api/reviews/<review_id:int>/helpful", browsing.mark_helpful),
    ("POST", "/api/wishes/<product_id:int>", browsing.toggle_wish),
    ("GET", "/cart", buying.show_cart),
    ("POST", "/api/cart", buying.add_to_cart),
    ("PUT", "/api/cart/<line_id:int>", buying.set_quantity),
    ("DELETE", "/api/cart/<line_id:int>", buying.remove_from_cart),
    ("POST", "/api/voucher", buying.use_voucher),
    ("GET", "/checkout", buying.show_checkout),
    ("POST", "/checkout", buying.place_order),
    ("GET", "/pay", buying.show_payment),
    ("POST", "/pay/authorise", buying.authorise),
    ("GET", "/login", account.show_login),
    ("POST", "/login", account.log_in),
    ("POST", "/logout", account.log_out),
    ("GET", "/orders", account.show_orders),
    ("GET", "/orders/<number>", account.show_order),
    ("POST", "/orders/<number>/cancel", account.cancel_order),
    ("GET", "/account/addresses", account.show_addresses),
    ("POST", "/account/addresses", account.save_address),
    ("POST", "/account/addresses/<address_id:int>/delete", account.delete_address),
    ("POST", "/account/addresses/<address_id:int>/default", account.make_default),
    ("GET", "/account/settings", account.show_settings),
    ("POST", "/api/settings", account.save_settings),
    ("GET", "/orders/<number>/receipt", account.download_receipt),
    ("GET", "/track/<number>", account.show_parcel),
    ("GET", "/register", post.show_register),
    ("POST", "/register", post.register),
    ("GET", "/confirm/<token>", post.confirm),
    ("GET", "/inbox", post.show_inbox),
    ("GET", "/inbox/<mail_id:int>", post.show_mail),
    ("GET", "/repairs", workshop.show_repairs),
    ("GET", "/repairs/new", workshop.show_repair_form),
    ("POST", "/repairs/new", workshop.book_repair),
    ("GET", "/repairs/<number>/photo", workshop.repair_picture),
    ("GET", "/packing", packing.show_packing_list),
    ("POST", "/api/packing", packing.add_item),
    ("PUT", "/api/packing", packing.arrange),
    ("PUT", "/api/packing/<item_id:int>", packing.change_item),
    ("GET", "/journal", journal.show_journal),
    ("GET", "/journal/kept", journal.show_kept),
    ("GET", "/journal/new", journal.show_editor),
    ("POST", "/journal/new", journal.publish),
    ("GET", "/journal/<story_id:int>", journal.show_story),
    ("GET", "/fragments/journal/<before:int>", journal.journal_fragment),
    ("POST", "/api/stories/<story_id:int>/cheer", journal.cheer),
    ("POST", "/api/stories/<story_id:int>/bookmark", journal.toggle_bookmark),
    ("POST", "/api/player", journal.set_player),
    ("GET", "/desk", desk.show_desk),
    ("GET", "/desk/orders", desk.show_orders),
    ("GET", "/desk/orders.csv", desk.export_orders),
    ("GET", "/api/desk/orders", desk.orders_page),
    ("POST", "/api/desk/orders", desk.change_orders),
    ("GET", "/desk/products", desk.show_products),
    ("PUT", "/api/desk/products/<product_id:int>", desk.change_product),
    ("GET", "/desk/studio", studio.show_studio),
    ("POST", "/api/studio", studio.change_photo),
)


def build_app(visitors: Visitors, bug: Bug) -> Wsgi:
    """The whole shop, with one planted defect or none."""
    app = bottle.Bottle(catchall=True)
    pages = _pages(bug)
    for method, path, handler in ROUTES:
        app.route(path, method, _with_visit(handler, visitors, pages, bug))
    app.route("/static/<name>", "GET", lambda name: _static(name, bug))
    app.error_handler.update({code: _error_page(code, visitors, pages, bug) for code in (403, 404, 500)})
    return _with_cookie_and_log(app, visitors)


def _source(folder: str, name: str, bug: Bug) -> str:
    return bug.spoil(name, (_FOLDER / folder / name).read_text(encoding="utf-8"))


def _pages(bug: Bug) -> Environment:
    loader = FunctionLoader(lambda name: _source("templates", name, bug))
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    pages.filters["money"] = money
    return pages


def _static(name: str, bug: Bug) -> bottle.HTTPResponse:
    path = _FOLDER / "static" / name
    if path.suffix not in _TYPES or not path.is_file():
        raise bottle.HTTPError(404, f"no such file: {name}")
    headers = {"Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8", "Cache-Control": "no-cache"}
    return bottle.HTTPResponse(_source("static", name, bug), **headers)


def _with_visit(handler: Callable[..., Any], visitors: Visitors, pages: Environment, bug: Bug) -> Callable[..., object]:
    def answer(**url: str | int) -> object:
        session = _session(visitors)
        if (bottle.request.method, bottle.request.path) in bug.fails:
            raise bottle.HTTPError(500, bug.description)
        with bug.store(visitors.database(session), writes=bottle.request.method != "GET") as store:
            try:
                return handler(Visit(store, session, visitors, pages), **url)
            except bottle.HTTPError:
                raise
            except bottle.HTTPResponse as redirect:  # not an error: what was written stays
                return redirect

    return answer


def _session(visitors: Visitors) -> str:
    """Who is asking: by cookie, or by the reference in the URL where the payment page is on another origin."""
    environ = bottle.request.environ
    name = f"tarn-{environ['SERVER_PORT']}"
    cookie = bottle.request.get_cookie(name) or ""
    reference = bottle.request.query.get("ref", "") if bottle.request.path.startswith("/pay") else ""
    session = visitors.read(reference) or visitors.admit(cookie)
    if not reference and visitors.read(cookie) != session:
        # Not through bottle.response: redirects and errors would lose it.
        environ["tarn.cookie"] = f"{name}={visitors.sign(session)}; Path=/; HttpOnly; SameSite=Lax"
    environ["tarn.session"] = session
    return session


def _error_page(code: int, visitors: Visitors, pages: Environment, bug: Bug) -> Callable[[bottle.HTTPError], str]:
    def answer(error: bottle.HTTPError) -> str:
        with bug.store(visitors.database(_session(visitors)), writes=False) as store:
            return Visit(store, "", visitors, pages).render("error.html", code=code)

    return answer


def _with_cookie_and_log(app: Wsgi, visitors: Visitors) -> Wsgi:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
            if "tarn.cookie" in environ:
                headers.append(("Set-Cookie", environ["tarn.cookie"]))
            asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"])
            visitors.record(*asked, int(status[:3]), environ.get("tarn.session", ""))
            return start_response(status, headers, *rest)

        return app(environ, start)

    return answer
