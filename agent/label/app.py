"""The page of `magenta label` and what it asks for, as an ASGI application.

    GET  /                          the page
    GET  /next?by=Ada               {"item": {…} | null, "progress": {…}}
    GET  /held?by=Ada&id=5e…        {"progress": {…}}: the item stays lent to her
    POST /judge                     {"by", "id", "verdict", "summary"} -> the same for the next item
    POST /undo                      {"by"} -> the same for the item that is judged anew
    GET  /picture/ID/page | crop    the screenshot, the element outlined

What a logged page has written is data here: the page shows it as text, and may load nothing from anywhere else.
"""

import io
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from PIL import Image
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from magenta_qa.agent.label.desk import Desk, Offer, Refused
from magenta_qa.agent.label.items import Item, LabelLog
from magenta_qa.agent.label.judgement import Name, Opinion
from magenta_qa.agent.local_page import guards
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.picture import Views
from magenta_qa.model.schema import Box, View

PAGE = Path(__file__).with_name("static")
_LOADS = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class _Said(BaseModel):
    by: Name
    id: str
    verdict: Opinion
    summary: Annotated[str, StringConstraints(max_length=5000)] | None = None


class _Who(BaseModel):
    by: Name


class LabelApp:
    """The routes.

    Args:
        labels: The log.
        desk: Hands out its items.
    """

    def __init__(self, labels: LabelLog, desk: Desk) -> None:
        self._labels, self._desk = labels, desk

    def routes(self) -> list[Route | Mount]:
        """All of them."""
        return [
            Route("/", self._page),
            Route("/next", self._next),
            Route("/held", self._held),
            Route("/judge", self._judge, methods=["POST"]),
            Route("/undo", self._undo, methods=["POST"]),
            Route("/picture/{id}/{view}", self._picture),
            Mount("/static", StaticFiles(directory=PAGE, follow_symlink=True)),
        ]

    async def _page(self, _: Request) -> Response:
        return Response((PAGE / "label.html").read_bytes(), media_type="text/html")

    async def _next(self, request: Request) -> Response:
        by = _NAME.validate_python(request.query_params.get("by", ""))
        skip = [each for each in request.query_params.get("skip", "").split(",") if each]
        return self._answer(self._desk.next(by, skip))

    async def _held(self, request: Request) -> Response:
        by = _NAME.validate_python(request.query_params.get("by", ""))
        self._desk.hold(by, request.query_params.get("id", ""))
        return JSONResponse({"progress": self._progress()})

    async def _judge(self, request: Request) -> Response:
        said = _Said.model_validate_json(await request.body())
        kept = self._desk.judge(said.by, said.id, said.verdict, said.summary)
        changed = kept.summary != " ".join((said.summary or "").split()) if said.verdict == "edited" else False
        note = "Something private was masked in your sentence." if changed else ""
        return self._answer(self._desk.next(said.by), note)

    async def _undo(self, request: Request) -> Response:
        return self._answer(self._desk.undo(_Who.model_validate_json(await request.body()).by))

    def _answer(self, offer: Offer | None, note: str = "") -> Response:
        item = None if offer is None else self._told(offer)
        return JSONResponse({"item": item, "progress": self._progress(), "note": note})

    def _progress(self) -> dict[str, Any]:
        progress = self._desk.progress()
        found = progress.agreement
        figures = asdict(found) | {"percent": found.percent, "kappa": found.kappa}
        return {**asdict(progress), "agreement": figures}

    def _told(self, offer: Offer) -> dict[str, Any]:
        line = self._labels.line(offer.item)
        facts = line.model_dump(exclude={"judgement", "image"})
        others = [{"by": each.by, "verdict": each.verdict, "summary": each.summary} for each in offer.others]
        return {**facts, "why": offer.why, "others": others, "draft": offer.draft}

    async def _picture(self, request: Request) -> Response:
        item = self._labels.items.get(request.path_params["id"])
        if item is None:
            return PlainTextResponse("no such interaction", 404)
        content = await run_in_threadpool(self._draw, item, request.path_params["view"] == "crop")
        return Response(content, media_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})

    def _draw(self, item: Item, crop: bool) -> bytes:
        line = self._labels.line(item)
        views = Views(self._labels.picture(item), line.viewport, View())
        image = views.outlined(Box(*line.box)) if crop else views.page(Box(*line.box))
        return _webp(image)


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "WEBP", quality=90, method=0)
    return out.getvalue()


async def _refused(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 409)


async def _invalid(_: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
    place = ".".join(map(str, first["loc"])) or "your name"
    return JSONResponse({"error": f"{place}: {first['msg']}"}, 400)


async def _not_kept(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"not kept: {error}; your sentence is still here, try again"}, 507)


def build_app(labels: LabelLog, desk: Desk, *, key: str | None = None) -> Starlette:
    """The application.

    Args:
        labels: The log.
        desk: Hands out its items.
        key: Wanted from everybody; None for none.
    """
    handlers = {Refused: _refused, ValidationError: _invalid, MagentaError: _refused, OSError: _not_kept}
    routes = LabelApp(labels, desk).routes()
    return Starlette(routes=routes, middleware=guards(_LOADS, key), exception_handlers=handlers)
