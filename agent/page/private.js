// What on the page is private: passwords and other secret fields, what looks like an address, a number or a token
// (the patterns of agent/privacy/patterns.py), and what the page or the team says is.
//
//     found = { words: { pieces: [[text node, from, to, its element's node]…], of: Map(text node → its pieces), values },
//               fields: [nodes…], owned: Set(elements that were said to be private), values: Set(strings…) }
//
// `values` must not be written anywhere else either.
const HIDDEN_TEXT = "•••";
const OWN_MARK = "[data-magenta-private]";
const SHOWN_VALUES = 200; // at most so many values, of so many characters, are told
const LONGEST_VALUE = 200;
const SHORTEST_VALUE = 4; // a shorter one would be found in every other word
const COMPILED = PRIVATE_PATTERNS.map(({ source, needs, check, group }) => ({
  needs: new RegExp(needs, "i"),
  source: new RegExp(source, "dgi"),
  check,
  group,
}));
const everSecret = new WeakSet(); // fields that once held a password: it may be shown in clear later
const textareaValue = getter(HTMLTextAreaElement, "value");

const digitsOf = (text) => text.replace(/[^0-9]/g, "");

function luhn(digits) {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0 && new Set(digits).size > 1;
}

function reallyPrivate(check, text) {
  const digits = digitsOf(text);
  if (check === "luhn") return luhn(digits);
  const length = digits.length - (digits.startsWith("00") ? 2 : 0);
  return check !== "phone" || (length >= 7 && length <= 15);
}

// [[start, end]…] of what is private in a text.
function privateSpans(text) {
  const spans = [];
  for (const { needs, source, check, group } of COMPILED) {
    if (!needs.test(text)) continue;
    source.lastIndex = 0;
    for (let match = source.exec(text); match; match = source.exec(text)) {
      if (reallyPrivate(check, match[group])) spans.push(match.indices[group]);
      if (!match[0]) source.lastIndex += 1;
    }
  }
  return spans.sort((a, b) => a[0] - b[0]);
}

const collapsed = (text) => text.replace(/[ \t\n\r\f]+/g, " "); // as it is drawn

// The index in a text node's data that an index in its collapsed text stands for.
function rawIndex(raw, index) {
  let at = 0;
  for (let seen = 0; seen < index && at < raw.length; seen++) {
    if (/[ \t\n\r\f]/.test(raw[at])) while (at + 1 < raw.length && /[ \t\n\r\f]/.test(raw[at + 1])) at += 1;
    at += 1;
  }
  return at;
}

// What stands between two elements that are drawn apart; no pattern reaches over the end of a line.
const gapOf = (node) => (node.inline ? "" : node.display.startsWith("inline") ? " " : "\n");

// All text that is drawn, blocks separated, so that a value is found that is spread over several elements.
function drawnText(scene) {
  const out = { text: [], length: 0, nodes: [] };
  const add = (text) => {
    out.text.push(text);
    out.length += text.length;
  };
  const open = [];
  const enter = (node) => {
    add(gapOf(node));
    open.push({ node, children: node.tag === "select" ? NO_CHILDREN : flatChildren(node.el), next: 0 });
  };
  if (scene.list.length) enter(scene.list[0]);
  while (open.length) {
    const top = open[open.length - 1];
    if (top.next === top.children.length) {
      add(gapOf(open.pop().node));
      continue;
    }
    const child = top.children[top.next++];
    if (nodeType(child) === TEXT) {
      const text = collapsed(nodeValue(child));
      out.nodes.push({ child, text, start: out.length, node: top.node });
      add(text);
    } else if (isElement(child)) {
      const node = scene.nodes.get(child);
      if (node && node.parent === top.node) enter(node);
      else if (localName(child) === "br") add("\n");
    }
  }
  return { text: out.text.join(""), nodes: out.nodes };
}

// `before`: what an earlier look found in the text, where that is the same.
function findPrivate(scene, selectors, before) {
  const words = before || privateWords(scene);
  const bad = [];
  const owned = new Set(ownedPrivate(scene, selectors, bad));
  const found = { words, fields: [], owned, bad, values: new Set(words.values) };
  for (const node of scene.list) if (holdsPrivate(found, node)) found.fields.push(node);
  for (const el of owned) noteOwned(found, scene, el);
  return found;
}

function privateWords(scene) {
  const words = { pieces: [], of: new Map(), values: new Set() };
  const { text, nodes } = drawnText(scene);
  let from = 0;
  for (const [start, end] of privateSpans(text)) {
    note(words, text.slice(start, end));
    while (from < nodes.length && nodes[from].start + nodes[from].text.length <= start) from += 1;
    for (let i = from; i < nodes.length && nodes[i].start < end; i++) addPrivatePiece(words, nodes[i], start, end);
  }
  return words;
}

function addPrivatePiece(words, { child, text, start, node }, first, last) {
  const from = Math.max(first - start, 0);
  const to = Math.min(last - start, text.length);
  const raw = nodeValue(child);
  if (to <= from) return;
  const piece = [child, rawIndex(raw, from), rawIndex(raw, to), node];
  words.pieces.push(piece);
  words.of.set(child, [...(words.of.get(child) || NOTHING), piece]);
}

function ownedPrivate(scene, selectors, bad) {
  const owned = [];
  for (const root of [document, ...scene.roots, ...scene.closed]) {
    for (const selector of [OWN_MARK, ...selectors]) {
      try {
        owned.push(...queryAll(root, selector));
      } catch {
        bad.push(selector); // Python refuses to go on
      }
    }
  }
  return owned;
}

// Fields that show a text of their own.
const FIELD_TAGS = new Set(["input", "textarea", "select"]);
const UNTYPED = new Set(["checkbox", "radio", "submit", "button", "reset", "image", "range", "color", "hidden"]);

const fieldValue = (el, tag) => (tag === "textarea" ? textareaValue(el) : tag === "input" ? inputValue(el) : "");

function isPrivateField(el, tag) {
  if (isSecret(el) || everSecret.has(el)) {
    everSecret.add(el);
    return true;
  }
  return tag !== "select" && /(^|\s)(cc-|tel|email|one-time-code)/i.test(attr(el, "autocomplete") || "");
}

// Whether a field shows something private; its box is hidden then.
function holdsPrivate(found, { el, tag }) {
  if (!FIELD_TAGS.has(tag) || (tag === "input" && UNTYPED.has(inputType(el)))) return false;
  const value = fieldValue(el, tag);
  if (value && isPrivateField(el, tag)) {
    note(found, value);
    return true;
  }
  const shown = tag === "select" ? selectedText(el) : value || attr(el, "placeholder") || "";
  const spans = privateSpans(shown);
  spans.forEach(([start, end]) => note(found, shown.slice(start, end)));
  return spans.length > 0;
}

function note(found, value) {
  const folded = fold(value);
  if (folded.length >= SHORTEST_VALUE && folded.length <= LONGEST_VALUE && found.values.size < SHOWN_VALUES)
    found.values.add(folded);
}

function noteOwned(found, scene, el) {
  note(found, textContent(el));
  const inside = scene.nodes.get(el);
  const subtree = inside ? scene.list.slice(inside.index, inside.end) : NO_CHILDREN;
  for (const { el: each, tag } of subtree) {
    if (FIELD_TAGS.has(tag)) note(found, tag === "select" ? selectedText(each) : fieldValue(each, tag));
    if (!firstElement(each)) note(found, textContent(each));
  }
}

// Where all this is drawn, in this frame's own viewport.
function privateRects(scene, { words, fields, owned }) {
  const rects = [];
  const add = (list, node) => {
    for (const rect of list) {
      const seen = clippersAround(scene, node).list.reduce((part, { port }) => overlap(part, port), edges(rect));
      if (seen[2] > seen[0] && seen[3] > seen[1]) rects.push(seen.map(round));
    }
  };
  for (const [child, from, to, node] of words.pieces) {
    if (!node.visible || to > nodeValue(child).length) continue;
    const range = new Range();
    range.setStart(child, from);
    range.setEnd(child, to);
    add(range.getClientRects(), node);
  }
  for (const node of fields) if (node.visible) add([boundingRect(node.el)], node);
  for (const el of owned) {
    const node = scene.nodes.get(el);
    if (!node) continue;
    const range = new Range();
    range.selectNodeContents(el);
    add([boundingRect(el), ...range.getClientRects()], node);
  }
  return rects;
}

// Keeps what was found for the HTML that is asked for later; `selectors` is null where nothing is to be hidden.
function lookForPrivate(scene, selectors, before) {
  if (!selectors) return { rects: NOTHING, values: NOTHING, bad: NOTHING };
  scene.private = findPrivate(scene, selectors, before);
  const { values, bad } = scene.private;
  return { rects: privateRects(scene, scene.private), values: [...values], bad };
}

// What an earlier look found in the text, if neither the text nor what is drawn of it has changed since.
const sameWords = (scene) =>
  memory.same && last.scene && last.scene.private && last.scene.list === scene.list ? last.scene.private.words : null;

// The same once more, after a picture was taken: what has appeared or moved since the last look.
function privateNow(selectors) {
  return pristine(() => {
    noteChanges(pendingChanges(watcher));
    const words = !rebuilt && setSize(changes) === 0 && last.scene && last.scene.private && last.scene.private.words;
    const scene = words ? last.scene : newScene();
    if (words) scene.list.forEach(lookAt);
    return JSON.stringify({ key: frameKey, ...lookForPrivate(scene, selectors, words) });
  });
}

// A text node's text without what is private.
function publicText(node) {
  const text = nodeValue(node);
  const found = last.scene && last.scene.private;
  if (!found) return text;
  let masked = "";
  let at = 0;
  for (const [, from, to] of found.words.of.get(node) || NOTHING) {
    if (to <= at) continue;
    masked += text.slice(at, Math.max(from, at)) + HIDDEN_TEXT;
    at = to;
  }
  return masked + text.slice(at);
}

// Whether somebody said that an element is private, or something around it.
function isOwned(scene, el) {
  if (!scene || !scene.private || !scene.private.owned.size) return false;
  for (let at = el; at; at = flatParent(at)) if (scene.private.owned.has(at)) return true;
  return false;
}
