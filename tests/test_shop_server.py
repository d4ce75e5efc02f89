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
from shop_client import logged_in, text

from magenta_qa.scenarios.shop import Server, serve
from magenta_qa.scenarios.shop.records.database import create_seed
from magenta_qa.scenarios.shop.visitors import Visitors


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture
def visitor(shop: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, follow_redirects=True) as client:
        yield client


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


def test_forged_cookie_is_a_new_visitor(shop: Server, visitor: httpx.Client) -> None:
    logged_in(visitor, "ada@example.com")
    ((name, cookie),) = visitor.cookies.items()
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
