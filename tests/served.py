"""The page server of suites that tests write into folders of their own: their conftest begins with `served(page)`."""

_SERVER = """
import http.server, threading
import pytest

class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *more):
        pass

@pytest.fixture(scope="session")
def base_url():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
"""


def served(page: str) -> str:
    """Source of a conftest whose `base_url` is a server of that one page."""
    return f"PAGE = {page.encode()!r}\n{_SERVER}"
