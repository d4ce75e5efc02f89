// The text that stands beside a control without a name, by where it is drawn: what people take for its label.
//
//     besideText(scene, node) -> "Town", or "" where none stands there or two might be meant
//
// Left of a field or above it; right of boxes where a line begins with a box, left of them where it ends with one; the
// head of its column. No other control may stand between, nothing that has a control of its own is a label, and what
// is right of a field never is.
const BESIDE_PX = 260;
const ABOVE_PX = 28;
const BOX_PX = 60;
const SLACK_PX = 4; // boxes of text and of fields touch
const BESIDE_LEVELS = 9; // component libraries wrap a field in many frames
const BESIDE_NODES = 800; // a part of the page with more elements than that is no place for one label
const BESIDE_LENGTH = 80;
const FIELD_ROLES = new Set(["textbox", "searchbox", "combobox", "spinbutton", "slider", "listbox"]);
const BOX_ROLES = new Set(["checkbox", "radio", "switch"]);
const NO_LABELS = /^(h[1-6]|legend|option|button|select|textarea|script|style)$/;

const isLabelled = (role) => FIELD_ROLES.has(role) || BOX_ROLES.has(role);
const hasWords = (text) => /[\p{L}\p{N}]/u.test(text);

function besideText(scene, node, role) {
  const rect = edges(boundingRect(node.el));
  if (!hasArea(rect)) return "";
  const isBox = BOX_ROLES.has(role);
  const find = isBox ? besideBox : besideField;
  for (let at = node.parent, up = 0; at && up < BESIDE_LEVELS; at = at.parent, up++) {
    const { texts, controls } = piecesOf(scene, at);
    const found = texts ? find(rect, texts, controls) : [];
    if (found.length) return found.length === 1 ? found[0].text : "";
    const kind = containerKind(at);
    if (kind === "cell") return headText(scene, at);
    if (!texts || (ITEMS.has(kind) && kind !== "card")) return "";
  }
  return "";
}

// Texts and controls within an element with their rectangles; none where there are too many.
function piecesOf(scene, at) {
  if (!scene.pieces) scene.pieces = new Map();
  let pieces = scene.pieces.get(at);
  if (!pieces) {
    pieces = at.end - at.index > BESIDE_NODES ? {} : readPieces(scene, at);
    scene.pieces.set(at, pieces);
  }
  return pieces;
}

function readPieces(scene, at) {
  const texts = [];
  const controls = [];
  for (let i = at.index; i < at.end; i++) {
    const node = scene.list[i];
    const isControl = i > at.index && (node.strong || isBareLabel(scene, node));
    if (isControl) controls.push(edges(boundingRect(node.el)));
    if (isControl || !node.visible || (i > at.index && namesNothing(node))) i = node.end - 1;
    else if (hasOwnText(node.el)) i = readTexts(scene, node, texts, i > at.index);
  }
  return { texts, controls };
}

// The frame that component libraries draw around a box is a label with nothing in it; the words stand behind it.
const isBareLabel = (scene, { tag, el }) =>
  tag === "label" && labelControl(el) !== null && !visibleText(scene, el, BESIDE_LENGTH);
const namesNothing = ({ tag, el }) => NO_LABELS.test(tag) || (tag === "label" && labelControl(el) !== null);

// A whole element of nothing but text is one label; else each of its texts may be one. Returns where to go on.
function readTexts(scene, node, texts, mayBeWhole) {
  const whole = mayBeWhole && !scene.list.slice(node.index, node.end).some((each) => each.strong);
  for (let child = firstChild(node.el); child; child = nextSibling(child)) {
    if (whole || nodeType(child) !== TEXT) continue;
    addPiece(texts, child, fold(nodeValue(child)));
  }
  if (whole) addPiece(texts, node.el, visibleText(scene, node.el, BESIDE_LENGTH));
  return whole ? node.end - 1 : node.index;
}

function addPiece(texts, content, text) {
  if (!hasWords(text) || text.length > BESIDE_LENGTH) return;
  const range = new Range();
  range.selectNodeContents(content);
  const rects = visibleRects(range.getClientRects());
  if (rects.length) texts.push({ text, rect: union(rects) });
}

const spread = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]);
const onOneLine = (a, b) => spread(a, b, 1, 3) >= 0.5 * Math.min(a[3] - a[1], b[3] - b[1]);

const isFree = (gap, controls) => !controls.some((each) => hasArea(overlap(gap, each)));

function besideField(rect, texts, controls) {
  const others = controls.filter((each) => !hasArea(overlap(each, rect)));
  const left = texts.filter(({ rect: r }) => onOneLine(r, rect) && r[2] <= rect[0] + SLACK_PX && rect[0] - r[2] < BESIDE_PX);
  const above = texts.filter(
    ({ rect: r }) =>
      spread(r, rect, 0, 2) > 0 && r[0] >= rect[0] - BOX_PX && r[3] <= rect[1] + SLACK_PX && rect[1] - r[3] < ABOVE_PX,
  );
  const nearestLeft = left.sort((a, b) => b.rect[2] - a.rect[2])[0];
  const nearestAbove = above.sort((a, b) => b.rect[3] - a.rect[3])[0];
  return [
    nearestLeft && isFree([nearestLeft.rect[2], rect[1], rect[0], rect[3]], others) && nearestLeft,
    nearestAbove && isFree([rect[0], nearestAbove.rect[3], rect[2], rect[1]], others) && nearestAbove,
  ].filter(Boolean);
}

// A lone box may have its label where fields have theirs. In a line of boxes and texts: one that begins with a box has each text behind its box, one that ends with a box before.
function besideBox(rect, texts, controls) {
  const onLine = inLineWithBox(rect, texts, controls);
  return onLine.length || controls.length > 1 ? onLine : besideField(rect, texts, controls);
}

function inLineWithBox(rect, texts, controls) {
  const line = [
    ...texts.filter((piece) => onOneLine(piece.rect, rect)),
    ...controls.filter((each) => onOneLine(each, rect)).map((each) => ({ rect: each, text: "" })),
  ].sort((a, b) => a.rect[0] - b.rect[0]);
  const own = line.findIndex((piece) => !piece.text && hasArea(overlap(piece.rect, rect)));
  if (own < 0 || line.length < 2 || Boolean(line[0].text) === Boolean(line[line.length - 1].text)) return [];
  const label = line[own + (line[0].text ? -1 : 1)];
  if (!label || !label.text) return [];
  const gap = line[0].text ? rect[0] - label.rect[2] : label.rect[0] - rect[2];
  return gap < BOX_PX ? [label] : [];
}

// What stands in the first row above a cell, where that has no controls: plain tables have no header cells.
function headText(scene, cell) {
  const table = closest(cell.el, "table");
  const row = parentElement(cell.el);
  const first = table && Array.from(queryAll(table, "tr"))[0];
  if (!first || first === row) return "";
  const heads = elementChildren(first);
  const head = elementChildren(row).length === heads.length ? scene.nodes.get(heads[cell.el.cellIndex]) : undefined;
  if (!head || scene.list.slice(head.index, head.end).some((each) => each.strong)) return "";
  return heads.every((each) => (each.colSpan || 1) === 1) ? visibleText(scene, head.el, BESIDE_LENGTH) : "";
}
