"""The command `magenta playground`.

magenta playground                                              # the default back end, on http://127.0.0.1:8050
magenta playground --understanding openai:base@http://gpu:8000 --understanding openai:adapter@http://gpu:8000
magenta playground --allow localhost --allow shop.internal      # pages of the private network, by name
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from magenta_qa.agent.log import Interaction, InteractionLog
from magenta_qa.agent.plugin.configuration import build_configuration, read_project
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.line import Limits
from magenta_qa.model.schema import Question
from magenta_qa.model.understand import open_understanding

MAX_UPLOAD = "20mb"


@click.command()
@click.option(
    "--understanding", "specs", multiple=True, metavar="SPEC", help="A back end; several are shown side by side."
)
@click.option("--allow", multiple=True, metavar="HOST", help="A host of the private network that may be opened.")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of labels (default: .magenta).")
@click.option("--host", default="127.0.0.1", show_default=True, help="Another one is open to others: a key is made.")
@click.option("--port", type=click.IntRange(0, 65535), default=8050, show_default=True)
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
def playground(
    specs: tuple[str, ...], allow: tuple[str, ...], home: Path | None, host: str, port: int, show: bool
) -> int:
    """Try what the model says about any control of any page or screenshot, on a local web page.

    A corrected sentence becomes a labelled record in the log, for `magenta dataset build`.
    """
    # Read by Gradio when it is imported.
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_DISABLE_TELEMETRY="1")
    from magenta_qa.agent.local_page import key_for, serve_page

    cwd = Path.cwd()
    settings = build_configuration({}, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd).settings
    key = key_for(host)
    with ExitStack() as stack:
        # What visitors drop lies here while they look at it.
        os.environ["GRADIO_TEMP_DIR"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="magenta-playground-"))
        app = build_app(stack, settings, specs or (settings.understanding,), allow, home or settings.home, key)
        serve_page(app, host, port, key, show=show)
    return 0


def build_app(
    stack: ExitStack,
    settings: Settings,
    specs: tuple[str, ...],
    allow: tuple[str, ...],
    home: Path,
    key: str | None,
) -> Any:  # noqa: ANN401 - an ASGI application
    """The page as an ASGI application.

    Args:
        stack: Closes browser and back ends.
        settings: What is private, the endpoint's key, the view.
        specs: Back ends.
        allow: Hosts of the private network that may be opened.
        home: The `.magenta` folder that labels go to.
        key: Wanted from everybody; None for none.

    Raises:
        ConfigError: No such back end.
    """
    import gradio
    from fastapi import FastAPI

    from magenta_qa.agent.local_page import guards
    from magenta_qa.agent.playground.camera import Camera
    from magenta_qa.agent.playground.page import LOADS, Playground, build_page, theme
    from magenta_qa.agent.playground.stage import page_css

    for each in allow:
        _require_host(each)

    def privacy() -> Privacy:
        return Privacy(settings.private, Secrets(settings.secrets))

    limits = Limits.for_page(settings.describe_ms / 1000)
    back_ends = {}
    for spec in dict.fromkeys(specs):
        back_ends[spec] = open_understanding(
            spec, view=settings.view, cache_dir=None, api_key=settings.api_key, limits=limits
        )
        stack.callback(back_ends[spec].close)
    camera = stack.enter_context(Camera(privacy, allow))
    page = build_page(Playground(camera, back_ends, recorder(home), privacy))
    app = FastAPI(middleware=guards(LOADS, key), docs_url=None, redoc_url=None, openapi_url=None)
    return gradio.mount_gradio_app(
        app, page, path="/", css=page_css(), theme=theme(), ssr_mode=False, max_file_size=MAX_UPLOAD, footer_links=[]
    )


def _require_host(text: str) -> None:
    """Refuse what no address has as its host.

    Raises:
        ConfigError: It is more than a host.
    """
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    if ("//" in text or text.count(":") < 2) and text.lower() != host:  # more of them: an address of version 6
        example = host or "localhost"
        raise ConfigError(f"--allow {text!r} is more than a host, or none; write a host alone, such as {example}")


def recorder(home: Path) -> Callable[[Any, Question, str], str]:
    """Keeps sentences as labelled records of the log below `home`."""

    def record(look: Any, question: Question, sentence: str) -> str:  # noqa: ANN401 - a Look
        observation, candidate = look.observation, question.candidate
        log = InteractionLog(home, urlsplit(observation.url).hostname or "playground", look.privacy)
        image = log.save_image(observation.screenshot, look.layout)
        written = image and log.write(
            Interaction(
                "person",
                observation.url,
                observation.viewport,
                observation.dpr,
                image,
                candidate.box,
                question.action_type,
                candidate.element_type,
                candidate.text,
                question.html,
                locators=candidate.locators,
                summary=" ".join(sentence.split()),
                summary_source="person",
                private=candidate.state.private,
            )
        )
        if not written:
            raise ConfigError(log.problem or "there is no picture")
        return f"Kept as a label in {log.folder}."

    return record
