// Reading the DOM: natives taken at start (a form's field named "parentNode" cannot shadow them), the flat tree,
// computed styles and text. Nothing here writes.
const method = (type, name) => uncurry(type.prototype[name]);
const getter = (type, name) => uncurry(getOwnPropertyDescriptor(type.prototype, name).get);

const attr = method(Element, "getAttribute");
const attrNames = method(Element, "getAttributeNames");
const hasAttr = method(Element, "hasAttribute");
const elementMatches = method(Element, "matches");
const elementClosest = method(Element, "closest");
const boundingRect = method(Element, "getBoundingClientRect");
const clientRects = method(Element, "getClientRects");
const localName = getter(Element, "localName");
const openRoot = getter(Element, "shadowRoot");
const assignedSlot = getter(Element, "assignedSlot");
const firstElement = getter(Element, "firstElementChild");
const nextElement = getter(Element, "nextElementSibling");
const parentOf = getter(Node, "parentNode");
const parentElement = getter(Node, "parentElement");
const firstChild = getter(Node, "firstChild");
const nextSibling = getter(Node, "nextSibling");
const textContent = getter(Node, "textContent");
const nodeType = getter(Node, "nodeType");
const nodeValue = getter(Node, "nodeValue");
const rootOf = method(Node, "getRootNode");
const contains = method(Node, "contains");
const isConnected = getter(Node, "isConnected");
const assigned = method(HTMLSlotElement, "assignedNodes");
const labelControl = getter(HTMLLabelElement, "control");
const inputType = getter(HTMLInputElement, "type");
const inputValue = getter(HTMLInputElement, "value");
const editable = getter(HTMLElement, "isContentEditable");
const isEditable = (el) => el instanceof HTMLElement && editable(el);
const byPoint = { document: method(Document, "elementFromPoint"), shadow: method(ShadowRoot, "elementFromPoint") };
const allIn = {
  9: method(Document, "querySelectorAll"),
  11: method(DocumentFragment, "querySelectorAll"),
  1: method(Element, "querySelectorAll"),
};
const byId = { 9: method(Document, "getElementById"), 11: method(DocumentFragment, "getElementById") };
// An image named "documentElement" would be in the way of the property.
const pageRoot = getter(Document, "documentElement");
const pageBody = getter(Document, "body");
const pageScroller = getter(Document, "scrollingElement");
const pageTitle = getter(Document, "title");
const pageDesign = getter(Document, "designMode");
const walkTree = method(Document, "createTreeWalker");
const styleOf = window.getComputedStyle.bind(window);
const ELEMENT = 1;
const TEXT = 3;
const SHADOW = 11;
const SVG_NS = "http://www.w3.org/2000/svg";
const namespace = getter(Element, "namespaceURI");

const queryAll = (scope, selector) => allIn[nodeType(scope)](scope, selector);
const elementById = (scope, id) => (byId[nodeType(scope)] ? byId[nodeType(scope)](scope, id) : null);
const shadowOf = (el) => openRoot(el) || weakGet(closedRoots, el) || null;
const hostOf = getter(ShadowRoot, "host");
const isElement = (node) => Boolean(node) && nodeType(node) === ELEMENT;

// Whether a selector (perhaps the page's own, perhaps not CSS at all) matches.
function matches(el, selector) {
  try {
    return elementMatches(el, selector);
  } catch {
    return false;
  }
}

function closest(el, selector) {
  return elementClosest(el, selector);
}

// Parent in the tree that is drawn: through slots and out of shadow roots.
function flatParent(node) {
  if (nodeType(node) === ELEMENT) {
    const slot = slotOf(node);
    if (slot) return slot;
  }
  const parent = parentOf(node);
  if (!parent) return null;
  return nodeType(parent) === SHADOW && isShadow(parent) ? hostOf(parent) : isElement(parent) ? parent : null;
}

const isShadow = (node) => node instanceof ShadowRoot;

// `assignedSlot` is null for closed roots, so these are searched.
function slotOf(node) {
  const slot = assignedSlot(node);
  if (slot) return slot;
  const host = parentOf(node);
  const root = isElement(host) && !openRoot(host) ? weakGet(closedRoots, host) : null;
  if (!root) return null;
  const slots = Array.from(queryAll(root, "slot"));
  return slots.find((candidate) => assigned(candidate).includes(node)) || null;
}

// Child nodes in the tree that is drawn.
function flatChildren(el) {
  const root = shadowOf(el);
  if (!root && localName(el) === "slot") {
    const nodes = assigned(el);
    if (nodes.length) return nodes;
  }
  const nodes = [];
  for (let node = firstChild(root || el); node; node = nextSibling(node)) nodes.push(node);
  return nodes;
}

function elementChildren(el) {
  if (shadowOf(el) || localName(el) === "slot") return flatChildren(el).filter(isElement);
  const children = [];
  for (let child = firstElement(el); child; child = nextElement(child)) children.push(child);
  return children;
}

function flatContains(ancestor, node) {
  for (let at = node; at; at = flatParent(at)) if (at === ancestor) return true;
  return false;
}

// The innermost element at a point, inside every shadow root that is known.
function elementAt(x, y) {
  let hit = byPoint.document(document, x, y);
  for (let root = hit && shadowOf(hit); root; root = hit && shadowOf(hit)) {
    const inner = byPoint.shadow(root, x, y);
    if (!inner || inner === hit || rootOf(inner) !== root) break;
    hit = inner;
  }
  return hit;
}

const PRIVATE_USE = /[\uE000-\uF8FF\u{F0000}-\u{10FFFD}\u200B-\u200D\uFEFF]/gu; // icon fonts and invisible characters
const PLAIN = /^(?:[\x21-\x7e]+(?: [\x21-\x7e]+)*)?$/; // the common case: nothing to fold
// On a text of millions of characters PLAIN would overflow the engine's stack.
const fold = (text) =>
  text.length < 10000 && PLAIN.test(text) ? text : text.replace(PRIVATE_USE, "").replace(/\s+/g, " ").trim();
const clip = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);

const UNSEEN = new Set(["script", "style", "template", "noscript", "head", "meta", "link", "title", "datalist"]);
const isInline = (display) => display === "inline" || display === "contents";

const BLANKS = /\s+/g;

// Text that a person sees inside an element, blocks separated by a space; `limit` bounds the work as well.
function visibleText(scene, el, limit = 300) {
  if (!firstElement(el) && !shadowOf(el)) return scene.nodes.has(el) ? clip(fold(textContent(el)), limit) : "";
  const parts = { text: "", glyphs: "", budget: limit * 4 };
  appendText(scene, el, parts);
  return clip(fold(parts.text) || fold(parts.glyphs), limit);
}

// As in agent/checks/read.js: many fonts for text end with one of symbols, for the signs that they lack.
const ICON_FONT = /^(?!\W*(?:segoe|apple|noto))[^,]*(?:icon|symbol)/i;

// An icon that a font draws in place of its name: "arrow_drop_down". It counts only where nothing else is said.
function isGlyph(node) {
  if (!/icon|symbol/i.test(attr(node.el, "class") || "") || firstElement(node.el)) return false;
  return /^\s*[a-z][a-z0-9]*(_[a-z0-9]+)*\s*$/.test(textContent(node.el)) && ICON_FONT.test(node.style.fontFamily);
}

function appendText(scene, el, parts) {
  if (shadowOf(el) || localName(el) === "slot") {
    for (const child of flatChildren(el)) appendNode(scene, child, parts);
    return;
  }
  for (let child = firstChild(el); child !== null && parts.budget > 0; child = nextSibling(child))
    appendNode(scene, child, parts);
}

function appendNode(scene, child, parts) {
  const type = nodeType(child);
  if (type === ELEMENT) {
    appendElement(scene, child, parts);
  } else if (type === TEXT) {
    // Templates indent their rows by hundreds of blanks, which must not use up what there is for words.
    const whole = nodeValue(child).slice(0, 8 * parts.budget);
    const text = whole.length > 8 ? whole.replace(BLANKS, " ") : whole;
    parts.text += text.slice(0, parts.budget);
    parts.budget -= text.length + 1;
  }
}

function appendElement(scene, child, parts) {
  const node = scene.nodes.get(child);
  parts.budget -= 1;
  if (node === undefined || !node.visible || node.tag === "select") return;
  if (isGlyph(node)) {
    parts.glyphs += ` ${textContent(child)}`;
    return;
  }
  if (node.tag === "br" || !node.inline) parts.text += " ";
  appendText(scene, child, parts);
  if (!node.inline) parts.text += " ";
}
