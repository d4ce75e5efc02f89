import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from magenta_qa.scenarios.shop import BUGS, PASSWORD, Server, serve
from magenta_qa.scenarios.shop.bugs import CATALOGUE, Bug
from magenta_qa.scenarios.shop.goods import Cart, CartLine
from magenta_qa.scenarios.shop.store import Store, create_seed
from magenta_qa.scenarios.shop.visit import money
from magenta_qa.scenarios.shop.visitors import Visitors

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


def logged_in(client: httpx.Client, email: str) -> httpx.Client:
    answer = client.post("/login", data={"email": email, "password": PASSWORD, "next": "/orders"})
    assert answer.url.path == "/orders"
    return client


def text(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


def pay(client: httpx.Client, *, delivery: str = "Standard", address: str = "1", note: str = "") -> httpx.Response:
    frame = BeautifulSoup(client.get("/checkout").text, "html.parser").find("iframe")
    assert frame is not None
    reference = httpx.URL(str(frame["src"])).params["ref"]
    card = {"card": "4242 4242 4242 4242", "expiry": "12/28", "cvc": "123"}
    paid = client.post("/pay/authorise", params={"ref": reference}, json=card).json()
    form = {"address": address, "delivery": delivery, "card": paid["card"], "token": paid["token"], "note": note}
    return client.post("/checkout", data=form)


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


def test_visitors_do_not_see_each_other(shop: Server) -> None:
    with httpx.Client(base_url=shop.url) as one, httpx.Client(base_url=shop.url) as other:
        one.post("/api/cart", json={"product": 1})
        one.post("/api/reviews/1/helpful")
        assert "Your cart is empty." in text(other.get("/cart"))
        assert "12 people" in text(other.get("/fragments/reviews/ridge-45-backpack"))
        assert "13 people" in text(one.get("/fragments/reviews/ridge-45-backpack"))


def test_many_visitors_at_once_each_find_their_own_cart(shop: Server) -> None:
    def visit(quantity: int) -> int:
        with httpx.Client(base_url=shop.url) as client:
            for _ in range(quantity):
                client.post("/api/cart", json={"product": 9})
            return int(client.post("/api/cart", json={"product": 10}).json()["count"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(visit, range(1, 17))) == [quantity + 1 for quantity in range(1, 17)]


def test_one_visitors_requests_at_once_lose_nothing(visitor: httpx.Client) -> None:
    visitor.get("/")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda product: visitor.post("/api/cart", json={"product": product}), range(1, 17)))
    assert visitor.post("/api/cart", json={"product": 17}).json()["count"] == 17


def test_forged_cookie_is_a_new_visitor(shop: Server, ada: httpx.Client) -> None:
    (name, cookie), *_ = ada.cookies.items()
    for forged in (cookie[:-1] + "x", cookie.partition(".")[0], "../../seed.x", "ä.b", ""):
        headers = {"Cookie": f"{name}={forged}".encode()}
        with httpx.Client(base_url=shop.url, headers=headers) as client:
            answer = client.get("/orders")
            assert answer.status_code == 303
            assert answer.headers["set-cookie"].startswith(f"{name}=")


def test_reset_brings_the_seed_back() -> None:
    with serve() as server, httpx.Client(base_url=server.url, follow_redirects=True) as client:
        logged_in(client, "ada@example.com")
        client.post("/orders/T-1039/cancel")
        server.reset()
        assert server.requests == []
        assert client.get("/orders").url.path == "/login"
        assert "T-1039 2026-05-11 Processing" in text(logged_in(client, "ada@example.com").get("/orders"))


def test_requests_are_logged_for_other_processes(tmp_path: Path) -> None:
    with serve(data_dir=tmp_path) as server, httpx.Client(base_url=server.url) as client:
        client.get("/", params={"q": "mug"})
        client.get("/nothing")
        client.get("/static/shop.css")
        first, second, third = server.requests
        assert (first.seq, first.method, first.path, first.query, first.status) == (1, "GET", "/", "q=mug", 200)
        assert (second.path, second.status, second.session) == ("/nothing", 404, first.session)
        assert (third.path, third.session) == ("/static/shop.css", "")
        lines = (tmp_path / "requests.jsonl").read_text().splitlines()
        assert [json.loads(line)["path"] for line in lines] == ["/", "/nothing", "/static/shop.css"]
        assert server.database == tmp_path / "visitors" / f"{first.session}.db"


def test_database_is_that_of_the_latest_visitor(shop: Server, visitor: httpx.Client) -> None:
    visitor.post("/api/cart", json={"product": 9})
    with closing(sqlite3.connect(shop.database)) as connection:
        assert connection.execute("SELECT product_id, quantity FROM cart_items WHERE owner = 0").fetchall() == [(9, 1)]


def test_server_listens_on_the_loopback_only(shop: Server) -> None:
    assert shop.url.startswith("http://127.0.0.1:")


def test_stopped_server_answers_no_more_and_removes_its_folder() -> None:
    server = serve()
    with httpx.Client(base_url=server.url) as client:
        client.get("/")
        server.stop()
        server.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/")
    assert not server.data_dir.exists()


def test_two_shops_run_side_by_side() -> None:
    with serve() as clean, serve(bug="error-500") as broken:
        assert clean.url != broken.url
        assert httpx.post(f"{clean.url}/checkout").status_code == 303
        assert httpx.post(f"{broken.url}/checkout").status_code == 500


def test_unknown_defect_is_refused() -> None:
    with pytest.raises(ValueError, match="'nonsense'; choose one of badge-not-updated"):
        serve(bug="nonsense")


def test_seed_is_the_same_every_time(tmp_path: Path) -> None:
    dumps = []
    for name in ("a.db", "b.db"):
        create_seed(tmp_path / name)
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            dumps.append(list(connection.iterdump()))
    assert dumps[0] == dumps[1]


def test_cookie_of_another_server_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = Visitors(tmp_path / "a"), Visitors(tmp_path / "b")
    session = one.admit("")
    assert one.read(one.sign(session)) == session
    assert other.read(one.sign(session)) == ""


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


def buy_two(client: httpx.Client) -> str:
    logged_in(client, "ada@example.com").post("/api/cart", json={"product": 1, "quantity": 2})
    return text(pay(client))


def cart_of_ben(client: httpx.Client) -> str:
    return text(logged_in(client, "ben@example.com").get("/cart"))


def delete_cabin(client: httpx.Client) -> str:
    return text(logged_in(client, "ada@example.com").post("/account/addresses/3/delete"))


def save_monthly(client: httpx.Client) -> str:
    wanted = {"frequency": "Monthly", "topic": "Offers", "order_updates": True, "sms": True}
    logged_in(client, "ada@example.com").post("/api/settings", json=wanted)
    return BeautifulSoup(client.get("/account/settings").text, "html.parser").select(".dropdown-value")[0].get_text()


def orders_after_one(client: httpx.Client) -> str:
    buy_two(client)
    return text(client.get("/orders"))


VISIBLE_ON_THE_SERVER = {
    "wrong-total": (cart_of_ben, "Total €257.00", "Total €241.00"),
    "wrong-row": (delete_cabin, "Parents", "Summer cabin"),
    "wrong-currency": (buy_two, "Total €378.00", "Total $378.00"),
    "lost-update": (save_monthly, "Monthly", "Weekly"),
    "wrong-order": (lambda c: c.get("/?sort=price").text, "Field Notebook", "Nook 2 Tent"),
    "duplicate-order": (orders_after_one, "T-1042", "T-1043"),
    "renamed-control": (
        lambda c: logged_in(c, "ada@example.com").get("/account/addresses").text,
        "Save address",
        "Update entry",
    ),
    "control-gone": (
        lambda c: logged_in(c, "ben@example.com").get("/cart").text,
        'id="voucher">',
        'id="voucher" hidden>',
    ),
    "error-500": (lambda c: str(c.post("/checkout").status_code), "200", "500"),
}
"""Defect → (what to do, what the clean shop shows then, what the defect shows that the clean shop does not)."""


@pytest.mark.parametrize("bug", VISIBLE_ON_THE_SERVER)
def test_planted_defect_changes_what_the_server_says(bug: str, visitor: httpx.Client) -> None:
    act, right, wrong = VISIBLE_ON_THE_SERVER[bug]
    clean = act(visitor)
    assert right in clean
    assert wrong not in clean
    with serve(bug=bug) as server, httpx.Client(base_url=server.url, follow_redirects=True) as client:
        assert wrong in act(client)


@pytest.mark.parametrize("bug", sorted(set(BUGS) - set(VISIBLE_ON_THE_SERVER)))
def test_planted_defect_changes_a_script(bug: str) -> None:
    (name,) = CATALOGUE[bug].spoiled
    with serve() as clean, serve(bug=bug) as broken:
        assert httpx.get(f"{clean.url}/static/{name}").text != httpx.get(f"{broken.url}/static/{name}").text


def test_defect_that_finds_nothing_to_spoil_says_so() -> None:
    with pytest.raises(LookupError, match=r"page\.html should contain 'Save' once, but has it 2 times"):
        Bug(spoiled={"page.html": ("Save", "Keep")}).spoil("page.html", "Save, Save")


def test_shop_runs_alone_from_the_command_line() -> None:
    command = [sys.executable, "-u", "-m", "magenta_qa.scenarios.shop", "--port", "0", "--bug", "error-500"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            url = re.search(r"http://\S+", line)
            assert url is not None
            assert "(planted defect: error-500)" in line
            assert httpx.get(url[0]).status_code == 200
        finally:
            process.terminate()
