// What on the page is private: passwords and other secret fields, what looks like an address, a number or a token
// (the patterns of model/private_text.py), and what the page or the team says is.
//
//     hide = { selectors: [of what is private…], typed: [what stood in secret fields, to be found wherever it is shown…] }
//     found = { words: { pieces: [[text node, from, to]…], of: Map(text node → its pieces), values, roots: [shadow…] },
//               fields: [elements…], drawn: [elements…], owned: Set(elements that were said to be private),
//               values: Set(strings…), typed: Set(strings…) }
//
// `values` must not be written anywhere else either; `typed` are those of them that stood in secret fields.
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

const digitsOf = (text) => text.replace(/[^0-9]/g, "");

function luhn(digits) {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0 && new Set(digits).size > 1;
}

// Whether the check digits of a bank account's number fit: read as one number in base 36's digits, it leaves 1 by 97.
function iban(text) {
  const plain = text.replace(/[^0-9a-z]/gi, "").toLowerCase();
  let rest = 0;
  for (const digit of plain.slice(4) + plain.slice(0, 4)) {
    const value = parseInt(digit, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function reallyPrivate(check, text) {
  const digits = digitsOf(text);
  if (check === "luhn") return luhn(digits);
  if (check === "iban") return iban(text);
  const length = digits.length - (digits.startsWith("00") ? 2 : 0);
  return check !== "phone" || (length >= 7 && length <= 15);
}

// What finds the values anywhere, not as a part of a longer word, however they are spaced; null where there are none.
function valuesPattern(values) {
  const escaped = values.map((value) => value.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/\s+/g, "\\s+"));
  const word = "[\\p{L}\\p{N}_]";
  return values.length ? new RegExp(`(?<!${word})(?:${escaped.join("|")})(?!${word})`, "dgu") : null;
}

function typedSpans(text, typed) {
  const spans = [];
  const source = valuesPattern(typed);
  for (let match = source && source.exec(text); match; match = source.exec(text)) spans.push(match.indices[0]);
  return spans;
}

// [[start, end]…] of what is private in a text.
function privateSpans(text, typed = NOTHING) {
  const spans = typedSpans(text, typed);
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

// Elements that do not break a line; style says the same of most pages, and takes many times as long to ask.
const INLINE_TAGS = new Set(
  "a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q s samp small span strong sub sup time tspan u var wbr"
    .split(" "),
);
const nextNode = method(TreeWalker, "nextNode");
const SHOWN_KINDS = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;

// All text of the page, lines separated, so that a value is found that is spread over several elements.
function allText() {
  const out = { text: [], length: 0, nodes: [], roots: [document], hollow: 0 };
  for (let i = 0; i < out.roots.length; i++) readText(out, out.roots[i]);
  return { ...out, text: out.text.join("") };
}

function readText(out, root) {
  const walker = walkTree(document, root, SHOWN_KINDS);
  let line = null; // the nearest element around that breaks lines
  for (let node = nextNode(walker); node; node = nextNode(walker)) {
    if (nodeType(node) !== TEXT) {
      const inner = shadowOf(node);
      if (inner) out.roots.push(inner);
      else if (localName(node).includes("-") || (HOSTS.has(localName(node)) && firstChild(node) === null)) out.hollow += 1;
      if (!INLINE_TAGS.has(localName(node))) line = null;
      continue;
    }
    const block = blockAround(node);
    if (block === null) continue;
    if (block !== line) addText(out, "\n");
    line = block;
    const text = collapsed(nodeValue(node));
    out.nodes.push({ child: node, text, start: out.length });
    addText(out, text);
  }
  addText(out, "\n");
}

function addText(out, text) {
  out.text.push(text);
  out.length += text.length;
}

// The element whose lines a text stands in; null where nothing of it is ever drawn.
function blockAround(node) {
  let at = parentOf(node);
  while (isElement(at) && INLINE_TAGS.has(localName(at))) at = parentOf(at);
  return isElement(at) && UNSEEN.has(localName(at)) ? null : at;
}

// `before`: what an earlier look found in the text, where that is the same.
function findPrivate({ selectors, typed }, before) {
  const words = before && sameList(before.typed, typed) ? before : privateWords(typed);
  const found = { words, fields: [], drawn: [], owned: new Set(), bad: [], values: new Set(words.values), typed: new Set() };
  for (const root of words.roots) {
    ownedPrivate(found, root, selectors);
    for (const el of Array.from(queryAll(root, FIELDS))) if (holdsPrivate(found, el, typed)) found.fields.push(el);
    findDrawn(found, root);
  }
  for (const el of found.owned) noteOwned(found, el);
  return found;
}

function privateWords(typed) {
  const { text, nodes, roots, hollow } = allText();
  const words = { pieces: [], of: new Map(), values: new Set(), roots, hollow, typed };
  let from = 0;
  for (const [start, end] of privateSpans(text, typed)) {
    note(words, text.slice(start, end));
    while (from < nodes.length && nodes[from].start + nodes[from].text.length <= start) from += 1;
    for (let i = from; i < nodes.length && nodes[i].start < end; i++) addPrivatePiece(words, nodes[i], start, end);
  }
  return words;
}

function addPrivatePiece(words, { child, text, start }, first, last) {
  const from = Math.max(first - start, 0);
  const to = Math.min(last - start, text.length);
  if (to <= from) return;
  const raw = nodeValue(child);
  const piece = [child, rawIndex(raw, from), rawIndex(raw, to)];
  words.pieces.push(piece);
  words.of.set(child, [...(words.of.get(child) || NOTHING), piece]);
}

function ownedPrivate(found, root, selectors) {
  for (const selector of [OWN_MARK, ...selectors]) {
    try {
      for (const el of Array.from(queryAll(root, selector))) found.owned.add(el);
    } catch {
      found.bad.push(selector); // Python refuses to go on
    }
  }
}

function note(found, value) {
  const folded = fold(value);
  if (folded.length >= SHORTEST_VALUE && folded.length <= LONGEST_VALUE && found.values.size < SHOWN_VALUES)
    found.values.add(folded);
}

function noteOwned(found, el) {
  note(found, textContent(el));
  for (const each of [el, ...Array.from(queryAll(el, "*"))]) {
    const tag = localName(each);
    if (FIELD_TAGS.has(tag)) note(found, tag === "select" ? selectedText(each) : fieldValue(each, tag));
    else if (!firstElement(each)) note(found, textContent(each));
  }
}

// The node of an element that the scene left out, made for it and for what it stands in.
function nodeOf(scene, el) {
  const missing = [];
  let at = el;
  for (; at && !scene.nodes.has(at) && !scene.aside.has(at); at = flatParent(at)) missing.push(at);
  let node = at ? scene.nodes.get(at) || scene.aside.get(at) : null;
  while (missing.length) {
    const next = missing.pop();
    const style = styleOf(next);
    node = newNode(next, node, -1, style, style.display);
    scene.aside.set(next, node);
  }
  return node;
}

// Where all this is drawn, in this frame's own viewport.
function privateRects(scene, { words, fields, drawn, owned }, whole) {
  const rects = [];
  scene.aside = new Map();
  scene.wherever = whole;
  const range = new Range();
  for (const [child, from, to] of words.pieces) {
    if (to > nodeValue(child).length || !isConnected(child)) continue;
    range.setStart(child, from);
    range.setEnd(child, to);
    // Most of a long page is out of sight, which one rectangle tells sooner than a list of them.
    if (!whole && !inWindow(edges(range.getBoundingClientRect()))) continue;
    const drawnAs = Array.from(range.getClientRects(), withOverhang);
    addRects(scene, rects, drawnAs, parentElement(child) || hostOf(parentOf(child)), true);
  }
  for (const el of [...fields, ...drawn]) addRects(scene, rects, [boundingRect(el)], el, true);
  for (const el of owned) {
    range.selectNodeContents(el);
    addRects(scene, rects, [boundingRect(el), ...range.getClientRects()], el, false);
  }
  return rects;
}

// Slanted and swung letters are drawn beyond the place that is theirs.
function withOverhang({ left, top, right, bottom }) {
  const aside = 0.15 * (bottom - top);
  return right > left && bottom > top
    ? { left: left - aside, top: top - aside / 3, right: right + aside, bottom: bottom + aside / 3 }
    : { left, top, right, bottom };
}

// What of the rectangles is in the window and in the scrolled boxes around `el`.
function addRects(scene, rects, list, el, alone) {
  for (const rect of Array.from(list, edges)) {
    if (!hasArea(rect) || !(scene.wherever || inWindow(rect))) continue;
    const node = nodeOf(scene, el);
    if (alone && !node.visible) return;
    const seen = clippersAround(scene, node).list.reduce((part, { port }) => overlap(part, port), rect);
    if (seen[2] > seen[0] && seen[3] > seen[1]) rects.push(seen.map(round));
  }
}

// Keeps what was found for the HTML that is asked for later; `hide` is null where nothing is to be hidden.
function lookForPrivate(scene, hide, before, whole = false) {
  if (!hide) return { rects: NOTHING, values: NOTHING, typed: NOTHING, bad: NOTHING };
  scene.private = findPrivate(hide, before);
  const { values, typed, bad } = scene.private;
  return { rects: privateRects(scene, scene.private, whole), values: [...values], typed: [...typed], bad };
}

// What an earlier look found in the text, if neither the text nor what is drawn of it has changed since.
const sameWords = () => (memory.same && last.scene && last.scene.private ? last.scene.private.words : null);

// The same once more, after a picture was taken: what has appeared or moved since the last look.
function privateNow(hide, whole) {
  return pristine(() => {
    noteChanges(pendingChanges(watcher));
    const words = !rebuilt && setSize(changes) === 0 && last.scene && last.scene.private && last.scene.private.words;
    const scene = { nodes: new Map() };
    const answer = JSON.stringify({ key: frameKey, ...lookForPrivate(scene, hide, words, whole) });
    if (last.scene) last.scene.private = scene.private;
    return answer;
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
