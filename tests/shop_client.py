"""A visitor of the demo shop over HTTP, without a browser.

text(logged_in(client, "ada@example.com").get("/orders"))       -> "Tarn Packs Shelter … T-1041 2026-05-13 …"
"""

import httpx
from bs4 import BeautifulSoup

from magenta_qa.scenarios.shop import PASSWORD


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
