"""Looking around: catalogue, product, wishlist, help, and the parts of the product page that load late."""

import time
from typing import Any

from magenta_qa.scenarios.shop.pages.visit import Visit
from magenta_qa.scenarios.shop.records.goods import CATEGORIES, Product
from magenta_qa.scenarios.shop.records.store import SORTS

PER_PAGE = 12
REVIEWS_DELAY_SECONDS = 0.8
RELATED_DELAY_SECONDS = 1.2
"""How long the slow parts of the product page take, like the services that they would come from."""


def show_catalogue(visit: Visit) -> str:
    """All products, searched, filtered, sorted and paged by the URL's parameters."""
    chosen = [name for name in visit.queries("category") if name in CATEGORIES]
    max_euros = visit.query("max")
    sort = visit.query("sort") if visit.query("sort") in SORTS else "featured"
    max_cents = int(max_euros) * 100 if max_euros.isdecimal() and len(max_euros) < 6 else None
    found = visit.store.products(search=visit.query("q"), categories=chosen, max_cents=max_cents, sort=sort)
    pages = max(1, -(-len(found) // PER_PAGE))
    asked = visit.query("page")
    page = min(pages, max(1, int(asked))) if asked.isdecimal() and len(asked) < 6 else 1
    return visit.render(
        "catalogue.html",
        products=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(found),
        search=visit.query("q"),
        chosen=chosen,
        max_euros=max_euros if max_cents else "",
        sort=sort,
        page=page,
        page_numbers=range(1, pages + 1),
    )


def _product(visit: Visit, slug: str) -> Product:
    return visit.store.product(slug) or visit.not_found(f"no product {slug}")


def show_product(visit: Visit, slug: str) -> str:
    """One product."""
    return visit.render("product.html", product=_product(visit, slug))


def show_wishlist(visit: Visit) -> str:
    """What the visitor dreams of."""
    return visit.render("wishlist.html", products=visit.store.wishes())


def show_help(visit: Visit) -> str:
    """Delivery, returns and repairs."""
    return visit.render("help.html")


def reviews_fragment(visit: Visit, slug: str) -> str:
    """The reviews as a piece of HTML; takes its time."""
    time.sleep(REVIEWS_DELAY_SECONDS)
    return visit.render("reviews.html", reviews=visit.store.reviews(_product(visit, slug)))


def related_fragment(visit: Visit, slug: str) -> str:
    """Products that go with this one as a piece of HTML; takes its time."""
    time.sleep(RELATED_DELAY_SECONDS)
    return visit.render("related.html", products=visit.store.related(_product(visit, slug)))


def mark_helpful(visit: Visit, review_id: int) -> dict[str, Any]:
    """One more vote for a review."""
    votes = visit.store.mark_helpful(review_id)
    return {"helpful": votes if votes is not None else visit.not_found(f"no review {review_id}")}


def toggle_wish(visit: Visit, product_id: int) -> dict[str, Any]:
    """A heart was pressed."""
    if visit.store.product_by_id(product_id) is None:
        visit.not_found(f"no product {product_id}")
    return {"wished": visit.store.toggle_wish(product_id), "count": len(visit.store.wishes())}
