// What is drawn where, kept beside a picture, so that a rule that is made later finds what it is about in it.
//
//     { elements: [[parent or -1, tag, { attribute: value }, rect]…], texts: [[element, text, rect…]…], }
const KEPT_TEXT = 2000;
const MOST_LINES = 60;
const UNKEPT = new Set(["style", "d", "points", "srcset", "srcdoc", "value", MARK]);

const inWindow = ([left, top, right, bottom]) =>
  right > 0 && bottom > 0 && left < window.innerWidth && top < window.innerHeight;

const layout = () => pristine(() => JSON.stringify(layoutNow()));

function layoutNow() {
  const out = { elements: [], texts: [] };
  const numbers = new Map();
  for (const node of last.scene ? last.scene.list : NOTHING) if (node.visible) layOut(out, numbers, node);
  return out;
}

function layOut(out, numbers, node) {
  const { el, tag } = node;
  const rect = edges(boundingRect(el)).map(round);
  const owned = isOwned(last.scene, el);
  const lines = [];
  for (let child = firstChild(shadowOf(el) || el); child && tag !== "select"; child = nextSibling(child)) {
    if (nodeType(child) === TEXT && /\S/.test(nodeValue(child))) addLines(lines, child, owned);
  }
  if (FIELD_TAGS.has(tag)) lines.push([owned ? HIDDEN_TEXT : fieldText(el, tag), rect]);
  if (!lines.length && !inWindow(rect)) return;
  const number = numberOf(out, numbers, node, rect);
  for (const [text, ...rects] of lines) if (text) out.texts.push([number, clip(text, KEPT_TEXT), ...rects]);
}

// What a field shows, unless nobody may know.
function fieldText(el, tag) {
  if (tag === "select") return selectedText(el);
  const value = fieldValue(el, tag);
  return value && isPrivateField(el, tag) ? HIDDEN_TEXT : value || attr(el, "placeholder") || "";
}

function addLines(lines, child, owned) {
  const range = new Range();
  range.selectNodeContents(child);
  const rects = Array.from(range.getClientRects(), edges).filter(inWindow);
  const text = owned ? HIDDEN_TEXT : collapsed(publicText(child));
  if (rects.length) lines.push([text, ...rects.slice(0, MOST_LINES).map((r) => r.map(round))]);
}

// The element's number; what it stands in is kept with it.
function numberOf(out, numbers, node, rect) {
  const known = numbers.get(node);
  if (known !== undefined) return known;
  const { parent } = node;
  const above = parent ? numberOf(out, numbers, parent, edges(boundingRect(parent.el)).map(round)) : -1;
  numbers.set(node, out.elements.length);
  const kept = isOwned(last.scene, node.el) ? {} : keptAttributes(node.el);
  out.elements.push([above, node.tag, kept, rect]);
  return out.elements.length - 1;
}

function keptAttributes(el) {
  const kept = {};
  for (const name of attrNames(el)) if (!UNKEPT.has(name)) kept[name] = clip(attr(el, name), 120);
  return kept;
}
