"""How a site looks and how its HTML is written: drawn once for a site, the same for all of its pages.

    style = make_style(Random("site 17"), split="train", modules)
    style.css                            # the framework's, the fonts' and the site's own rules
    style.names.of("toolbar")            # -> "c-toolbar", "Toolbar_root__x3kQ9", "flex items-center gap-2" …
    style.icons.find("trash")            # shapes

Layout is the site's own with every framework; only its class names change from site to site: plain, BEM, CSS modules,
utility classes, or none at all with the rules in `style` attributes.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

from magenta_qa.finetune.corpus.fetch import FONTS, ICON_SETS
from magenta_qa.finetune.corpus.frameworks import FRAMEWORKS, Framework
from magenta_qa.finetune.corpus.frameworks import HELD_OUT as HELD_OUT_FRAMEWORKS
from magenta_qa.finetune.corpus.icons import HELD_OUT as HELD_OUT_ICONS
from magenta_qa.finetune.corpus.icons import IconSet
from magenta_qa.finetune.corpus.own_style import own_rules, palette

Naming = Literal["plain", "bem", "modules", "utility", "inline"]
IconForm = Literal["svg", "bare", "font", "sprite", "mask", "image"]

LAYOUT = {
    "row": "display:flex;align-items:center;gap:{gap}px;flex-wrap:wrap",
    "between": "display:flex;align-items:center;justify-content:space-between;gap:{gap}px",
    "column": "display:flex;flex-direction:column;gap:{gap}px",
    "grid": "display:grid;grid-template-columns:repeat(auto-fill,minmax({card}px,1fr));gap:{wide}px",
    "form": "display:flex;flex-direction:column;gap:{gap}px;max-width:560px",
    "fields": "display:grid;grid-template-columns:1fr 1fr;gap:{gap}px {wide}px",
    "field": "display:flex;flex-direction:column;gap:4px",
    "card": "display:flex;flex-direction:column;gap:{gap}px;padding:{pad}px;min-width:0",
    "toolbar": "display:flex;align-items:center;gap:{tight}px;flex-wrap:wrap",
    "list": "display:flex;flex-direction:column;list-style:none;margin:0;padding:0",
    "item": "display:flex;align-items:center;gap:{gap}px;padding:{tight}px {pad}px",
    "split": "display:flex;flex-wrap:wrap;gap:{wide}px;align-items:flex-start",
    "aside": "flex:0 0 220px;display:flex;flex-direction:column;gap:{gap}px",
    "main": "flex:1 1 300px;min-width:0;overflow-x:auto;display:flex;flex-direction:column;gap:{wide}px",
    "hero": "display:flex;flex-direction:column;align-items:center;text-align:center;gap:{gap}px;padding:{wide}px",
    "board": "display:flex;gap:{gap}px;align-items:flex-start;overflow:hidden",
    "lane": "flex:1 1 0;min-width:180px;display:flex;flex-direction:column;gap:{gap}px;padding:{tight}px",
    "pagination": "display:flex;gap:{tight}px;align-items:center;justify-content:center",
    "breadcrumb": "display:flex;gap:8px;align-items:center",
    "tabs": "display:flex;gap:{tight}px;flex-wrap:wrap",
    "menu": "display:flex;flex-direction:column;gap:2px;width:max-content;min-width:180px;padding:6px",
    "dialog": "width:min(480px,90vw);padding:{wide}px;display:flex;flex-direction:column;gap:{gap}px",
    "backdrop": "position:fixed;inset:0;display:flex;align-items:center;justify-content:center;background:rgba(0,0,0,.45);z-index:900",
    "center": "display:flex;flex-direction:column;align-items:center;justify-content:center;min-height:78vh;gap:{gap}px",
    "alert": "display:flex;align-items:center;justify-content:space-between;gap:{gap}px;padding:{gap}px {pad}px",
    "bar": "display:flex;align-items:center;gap:{gap}px;padding:{tight}px {pad}px",
    "canvas": "position:relative;min-height:340px;display:flex;flex-direction:column;gap:{tight}px",
    "shell": "display:flex;min-height:100vh;align-items:stretch",
    "header": "display:flex;align-items:center;gap:{gap}px;padding:{tight}px {wide}px;min-height:52px",
    "side": "flex:0 0 {side}px;display:flex;flex-direction:column;gap:{tight}px;padding:{gap}px",
    "content": "flex:1;min-width:0;padding:{wide}px;display:flex;flex-direction:column;gap:{wide}px",
    "page": "max-width:1120px;margin:0 auto;padding:{wide}px;display:flex;flex-direction:column;gap:{wide}px",
    "nav": "display:flex;align-items:center;gap:{tight}px",
    "sidenav": "display:flex;flex-direction:column;gap:2px",
    "branch": "display:flex;flex-direction:column;gap:2px;padding-left:{wide}px;align-items:flex-start",
    "footer": "display:flex;flex-wrap:wrap;align-items:center;gap:{wide}px;padding:{wide}px;font-size:.92em",
    "grow": "flex:1",
    "media": "display:block;object-fit:cover;max-width:100%",
    "week": "display:grid;grid-template-columns:repeat(7,1fr);gap:1px",
    "sheet": "display:grid;gap:0",
}


@dataclass(slots=True)
class Names:
    """Class names of the layout, and the rules that go with them as they are used."""

    naming: Naming
    prefix: str
    numbers: Mapping[str, int]
    seed: int
    used: dict[str, str] = field(default_factory=dict)

    def attributes(self, part: str) -> dict[str, str]:
        """`class` or `style` of a part of the layout."""
        rules = LAYOUT[part].format(**self.numbers)
        if self.naming == "inline":
            return {"style": rules}
        if self.naming == "utility":
            words = [self._utility(rule) for rule in rules.split(";")]
            return {"class": " ".join(words)}
        name = self._name(part)
        self.used[name] = rules
        return {"class": name}

    def css(self) -> str:
        """Rules of every name that was used."""
        return "".join(f".{escape_name(name)}{{{rules}}}" for name, rules in self.used.items())

    def _name(self, part: str) -> str:
        if self.naming == "modules":
            digest = _base36(hash_of(f"{self.seed}{part}"))[:5]
            return f"{part.capitalize()}_root__{digest}"
        return f"{self.prefix}{part}" if self.naming == "plain" else f"{self.prefix}__{part}"

    def _utility(self, rule: str) -> str:
        name = _UTILITIES.get(rule)
        if name is None:
            key, _, value = rule.partition(":")
            name = f"{key.replace('-', '')[:6]}-[{value.replace(' ', '_')}]"
        self.used[name] = rule
        return name


_UTILITIES = {
    "display:flex": "flex",
    "display:grid": "grid",
    "display:block": "block",
    "align-items:center": "items-center",
    "align-items:flex-start": "items-start",
    "justify-content:space-between": "justify-between",
    "justify-content:center": "justify-center",
    "flex-direction:column": "flex-col",
    "flex-wrap:wrap": "flex-wrap",
    "flex:1": "flex-1",
    "min-width:0": "min-w-0",
    "margin:0": "m-0",
    "padding:0": "p-0",
    "list-style:none": "list-none",
    "max-width:100%": "max-w-full",
    "text-align:center": "text-center",
    "position:relative": "relative",
    "min-height:100vh": "min-h-screen",
    **{f"gap:{size}px": f"gap-{size // 4 if size % 4 == 0 else f'[{size}px]'}" for size in range(2, 40)},
    **{f"padding:{size}px": f"p-{size // 4 if size % 4 == 0 else f'[{size}px]'}" for size in range(2, 40)},
}


@dataclass(slots=True)
class Style:
    """One site's."""

    framework_name: str
    framework: Framework
    theme: str
    dark: bool
    names: Names
    icons: IconSet
    icon_form: IconForm
    icon_px: int
    font: str
    font_px: int
    colors: dict[str, str]
    css: str
    mess: float
    """0: tidy HTML with names and labels; 1: as bad as it gets."""
    labels: Literal["for", "wrap", "above", "aria", "placeholder"]
    compact: bool
    seed: int
    html_attributes: dict[str, str] = field(default_factory=dict)

    def part(self, name: str) -> str:
        """The framework's class names of a part, or empty."""
        return self.framework.classes.get(name, "") if self.framework_name != "own" else OWN_CLASSES.get(name, "")


OWN_CLASSES = {
    "button.plain": "btn",
    "button.primary": "btn btn-primary",
    "button.danger": "btn btn-danger",
    "button.ghost": "btn btn-ghost",
    "small": "btn-small",
    "input": "input",
    "area": "input",
    "select": "input",
    "table": "table",
    "card": "card",
    "badge": "badge",
    "alert": "alert",
    "tab": "tab",
    "on": "active",
    "navlink": "navlink",
    "menu": "menu",
    "menuitem": "menu-item",
    "dialog": "modal",
    "item": "row-item",
    "page": "page-no",
}


def framework_names(held_out: bool) -> list[str]:
    """Frameworks to choose from: those held out, or all others; the sites' own styles count three times."""
    if held_out:
        return sorted(HELD_OUT_FRAMEWORKS)
    return [name for name in FRAMEWORKS if name not in HELD_OUT_FRAMEWORKS] + ["own"] * 8


def make_style(r: Random, modules: Path, *, new_framework: bool = False, new_icons: bool = False) -> Style:
    """A style at random.

    Args:
        r: Source of chance, the same for the same site.
        modules: Where npm has put its packages.
        new_framework: One that is held out from training.
        new_icons: The same for icons.
    """
    name = r.choice(framework_names(new_framework))
    framework = FRAMEWORKS[name]
    dark = r.random() < 0.3 and bool(framework.dark or framework.dark_themes)
    theme = r.choice(framework.dark_themes if dark and framework.dark_themes else framework.themes)
    sets = sorted(HELD_OUT_ICONS) if new_icons else [each for each in ICON_SETS if each not in HELD_OUT_ICONS]
    compact = r.random() < 0.4
    numbers = _numbers(r, compact)
    seed = r.randrange(1 << 30)
    naming: Naming = r.choice(["plain", "plain", "bem", "modules", "utility", "utility", "inline"])
    prefix = (
        r.choice(["c-", "app-", "ui-", "l-", "x-", ""])
        if naming == "plain"
        else r.choice(["page", "app", "view", "screen"])
    )
    colors = palette(r, dark)
    font = r.choice([*FONTS, *FONTS, "", ""])
    font_px = r.choice([12, 13, 14, 14, 14, 15, 16, 16, 18])
    parts = [read_css(str(modules / file.format(theme=theme))) for file in framework.files]
    if name == "own":
        parts.append(own_rules(r, colors, compact))
    if dark:
        parts.append(f"html{{color-scheme:dark}}body{{background:{colors['back']};color:{colors['text']}}}")
    parts.append(_site_rules(colors, font, font_px, framework, name, modules))
    return Style(
        framework_name=name,
        framework=framework,
        theme=theme,
        dark=dark,
        names=Names(naming, prefix, numbers, seed),
        icons=IconSet(r.choice(sets), modules, r),
        icon_form=r.choice(["svg", "svg", "bare", "bare", "font", "sprite", "mask", "image"]),
        icon_px=r.choice([14, 16, 16, 18, 20, 20, 24]),
        font=font,
        font_px=font_px,
        colors=colors,
        css="\n".join(parts),
        mess=r.choice([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        labels=r.choice(["for", "for", "for", "wrap", "above", "aria", "placeholder"]),
        compact=compact,
        seed=seed,
        html_attributes=dict(framework.dark) if dark and not framework.dark_themes else {},
    )


def _numbers(r: Random, compact: bool) -> dict[str, int]:
    base = r.choice([4, 6]) if compact else r.choice([8, 10, 12])
    return {
        "tight": base,
        "gap": base * 3 // 2,
        "pad": base * 2,
        "wide": base * 2 + 4,
        "card": r.choice([180, 210, 240, 280]),
        "side": r.choice([180, 200, 220, 248]),
    }


def _site_rules(
    colors: Mapping[str, str], font: str, font_px: int, framework: Framework, name: str, modules: Path
) -> str:
    family = f"'{font}',system-ui,sans-serif" if font else "system-ui,'DejaVu Sans',sans-serif"
    rules = [_font_face(font, str(modules)) if font else "", f"html{{font-size:{font_px}px}}"]
    rules.append(
        f"body{{margin:0;padding:0;max-width:none;width:auto;font-family:{family};font-size:{font_px}px;display:block}}"
    )
    # Frameworks that style bare elements stretch and space them for documents, not for applications.
    rules.append("header,main,nav,section,aside,article,footer{margin:0;max-width:none;width:auto}")
    rules.append("button,input,select,textarea,[role=button]{margin:0;width:auto;float:none}")
    rules.append(
        "input:not([type=checkbox]):not([type=radio]):not([type=range]),select,textarea{max-width:100%;min-width:0}"
    )
    rules.append(
        "[type=checkbox],[type=radio]{position:static;opacity:1;pointer-events:auto;appearance:auto;width:16px;height:16px}"
    )
    rules.append(
        "td,th{vertical-align:middle}svg{flex:none;vertical-align:middle}ul{margin:0}label{margin:0}h1,h2,h3,p{margin:0}"
    )
    rules.append(
        f".ico{{display:inline-block;background:currentColor;vertical-align:middle}}.muted{{color:{colors['muted']}}}"
    )
    # A look must not depend on how far a transition has come: the same seed gives the same pictures.
    rules.append("*,*::before,*::after{transition:none!important;animation:none!important;caret-color:transparent}")
    return "".join(rules)


@cache
def _font_face(font: str, modules: str) -> str:
    faces = []
    for weight in (400, 700):
        file = Path(modules) / "@fontsource" / font / "files" / f"{font}-latin-{weight}-normal.woff2"
        data = base64.b64encode(file.read_bytes()).decode()
        faces.append(
            f"@font-face{{font-family:'{font}';font-weight:{weight};src:url(data:font/woff2;base64,{data}) format('woff2')}}"
        )
    return "".join(faces)


@cache
def read_css(path: str) -> str:
    """A style sheet without what would be loaded from elsewhere."""
    text = Path(path).read_text("utf-8").removeprefix("\ufeff")
    # Addresses of fonts have semicolons in them.
    text = re.sub(r"@import\s*(?:url\([^)]*\)|\"[^\"]*\"|'[^']*')[^;]*;|@charset[^;]+;", "", text)
    text = re.sub(r"@font-face\s*\{[^}]*\}", "", text)
    return text.replace("</", "<\\/")


def escape_name(name: str) -> str:
    """A class name as a selector."""
    return re.sub(r"([^\w-])", r"\\\1", name)


def hash_of(text: str) -> int:
    """The same number for the same text in every process."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    made = ""
    while number:
        number, rest = divmod(number, len(digits))
        made += digits[rest]
    return made or "0"
