// HTML around candidates, as it is drawn (through shadow roots and slots), written without touching the page.
const MARK = "data-magenta-target";
const SKIPPED = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "link",
  "meta",
  "iframe",
  "object",
  "canvas",
  "head",
]);
const EMPTY = new Set(["area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr"]);
const LONG_ATTRIBUTE = 300;
const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const escapeValue = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;");

// Grown from the nearest ancestors: at least to the row, item, form or dialog that gives meaning, else up to `limit`.
function htmlAround(el, limit) {
  if (!el || !isConnected(el)) return "";
  if (isOwned(last.scene, el)) return hiddenHtml(el, el);
  let best = serialized(el, el, limit * 8);
  let meaning = false;
  for (let at = flatParent(el); at && localName(at) !== "html"; at = flatParent(at)) {
    const node = last.scene.nodes.get(at);
    const text = serialized(at, el, meaning || localName(at) === "body" ? limit : limit * 8);
    if (text === null) break;
    best = text;
    meaning ||= Boolean(node && containerKind(node));
  }
  return best === null ? shallow(el) : best;
}

const shallow = (el) =>
  `<${localName(el)}${attributesText(el, el)}>${escapeText(clip(fold(textContent(el)), 300))}</${localName(el)}>`;

const hiddenHtml = (el, target) => {
  const tag = localName(el);
  return `<${tag}${el === target ? ` ${MARK}=""` : ""}>${EMPTY.has(tag) ? "" : `${HIDDEN_TEXT}</${tag}>`}`;
};

// The element's HTML, or null when it is longer than `limit`.
function serialized(el, target, limit) {
  const out = { text: "", limit };
  serialize(el, target, out);
  return out.text.length > limit ? null : out.text;
}

function serialize(el, target, out) {
  const tag = localName(el);
  if ((SKIPPED.has(tag) && el !== target) || out.text.length > out.limit) return;
  if (isOwned(last.scene, el)) {
    out.text += hiddenHtml(el, target);
    return;
  }
  out.text += `<${tag}${attributesText(el, target)}>`;
  if (EMPTY.has(tag)) return;
  if (tag === "textarea") out.text += isPrivateField(el, tag) ? "" : escapeText(clip(el.value, 300));
  else if (tag !== "svg" || elementChildren(el).length < 12) serializeChildren(el, target, out);
  out.text += `</${tag}>`;
}

function serializeChildren(el, target, out) {
  for (const child of flatChildren(el)) {
    if (nodeType(child) === TEXT) out.text += escapeText(publicText(child).replace(/\s+/g, " "));
    else if (isElement(child)) serialize(child, target, out);
    if (out.text.length > out.limit) return;
  }
}

function attributesText(el, target) {
  const secret = FIELD_TAGS.has(localName(el)) && isPrivateField(el, localName(el));
  const parts = attrNames(el)
    .filter((name) => name !== MARK && name !== "d" && name !== "style" && !(secret && name === "value"))
    .map((name) => ` ${name}="${escapeValue(clip(attr(el, name), LONG_ATTRIBUTE))}"`);
  return parts.join("") + (el === target ? ` ${MARK}=""` : "");
}

// [[index, html], …] as JSON; the indices are those of the last collection.
function surroundingHtml(indices, limit) {
  return pristine(() => JSON.stringify(indices.map((index) => [index, htmlAround(last.places[index], limit)])));
}
