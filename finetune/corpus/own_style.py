"""Rules of a site that uses no framework: colours, corners, shadows and sizes at random, light or dark."""

import colorsys
from collections.abc import Mapping
from random import Random


def palette(r: Random, dark: bool) -> dict[str, str]:
    """Colours of a site: background, surface, text, muted, line, brand, and what is written on the brand's."""
    second = r.random()
    # Not magenta: that is what outlines are drawn in.
    hue = r.uniform(-0.1, 0.78) % 1.0
    strength = r.choice([0.0, 0.05, 0.1, 0.2])
    brand = _color(hue, r.uniform(0.45, 0.95), r.uniform(0.32, 0.5) if not dark else r.uniform(0.5, 0.65))
    light = {
        "back": _color(second, strength, r.uniform(0.95, 1.0)),
        "surface": "#ffffff" if r.random() < 0.7 else _color(second, strength, 0.98),
        "text": _color(second, strength, r.uniform(0.08, 0.22)),
        "muted": _color(second, strength, r.uniform(0.38, 0.5)),
        "line": _color(second, strength, r.uniform(0.8, 0.9)),
    }
    night = {
        "back": _color(second, strength, r.uniform(0.05, 0.1)),
        "surface": _color(second, strength, r.uniform(0.11, 0.16)),
        "text": _color(second, strength, r.uniform(0.85, 0.95)),
        "muted": _color(second, strength, r.uniform(0.6, 0.7)),
        "line": _color(second, strength, r.uniform(0.22, 0.3)),
    }
    side = r.choice(["brand", "surface", "surface", "ink"])
    chosen = night if dark else light
    bars = {"brand": (brand, "#ffffff"), "surface": (chosen["surface"], chosen["text"]), "ink": ("#1b2130", "#e8ecf4")}
    back, front = bars[side]
    return {
        **chosen,
        "brand": brand,
        "on-brand": "#ffffff",
        "bar": back,
        "on-bar": front,
        "bad": "#c93a3a",
        "good": "#2e8b57",
    }


def _color(hue: float, saturation: float, lightness: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def own_rules(r: Random, colors: Mapping[str, str], compact: bool) -> str:
    """The style sheet of one site."""
    radius = r.choice([0, 2, 4, 6, 8, 12, 20])
    pad = (3, 8) if compact else r.choice([(6, 12), (8, 16), (10, 20)])
    border = r.choice([0, 1, 1, 2])
    shadow = r.choice(["none", "0 1px 2px rgba(0,0,0,.12)", "0 4px 14px rgba(0,0,0,.12)", "none"])
    line, brand, surface = colors["line"], colors["brand"], colors["surface"]
    plain = r.choice(
        [
            f"background:{surface};border:{max(border, 1)}px solid {line}",
            f"background:{line};border:0",
            f"background:transparent;border:1px solid {brand};color:{brand}",
        ]
    )
    filled = f"background:{brand};color:{colors['on-brand']};border-color:{brand}"
    if r.random() < 0.15:
        filled += f";background:linear-gradient({brand},{colors['text']})"
    weight = r.choice([400, 500, 600, 700])
    upper = "text-transform:uppercase;letter-spacing:.04em;" if r.random() < 0.12 else ""
    head = r.choice(
        [f"background:{colors['back']}", "background:transparent", f"border-bottom:2px solid {colors['text']}"]
    )
    field = r.choice(
        [
            f"border:1px solid {line}",
            f"border:0;border-bottom:2px solid {line}",
            f"border:2px solid {line}",
            f"border:1px solid {colors['muted']}",
        ]
    )
    return f"""*{{box-sizing:border-box}}body{{background:{colors["back"]};color:{colors["text"]};line-height:1.45}}
a{{color:{brand};text-decoration:{r.choice(["none", "underline"])}}}
h1{{font-size:{r.choice(["1.4em", "1.7em", "2em"])};line-height:1.2}}h2{{font-size:1.2em}}h3{{font-size:1.05em}}
.btn{{display:inline-flex;align-items:center;justify-content:center;gap:6px;padding:{pad[0]}px {pad[1]}px;border-radius:{radius}px;
 font:inherit;font-weight:{weight};{upper}color:{colors["text"]};cursor:pointer;text-decoration:none;box-shadow:{shadow};{plain}}}
.btn-primary{{{filled}}}.btn-danger{{color:#fff;background:{colors["bad"]};border-color:{colors["bad"]}}}
.btn-ghost{{background:transparent;border-color:transparent;box-shadow:none;color:{r.choice([colors["text"], colors["muted"], brand])}}}
.btn-small{{padding:{max(pad[0] - 3, 2)}px {max(pad[1] - 6, 4)}px;font-size:.92em}}.btn.active{{{filled}}}
.input{{padding:{pad[0]}px {max(pad[1] - 4, 6)}px;font:inherit;color:inherit;background:{surface};{field};border-radius:{min(radius, 8)}px;width:100%}}
.table{{width:100%;border-collapse:collapse;background:{surface}}}.table th{{text-align:left;{head};font-size:.92em}}
.table td,.table th{{padding:{pad[0]}px {pad[1]}px;border-bottom:1px solid {line}}}
{f".table tr:nth-child(even) td{{background:{colors['back']}}}" if r.random() < 0.4 else ""}
.card,.modal,.menu{{background:{surface};border:{border}px solid {line};border-radius:{min(radius, 14)}px;box-shadow:{shadow}}}
.badge{{display:inline-block;padding:1px 8px;border-radius:{radius}px;background:{line};font-size:.82em}}
.alert{{background:{surface};border-left:4px solid {brand}}}.row-item{{border-bottom:1px solid {line};background:{surface}}}
.tab{{padding:{pad[0]}px {pad[1]}px;border:0;background:none;font:inherit;color:{colors["muted"]};cursor:pointer;text-decoration:none}}
.tab.active{{color:{brand};{r.choice([f"border-bottom:2px solid {brand}", f"background:{surface};border-radius:{radius}px", "font-weight:700"])}}}
.navlink{{display:flex;align-items:center;gap:8px;padding:{pad[0]}px {pad[1]}px;color:inherit;text-decoration:none;border-radius:{min(radius, 8)}px}}
.navlink.active{{background:{brand};color:#fff}}.menu-item{{padding:6px 10px;color:inherit;text-decoration:none;display:flex;gap:8px;align-items:center;border-radius:4px}}
.on-bar .btn-ghost,.on-bar a:not(.btn),.on-bar .muted{{color:inherit}}
.page-no{{padding:4px 10px;color:inherit;text-decoration:none;border-radius:{radius}px}}.page-no.active{{{filled}}}"""
