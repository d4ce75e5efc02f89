"""A browser that opens strangers' addresses gets nowhere in the private network, however it tries."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from magenta_qa.agent.playground.gate import Gate, is_public


@pytest.mark.parametrize(
    ("number", "public"),
    [
        *((number, False) for number in ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254")),
        *((number, False) for number in ("0.0.0.0", "100.64.0.1", "224.0.0.1", "::", "::1", "fe80::1%eth0", "fd00::1")),
        *((number, False) for number in ("::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "ff02::1")),
        *((number, True) for number in ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::93.184.216.34")),
    ],
)
def test_private_addresses_are_told_whatever_they_are_hidden_in(number, public):
    assert is_public(number) is public


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Connection"]))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/secret")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.asked = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def through(gate):
    return httpx.Client(proxy=gate.url, trust_env=False, follow_redirects=True)


def test_only_what_is_allowed_is_reached_and_a_redirect_leads_no_further(server):
    port = server.server_port
    with Gate(allowed=["LOCALHOST"]) as gate, through(gate) as client:
        assert client.get(f"http://localhost:{port}/a?b=1").text == "hello"
        assert client.get(f"http://127.0.0.1:{port}/").status_code == 403
        answer = client.get(f"http://localhost:{port}/away")
        assert (answer.status_code, "private network (127.0.0.1)" in answer.text) == (403, True)
        # Whatever spelling of an address the system understands.
        for host in ("127.1", "2130706433", "0x7f.0.0.1"):
            assert client.get(f"http://{host}:{port}/").status_code == 403
        with pytest.raises(httpx.ProxyError, match="403"):
            client.get(f"https://127.0.0.1:{port}/")
        assert client.get("http://no-such-host.invalid/").status_code == 403
        assert server.asked == [("/a?b=1", "close"), ("/away", "close")]
        assert len(gate.refused) == 7


@pytest.mark.parametrize("content", [b"GET\r\n\r\n", b"CONNECT [::1 HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * 30_000])
def test_what_is_no_request_is_refused_and_hurts_nobody_else(server, content):
    with Gate(allowed=["localhost"]) as gate, through(gate) as client:
        host, _, port = gate.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(content)
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
        assert client.get(f"http://localhost:{server.server_port}/").text == "hello"
