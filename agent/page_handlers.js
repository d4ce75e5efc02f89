// Why an element can be acted on: what it is, and what listens on it or, by delegation, for it.
//
// reasons: native | aria | editable | click | dblclick | contextmenu | drag | drop | key | hover | pointer | focusable;
// the last three are weak: they count only where nothing stronger is inside or around.
const WEAK = new Set(["hover", "pointer", "focusable"]);
const WIDGET_ROLES = new Set([
  "button", "link", "checkbox", "radio", "switch", "tab", "option", "menuitem", "menuitemcheckbox", "menuitemradio", "treeitem",
  "slider", "spinbutton", "textbox", "searchbox", "combobox", "scrollbar",
]);
const HANDLER_PROPERTIES = [
  "onclick", "ondblclick", "oncontextmenu", "onmousedown", "onmouseup", "onpointerdown", "onpointerup", "onkeydown", "onkeyup",
  "onkeypress", "onmouseenter", "onmouseover", "onpointerenter", "ondragstart", "ondrop", "ontouchstart", "ontouchend",
].filter((name) => getOwnPropertyDescriptor(HTMLElement.prototype, name));
const handlerGetters = HANDLER_PROPERTIES.map((name) => [
  name.slice(2), getter(HTMLElement, name), getOwnPropertyDescriptor(SVGElement.prototype, name) && getter(SVGElement, name),
]);
const REASON_BY_TYPE = { __proto__: null, dblclick: "dblclick", contextmenu: "contextmenu", dragstart: "drag", drop: "drop", dragover: "drop", dragenter: "drop" };
for (const type of ["click", "mousedown", "mouseup", "pointerdown", "pointerup", "tap"]) REASON_BY_TYPE[type] = "click";
for (const type of KEYS) REASON_BY_TYPE[type] = "key";
for (const type of HOVERS) REASON_BY_TYPE[type] = "hover";

function reasonOfType(type, passive) {
  if (TOUCHES.includes(type)) return passive || !navigator.maxTouchPoints ? undefined : "click";
  return REASON_BY_TYPE[type];
}

const isHtml = (el) => el instanceof HTMLElement;

function nativeReason(el, tag) {
  switch (tag) {
    case "button":
    case "select":
    case "textarea":
      return isHtml(el) ? "native" : "";
    case "input":
      return inputType(el) === "hidden" ? "" : "native";
    case "a":
    case "area":
      return hasAttr(el, "href") || hasAttr(el, "xlink:href") ? "native" : "";
    case "summary":
      return isDetailsSummary(el) ? "native" : "";
    case "details":
      return elementChildren(el).some((child) => localName(child) === "summary") ? "" : "native";
    case "video":
    case "audio":
      return hasAttr(el, "controls") ? "native" : "";
    default:
      return "";
  }
}

function isDetailsSummary(el) {
  const parent = parentElement(el);
  return Boolean(parent) && localName(parent) === "details" && elementChildren(parent).find((child) => localName(child) === "summary") === el;
}

const isFocusable = (el) => hasAttr(el, "tabindex") && Number(attr(el, "tabindex")) >= 0;

// Everything that the element itself shows; delegated handlers are added later.
function ownReasons(node) {
  const { el, tag } = node;
  const reasons = new Set();
  const native = nativeReason(el, tag);
  if (native) reasons.add(native);
  if (hasAttr(el, "role") && WIDGET_ROLES.has(explicitRole(el))) reasons.add("aria");
  if (isHtml(el) && isEditable(el) && editableRoot(el)) reasons.add("editable");
  if (attr(el, "draggable") === "true") reasons.add("drag");
  propertyReasons(el, reasons);
  attributeReasons(el, reasons);
  return reasons;
}

function propertyReasons(el, reasons) {
  const html = isHtml(el);
  if (!html && !(el instanceof SVGElement)) return;
  for (const [type, ofHtml, ofSvg] of handlerGetters) {
    const handler = html ? ofHtml(el) : ofSvg && ofSvg(el);
    if (!handler || attr(el, `on${type}`) === "") continue;
    const reason = reasonOfType(type, false);
    if (reason) reasons.add(reason);
  }
}

// Attributes by which frameworks attach handlers; plain on* attributes show as properties, unless a policy forbids them.
const CLICK_ATTRIBUTE = /^(?:on:|@|v-on:|x-on:|\(|ng-|data-ng-|hx-on:+)(?:click|mousedown|pointerdown|tap)\b/;

function attributeReasons(el, reasons) {
  for (const name of attrNames(el)) {
    if (CLICK_ATTRIBUTE.test(name) && /\S/.test(attr(el, name))) reasons.add("click");
    else if (name === "jsaction" && /\bclick\b/.test(attr(el, name))) reasons.add("click");
  }
}

// Listeners on roots are for the whole page; what they are for in particular is read from their code.
const isRootTarget = (node) => node.tag === "html" || node.tag === "body";

function listenerReasons(node, reasons) {
  for (const entry of listenersOf(node.el)) {
    const reason = reasonOfType(entry.type, entry.passive);
    if (reason) reasons.add(reason);
  }
}

function readHandlers(scene) {
  const shared = [...listenersOf(window), ...listenersOf(document)].filter(isActivation);
  scene.delegators = shared.length ? [{ node: null, entries: shared }] : [];
  documentExpandos(scene);
  for (const node of scene.list) {
    node.listened = Boolean(node.parent ? node.parent.listened : shared.length);
    node.reasons = ownReasons(node);
    readOwnListeners(scene, node);
    const keys = ownKeys(node.el);
    if (keys.length) expandoReasons(scene, node, keys);
    if (node.pointer && node.parent && !node.parent.pointer) node.reasons.add("pointer");
    if (isFocusable(node.el)) node.focusable = true;
  }
  for (const delegator of scene.delegators) resolveDelegator(scene, delegator);
  for (const node of scene.list) settleReasons(node);
}

const isActivation = (entry) => ["click", "dblclick", "contextmenu"].includes(reasonOfType(entry.type, entry.passive));

function readOwnListeners(scene, node) {
  const entries = listenersOf(node.el);
  if (!entries.length) return;
  const active = entries.filter(isActivation);
  node.listened ||= active.length > 0;
  if (!active.length || !firstElement(node.el)) {
    if (!isRootTarget(node)) listenerReasons(node, node.reasons);
    return;
  }
  const rest = entries.filter((entry) => !active.includes(entry));
  if (!isRootTarget(node)) rest.forEach((entry) => node.reasons.add(reasonOfType(entry.type, entry.passive)));
  scene.delegators.push({ node, entries: active });
}

// A key handler needs focus; focus alone means something only where some handler could be meant for it.
function settleReasons(node) {
  node.reasons.delete(undefined);
  if (node.reasons.has("key")) {
    node.reasons.delete("key");
    if (node.focusable) node.reasons.add("focusable");
  }
  if (node.reasons.has("drag") && attr(node.el, "draggable") !== "true") node.reasons.delete("drag");
  if (isRootTarget(node)) for (const reason of Array.from(node.reasons)) if (reason !== "editable") node.reasons.delete(reason);
  node.strong = Array.from(node.reasons).some((reason) => !WEAK.has(reason));
}
