"""Settings: where they come from, and what is said about those that cannot be used."""

import re
from pathlib import Path

import pytest
from scripted import run, scenario, write

from magenta_qa.agent.plugin.configuration import build_configuration
from magenta_qa.model.errors import ConfigError

pytest_plugins = ["pytester", "scripted"]


def test_setting_comes_from_option_then_environment_then_pyproject(project, monkeypatch):
    (project.path / "tox.ini").unlink()
    project.makepyprojecttoml('[tool.pytest.ini_options]\n[tool.magenta]\ntimeout = "7s"\nstrict = true\n')
    write(project, a=scenario("look"))
    run(project, "-s").stdout.fnmatch_lines(["*TIMEOUT 7000"])
    monkeypatch.setenv("MAGENTA_TIMEOUT", "8s")
    run(project, "-s").stdout.fnmatch_lines(["*TIMEOUT 8000"])
    run(project, "-s", "--magenta-timeout=9s").stdout.fnmatch_lines(["*TIMEOUT 9000"])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('understandng = "x"', '*has the unknown key "understandng"; did you mean "understanding"?'),
        ('api_key = "x"', "*keys do not belong into files; set MAGENTA_API_KEY"),
        ('timeout = "soon"', "*'soon' is not a duration; write 10, 10s, 500ms or 2m"),
        pytest.param('strict = "maybe"', "*'maybe' must be true or false", marks=pytest.mark.slow),
        pytest.param('view = "all"', '*"all" is not a view; use page, crop, both, closeup', marks=pytest.mark.slow),
    ],
)
def test_bad_setting_is_a_usage_error(project, table, said):
    project.makepyprojecttoml(f"[tool.magenta]\n{table}\n")
    result = run(project)
    assert result.ret == 4
    result.stderr.fnmatch_lines([said])


def build(options=None, environ=None, project=None):
    settings = build_configuration(
        options or {}, environ or {}, project or {}, folder=Path("/project"), cwd=Path("/project/tests")
    )
    return settings


def test_nothing_set_gives_the_defaults():
    built = build()
    assert built.settings.home == Path("/project/.magenta")
    assert built.report == Path("/project/.magenta/report.html")
    assert (built.settings.understanding, built.settings.decision) == ("embedded", "embedded")


def test_paths_are_relative_to_where_they_were_written():
    assert build({"report": "out.html"}).report == Path("/project/tests/out.html")
    assert build(environ={"MAGENTA_REPORT": "out.html"}).report == Path("/project/tests/out.html")
    assert build(project={"report": "out.html"}).report == Path("/project/out.html")


def test_lists_come_from_text_and_from_tables():
    origins = ("https://a.example", "https://b.example")
    assert build(environ={"MAGENTA_ALLOW": "https://a.example, https://b.example/"}).settings.allow == origins
    assert build(project={"allow": list(origins)}).settings.allow == origins
    assert build({"allow": list(origins)}).settings.allow == origins
    assert build(environ={"MAGENTA_KNOWN": "/news/* /ping"}).settings.known == ("/news/*", "/ping")
    assert build(project={"known": ["/news/*", "/ping"]}).settings.known == ("/news/*", "/ping")


def test_api_key_comes_from_the_environment_alone():
    assert build(environ={"MAGENTA_API_KEY": "k"}).settings.api_key == "k"
    assert build({"api-key": "k"}, project={"api-key": "k"}).settings.api_key is None


@pytest.mark.parametrize(
    ("options", "environ", "said"),
    [
        ({"timeout": "soon"}, {}, "--magenta-timeout: 'soon' is not a duration"),
        ({}, {"MAGENTA_EXPECT_TIMEOUT": "-1"}, "MAGENTA_EXPECT_TIMEOUT: '-1' is not a duration"),
        ({}, {"MAGENTA_STRICT": "perhaps"}, "MAGENTA_STRICT: 'perhaps' must be true or false"),
        ({"pictures": "none"}, {}, '--magenta-pictures: "none" is not a choice of pictures; use all or failures'),
        ({"known": ["news"]}, {}, '--magenta-known: "news" is not an address'),
        ({"known": ["/*"]}, {}, '--magenta-known: "/*" is not an address'),
        ({"allow": ["shop.example"]}, {}, '--magenta-allow: "shop.example" is not an origin'),
    ],
)
def test_error_says_where_the_value_came_from(options, environ, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        build(options, environ)
