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

from magenta_qa.finetune.corpus.hands import Hand
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
    "settings": "settings cog gear cog-6-tooth setting settings-outline cog-outline",
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
    "share": "share share-2 share-alt share-variant share-nodes share-network",
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
    "brush": "brush paint-brush paint-brush-alt",
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
    "chevron-up": "chevron-up angle-up arrow-up-s caret-up alt-arrow-up nav-arrow-up up-outlined up",
    "arrow-up": "arrow-up arrow-upward arrow-up-outlined",
    "arrow-down": "arrow-down arrow-downward arrow-down-outlined",
    "chevrons-left": "chevrons-left chevron-double-left angles-left angle-double-left first-page page-first caret-double-left double-left double-alt-arrow-left fast-arrow-left",
    "chevrons-right": "chevrons-right chevron-double-right angles-right angle-double-right last-page page-last caret-double-right double-right double-alt-arrow-right fast-arrow-right",
    "unfold": "selector unfold-more chevron-expand chevron-up-down caret-up-down chevrons-up-down code-vertical unfold expand-up-down up-down",
    "fold": "unfold-less chevron-contract chevrons-down-up fold fold-vertical collapse-all collapse",
    "external-link": "external-link open-in-new box-arrow-up-right arrow-top-right-on-square launch arrow-square-out link-external square-arrow-out-up-right arrow-up-right-from-square square-top-down open external-link-alt",
    "stop": "stop player-stop stop-circle stop-outline circle-stop stop-filled",
    "record": "record record-circle player-record fiber-manual-record record-rec circle-dot record-btn recording",
    "check-circle": "check-circle circle-check check-circle-outline checkmark-circle tick-circle checkbox-circle check-one checkmark-outline",
    "check-all": "checks check-all done-all check-double check-read checkmark-done",
    "checkbox": "square-check checkbox check-square check-box checkbox-checked checkbox-outline checkbox-marked-outline",
    "select-all": "select-all select-all-on selection-all checkbox-multiple-marked-outline",
    "ban": "ban block prohibit slash-circle circle-slash forbid forbidden-circle no-symbol not-allowed prohibited do-not-disturb",
    "unlock": "unlock lock-open lock-open-variant unlocked lock-unlocked lock-simple-open unlock-alt lock-keyhole-unlocked lock-open-outline",
    "shield": "shield shield-outline security shield-check shield-halved",
    "fingerprint": "fingerprint finger-print fingerprint-simple",
    "id-card": "id-card id identification badge contact-card card-account-details user-id contacts address-card",
    "user-plus": "user-plus user-add person-add account-plus add-user user-follow person-plus user-plus-rounded user-new",
    "user-minus": "user-minus user-x user-remove person-remove account-minus account-remove user-xmark person-delete user-unfollow person-dash",
    "user-check": "user-check person-check account-check user-tick user-check-rounded how-to-reg",
    "user-cog": "user-cog account-cog user-settings manage-accounts person-gear user-gear person-settings",
    "bug": "bug bug-outline bug-report bug-ant debug",
    "branch": "git-branch source-branch branch code-branch branches",
    "merge": "git-merge merge source-merge code-merge call-merge arrow-merge",
    "fork": "git-fork repo-forked source-fork code-fork fork",
    "commit": "git-commit source-commit commit code-commit",
    "pull-request": "git-pull-request source-pull code-pull-request pull-request",
    "rss": "rss rss-feed feed rss-simple rss-outline",
    "wifi": "wifi wifi-high wireless wifi-outline",
    "network": "network lan network-wired hub topology network-outline",
    "bluetooth": "bluetooth bluetooth-outline",
    "battery": "battery battery-full battery-outline battery-high battery-100 battery-3",
    "plug": "plug power-plug plug-outline power-cord plug-connected connect plug-circle",
    "unlink": "unlink link-off link-break link-slash link-broken link-dismiss",
    "palette": "palette color-palette swatch color-lens palette-outline",
    "eyedropper": "eyedropper color-picker pipette eye-dropper colorize eyedrop dropper sip",
    "fill": "paint-bucket format-color-fill color-fill bucket paint-fill fill-drip fill paint-bucket-simple",
    "text-color": "format-color-text text-color font-color text-color-24",
    "highlight": "highlighter highlight format-color-highlight marker highlighter-circle mark-pen",
    "eraser": "eraser erase eraser-outline eraser-fill",
    "clear-format": "clear-formatting format-clear text-clear-formatting clear-format remove-formatting format-clear-all",
    "heading": "heading format-header-1 h-1 text-h-one text-h1 type-h1 heading-1 h1 header-1 text-header",
    "text-size": "text-size format-size text-font-size font-size text-increase text-aa a-large-small letter-case",
    "text": "typography type text format-text text-t letter-t text-fields title font text-tool",
    "indent": "indent indent-increase format-indent-increase text-indent text-indent-left indent-right text-indent-increase list-indent-increase",
    "outdent": "outdent indent-decrease format-indent-decrease text-outdent unindent indent-left text-indent-decrease list-indent-decrease text-indent-right",
    "superscript": "superscript format-superscript text-superscript",
    "subscript": "subscript format-subscript text-subscript",
    "align-justify": "align-justified align-justify text-align-justify format-align-justify text-justify justify",
    "checklist": "list-check checklist list-checks format-list-checks task-list-ltr tasks playlist-check todo list-todo",
    "wrap": "text-wrap wrap-text word-wrap format-text-wrapping-wrap text-wrap-outline",
    "formula": "math-function function functions sigma sum math formula function-variant",
    "braces": "braces code-braces curly-braces brackets-curly code-json data-object json brackets",
    "match-case": "match-case case-sensitive format-letter-case letter-case",
    "replace": "replace find-replace arrow-replace replace-all",
    "exit-fullscreen": "fullscreen-exit arrows-minimize minimize compress arrows-in exit-fullscreen contract arrow-minimize arrows-angle-contract minimize-square fullscreen-collapse",
    "picture-in-picture": "picture-in-picture pip picture-in-picture-on",
    "cast": "cast screencast cast-outline airplay chromecast",
    "screen-share": "screen-share share-screen monitor-share share-screen-start monitor-up present-to-all screen-share-outline presentation",
    "subtitles": "subtitles closed-captioning closed-caption badge-cc captions cc closed-caption-outline",
    "rewind": "rewind fast-rewind player-track-prev backward rewind-outline rewind-circle",
    "fast-forward": "fast-forward player-track-next forward-fast fast-forward-outline fast-forward-circle speed-fill",
    "playlist": "playlist playlist-add playlist-plus playlist-music queue-music music-list queue",
    "music": "music music-note musical-note music-note-beamed musical-notes music-notes note-music",
    "film": "film movie film-strip movie-open clapperboard film-reel",
    "gamepad": "gamepad device-gamepad game-controller sports-esports controller xbox-controller gaming",
    "mic-off": "microphone-off mic-off microphone-slash mic-mute mic-slash mute-microphone",
    "video-off": "video-off video-slash videocam-off camera-video-off video-camera-slash vidicon-off",
    "hang-up": "phone-off phone-hangup call-end phone-x phone-down telephone-x phone-slash call-cancel phone-disconnect",
    "hand": "hand-stop hand hand-raised back-hand hand-palm raise-hand hand-front-right hand-back-left",
    "headset": "headset-mic support-agent lifebuoy life-ring help-buoy support customer-service lifebuoy-outline",
    "cloud": "cloud cloud-outline",
    "server": "server dns hdd-stack server-outline server-2 hdd-rack servers bare-metal-server",
    "disk": "hard-drive harddisk hdd hard-drives server-square hard-disk device-ssd",
    "chip": "cpu chip cpu-chip processor microchip memory developer-board cpu-outline developer-board-outline",
    "desktop": "device-desktop desktop monitor display computer computer-desktop desktop-outline laptop device-laptop",
    "mobile": "device-mobile smartphone mobile cellphone phone-portrait device-phone-mobile phone-mobile mobile-screen-button mobile-alt",
    "tablet": "device-tablet tablet tablet-portrait ipad device-tablet-speaker tablet-android",
    "keyboard": "keyboard keyboard-outline",
    "barcode": "barcode upc barcode-outline upc-scan bar-code",
    "qr-code": "qrcode qr-code qr-code-outline qr-code-scan",
    "scan": "scan line-scan scan-outline scanner viewfinder",
    "calculator": "calculator calculate calculator-outline",
    "percent": "percentage percent percent-outline discount badge-percent receipt-percent sale",
    "money": "cash money currency-dollar banknotes cash-stack attach-money money-bill dollar dollar-sign coin coins banknote",
    "receipt": "receipt invoice receipt-outline bill bill-list file-invoice receipt-long receipt-text file-dollar",
    "bank": "building-bank bank account-balance landmark building-library building-columns bank-outline",
    "building": "building office-building building-2 building-office apartment building-outline buildings city domain",
    "shop": "building-store store shop storefront building-storefront store-outline shop-outline",
    "bag": "bag shopping-bag handbag bag-2 local-mall bag-handle bag-shopping tote",
    "package": "package box cube box-seam package-variant box-outline inventory-2",
    "scales": "scale scales balance scale-balance balance-scale-left law balance-scale",
    "swap": "arrows-left-right swap-horizontal swap-horiz arrow-left-right switch-horizontal arrows-right-left exchange transfer-horizontal compare-arrows arrow-swap right-left swap",
    "trophy": "trophy emoji-events cup trophy-outline trophy-fill",
    "medal": "medal award military-tech ribbon badge medal-outline rosette",
    "crown": "crown crown-outline vip-crown diamond",
    "cake": "cake birthday-cake cake-variant cake-outline",
    "coffee": "coffee cafe cup-hot local-cafe mug-hot cup tea",
    "food": "tools-kitchen-2 restaurant fork-knife silverware-fork-knife utensils food restaurant-outline",
    "plane": "airplane flight plane-departure airplane-takeoff plane-up flight-takeoff airplane-outline",
    "car": "car directions-car car-front car-outline car-side automobile",
    "bus": "bus directions-bus bus-front train bus-outline",
    "bike": "bike bicycle directions-bike pedal-bike",
    "bed": "bed hotel bed-outline bed-single",
    "ticket": "ticket confirmation-number ticket-outline ticket-alt ticket-perforated coupon",
    "compass": "compass explore compass-outline",
    "route": "route directions signpost road sign-turn-right route-outline path directions-fork",
    "book": "book book-open open-book book-2 menu-book book-outline book-open-page-variant notebook",
    "school": "school graduation-cap mortarboard academic-cap student hat-graduation education school-outline",
    "news": "news newspaper article newspaper-outline newspaper-variant",
    "note": "note sticky-note notes sticky note-sticky note-text note-outline note-2",
    "clipboard-list": "clipboard-list clipboard-text assignment list-clipboard clipboard-document-list clipboard-data clipboard-task-list-ltr",
    "calendar-plus": "calendar-plus calendar-add calendar-add-on",
    "alarm": "alarm alarm-clock alarm-outline clock-alarm",
    "stopwatch": "stopwatch timer hourglass timer-outline stopwatch-outline watch-later",
    "puzzle": "puzzle puzzle-piece extension puzzle-outline plugin add-ons",
    "wand": "wand magic-wand auto-fix magic auto-fix-high wand-magic-sparkles magic-stick-3",
    "sparkles": "sparkles sparkle auto-awesome stars creation magic-star shine",
    "robot": "robot smart-toy bot robot-outline bot-message-square robot-2",
    "bulb": "bulb lightbulb light-bulb lightbulb-outline idea lightbulb-on",
    "target": "target bullseye target-arrow target-outline track-changes goal",
    "fire": "flame fire local-fire-department fire-flame whatshot",
    "rocket": "rocket rocket-launch rocket-outline rocket-takeoff",
    "flask": "flask beaker science test-tube experiment flask-outline chemistry",
    "filter-off": "filter-off funnel-x filter-alt-off filter-remove filter-x filter-slash filter-dismiss filter-circle-xmark",
    "list": "view-list layout-list list-details list-view list-task rows th-list view-agenda list-box layout-rows",
    "board": "layout-kanban kanban view-kanban board trello view-board",
    "dashboard": "dashboard layout-dashboard view-dashboard gauge speedometer tachometer view-dashboard-outline tachometer-fast",
    "layout": "layout template view-quilt layout-2 web-asset dashboard-layout",
    "tree": "sitemap hierarchy tree-structure account-tree diagram-3 file-tree organization flow-chart tree-view node-tree hierarchy-2",
    "pie-chart": "chart-pie pie-chart chart-pie-slice pie-chart-outline chart-donut data-pie",
    "trend": "trending-up graph-up arrow-trend-up trend-up trending-up-outline arrow-trending-up line-chart chart-line-up",
    "activity": "activity pulse heartbeat activity-heartbeat monitor-heart vital-signs heart-pulse",
    "sort-asc": "sort-ascending sort-asc sort-up sort-amount-up arrow-up-wide-short bars-arrow-up text-sort-ascending sort-from-bottom-to-top sort-variant sort-ascending-outlined",
    "sort-desc": "sort-descending sort-desc sort-amount-down arrow-down-wide-short bars-arrow-down text-sort-descending sort-from-top-to-bottom sort-descending-outlined",
    "sliders": "adjustments sliders-horizontal tune adjustments-horizontal sliders faders options equalizer settings-adjust sliders-h",
    "toggle": "toggle-right toggle-on toggle-left toggle-off toggle-switch toggle switch",
    "megaphone": "speakerphone megaphone bullhorn campaign bullhorn-outline megaphone-outline",
    "at": "at at-sign alternate-email mention at-outline",
    "hash": "hash hashtag pound number numbers tag-hash number-symbol",
    "inbox": "inbox tray inbox-outline mail-inbox inbox-line",
    "bell-off": "bell-off bell-slash notifications-off notification-off bell-off-outline alert-off",
    "thumbtack": "push-pin thumbtack pushpin pinned pin-angle pin keep",
    "unpin": "pin-off pinned-off push-pin-slash unpin keep-off unpin-outline thumbtack-slash pinned-slash",
    "star-off": "star-off star-slash star-minus star-line-horizontal-3",
    "mail-open": "mail-opened envelope-open mail-open email-open drafts letter-opened mark-email-read envelope-simple-open",
    "reply-all": "reply-all arrow-reply-all reply-all-outline mail-reply-all arrow-bend-double-up-left",
    "restore": "restore-from-trash delete-restore trash-restore trash-undo trash-arrow-up arrow-uturn-up trash-off",
    "recycle": "recycle recycling recycle-outline",
    "import": "import file-import table-import database-import arrow-import",
    "export": "file-export export table-export database-export arrow-export export-variant",
    "file-plus": "file-plus note-add file-add document-add file-earmark-plus document-plus file-document-plus file-plus-outline add-notes",
    "file-pdf": "file-type-pdf file-pdf picture-as-pdf file-pdf-box filetype-pdf file-earmark-pdf document-pdf pdf",
    "spreadsheet": "file-spreadsheet file-excel file-type-xls file-earmark-spreadsheet file-csv filetype-csv table-csv document-table csv file-xls",
    "zip": "file-zip folder-zip zip file-earmark-zip file-zipper file-archive",
    "folder-open": "folder-open folder-opened folder-2-open folder-open-outline folder-details",
    "folder-move": "folder-move drive-file-move folder-symlink folder-arrow-right folder-transfer folder-go file-move",
    "window": "app-window window browser application web-window browsers",
    "cursor": "pointer cursor mouse-pointer arrow-pointer cursor-default cursor-outline near-me navigation-arrow",
    "move": "arrows-move arrow-move move arrows-out-cardinal cursor-move open-with arrow-all move-outline up-down-left-right",
    "flip": "flip-horizontal flip reflect-horizontal mirror flip-vertical",
    "contrast": "contrast circle-half contrast-2 circle-half-full half-circle adjust circle-half-stroke theme-light-dark dark-theme",
    "accessibility": "accessible accessibility universal-access wheelchair universal-access-circle accessibility-new person-arms-spread",
    "warning": "alert-triangle warning exclamation-triangle triangle-exclamation triangle-alert warning-outline report-problem alert-outline",
    "backspace": "backspace backspace-outline delete-left",
    "handshake": "heart-handshake handshake handshake-outline partnership",
    "sidebar-right": "layout-sidebar-right panel-right dock-right sidebar-right layout-sidebar-reverse panel-right-open",
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
        self.hand: Hand | None = None
        """That redraws them all."""

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
        box = (float(left), float(top), float(width), float(height))
        body = self.hand.redraw(found["body"], box) if self.hand else found["body"]
        return Icon(name, f"{left} {top} {width} {height}", body)


@cache
def _load(path: str) -> tuple[dict[str, dict[str, str]], tuple[int, int]]:
    data = json.loads(Path(path).read_text("utf-8"))
    return data["icons"], (data.get("width", 16), data.get("height", 16))
