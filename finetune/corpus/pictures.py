"""Pictures that pages show: photographs, avatars, charts, maps and films, drawn as small SVGs at random."""

from base64 import b64encode
from collections.abc import Mapping
from random import Random

from magenta_qa.finetune.corpus.page import Picture

_SIZES = {
    "photo": (220, 140),
    "avatar": (32, 32),
    "chart": (420, 180),
    "map": (640, 380),
    "logo": (28, 28),
    "video": (720, 360),
}


def size_of(picture: Picture) -> tuple[int, int]:
    """Width and height in CSS pixels."""
    width, height = _SIZES[picture.kind]
    return picture.width or width, picture.height or height


def data_uri(picture: Picture, colors: Mapping[str, str], r: Random) -> str:
    """The picture as an address that needs no server."""
    width, height = size_of(picture)
    shapes = {"photo": _photo, "avatar": _avatar, "chart": _chart, "map": _map, "logo": _logo, "video": _video}
    body = shapes[picture.kind](width, height, picture.name, colors, r)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{body}</svg>'
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _hue(r: Random, light: int = 60) -> str:
    return f"hsl({r.randrange(360)},{r.randrange(20, 70)}%,{light}%)"


def _photo(width: int, height: int, name: str, colors: Mapping[str, str], r: Random) -> str:
    parts = [f'<rect width="{width}" height="{height}" fill="{_hue(r, r.randrange(70, 92))}"/>']
    for _ in range(r.randrange(1, 4)):
        x, y, size = r.randrange(width), r.randrange(height), r.randrange(height // 5, height)
        color, light = _hue(r, r.randrange(30, 70)), r.randrange(20, 60)
        form = r.choice(["circle", "rect", "hill", "bottle"])
        if form == "circle":
            parts.append(f'<circle cx="{x}" cy="{y}" r="{size // 2}" fill="{color}"/>')
        elif form == "rect":
            parts.append(
                f'<rect x="{x - size // 2}" y="{y - size // 2}" width="{size}" height="{size}" rx="{size // 8}" fill="{color}"/>'
            )
        elif form == "hill":
            parts.append(f'<path d="M0 {height} L{x} {y} L{width} {height}Z" fill="{_hue(r, light)}"/>')
        else:
            parts.append(
                f'<path d="M{width * 2 // 5} {height}V{height // 2}l{width // 20} -{height // 4}h{width // 10}l{width // 20} {height // 4}V{height}Z" fill="{color}"/>'
            )
    return "".join(parts)


def _avatar(width: int, height: int, name: str, colors: Mapping[str, str], r: Random) -> str:
    back = _hue(r, 45)
    if r.random() < 0.6:
        letters = "".join(word[0] for word in name.split()[:2]).upper()
        text = f'<text x="50%" y="55%" font-family="sans-serif" font-size="{height * 2 // 5}" fill="#fff" text-anchor="middle" dominant-baseline="middle">{letters}</text>'
        return f'<rect width="{width}" height="{height}" fill="{back}"/>{text}'
    head = f'<circle cx="{width // 2}" cy="{height * 2 // 5}" r="{height // 5}" fill="{_hue(r, 80)}"/>'
    return f'<rect width="{width}" height="{height}" fill="{back}"/>{head}<circle cx="{width // 2}" cy="{height}" r="{height * 2 // 5}" fill="{_hue(r, 70)}"/>'


def _chart(width: int, height: int, name: str, colors: Mapping[str, str], r: Random) -> str:
    values = [r.uniform(0.15, 0.95) for _ in range(r.randrange(6, 14))]
    step = width / len(values)
    if r.random() < 0.5:
        return "".join(
            f'<rect x="{n * step + 3:.0f}" y="{height * (1 - v):.0f}" width="{step - 6:.0f}" height="{height * v:.0f}" fill="{colors["brand"]}"/>'
            for n, v in enumerate(values)
        )
    points = " ".join(f"{n * step + step / 2:.0f},{height * (1 - v):.0f}" for n, v in enumerate(values))
    return f'<polyline points="{points}" fill="none" stroke="{colors["brand"]}" stroke-width="3"/><path d="M0 {height - 1}H{width}" stroke="{colors["line"]}"/>'


def _map(width: int, height: int, name: str, colors: Mapping[str, str], r: Random) -> str:
    parts = [f'<rect width="{width}" height="{height}" fill="hsl(90,25%,{r.randrange(80, 90)}%)"/>']
    parts.append(
        f'<path d="M0 {r.randrange(height)} Q{width // 2} {r.randrange(height)} {width} {r.randrange(height)} V{height} H0Z" fill="hsl(205,50%,75%)"/>'
    )
    for _ in range(r.randrange(5, 11)):
        ends = r.randrange(width), r.randrange(width), r.randrange(height), r.randrange(height)
        path = f"M{ends[0]} 0 L{ends[1]} {height}" if r.random() < 0.5 else f"M0 {ends[2]} L{width} {ends[3]}"
        parts.append(f'<path d="{path}" stroke="#fff" stroke-width="{r.choice([2, 4, 8])}" fill="none"/>')
    return "".join(parts)


def _logo(width: int, height: int, name: str, colors: Mapping[str, str], r: Random) -> str:
    form = r.choice(
        [
            '<circle cx="14" cy="14" r="12" fill="{}"/>',
            '<path d="M14 2 L26 26 H2Z" fill="{}"/>',
            '<rect x="3" y="3" width="22" height="22" rx="6" fill="{}"/>',
        ]
    )
    return form.format(_hue(r, 50))


def _video(width: int, height: int, name: str, colors: Mapping[str, str], r: Random) -> str:
    scene = _photo(width, height, name, colors, r)
    return scene + f'<rect width="{width}" height="{height}" fill="#000" opacity=".35"/>'
