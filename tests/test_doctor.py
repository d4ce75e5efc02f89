import io
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from magenta_qa.agent import doctor
from magenta_qa.agent.doctor import Check, diagnose, run_doctor


class Models(BaseHTTPRequestHandler):
    def do_GET(self):
        refused = self.headers.get("Authorization") != "Bearer key"
        body = json.dumps({"data": [{"id": "served"}]}).encode()
        self.send_response(401 if refused else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="module")
def endpoint():
    server = HTTPServer(("127.0.0.1", 0), Models)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def found(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def apart(call):
    """In a thread of its own: Playwright, which other tests keep running, refuses to start twice in one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def bare(tmp_path: Path, **more: str) -> dict[str, str]:
    """An environment without any browser."""
    empty = tmp_path / "empty"
    empty.mkdir(exist_ok=True)
    return {"PATH": str(empty), "HOME": str(empty), "MAGENTA_BROWSER": "/no/browser", **more}


def test_missing_browser_says_what_to_do(tmp_path: Path) -> None:
    check = found(diagnose(bare(tmp_path), tmp_path), "browser")
    assert not check.ok
    assert "magenta doctor --install" in check.remedy


def test_browser_that_does_not_start_is_not_ok(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'error while loading shared libraries: libnss3.so' >&2\nexit 127\n")
    broken.chmod(0o755)
    environ = {**os.environ, "MAGENTA_BROWSER": str(broken)}
    check = found(apart(lambda: diagnose(environ, tmp_path)), "browser")
    assert not check.ok
    assert "libnss3.so" in check.found


@pytest.mark.parametrize(
    ("spec", "key", "ok", "words"),
    [
        ("openai:served@{}", "key", True, "answers"),
        ("openai:other@{}", "key", False, 'serves no model "other", but served'),
        ("openai:served@{}", "wrong", False, "refuses the key"),
        ("openai:served@http://127.0.0.1:1", "key", False, "does not answer"),
        ("openai:nonsense", "key", False, "expected openai:MODEL@URL"),
    ],
)
def test_back_ends_are_asked(tmp_path: Path, endpoint: str, spec: str, key: str, ok: bool, words: str) -> None:
    environ = bare(tmp_path, MAGENTA_UNDERSTANDING=spec.format(endpoint), MAGENTA_API_KEY=key)
    check = found(diagnose(environ, tmp_path), "understanding")
    assert (check.ok, check.needed) == (ok, False)
    assert words in check.found


def test_default_back_ends_need_no_server(tmp_path: Path) -> None:
    checks = diagnose(bare(tmp_path), tmp_path)
    assert found(checks, "understanding").found == "embedded, whole"
    assert found(checks, "decision").ok


def test_home_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check = found(diagnose(bare(tmp_path, MAGENTA_HOME="file/inside"), tmp_path), "home")
    assert not check.ok
    assert "--magenta-home" in check.remedy


def test_setting_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    check = found(diagnose(bare(tmp_path, MAGENTA_TIMEOUT="soon"), tmp_path), "settings")
    assert "MAGENTA_TIMEOUT" in check.found


@pytest.mark.parametrize(
    ("version", "ok", "needed"),
    [((3, 10, 1), False, True), ((3, 12, 0), True, True), ((3, 14, 0), False, False)],
)
def test_python_versions(version: tuple[int, ...], ok: bool, needed: bool) -> None:
    check = doctor._python(version)
    assert (check.ok, check.needed) == (ok, needed)


def test_missing_extra_names_the_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["pytest>=8", 'no-such-package>=2; extra == "finetune"', 'pytest; extra == "serve"', "ruff; extra == 'dev'"]
    monkeypatch.setattr(doctor, "_requirements", lambda: needs)
    extras = {check.name: check for check in doctor._extras()}
    assert sorted(extras) == ["[finetune]", "[serve]"]
    assert extras["[finetune]"].remedy == "pip install 'magenta-qa[finetune]'"
    assert extras["[serve]"].ok


def test_what_is_missing_gives_exit_code_one(tmp_path: Path) -> None:
    said = io.StringIO()
    assert run_doctor(bare(tmp_path), folder=tmp_path, console=Console(file=said, width=200)) == 1
    assert "✗  browser" in said.getvalue()
    assert "→ run `magenta doctor --install`" in said.getvalue()


@pytest.mark.browser
def test_machine_that_runs_these_tests_is_fit(tmp_path: Path) -> None:
    said = io.StringIO()
    assert apart(lambda: run_doctor(os.environ, folder=tmp_path, console=Console(file=said, width=200))) == 0
    assert "✓  browser" in said.getvalue()
