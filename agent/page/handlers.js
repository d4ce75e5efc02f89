// Why an element can be acted on: what it is, and what listens on it or, by delegation, for it.
//
// Reasons are bits; the weak ones count only where nothing stronger is inside or around.
const NATIVE = 1;
const ARIA = 2;
const EDITABLE = 4;
const CLICK = 8;
const DOUBLE_CLICK = 16;
const CONTEXT_MENU = 32;
const DRAG = 64;
const DROP = 128;
const KEY = 256;
const HOVER = 512;
const POINTER = 1024;
const FOCUSABLE = 2048;
const WEAK = HOVER | POINTER | FOCUSABLE;
const ACTIVATION = CLICK | DOUBLE_CLICK | CONTEXT_MENU;
const WIDGET_ROLES = new Set([
  "button",
  "link",
  "checkbox",
  "radio",
  "switch",
  "tab",
  "option",
  "menuitem",
  "menuitemcheckbox",
  "menuitemradio",
  "treeitem",
  "slider",
  "spinbutton",
  "textbox",
  "searchbox",
  "combobox",
  "scrollbar",
]);
const HANDLER_PROPERTIES = [
  "onclick",
  "ondblclick",
  "oncontextmenu",
  "onmousedown",
  "onmouseup",
  "onpointerdown",
  "onpointerup",
  "onkeydown",
  "onkeyup",
  "onkeypress",
  "onmouseenter",
  "onmouseover",
  "onpointerenter",
  "ondragstart",
  "ondrop",
  "ontouchstart",
  "ontouchend",
].filter((name) => getOwnPropertyDescriptor(HTMLElement.prototype, name));
const handlerGetters = HANDLER_PROPERTIES.map((name) => [
  name.slice(2),
  getter(HTMLElement, name),
  getOwnPropertyDescriptor(SVGElement.prototype, name) && getter(SVGElement, name),
]);
const REASON_BY_TYPE = {
  __proto__: null,
  dblclick: DOUBLE_CLICK,
  contextmenu: CONTEXT_MENU,
  dragstart: DRAG,
  drop: DROP,
  dragover: DROP,
  dragenter: DROP,
};
for (const type of ["click", "mousedown", "mouseup", "pointerdown", "pointerup", "tap"]) REASON_BY_TYPE[type] = CLICK;
for (const type of KEYS) REASON_BY_TYPE[type] = KEY;
for (const type of HOVERS) REASON_BY_TYPE[type] = HOVER;

function reasonOfType(type, passive) {
  if (type === "touchstart" || type === "touchend") return passive || !navigator.maxTouchPoints ? 0 : CLICK;
  return REASON_BY_TYPE[type] || 0;
}

const isHtml = (el) => el instanceof HTMLElement;

function isNative(el, tag) {
  switch (tag) {
    case "button":
    case "select":
    case "textarea":
      return isHtml(el);
    case "input":
      return inputType(el) !== "hidden";
    case "a":
    case "area":
      return hasAttr(el, "href") || hasAttr(el, "xlink:href");
    case "summary":
      return isDetailsSummary(el);
    case "details":
      return !elementChildren(el).some((child) => localName(child) === "summary");
    case "video":
    case "audio":
      return hasAttr(el, "controls");
    default:
      return false;
  }
}

function isDetailsSummary(el) {
  const parent = parentElement(el);
  return (
    Boolean(parent) &&
    localName(parent) === "details" &&
    elementChildren(parent).find((child) => localName(child) === "summary") === el
  );
}

const isFocusable = (el) => hasAttr(el, "tabindex") && Number(attr(el, "tabindex")) >= 0;

const opensPopup = (el) => hasAttr(el, "aria-haspopup") && attr(el, "aria-haspopup") !== "false";

// Everything that the element itself shows; delegated handlers are added later.
function ownReasons(el, tag) {
  let reasons = isNative(el, tag) ? NATIVE : 0;
  const html = isHtml(el);
  if (hasAttr(el, "role") && WIDGET_ROLES.has(explicitRole(el))) reasons |= ARIA;
  if (isFocusable(el) && opensPopup(el)) reasons |= ARIA;
  if (html && editable(el) && editableRoot(el)) reasons |= EDITABLE;
  if (attr(el, "draggable") === "true") reasons |= DRAG;
  return reasons | attributeReasons(el);
}

// Handlers in on* properties, whether an attribute or a script has set them.
function propertyHandlers(el) {
  let found = NOTHING;
  const html = isHtml(el);
  if (!html && !(el instanceof SVGElement)) return found;
  for (let i = 0; i < handlerGetters.length; i++) {
    const [type, ofHtml, ofSvg] = handlerGetters[i];
    const fn = html ? ofHtml(el) : ofSvg && ofSvg(el);
    if (fn && attr(el, `on${type}`) !== "") found = [...found, { type, fn }];
  }
  return found;
}

// Attributes by which frameworks attach handlers; plain on* attributes show as properties, unless a policy forbids
// them.
const CLICK_ATTRIBUTE = /^(?:on:|@|v-on:|x-on:|\(|ng-|data-ng-|hx-on:+)(?:click|mousedown|pointerdown|tap)\b/;

function attributeReasons(el) {
  const names = attrNames(el);
  for (let i = 0; i < names.length; i++) {
    if (CLICK_ATTRIBUTE.test(names[i]) && /\S/.test(attr(el, names[i]))) return CLICK;
    if (names[i] === "jsaction" && /\bclick\b/.test(attr(el, names[i]))) return CLICK;
  }
  return 0;
}

// A list that listens to double clicks or context menus for all of its rows finds out by their places which one is meant.
// What listens around rows of several lists is no list, but a part of the page.
const ROW_ACTIONS = DOUBLE_CLICK | CONTEXT_MENU;
const ROW = /^(?:listitem|row)$/;
const isRow = ({ el, tag }) => (hasAttr(el, "role") ? ROW.test(explicitRole(el)) : tag === "li" || tag === "tr");
const sameSort = (a, b) => a.tag === b.tag && a.parent === b.parent && a.el.classList[0] === b.el.classList[0];

function rowReasons(scene, list) {
  const rows = scene.list.slice(list.index + 1, list.end).filter(isRow);
  const repeated = rows.filter((row) => rows.some((other) => other !== row && sameSort(row, other)));
  if (repeated.some((row) => row.parent !== repeated[0].parent)) return;
  for (const row of repeated) if (!row.reasons) row.reasons |= list.reasons & ACTIVATION;
}

// Listeners on roots are for the whole page; what they are for in particular is read from their code.
const isRootTarget = (node) => node.tag === "html" || node.tag === "body";

function readHandlers(scene) {
  const shared = [...listenersOf(window), ...listenersOf(document)].filter(isActivation);
  scene.delegators = shared.length ? [{ node: null, scope: document, entries: shared }] : [];
  documentExpandos(scene);
  for (const node of scene.list) {
    const { el, parent } = node;
    node.listened = parent ? parent.listened : shared.length > 0;
    if (node.own === null) {
      node.own = ownReasons(el, node.tag);
      node.focusable = isFocusable(el);
    }
    node.reasons = node.own;
    const keys = ownKeys(el);
    readOwnListeners(scene, node, keys);
    readRootListeners(scene, node);
    if (keys.length) expandoReasons(scene, node, keys);
    if (node.pointer && parent && !parent.pointer) node.reasons |= POINTER;
  }
  for (const delegator of scene.delegators) resolveDelegator(scene, delegator);
  for (const node of scene.list) if (node.reasons & ROW_ACTIONS && !isRow(node)) rowReasons(scene, node);
  for (const node of scene.list) if (node.reasons || node.focusable) settleReasons(node);
}

const isActivation = (entry) => (reasonOfType(entry.type, entry.passive) & ACTIVATION) !== 0;

// Click handlers around other elements may be meant for those; all other listeners are the element's own.
function readOwnListeners(scene, node, keys) {
  const properties = propertyHandlers(node.el).filter(({ fn }) => !keys.length || !isReactStub(fn, keys));
  const entries = properties.length ? [...properties, ...listenersOf(node.el)] : listenersOf(node.el);
  if (!entries.length) return;
  const around = firstElement(node.el) !== null || shadowOf(node.el) !== null;
  const delegated = around ? entries.filter(isActivation) : NO_CHILDREN;
  node.listened ||= entries.some(isActivation);
  for (const entry of entries) {
    if (!delegated.includes(entry)) node.reasons |= reasonOfType(entry.type, entry.passive);
  }
  if (delegated.length) scene.delegators.push({ node, scope: node.el, entries: delegated });
}

// What listens on a shadow root is meant for what is in it, or makes its host a control.
function readRootListeners(scene, node) {
  const root = shadowOf(node.el);
  const entries = root === null ? NOTHING : listenersOf(root).filter(isActivation);
  if (!entries.length) return;
  node.listened = true;
  scene.delegators.push({ node, scope: root, entries });
}

// React gives elements with a click handler an empty one besides, for Safari's sake.
const isReactStub = (fn, keys) =>
  keys.some((key) => typeof key === "string" && /^__react(Props|EventHandlers)\$/.test(key)) &&
  /\{\s*\}\s*$/.test(functionText(fn));

// A cell of a grid that takes the focus is selected or edited there; the grid listens for all of its cells.
const isGridCell = ({ el }) => explicitRole(el) === "gridcell" && hasAttr(el, "tabindex");

// A key handler needs focus; focus alone means something only where some handler could be meant for it.
function settleReasons(node) {
  if (node.focusable && (node.reasons & KEY || isGridCell(node))) node.reasons |= FOCUSABLE;
  node.reasons &= ~KEY;
  if (node.reasons & DRAG && attr(node.el, "draggable") !== "true") node.reasons &= ~DRAG;
  if (isRootTarget(node)) node.reasons &= EDITABLE;
  if (node.frameworkRoot) node.reasons &= NATIVE | ARIA | EDITABLE | POINTER; // it listens to everything, for others
  node.strong = (node.reasons & ~WEAK) !== 0;
}
