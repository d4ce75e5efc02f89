import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from shop_client import logged_in, pay, text

from magenta_qa.scenarios.shop import PASSWORD, Server, serve
from magenta_qa.scenarios.shop.pages.visit import money
from magenta_qa.scenarios.shop.records.database import create_seed
from magenta_qa.scenarios.shop.records.goods import Cart, CartLine
from magenta_qa.scenarios.shop.records.store import Store

ADDRESS = {
    "id": "0",
    "label": "Boat",
    "recipient": "Ada Linden",
    "street": "Pier 4",
    "postcode": "24103",
    "city": "Kiel",
    "country": "Germany",
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture
def visitor(shop: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, follow_redirects=True) as client:
        yield client


@pytest.fixture
def ada(visitor: httpx.Client) -> httpx.Client:
    return logged_in(visitor, "ada@example.com")


@pytest.fixture
def ben(visitor: httpx.Client) -> httpx.Client:
    return logged_in(visitor, "ben@example.com")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "24 products"),
        ("/?page=2", "Loft Down Vest"),
        ("/?q=steel", "Steel Bottle 1 L"),
        ("/?q=no+such+thing", "Nothing fits"),
        ("/products/nook-2-tent", "€329.00"),
        ("/fragments/reviews/nook-2-tent", "17 people found this helpful"),
        ("/fragments/reviews/merino-beanie", "Nobody has written about it yet."),
        ("/fragments/related/nook-2-tent", "Ember Sleeping Bag"),
        ("/wishlist", "Nothing here yet"),
        ("/cart", "Your cart is empty."),
        ("/login", "Welcome back"),
        ("/help", "How do repairs work?"),
    ],
)
def test_page_is_shown_to_anyone(visitor: httpx.Client, path: str, shown: str) -> None:
    assert shown in text(visitor.get(path))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/orders", "T-1041"),
        ("/orders/T-1034", "Lull Hammock"),
        ("/account/addresses", "Summer cabin"),
        ("/account/settings", "How often"),
    ],
)
def test_account_page_is_shown_to_its_owner_only(visitor: httpx.Client, path: str, shown: str) -> None:
    assert visitor.get(path).url.path == "/login"
    assert shown in text(logged_in(visitor, "ada@example.com").get(path))


@pytest.mark.parametrize("path", ["/nothing", "/products/nothing", "/static/nothing.css", "/static/..%2fseed.sql"])
def test_unknown_page_is_answered_with_404(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "Off the path" in answer.text


@pytest.mark.parametrize("name", ["shop.css", "shop.js", "pictures.svg", "mark.svg", "pay.css", "components.js"])
def test_static_file_has_its_type(visitor: httpx.Client, name: str) -> None:
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert visitor.get(f"/static/{name}").headers["content-type"] == f"{kinds[name.rpartition('.')[2]]}; charset=utf-8"


def test_every_product_has_its_picture(visitor: httpx.Client) -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', visitor.get("/static/pictures.svg").text))
    used = {m for page in (1, 2) for m in re.findall(r"pictures\.svg#(\w+)", visitor.get(f"/?page={page}").text)}
    assert used == drawn
    assert len(used) == 24


def test_nothing_is_loaded_from_elsewhere(ada: httpx.Client) -> None:
    ada.post("/api/cart", json={"product": 1})
    for path in ("/", "/products/nook-2-tent", "/cart", "/checkout", "/orders", "/account/settings", "/help"):
        for url in re.findall(r'(?:src|href)="(https?://[^"]+)"', ada.get(path).text):
            assert url.startswith("http://localhost:")


def test_filters_and_sorting_work_together(visitor: httpx.Client) -> None:
    page = BeautifulSoup(visitor.get("/?category=Kitchen&max=50&sort=price").text, "html.parser")
    assert [h.get_text() for h in page.select("article h3")] == [
        "Enamel Mug",
        "Steel Bottle 1 L",
        "Trail Coffee Kit",
        "Basecamp Pot Set",
    ]


@pytest.mark.parametrize("query", ["page=99", "page=-1", "page=x", "sort=nonsense", "max=abc", "category=Nonsense"])
def test_nonsense_in_the_url_shows_the_catalogue(visitor: httpx.Client, query: str) -> None:
    assert "24 products" in text(visitor.get(f"/?{query}"))


def test_cart_counts_adds_up_and_empties(visitor: httpx.Client) -> None:
    assert visitor.post("/api/cart", json={"product": 9, "quantity": 2}).json() == {"name": "Enamel Mug", "count": 2}
    assert visitor.post("/api/cart", json={"product": 9}).json()["count"] == 3
    line = re.search(r'data-line="(\d+)"', visitor.get("/cart").text)
    assert line is not None
    changed = visitor.put(f"/api/cart/{line[1]}", json={"quantity": 5}).json()
    assert (changed["subtotal"], changed["shipping"], changed["total"]) == ("€80.00", "Free", "€80.00")
    assert visitor.delete(f"/api/cart/{line[1]}").json()["count"] == 0
    assert "Your cart is empty." in text(visitor.get("/cart"))


def test_same_product_in_two_colours_is_two_rows(visitor: httpx.Client) -> None:
    for colour in ("Ember", "Moss green", "Ember"):
        visitor.post("/api/cart", json={"product": 1, "variant": colour})
    shown = text(visitor.get("/cart"))
    assert "Ember" in shown
    assert "Moss green" in shown
    assert "€567.00" in shown


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"product": "1"}', b'{"product": true}', b'{"product": -1}'])
def test_bad_json_is_answered_with_400(visitor: httpx.Client, body: bytes) -> None:
    answer = visitor.post("/api/cart", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_quantity_stays_within_its_limits(visitor: httpx.Client) -> None:
    assert visitor.post("/api/cart", json={"product": 9, "quantity": 999}).json()["count"] == 20
    assert visitor.post("/api/cart", json={"product": 9, "quantity": 999}).json()["count"] == 20


def test_voucher_takes_its_percentage_off(ben: httpx.Client) -> None:
    assert ben.post("/api/voucher", json={"code": "nope"}).json()["error"] == "We do not know the code “nope”."
    figures = ben.post("/api/voucher", json={"code": " trail10 "}).json()
    assert (figures["voucher"], figures["discount"], figures["total"]) == ("TRAIL10", "−€25.70", "€231.30")


def test_wish_is_toggled(visitor: httpx.Client) -> None:
    assert visitor.post("/api/wishes/5").json() == {"wished": True, "count": 1}
    assert "Glow Lantern" in text(visitor.get("/wishlist"))
    assert visitor.post("/api/wishes/5").json() == {"wished": False, "count": 0}
    assert visitor.post("/api/wishes/999").status_code == 404


def test_review_gets_one_vote_more(visitor: httpx.Client) -> None:
    assert visitor.post("/api/reviews/1/helpful").json() == {"helpful": 13}
    assert visitor.post("/api/reviews/999/helpful").status_code == 404


def test_cart_and_wishes_come_along_at_login(visitor: httpx.Client) -> None:
    visitor.post("/api/cart", json={"product": 9, "quantity": 2})
    visitor.post("/api/wishes/5")
    shown = text(logged_in(visitor, "ben@example.com").get("/cart"))
    assert "€64.00" in shown  # two mugs of his own and two of the visitor's
    assert "Glow Lantern" in text(visitor.get("/wishlist"))


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_wrong_login_stays_out(visitor: httpx.Client, email: str, password: str) -> None:
    answer = visitor.post("/login", data={"email": email, "password": password})
    assert "do not match" in text(answer)
    assert visitor.get("/orders").url.path == "/login"


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_login_leads_to_pages_of_the_shop_only(visitor: httpx.Client, after: str) -> None:
    answer = visitor.post("/login", data={"email": "ada@example.com", "password": PASSWORD, "next": after})
    assert (answer.url.host, answer.url.path) == ("127.0.0.1", "/")


def test_log_out_ends_the_session(ada: httpx.Client) -> None:
    ada.post("/logout")
    assert ada.get("/orders").url.path == "/login"


def test_order_is_placed_after_payment(ben: httpx.Client) -> None:
    placed = pay(ben, address="5", delivery="Express", note="Ring twice")
    shown = text(placed)
    assert placed.url.path == "/orders/T-1042"
    for expected in ("Thank you, Ben!", "€269.90", "Ring twice", "Card ending in 4242", "2026-05-14"):
        assert expected in shown
    assert "Your cart is empty." in text(ben.get("/cart"))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"token": "forged"}, "Please authorise the payment first."),
        ({"card": "1111"}, "Please authorise the payment first."),
        ({"address": "1"}, "Please choose an address and a delivery."),
        ({"delivery": "Drone"}, "Please choose an address and a delivery."),
    ],
)
def test_order_without_payment_or_address_is_refused(ben: httpx.Client, changed: dict[str, str], problem: str) -> None:
    form = {"address": "5", "delivery": "Standard", "card": "4242", "token": ""}
    assert problem in text(ben.post("/checkout", data=form | changed))
    assert "T-1042" not in text(ben.get("/orders"))


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"card": "4242 4242 4242 4243", "expiry": "12/28", "cvc": "123"}, ["card"]),
        ({"card": "4242424242424242", "expiry": "12/25", "cvc": "12x"}, ["expiry", "cvc"]),
        ({"card": "", "expiry": "13/28", "cvc": ""}, ["card", "expiry", "cvc"]),
        ({}, ["card", "expiry", "cvc"]),
    ],
)
def test_card_is_checked(visitor: httpx.Client, sent: dict[str, str], wrong: list[str]) -> None:
    answer = visitor.post("/pay/authorise", json=sent).json()
    assert "token" not in answer
    assert [name for name, problem in answer["errors"].items() if problem] == wrong


def test_payment_page_is_of_another_origin(ben: httpx.Client, shop: Server) -> None:
    frame = BeautifulSoup(ben.get("/checkout").text, "html.parser").find("iframe")
    assert frame is not None
    assert str(frame["src"]).startswith(shop.url.replace("127.0.0.1", "localhost") + "/pay?ref=")


def test_only_orders_not_yet_on_their_way_are_cancelled(ada: httpx.Client) -> None:
    assert "T-1039 2026-05-11 Cancelled" in text(ada.post("/orders/T-1039/cancel"))
    assert "T-1034 2026-04-19 Shipped" in text(ada.post("/orders/T-1034/cancel"))


def test_other_customers_things_cannot_be_reached(ben: httpx.Client) -> None:
    assert ben.get("/orders/T-1039").status_code == 404
    ben.post("/orders/T-1039/cancel")
    ben.post("/account/addresses/2/delete")
    ben.post("/account/addresses", data=ADDRESS | {"id": "2"})
    shown = text(logged_in(ben, "ada@example.com").get("/account/addresses"))
    assert "Kastanienallee 41" in shown
    assert "T-1039 2026-05-11 Processing" in text(ben.get("/orders"))


def test_address_is_added_changed_made_default_and_deleted(ada: httpx.Client) -> None:
    assert "Pier 4" in text(ada.post("/account/addresses", data=ADDRESS))
    assert "Pier 5" in text(ada.post("/account/addresses", data=ADDRESS | {"id": "6", "street": "Pier 5"}))
    assert "Boat Default" in text(ada.post("/account/addresses/6/default"))
    assert "Boat" in text(ada.post("/account/addresses/6/delete"))  # the default one stays
    assert "Summer cabin" not in text(ada.post("/account/addresses/3/delete"))


@pytest.mark.parametrize("missing", ["label", "recipient", "street", "postcode", "city", "country"])
def test_incomplete_address_is_refused(ada: httpx.Client, missing: str) -> None:
    answer = ada.post("/account/addresses", data=ADDRESS | {missing: " "})
    assert f"Please fill in: {missing}." in text(answer)
    assert "Pier 4" not in text(ada.get("/account/addresses"))


def test_settings_are_kept(ada: httpx.Client) -> None:
    wanted = {"frequency": "Monthly", "topic": "Offers", "order_updates": False, "sms": True}
    assert ada.post("/api/settings", json=wanted).json() == {"error": ""}
    page = BeautifulSoup(ada.get("/account/settings").text, "html.parser")
    assert [v.get_text() for v in page.select(".dropdown-value")] == ["Monthly", "Offers"]
    assert [s["aria-checked"] for s in page.select("[role=switch]")] == ["false", "true"]
    assert ada.post("/api/settings", json=wanted | {"topic": "Lies"}).json()["error"]


HOSTILE = "\"><script>alert(1)</script>' onerror=x {{7*7}} </image>"


def test_hostile_text_is_shown_as_text(ada: httpx.Client) -> None:
    ada.post("/account/addresses", data=ADDRESS | {"label": HOSTILE})
    ada.post("/api/cart", json={"product": 1, "variant": HOSTILE})
    answers = [
        ada.get("/", params={"q": HOSTILE}),
        ada.get("/account/addresses"),
        ada.get("/checkout"),
        ada.post("/login", data={"email": HOSTILE, "next": HOSTILE}),
        ada.get("/pay", params={"shop": HOSTILE, "ref": HOSTILE}),
        pay(ada, note=HOSTILE),
    ]
    for answer in answers:
        assert "<script>alert" not in answer.text
        assert "</image>" not in answer.text
        assert "49" not in re.findall(r"onerror=x (\S+)", answer.text)
    assert HOSTILE in text(answers[-1])


def test_address_with_quotes_survives_in_its_row(ada: httpx.Client) -> None:
    ada.post("/account/addresses", data=ADDRESS | {"label": HOSTILE})
    rows = BeautifulSoup(ada.get("/account/addresses").text, "html.parser").select("tr[data-address]")
    assert json.loads(str(rows[-1]["data-address"]))["label"] == HOSTILE


@pytest.mark.parametrize("attack", ["'", "' OR 1=1 --", "%", "_", "\\", "a' UNION SELECT * FROM users --"])
def test_sql_in_the_search_finds_nothing(visitor: httpx.Client, attack: str) -> None:
    answer = visitor.get("/", params={"q": attack})
    assert answer.status_code == 200
    assert "example.com" not in answer.text
    assert "0 products" in text(answer)


def test_sql_in_the_login_lets_nobody_in(visitor: httpx.Client) -> None:
    visitor.post("/login", data={"email": "ada@example.com' --", "password": "' OR '1'='1"})
    assert visitor.get("/orders").url.path == "/login"


@pytest.mark.parametrize(("cents", "shown"), [(0, "€0.00"), (5, "€0.05"), (123456, "€1,234.56"), (-2570, "−€25.70")])
def test_money_is_written_out(cents: int, shown: str) -> None:
    assert money(cents) == shown


def test_delivery_is_free_from_75_euros(tmp_path: Path) -> None:
    create_seed(tmp_path / "shop.db")
    with Store(tmp_path / "shop.db") as store:
        notebook = store.product("field-notebook")
    assert notebook is not None
    carts = [Cart((CartLine(1, notebook, "", quantity),)) for quantity in (6, 7)]
    assert [cart.shipping_cents() for cart in carts] == [490, 0]
    assert [cart.shipping_cents("Express") for cart in carts] == [1290, 1290]
    assert Cart(()).total_cents() == 0
