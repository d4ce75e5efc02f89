"""A crawl keeps to its origin and to robots.txt, acts on nothing, and goes on where it was killed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from planted import SELECTORS, leaks

from magenta_qa.agent import crawl
from magenta_qa.agent.crawl import Crawler, Journal, same_origin_pages
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.privacy import Privacy

HEAD = "<!doctype html><title>T</title>"
PAGES = {
    "/": HEAD + '<a href="/a#x">A</a> <a href="/b?page=2">B</a> <a href="/secret">S</a> <a href="/logout">Log out</a>'
    ' <a href="https://else.example/">Else</a> <a href="/file.pdf">File</a>'
    "<form method=post><button>Buy</button></form>",
    "/a": HEAD + "<button onclick=\"fetch('/deed',{method:'POST'})\">Act</button><div style=\"height:3000px\"></div>"
    "<button>Far down</button>",
    "/b?page=2": HEAD + '<a href="/c">C</a>',
    "/c": HEAD + "<input placeholder=Name>",
    "/app": HEAD + "<a href='#/one'>One</a><a href='#top'>Top</a><main></main><script>const show = () => {"
    " document.querySelector('main').innerHTML = `<button>At ${location.hash}</button>` }; onhashchange = show; show()"
    "</script>",
    "/hang": HEAD + '<a href="/c">C</a><script>onload = () => setTimeout(() => { for (;;); }, 10)</script>',
    "/robots.txt": "User-agent: *\nDisallow: /secret\n",
}


class Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        self.server.asked.append(self.path)
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def do_POST(self):
        self.server.asked.append(f"POST {self.path}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def crawler(page, folder, start, selectors=()):
    privacy = Privacy(selectors)
    return Crawler(
        page,
        InteractionLog(folder, "shop", privacy),
        privacy,
        Journal(folder / "crawl.jsonl", start, privacy.finds),
        delay=0,
    )


def test_only_pages_of_the_origin_that_change_nothing_are_followed():
    links = [
        "/a#x",
        "/a",
        "https://else.example/",
        "/x.pdf",
        "/users/7/delete",
        "/logout",
        "/b?do=delete",
        "mailto:a@b.c",
        "/app#/",
        "/app#/orders/7",
        "/app#!/orders",
        "/app#/orders/7/delete",
    ]
    assert same_origin_pages("http://h:1/start", ["/a", "/likely", "/undeleted", *links]) == [
        "http://h:1/a",
        "http://h:1/likely",
        "http://h:1/undeleted",
        "http://h:1/app",
        "http://h:1/app#/orders/7",
        "http://h:1/app#!/orders",
    ]


def test_journal_goes_on_after_a_torn_line_and_takes_only_so_many_pages_alike(tmp_path):
    path = tmp_path / "crawl.jsonl"
    journal = Journal(path, "http://h/")
    journal.add([f"http://h/item/{n}" for n in range(100)])
    journal.close("http://h/", 3)
    path.write_bytes(path.read_bytes() + b'{"fou')
    again = Journal(path, "http://h/")
    assert again.done == {"http://h/": 3}
    assert len(list(again.pending())) == 30


@pytest.mark.browser
def test_crawl_logs_every_control_and_goes_on_after_a_kill(page, shop, tmp_path):
    start = f"http://127.0.0.1:{shop.server_port}/"
    first = crawler(page, tmp_path, start).run(start, 2)
    assert first.pages == 2
    done = crawler(page, tmp_path, start).run(start, 10)
    assert (done.pages, dict(done.failed)) == (4, {"robots.txt": 1})
    rows = [json.loads(line) for line in (tmp_path / "log" / "interactions.jsonl").read_text().splitlines()]
    assert sorted(row["text"] for row in rows) == sorted(
        ["A", "B", "S", "Log out", "Else", "File", "Buy", "Act", "Far down", "C", ""]
    )
    assert {(row["by"], row["summary_source"]) for row in rows} == {("crawl", "rule")}
    assert all(0 <= row["box"][1] < 720 for row in rows), "what is further down was scrolled to"
    asked = [path for path in shop.asked if path not in ("/robots.txt", "/favicon.ico")]
    assert sorted(asked) == ["/", "/a", "/b?page=2", "/c"], "each page once, nothing else, and nothing acted on"


@pytest.mark.browser
def test_page_that_hangs_is_left_for_the_next(page, shop, tmp_path, monkeypatch):
    monkeypatch.setattr(crawl, "_ANSWER_SECONDS", 1.0)
    start = f"http://127.0.0.1:{shop.server_port}"
    crawling = crawler(page, tmp_path, f"{start}/hang")
    crawling._journal.add([f"{start}/c"])
    done = crawling.run(f"{start}/hang", 10)
    assert (done.pages, dict(done.failed)) == (1, {"no answer in time": 1})


@pytest.mark.browser
def test_routes_in_the_fragment_are_pages(page, shop, tmp_path):
    start = f"http://127.0.0.1:{shop.server_port}/app"
    assert crawler(page, tmp_path, start).run(start, 10).pages == 2
    rows = [json.loads(line) for line in (tmp_path / "log" / "interactions.jsonl").read_text().splitlines()]
    assert [(row["url"], row["text"]) for row in rows if row["element_type"] == "button"] == [
        (start, "At"),
        (f"{start}#/one", "At #/one"),
    ]


@pytest.mark.browser
def test_nothing_planted_is_in_what_a_crawl_writes(page, site, tmp_path):
    start = f"{site}/private.html?session_id=planted-token-1"
    done = crawler(page, tmp_path, start, SELECTORS).run(start, 1)
    assert done.controls > 8
    assert leaks(tmp_path) == []
    assert crawler(page, tmp_path, start, SELECTORS).run(start, 1) == done, "it is known again"
