from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from magenta_qa.agent.browser import LAUNCH_ARGS, FoundBrowser, find_browser, install_browser, launch_args
from magenta_qa.model.errors import BrowserError


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    return path


def test_browser_on_path_is_found(tmp_path: Path) -> None:
    chrome = executable(tmp_path / "bin" / "google-chrome")
    environ = {"PATH": str(chrome.parent), "HOME": str(tmp_path)}
    assert find_browser(environ) == FoundBrowser(chrome, "installed")


def test_headless_shell_is_preferred_where_no_window_is_wanted(tmp_path: Path) -> None:
    shell = executable(tmp_path / "bin" / "chromium-headless-shell")
    chrome = executable(tmp_path / "bin" / "chromium")
    environ = {"PATH": str(shell.parent), "HOME": str(tmp_path)}
    assert find_browser(environ) == FoundBrowser(shell, "installed")
    assert find_browser(environ, headed=True) == FoundBrowser(chrome, "installed")


def test_override_wins_over_what_is_installed(tmp_path: Path) -> None:
    executable(tmp_path / "bin" / "google-chrome")
    mine = executable(tmp_path / "mine" / "browser")
    environ = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "MAGENTA_BROWSER": str(mine)}
    assert find_browser(environ) == FoundBrowser(mine, "override")


def test_override_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BrowserError, match="/no/such/browser"):
        find_browser({"PATH": str(tmp_path), "MAGENTA_BROWSER": "/no/such/browser"})


def test_windows_program_folder_is_searched(tmp_path: Path) -> None:
    edge = executable(tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe")
    environ = {"PATH": "", "USERPROFILE": str(tmp_path), "PROGRAMFILES": str(tmp_path)}
    assert find_browser(environ, platform="win32") == FoundBrowser(edge, "installed")


def test_mac_applications_of_the_user_are_searched(tmp_path: Path) -> None:
    app = executable(tmp_path / "Applications" / "Chromium.app" / "Contents" / "MacOS" / "Chromium")
    found = find_browser({"PATH": "", "HOME": str(tmp_path)}, platform="darwin")
    assert found is not None
    assert found.path == app or str(found.path).startswith("/Applications")


def test_half_downloaded_own_browser_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "own" / "chromium-1").mkdir(parents=True)
    chrome = executable(tmp_path / "bin" / "google-chrome")
    environ = {"PATH": str(chrome.parent), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "own")}
    assert find_browser(environ) == FoundBrowser(chrome, "installed")


def test_sandbox_is_given_up_only_as_root() -> None:
    found = FoundBrowser(Path("/x/chrome"), "installed")
    assert launch_args(found, root=False)["executable_path"] == "/x/chrome"
    assert launch_args(found, root=False)["args"][:-1] == list(LAUNCH_ARGS)
    assert launch_args(found, root=True)["args"][:-1] == ["--no-sandbox", *LAUNCH_ARGS]


def test_own_browser_needs_no_path() -> None:
    assert "executable_path" not in launch_args(FoundBrowser(None, "playwright"), root=False)


def test_install_does_nothing_when_a_browser_is_there(tmp_path: Path) -> None:
    chrome = executable(tmp_path / "google-chrome")
    said: list[str] = []
    assert install_browser({"PATH": str(tmp_path), "HOME": str(tmp_path)}, said.append)
    assert said == [f"browser: {chrome}"]


@pytest.mark.browser
def test_fixtures_give_a_working_page(page: Page, site: str) -> None:
    page.set_content("<h1>Works</h1>")
    assert page.inner_text("h1") == "Works"
    assert page.request.get(f"{site}/").ok


@pytest.mark.browser
def test_no_hidden_pages_are_opened_and_what_playwright_switches_off_stays_off(browser: Browser, page: Page) -> None:
    session = browser.new_browser_cdp_session()
    targets = session.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
    assert [target["url"] for target in targets if target["type"] == "browser_ui"] == []
    *_, features = launch_args(FoundBrowser(Path("/x/chrome"), "installed"))["args"]
    assert {"PaintHolding", "HttpsUpgrades", "ThirdPartyStoragePartitioning"} < set(
        features.partition("=")[2].split(",")
    )
