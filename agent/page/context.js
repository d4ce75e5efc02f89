// Containers that give a repeated control its meaning: the row, the card, the dialog it stands in.
const CONTAINER_KINDS = {
  __proto__: null,
  row: "row",
  listitem: "listitem",
  option: "listitem",
  treeitem: "listitem",
  cell: "cell",
  gridcell: "cell",
  columnheader: "header",
  group: "group",
  radiogroup: "group",
  form: "form",
  search: "form",
  dialog: "dialog",
  alertdialog: "dialog",
  menu: "menu",
  menubar: "menu",
  table: "table",
  grid: "table",
  treegrid: "table",
  list: "list",
  listbox: "list",
  tree: "list",
  tablist: "list",
  region: "region",
  navigation: "region",
  complementary: "region",
  banner: "region",
  contentinfo: "region",
  main: "region",
  tabpanel: "region",
  toolbar: "group",
  article: "card",
  feed: "region",
};
const ALWAYS_TEXT = new Set(["row", "listitem", "card", "cell", "header"]);
const ITEMS = new Set(["row", "listitem", "card"]);
const HEADINGS = "h1,h2,h3,h4,h5,h6,[role='heading'],legend,caption,summary";

function containerKind(node) {
  const { el, tag } = node;
  if ((tag === "div" || tag === "span") && !hasAttr(el, "role")) return isCard(node) ? "card" : "";
  const role = explicitRole(el);
  if (role) return CONTAINER_KINDS[role] || "";
  if (tag === "form") return "form";
  if (tag === "section") return "region";
  const kind = CONTAINER_KINDS[implicitRole(el)];
  if (kind) return kind;
  return isCard(node) ? "card" : "";
}

// One of several alike: a neighbour has the same tag and first class, and both have elements inside. Buttons side by
// side are no item, however often such a group comes.
function isCard(node) {
  const { el, parent, tag } = node;
  if (!parent || node.inline || (tag !== "div" && !tag.includes("-") && tag !== "a") || !firstElement(el)) return false;
  return hasAlike(el, tag) && !isButtonGroup(el);
}

// Some of a list's items may stand in frames of their own: these are looked through where a class says what is alike.
function hasAlike(el, tag) {
  if (isBesideAlike(el)) return true;
  if (!firstClass(el)) return false;
  for (let at = el, level = 0; level < MOST_FRAMES; level++) {
    if ([nextElement(at), previousElement(at)].some((other) => isAlike(el, tag, withoutFrames(other, el)))) return true;
    at = parentElement(at);
    if (!isFrame(at) || isBesideAlike(at)) return false;
  }
  return false;
}

const isBesideAlike = (el) =>
  isAlike(el, localName(el), nextElement(el)) || isAlike(el, localName(el), previousElement(el));
const isAlike = (el, tag, other) =>
  other !== null && localName(other) === tag && firstElement(other) !== null && firstClass(el) === firstClass(other);

const MOST_FRAMES = 3;
function isFrame(el) {
  const only = el !== null && localName(el) === "div" ? firstElement(el) : null;
  return only !== null && nextElement(only) === null && !hasOwnText(el);
}

function withoutFrames(other, el) {
  let inner = other;
  for (let level = 0; level < MOST_FRAMES && isFrame(inner) && firstClass(inner) !== firstClass(el); level++)
    inner = firstElement(inner);
  return inner;
}

const BUTTONS =
  "button,[role='button'],input[type='button'],input[type='submit'],input[type='image']," +
  "a:not([href]),a[href=''],a[href='#'],a[href^='javascript:']"; // links that only a script acts on are buttons
const countButtons = (el) => Array.from(queryAll(el, BUTTONS)).length;
const isButtonGroup = (el) => countButtons(el) > 1 && !hasWordsOutside(el);
const saysButtonsOnly = (el) => matches(el, BUTTONS) || (countButtons(el) > 0 && !hasWordsOutside(el));

// Whether there is a picture in it, or words, besides those of its buttons.
function hasWordsOutside(el) {
  const walker = walkTree(document, el, SHOWN_KINDS, (node) =>
    isElement(node) && matches(node, BUTTONS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (nodeType(node) === TEXT ? /\p{L}/u.test(nodeValue(node)) : localName(node) === "img") return true;
  }
  return false;
}

const firstClass = (el) => (attr(el, "class") || "").trim().split(/\s/, 1)[0];
const previousElement = getter(Element, "previousElementSibling");
const previousNode = getter(Node, "previousSibling");

function containerText(scene, node, kind) {
  if (kind === "row") return rowText(scene, node);
  const named = ALWAYS_TEXT.has(kind) ? "" : containerName(scene, node);
  if (named) return clip(named, 200);
  if (kind === "list" || kind === "table") return "";
  if (kind === "region" || kind === "form") return landmarkWord(node, kind);
  return visibleText(scene, node.el, 200);
}

// A layer over the middle of the page, with controls of the page behind it: a dialog that does not say so.
function isInFront(scene, node) {
  const { curtain } = scene;
  if (!curtain || curtain.top !== node) return false;
  return scene.list.some((at) => at.strong && at.visible && isOutside(at, node) && isInWindow(at));
}

const isOutside = (at, node) => at.index < node.index || at.index >= node.end;

function isInWindow(node) {
  const { left, top, right, bottom, width, height } = boundingRect(node.el);
  return width > 4 && height > 4 && right > 0 && bottom > 0 && left < window.innerWidth && top < window.innerHeight;
}

// The header that has opened a section: right before it, as accordions have it.
function openerText(scene, { el, tag }) {
  const before = tag === "div" || tag === "section" ? previousElement(el) : null;
  if (!before) return "";
  const open = "[aria-expanded='true']";
  const opener = matches(before, open) ? before : Array.from(queryAll(before, open))[0];
  if (!opener || !scene.nodes.has(opener) || /^(combobox|textbox|menuitem|treeitem|row)$/.test(roleOf(opener))) return "";
  const text = visibleText(scene, opener, 80);
  return visibleText(scene, before, 200).length <= text.length + 20 ? text : ""; // a header, not a section of its own
}

// Its label and what it shows: grids label rows with advice. Those that pin columns draw a row in several pieces.
function rowText(scene, node) {
  const index = attr(node.el, "aria-rowindex");
  const grid = index && closest(node.el, "[role='grid'],[role='treegrid'],[role='table']");
  const pieces = grid
    ? Array.from(queryAll(grid, `[role='row'][aria-rowindex="${css(index)}"]`)).slice(0, 4)
    : [node.el];
  const label = fold(attr(node.el, "aria-label") || "");
  const shown = pieces.map((el) => (scene.nodes.has(el) ? visibleText(scene, el, 200) : "")).join(" ");
  return clip(fold(shown.includes(label) ? shown : `${shown} ${label}`), 200);
}

const landmarkWord = (node, kind) => {
  const role = roleOf(node.el);
  return kind === "region" && (role === "navigation" || role === "banner" || role === "contentinfo") ? role : "";
};

function containerName(scene, node) {
  const name = nameOf(scene, node.el);
  if (name) return name;
  const heading = Array.from(queryAll(node.el, HEADINGS))
    .slice(0, 5)
    .find((el) => scene.nodes.has(el));
  return heading ? visibleText(scene, heading, 200) : "";
}

// Contexts of everything inside `node`, nearest first; shared between neighbours.
function contextsWithin(scene, node) {
  if (!node) return NOTHING;
  if (!node.contexts) {
    const outer = contextsWithin(scene, node.parent);
    const own = ownContext(scene, node);
    node.contexts = own.length ? [...own, ...outer] : outer;
  }
  return node.contexts;
}

function ownContext(scene, node) {
  let own = memory.own.get(node.el);
  if (!own) {
    const kind = containerKind(node) || (isInFront(scene, node) ? "dialog" : "");
    const text = kind && kind !== "cell" ? containerText(scene, node, kind) : "";
    own = kind === "cell" ? CELL : text ? [addContext(kind, text)] : NOTHING;
    const opener = kind === "cell" ? "" : openerText(scene, node);
    if (opener && opener !== text) own = [...own, addContext("group", opener)];
    memory.own.set(node.el, own);
  }
  return own === CELL ? columnContext(scene, node) : own;
}

const CELL = ["cell"]; // a cell's own context is its column, which is the table's to tell

function addContext(kind, text) {
  memory.contexts.push([kind, text]);
  return memory.contexts.length - 1;
}

function columnContext(scene, node) {
  const table = closest(node.el, "table,[role='table'],[role='grid']");
  const row = closest(node.el, "tr,[role='row']");
  if (!table || !row) return [];
  if (!memory.columns.has(table)) memory.columns.set(table, columnHeaders(scene, table));
  const id = memory.columns.get(table).get(columnOf(node.el, row));
  return id === undefined ? [] : [id];
}

// Grids put groups of columns into frames within the row, number their columns, and draw only some of them.
const CELL_SELECTOR = ["gridcell", "cell", "columnheader", "rowheader"].map((role) => `[role='${role}']`).join();
const columnOf = (cell, row) => Number(attr(cell, "aria-colindex")) || cellsOf(row).indexOf(cell) + 1;

function cellsOf(row) {
  const cells = elementChildren(row);
  if (!cells.length || cells.some((cell) => localName(cell) === "td" || matches(cell, CELL_SELECTOR))) return cells;
  const framed = Array.from(queryAll(row, CELL_SELECTOR));
  return framed.length ? framed : cells;
}

function columnHeaders(scene, table) {
  const first = Array.from(queryAll(table, "tr,[role='row']"))[0];
  const cells = first ? cellsOf(first) : [];
  if (!cells.every((cell) => /^(columnheader|rowheader)$/.test(roleOf(cell)) || !fold(textContent(cell)))) {
    return new Map();
  }
  const named = cells.map((cell) => [columnOf(cell, first), visibleText(scene, cell, 80)]);
  return new Map(named.filter(([, text]) => text).map(([column, text]) => [column, addContext("column", text)]));
}

const headingsOf = (scene) =>
  (scene.headings ||= scene.list.filter((node) => /^h[1-6]$/.test(node.tag) || explicitRole(node.el) === "heading"));

// The heading above, if it heads a part of the page that the element is in.
function headingOf(scene, node) {
  const headings = headingsOf(scene);
  let low = 0;
  let high = headings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (headings[middle].index < node.index) low = middle + 1;
    else high = middle;
  }
  for (let i = low - 1; i >= Math.max(0, low - 6); i--) {
    const scope = headScope(headings[i]);
    if (scope && scope.index <= node.index && node.index < scope.end) return headingId(scene, headings[i]);
  }
  return [];
}

const headScope = (heading) => {
  const parent = heading.parent;
  return parent && parent.parent && (parent.tag === "header" || parent.end - parent.index <= 4)
    ? parent.parent
    : parent;
};

function headingId(scene, { el }) {
  if (!memory.headings.has(el)) {
    const text = visibleText(scene, el, 200);
    memory.headings.set(el, text ? [addContext("heading", text)] : NOTHING);
  }
  return memory.headings.get(el);
}

// Text beside a control that has no name of its own: "Quantity [  ]". What another button says is that one's own.
function labelContext(scene, node, role) {
  if (isLabelled(role)) {
    const text = besideText(scene, node, role);
    return text ? [addContext("label", text)] : [];
  }
  const drawn = shapeContext(scene, node);
  if (drawn) return drawn;
  for (let at = node, up = 0; at && up < 3; at = at.parent, up++) {
    if (at !== node && ITEMS.has(containerKind(at))) break; // what stands before its row is another row
    let before = previousNode(at.el);
    for (let steps = 0; before && steps < 4; before = previousNode(before), steps++) {
      const text =
        nodeType(before) === TEXT
          ? fold(nodeValue(before))
          : isElement(before) && !saysButtonsOnly(before)
            ? visibleText(scene, before, 80)
            : "";
      if (/[\p{L}\p{N}]/u.test(text)) return [addContext("label", clip(text, 80))];
    }
  }
  return [];
}

function contextsOf(scene, potential, name, text) {
  const { el, place } = potential;
  const role = roleOf(el);
  const around = contextsWithin(scene, place.parent);
  const ids = role === "gridcell" ? [...columnContext(scene, place), ...around] : around;
  const hinted = name !== "" && isLabelled(role) && name === placeholderName(el);
  const used = hinted || !(name || text) ? [...labelContext(scene, place, role), ...ids] : ids;
  const kept = used.filter((id) => memory.contexts[id][1] !== name || memory.contexts[id][0] === "header").slice(0, 6);
  return [...kept, ...headingOf(scene, place).filter((id) => memory.contexts[id][1] !== name)];
}
