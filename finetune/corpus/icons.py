"""What icons look like: a concept such as "trash" as the shapes of one of the icon sets.

    icons = IconSet("tabler", node_modules, Random("site 17"))
    icons.find("trash")      -> Icon(name="trash", view_box="0 0 24 24", body='<path fill="none" stroke=…/>')

A site keeps to one set and one variant of it (outline, filled). A concept lists the names that sets use for it, the
best first; a set that has none of them has no icon for it, and the page shows text instead.
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from random import Random

from magenta_qa.model.errors import MagentaError

HELD_OUT = frozenset({"iconoir", "carbon", "fluent"})
"""Sets that no training page uses."""

CONCEPTS = {
    "trash": "trash trash-2 trash-can trash-bin-trash delete bin trash-alt delete-bin trash-bin-minimalistic",
    "edit": "pencil edit pen pencil-line edit-2 pencil-square pen-new-square pencil-alt edit-pencil create",
    "close": "xmark x close times x-lg x-mark close-circle cancel dismiss",
    "check": "check check-lg checkmark done tick check-mark",
    "plus": "plus add plus-lg add-line add-circle plus-circle",
    "minus": "minus dash subtract remove minus-circle dash-lg",
    "search": "search magnify magnifying-glass magnifer search-outline",
    "cart": "shopping-cart cart shopping-cart-2 cart-shopping cart-large basket shopping-bag",
    "heart": "heart favorite heart-outline",
    "star": "star star-outline grade favorite",
    "bell": "bell notification notifications bell-outline alert",
    "menu": "menu list hamburger-menu bars menu-2 three-bars navigation",
    "settings": "settings cog gear cog-6-tooth setting sliders settings-outline cog-outline",
    "user": "user person account user-circle account-circle profile",
    "users": "users people group account-group user-group people-group users-group-rounded team user-multiple",
    "home": "home house home-2 house-door home-outline",
    "mail": "mail envelope email letter mail-outline",
    "send": "send paper-plane-tilt paper-plane send-plane plane paper-airplane send-2 plain",
    "reply": "reply arrow-bend-up-left corner-up-left arrow-reply corner-down-left share-forward arrow-back-up mail-reply",
    "forward": "forward arrow-bend-up-right corner-up-right share-forward arrow-forward arrow-forward-up",
    "archive": "archive archive-box inbox-archive package archive-outline archive-minimalistic",
    "download": "download arrow-down-tray download-2 arrow-download file-download cloud-download",
    "upload": "upload arrow-up-tray upload-2 arrow-upload file-upload cloud-upload",
    "print": "printer print printer-outline printer-2",
    "share": "share share-2 share-alt share-variant share-nodes share-network export",
    "copy": "copy content-copy files clipboard duplicate document-copy file-copy",
    "link": "link link-2 chain link-45deg insert-link",
    "image": "image photo picture gallery image-outline file-image",
    "attach": "paperclip attach-file attachment attach paper-clip paperclip-2",
    "emoji": "mood-smile smile emoticon-outline smiley face-smile emoji-smile emoji smile-circle happy",
    "mic": "microphone mic microphone-outline",
    "phone": "phone call telephone phone-outline",
    "video": "video video-camera camera-video videocam camera-movie vidicon",
    "calendar": "calendar calendar-outline calendar-month date-range calendar-event",
    "clock": "clock time clock-outline schedule access-time history",
    "filter": "filter funnel filter-list filter-outline",
    "sort": "arrows-sort sort arrows-down-up sort-down arrow-sort swap-vert sort-vertical switch-vertical arrows-sort-vertical",
    "refresh": "refresh rotate-cw arrow-clockwise reload arrow-path refresh-cw sync arrows-clockwise restart",
    "undo": "undo arrow-counterclockwise arrow-back-up corner-up-left arrow-undo undo-left arrow-uturn-left rotate-left",
    "redo": "redo arrow-forward-up corner-up-right arrow-redo undo-right arrow-uturn-right rotate-right redo-2",
    "bold": "bold text-bold format-bold type-bold text-bold-24",
    "italic": "italic text-italic format-italic type-italic",
    "underline": "underline text-underline format-underlined type-underline format-underline",
    "strike": "strikethrough text-strikethrough format-strikethrough strikethrough-s type-strikethrough",
    "list-ul": "list-ul list-bullet list-dashes format-list-bulleted list-bulleted list-unordered unordered-list text-bullet-list list",
    "list-ol": "list-ol list-numbers format-list-numbered list-numbered list-ordered ordered-list text-number-list-ltr numbered-list",
    "quote": "quote format-quote quotes double-quotes-l blockquote text-quote quote-alt quote-right quote-left chat-quote",
    "code": "code code-slash code-tags code-2 code-simple",
    "align-left": "align-left text-align-left format-align-left align-horizontal-left text-left",
    "align-center": "align-center text-align-center format-align-center text-center",
    "align-right": "align-right text-align-right format-align-right text-right",
    "play": "play play-fill play-arrow player-play play-circle",
    "pause": "pause pause-circle player-pause pause-outline",
    "next-track": "skip-next player-skip-forward skip-forward player-track-next skip-end forward-step next-filled step-forward skip-next-circle",
    "prev-track": "skip-previous player-skip-back skip-back player-track-prev skip-start backward-step previous-filled step-backward",
    "shuffle": "shuffle arrows-shuffle random shuffle-2 arrow-shuffle",
    "repeat": "repeat arrow-repeat repeat-all loop arrow-repeat-all",
    "volume": "volume volume-up volume-high speaker-high volume-2 speaker-2 sound speaker-wave volume-loud",
    "mute": "volume-off volume-mute speaker-slash volume-x volume-xmark speaker-off speaker-mute volume-3 volume-cross",
    "fullscreen": "fullscreen maximize arrows-fullscreen full-screen expand arrows-out arrow-maximize arrows-maximize",
    "zoom-in": "zoom-in magnifying-glass-plus magnify-plus magnifier-zoom-in magnifer-zoom-in search-plus magnifying-glass-plus-outline",
    "zoom-out": "zoom-out magnifying-glass-minus magnify-minus magnifier-zoom-out magnifer-zoom-out search-minus",
    "locate": "current-location crosshairs-gps my-location gps crosshair locate gps-fixed location-arrow focus-3 crosshairs",
    "layers": "layers stack layers-outline layer-group stack-2 layer",
    "pin": "map-pin map-marker location-on place geo-alt location-pin pin location map-point",
    "chevron-left": "chevron-left angle-left arrow-left-s caret-left alt-arrow-left nav-arrow-left chevron-back left-outlined left arrow-ios-back",
    "chevron-right": "chevron-right angle-right arrow-right-s caret-right alt-arrow-right nav-arrow-right chevron-forward right-outlined right",
    "chevron-down": "chevron-down angle-down arrow-down-s caret-down alt-arrow-down nav-arrow-down down-outlined down",
    "arrow-left": "arrow-left arrow-back arrow-left-outlined",
    "arrow-right": "arrow-right arrow-forward arrow-right-outlined",
    "more": "dots-vertical more-vertical ellipsis-vertical three-dots-vertical dots-three-vertical more-2 more-vert overflow-menu-vertical menu-dots kebab-horizontal more dots ellipsis",
    "eye": "eye visibility eye-outline view",
    "eye-off": "eye-off eye-slash visibility-off eye-closed view-off eye-invisible",
    "lock": "lock lock-outline lock-closed lock-password",
    "login": "login sign-in log-in box-arrow-in-right login-2 arrow-right-to-bracket enter",
    "logout": "logout sign-out log-out box-arrow-right logout-2 arrow-right-from-bracket exit",
    "folder": "folder folder-outline folder-2",
    "folder-plus": "folder-plus folder-add create-new-folder folder-simple-plus new-folder folder-new",
    "file": "file document file-text insert-drive-file file-earmark",
    "save": "device-floppy floppy-disk content-save save diskette floppy",
    "help": "help question-circle question-mark-circle help-circle question help-outline circle-help",
    "info": "info info-circle information info-square information-circle information-outline",
    "chart": "chart-bar bar-chart chart-line chart bar-chart-2 chart-box poll bar-chart-line analytics",
    "tag": "tag label tag-outline price-tag price-tag-3",
    "flag": "flag flag-outline flag-2",
    "bookmark": "bookmark bookmark-outline bookmark-border",
    "thumb-up": "thumb-up thumbs-up hand-thumbs-up hand-thumb-up like thumb-up-outline",
    "thumb-down": "thumb-down thumbs-down hand-thumbs-down hand-thumb-down dislike thumb-down-outline",
    "moon": "moon dark-mode moon-outline brightness-2 weather-night",
    "sun": "sun light-mode brightness sun-2 brightness-high weather-sunny white-balance-sunny",
    "globe": "globe world earth language global web",
    "key": "key vpn-key key-outline password",
    "card": "credit-card card payment bank-card credit-card-outline",
    "truck": "truck local-shipping delivery truck-outline van",
    "gift": "gift card-giftcard gift-outline redeem present",
    "grid": "layout-grid grid view-grid apps grid-outline squares-2x2 grid-alt view-module",
    "columns": "columns layout-columns view-column layout-three-columns columns-2 view-columns table-columns layout-split",
    "table": "table table-outline grid-on border-all",
    "drag": "grip-vertical drag-indicator dots-six-vertical draggable drag-vertical drag drag-move drag-handle",
    "pencil-ruler": "ruler pencil-ruler ruler-2 straighten",
    "comment": "message comment chat message-circle chat-bubble-left comment-outline chat-dots message-square",
    "bolt": "bolt lightning flash-on zap lightning-charge",
    "wrench": "wrench tool build tools screwdriver",
    "power": "power power-off power-settings-new",
    "database": "database storage cylinder data-base",
    "terminal": "terminal console terminal-2 command-line",
    "brush": "brush paint-brush palette paint-brush-alt",
    "crop": "crop crop-outline crop-simple",
    "rotate": "rotate-clockwise rotate-right rotate arrow-rotate-clockwise screen-rotation",
    "cut": "cut scissors content-cut",
    "paste": "clipboard content-paste paste clipboard-paste",
    "headphones": "headphones headset headphones-round headphone",
    "camera": "camera photo-camera camera-outline",
    "wallet": "wallet account-balance-wallet wallet-2",
    "briefcase": "briefcase work briefcase-outline",
    "map": "map map-outline map-2",
    "spam": "alert-octagon report exclamation-octagon alert-circle danger error warning-circle octagon-alert spam block",
    "translate": "language translate translation letters",
    "sidebar": "layout-sidebar sidebar panel-left sidebar-simple dock-left layout-sidebar-left-collapse sidebar-minimalistic",
    "history": "history clock-counter-clockwise restart time-machine clock-history counter-clockwise-clock",
}
_ENDINGS = {
    "tabler": ("", "-filled"),
    "ph": ("-bold", "", "-fill", "-duotone"),
    "bi": ("", "-fill"),
    "heroicons": ("", "-solid", "-20-solid"),
    "ri": ("-line", "-fill"),
    "ion": ("-outline", "", "-sharp"),
    "octicon": ("-16", "-24"),
    "ant-design": ("-outlined", "-filled", "-twotone"),
    "fluent": ("-24-regular", "-24-filled", "-20-filled"),
    "solar": ("-linear", "-bold", "-broken", "-outline"),
    "ic": ("", "", ""),
    "mdi": ("-outline", ""),
    "iconoir": ("", "-solid"),
    "mingcute": ("-line", "-fill"),
    "teenyicons": ("-outline", "-solid"),
    "mynaui": ("", "-solid"),
    "material-symbols": ("", "-rounded", "-outline", "-outline-rounded", "-sharp"),
    "material-symbols-light": ("", "-rounded", "-outline", "-sharp"),
    "majesticons": ("", "-line"),
    "flowbite": ("-outline", "-solid", ""),
    "clarity": ("-line", "-solid", ""),
    "tdesign": ("", "-filled"),
    "eva": ("-outline", "-fill"),
    "f7": ("", "-fill"),
    "basil": ("-outline", "-solid"),
    "si": ("-line", "-fill", "-duotone"),
    "lets-icons": ("", "-light", "-fill"),
    "cuida": ("-outline", ""),
    "iconamoon": ("", "-bold", "-fill", "-light", "-thin"),
    "gravity-ui": ("", "-fill"),
    "ix": ("", "-filled"),
    "mage": ("", "-fill"),
    "rivet-icons": ("", "-solid"),
}
_BEGINNINGS = {"ic": ("baseline-", "outline-", "round-"), "bx": ("", "bxs-")}


def _is_plain(name: str) -> bool:
    return len(name.split("-")) <= 3 and name.replace("-", "").isalpha()


@dataclass(frozen=True, slots=True)
class Icon:
    """One shape."""

    name: str
    view_box: str
    body: str


class IconSet:
    """The icons of one site.

    Args:
        name: Of the set.
        modules: Where npm has put it.
        r: Chooses the variant.
    """

    def __init__(self, name: str, modules: Path, r: Random) -> None:
        self.name = name
        self._icons, self._size = _load(str(modules / "@iconify-json" / name / "icons.json"))
        variants = max(len(_ENDINGS.get(name, ("",))), len(_BEGINNINGS.get(name, ("",))))
        self._variant = r.randrange(variants)
        self._found: dict[str, Icon | None] = {}

    def find(self, concept: str) -> Icon | None:
        """The icon of a concept; None where the set has none."""
        if concept not in self._found:
            self._found[concept] = self._search(concept)
        return self._found[concept]

    def any(self, r: Random) -> Icon:
        """Any icon of the set, with a name of at most three plain words, sizes and variants aside."""
        while True:
            name = r.choice(self._names)
            if name in self._plain:
                return self._icon(name)

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self._icons)

    @cached_property
    def _plain(self) -> set[str]:
        """Names of at most three words; where the set has a size in every name, those that are such without it."""
        plain = {name for name in self._icons if _is_plain(name)}
        endings = tuple(ending for ending in _ENDINGS.get(self.name, ()) if ending)
        sized = {name for name in self._icons for ending in endings if _is_plain(name.removesuffix(ending))}
        if not plain | sized:
            raise MagentaError(f"icon set {self.name!r} has no icon with a plain name; leave it out of the corpus")
        return plain or sized

    def _search(self, concept: str) -> Icon | None:
        endings, beginnings = _ENDINGS.get(self.name, ("",)), _BEGINNINGS.get(self.name, ("",))
        own = endings[self._variant % len(endings)], beginnings[self._variant % len(beginnings)]
        forms = [own, *((e, b) for e in endings for b in beginnings), ("", "")]
        for ending, beginning in forms:
            for word in CONCEPTS[concept].split():
                if f"{beginning}{word}{ending}" in self._icons:
                    return self._icon(f"{beginning}{word}{ending}")
        return None

    def _icon(self, name: str) -> Icon:
        found = self._icons[name]
        width, height = found.get("width", self._size[0]), found.get("height", self._size[1])
        left, top = found.get("left", 0), found.get("top", 0)
        return Icon(name, f"{left} {top} {width} {height}", found["body"])


@cache
def _load(path: str) -> tuple[dict[str, dict[str, str]], tuple[int, int]]:
    data = json.loads(Path(path).read_text("utf-8"))
    return data["icons"], (data.get("width", 16), data.get("height", 16))
