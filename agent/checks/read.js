// Reads what a person sees on the page: visible elements, visible texts, field values and states, in flat-tree order.
// Runs in an isolated world, where the page's scripts cannot reach it, and writes nothing to the DOM.
// → JSON {at, url, title, icons, loaded, cut, suspects, frames, nodes}      at: ms since 1970, by the browser's clock
//   node of a text:     [parent, 0, text, x, y, w, h]
//   node of an element: [parent, tag, x, y, w, h, display, flags, attributes | 0, value | null, name | 0]
// display: 0 inline, 1 inline block, 2 block, 3 table cell, 4 line break. Boxes in px of this frame's viewport.
// flags: a letter each, see `flagsOf`.
(function read() {
  const at = performance.timeOrigin + performance.now();
  const MAX_NODES = 200000;
  const setOf = (words) => new Set(words.split(" "));
  const SKIP = setOf(
    "script style template noscript head meta link title object embed param source track canvas audio video datalist " +
    "defs symbol clippath mask metadata desc pattern lineargradient radialgradient filter");
  const KEPT = setOf(
    "id class name type role title alt placeholder for href colspan scope open datetime value contenteditable lang " +
    "data-testid data-test data-test-id data-cy data-qa data-value data-sort data-label data-price");
  const SECRET = setOf("password hidden"), TYPED = setOf("input select textarea");
  const LABELLED = setOf("input select textarea button meter progress output");
  const GLYPH = /^\s*[a-z][a-z0-9]*(_[a-z0-9]+)*\s*$/;  // "arrow_drop_down", drawn by an icon font as an arrow
  const HOSTS = /^(div|span|section|article|p|main|nav|header|footer|aside|blockquote|h[1-6])$/;
  const NAMED_BY_CONTENT = setOf("button a summary option");
  const NAMED_ROLES = /^(button|link|tab|menuitem(checkbox|radio)?|checkbox|radio|switch|option|treeitem)$/;
  // A form's fields shadow its properties (<input name="children">), so that getters are taken from the prototypes.
  const getter = (proto, name) => {
    const get = Object.getOwnPropertyDescriptor(proto, name).get;
    return (object) => get.call(object);
  };
  const childrenOf = getter(Node.prototype, "firstChild"), nextOf = getter(Node.prototype, "nextSibling");
  const attributesOf = getter(Element.prototype, "attributes"), shadowOf = getter(Element.prototype, "shadowRoot");
  const textOf = getter(Node.prototype, "textContent"), rootOf = (n) => Node.prototype.getRootNode.call(n);
  const attribute = (e, name) => Element.prototype.getAttribute.call(e, name);
  const rectOf = (e) => Element.prototype.getBoundingClientRect.call(e);
  const fold = (text) => text.replace(/\s+/g, " ").trim();
  const foldLines = (text) => text.split("\n").map(fold).filter(Boolean).join("\n");
  // Closed shadow roots by host, put here by whoever reads, and when an element was last asked for one.
  const closed = (globalThis.__magentaRoots ||= new WeakMap()), asked = (globalThis.__magentaAsked ||= new WeakMap());
  const now = Date.now(), ASK_AGAIN_MS = 2000, MAX_SUSPECTS = 200;
  const nodes = [], frames = [], suspects = [], labelled = new Map();
  const range = document.createRange();
  const px = (n) => Math.round(n * 10) / 10;
  const place = (r, { dx, dy }) => [px(r.left + dx), px(r.top + dy), px(r.width), px(r.height)];

  function displayOf(display) {
    if (display === "inline" || display === "contents" || display === "ruby") return 0;
    if (display === "table-cell") return 3;
    return display.startsWith("inline") ? 1 : 2;
  }

  function clippedAway(style) {
    if (style.position === "absolute" || style.position === "fixed") {
      const m = style.clip.match(/^rect\((.+)\)$/);
      if (m) {
        const [top, right, bottom, left] = m[1].split(/[,\s]+/).map(parseFloat);
        if (right - left <= 1 || bottom - top <= 1) return true;
      }
    }
    const path = style.clipPath;
    if (path === "none") return false;
    const inset = path.match(/^inset\(([\d.]+)%/);
    if (inset) return parseFloat(inset[1]) >= 50;
    return /^circle\(0(px|%)?( |\))|^polygon\(0(px)? 0(px)?(, 0(px)? 0(px)?)*\)/.test(path);
  }

  // Text without a colour cannot be read, unless a background shines through its letters.
  function transparent(style) {
    const clear = /^rgba.*, 0\)$/;
    return clear.test(style.color) && clear.test(style.webkitTextFillColor) && style.webkitBackgroundClip !== "text";
  }

  // Many fonts for text end with one of symbols, for the signs that they lack.
  const inIcons = (style) => /^(?!\W*(?:segoe|apple|noto))[^,]*(?:icon|symbol)/i.test(style?.fontFamily || "");

  // Whether a native checkbox is drawn over by something that may follow its ARIA state, and that is another.
  function isContradicted(el) {
    const said = el.type === "checkbox" && Number(getComputedStyle(el).opacity) < 0.05 ? attribute(el, "aria-checked") : "";
    return (said === "true" || said === "false") && !el.indeterminate && (said === "true") !== el.checked;
  }

  function flagsOf(el, tag) {
    let flags = "";
    const aria = (name) => attribute(el, "aria-" + name);
    const control = tag === "input" || tag === "select" || tag === "textarea" || tag === "button" || tag === "option";
    if ((control && Element.prototype.matches.call(el, ":disabled")) || aria("disabled") === "true") flags += "d";
    const box = tag === "input" && (el.type === "checkbox" || el.type === "radio");
    if (box) flags += isContradicted(el) ? "" : el.indeterminate ? "m" : el.checked ? "c" : "u";
    else if (aria("checked")) flags += { true: "c", false: "u", mixed: "m" }[aria("checked")] || "";
    if (aria("selected")) flags += aria("selected") === "true" ? "s" : "n";
    if (aria("current") && aria("current") !== "false") flags += "s";
    if (aria("expanded")) flags += aria("expanded") === "true" ? "e" : "x";
    if (aria("pressed")) flags += aria("pressed") === "true" ? "p" : "q";
    if (tag === "details") flags += attribute(el, "open") !== null ? "e" : "x";
    if ((control && el.required) || aria("required") === "true") flags += "r";
    if (((tag === "input" || tag === "textarea") && el.readOnly) || aria("readonly") === "true") flags += "o";
    const invalid = aria("invalid") && aria("invalid") !== "false";
    if (invalid || (control && Element.prototype.matches.call(el, ":user-invalid"))) flags += "i";
    else if (control && Element.prototype.matches.call(el, ":invalid")) flags += "j";
    if (tag === "option" && el.selected) flags += "s";
    if (rootOf(el).activeElement === el) flags += "f";
    if (aria("busy") === "true") flags += "b";
    if (aria("modal") === "true" || (tag === "dialog" && Element.prototype.matches.call(el, ":modal"))) flags += "M";
    return flags;
  }

  function attributesIn(el) {
    let found = 0;
    for (const { name, value } of attributesOf(el)) {
      if (!KEPT.has(name) && !name.startsWith("aria-")) continue;
      if (name === "value" && TYPED.has(el.localName) && !/^(button|submit|reset)$/.test(el.type)) continue;
      (found ||= {})[name] = value.length > 300 ? value.slice(0, 300) : value;
    }
    return found;
  }

  function valueOf(el, tag) {
    if (tag === "textarea") return el.value;
    if (tag === "select") return Array.from(el.selectedOptions, (o) => fold(o.label || o.text)).join(", ");
    if (tag === "input" && !/^(checkbox|radio|file|image|hidden|button|submit|reset)$/.test(el.type)) return el.value;
    if (tag === "input" && el.type === "file") return Array.from(el.files || [], (f) => f.name).join(", ");
    return null;
  }

  function referenced(el, ids) {
    const root = rootOf(el);
    const elements = ids.split(/\s+/).map((id) => (root.getElementById ? root.getElementById(id) : null));
    return foldLines(elements.map((e) => (e ? attribute(e, "aria-label") || e.innerText || textOf(e) : "")).join(" "));
  }

  // The parts of the accessible name that visible text alone does not give.
  function nameOf(el, tag) {
    const by = attribute(el, "aria-labelledby");
    const name = (by && referenced(el, by)) || fold(attribute(el, "aria-label") || "");
    if (name) return name;
    const labels = LABELLED.has(tag) && labelsIn(rootOf(el)).get(el);
    if (labels) return foldLines(labels.map(labelText).join(" "));
    if (tag === "svg") { const t = Element.prototype.querySelector.call(el, "title"); return t ? fold(textOf(t)) : 0; }
    const byContent = NAMED_BY_CONTENT.has(tag) || NAMED_ROLES.test(attribute(el, "role") || "");
    return byContent ? foldLines(contentOf(el)).slice(0, 300) || 0 : 0;
  }

  // Control → its labels, in one pass: asking every control for its own searches the whole page each time.
  function labelsIn(root) {
    if (!labelled.has(root)) {
      const found = new Map();
      const { prototype } = root.nodeType === 9 ? Document : DocumentFragment;  // an element may be named as its method
      for (const label of prototype.querySelectorAll.call(root, "label")) {
        if (label.control) found.set(label.control, [...(found.get(label.control) || []), label]);
      }
      labelled.set(root, found);
    }
    return labelled.get(root);
  }

  // A label's text without what the controls inside it say; a line for each block.
  function labelText(label) {
    let text = "", last = null;
    const blockOf = (at) => {
      while (at !== label && displayOf(getComputedStyle(at).display) === 0) at = at.parentElement;
      return at;
    };
    const walker = document.createTreeWalker(label, 5);
    for (let n = walker.nextNode(); n; ) {
      const inner = n.nodeType === 1 && /^(select|textarea|script|style|button|datalist)$/.test(n.localName);
      if (n.nodeType === 3 && /\S/.test(n.data)) {
        const block = blockOf(n.parentElement);
        text += (last && block !== last ? "\n" : "") + fold(n.data) + " ";
        last = block;
      }
      n = inner ? (walker.nextSibling() || skipUp(walker, label)) : walker.nextNode();
    }
    return text;
  }

  function skipUp(walker, top) {
    while (walker.parentNode() && walker.currentNode !== top) {
      const next = walker.nextSibling();
      if (next) return next;
    }
    return null;
  }

  function contentOf(el) {
    const own = el.innerText || "";
    if (own.trim()) return own;
    const named = Element.prototype.querySelectorAll.call(el, "img[alt], svg > title, [aria-label]");
    return Array.from(named, (e) => attribute(e, "alt") || attribute(e, "aria-label") || textOf(e)).join(" ");
  }

  function inside(rect, clip) {
    const w = Math.min(rect.right, clip[2]) - Math.max(rect.left, clip[0]);
    const h = Math.min(rect.bottom, clip[3]) - Math.max(rect.top, clip[1]);
    return w > 1.5 && h > 1.5;
  }

  const NOWHERE_ELSE = 1e9;
  // What can be scrolled to in a document; what lies left of or above its origin cannot.
  function reach(doc) {
    const win = doc.defaultView, root = doc.documentElement;
    const cut = (axis) => [root, doc.body].some((e) => e && /hidden|clip/.test(getComputedStyle(e)["overflow" + axis]));
    const right = cut("X") ? win.innerWidth : Math.max(root.scrollWidth, win.innerWidth) - win.scrollX;
    return [-win.scrollX, -win.scrollY, right, NOWHERE_ELSE];
  }

  function push(stack, first, parent, context) {
    const children = [];
    for (let n = first; n; n = nextOf(n)) if (n.nodeType === 1 || n.nodeType === 3) children.push(n);
    for (let i = children.length - 1; i >= 0; i--) stack.push([children[i], parent, context]);
  }

  function walkText(node, parent, context) {
    const text = node.data;
    if (context.hidden || !text) return;
    if (!/\S/.test(text)) {
      nodes.push([parent, 0, " ", 0, 0, 0, 0]);
      return;
    }
    range.selectNodeContents(node);
    const r = range.getBoundingClientRect();
    if (!inside(r, context.clip) || (context.style && transparent(context.style))) return;
    const drawn = /^[\uE000-\uF8FF\s]*$/.test(text) || (GLYPH.test(text) && inIcons(context.style));
    const shown = drawn ? " " : text;
    nodes.push([parent, 0, shown, ...place(r, context)]);
  }

  function pseudo(el, index, which, style, rect, context) {
    const content = getComputedStyle(el, which).content;
    const m = content && content.match(/^"((?:[^"\\]|\\.)*)"/);
    if (!m || context.hidden || !/[\p{L}\p{N}$€£%]/u.test(m[1]) || /^[\uE000-\uF8FF]*$/.test(m[1])) return;
    const own = getComputedStyle(el, which);
    if (own.display === "none" || own.visibility !== "visible" || parseFloat(own.opacity) < 0.05) return;
    nodes.push([index, 0, m[1].replace(/\\(.)/g, "$1"), ...place(rect, context)]);
  }

  function walkElement(el, parent, context, stack) {
    const tag = el.localName.toLowerCase();
    const picture = tag === "canvas" || tag === "video";
    if (SKIP.has(tag) && !picture) return;
    const style = getComputedStyle(el);
    const faded = parseFloat(style.opacity) < 0.05 || /opacity\(0/.test(style.filter);
    const unseen = style.display === "none" || faded || clippedAway(style);
    const drawn = unseen && tag === "input" && /^(checkbox|radio)$/.test(el.type) ? drawnInstead(el) : null;
    if (unseen && !drawn) return;
    const rect = drawn || rectOf(el);
    const inner = contextIn(el, tag, style, rect, context);
    const index = emit(el, tag, parent, inner, style, rect);
    if (tag === "iframe" || tag === "frame") { walkFrame(el, index, inner, rect, stack); return; }
    if (style.contentVisibility === "hidden" || picture || tag === "input" || tag === "textarea") return;
    if (tag === "select") { walkOptions(el, index, inner); return; }
    stack.push([{ afterOf: el }, index, inner, rect]);
    pseudo(el, index, "::before", style, rect, inner);
    pushChildren(el, tag, index, inner, rect, stack);
  }

  // Where the label or the parent can be seen that draws a mark in place of a hidden checkbox or radio button; else null.
  function drawnInstead(el) {
    for (const place of [...(labelsIn(rootOf(el)).get(el) || []), el.parentElement]) {
      const rect = place ? rectOf(place) : null;
      const shown = rect && rect.width >= 8 && rect.height >= 8 && getComputedStyle(place).visibility === "visible";
      if (shown && drawsMark(place)) return rect;
    }
    return null;
  }

  // Whether something as small as a mark is painted in an element: a picture, a box, a pseudo-element.
  function drawsMark(place) {
    const inner = Array.prototype.slice.call(Element.prototype.querySelectorAll.call(place, "*"), 0, 30);
    return [place, ...inner].some((el) => {
      if (el.localName === "input") return false;
      if (el.localName === "svg" || el.localName === "img") return markSized(el.getBoundingClientRect());
      if (el !== place && isPainted(getComputedStyle(el)) && markSized(el.getBoundingClientRect())) return true;
      return ["::before", "::after"].some((which) => {
        const style = getComputedStyle(el, which);
        if (style.content === "none" || style.content === "normal") return false;
        return isPainted(style) && markSized({ width: parseFloat(style.width), height: parseFloat(style.height) });
      });
    });
  }

  const markSized = ({ width, height }) => width >= 6 && height >= 6 && width <= 80 && height <= 60;
  const isPainted = (style) =>
    style.backgroundImage !== "none" || !/, 0\)$/.test(style.backgroundColor) || parseFloat(style.borderTopWidth) > 0;

  function pushChildren(el, tag, index, context, rect, stack) {
    const root = shadowOf(el) || closed.get(el);
    if (root) { push(stack, childrenOf(root), index, context); return; }
    if (tag === "slot") {
      const assigned = el.assignedNodes();
      for (let i = assigned.length - 1; i >= 0; i--) stack.push([assigned[i], index, context]);
      if (assigned.length) return;
    }
    if (tag === "details" && attribute(el, "open") === null) {
      const summary = Array.prototype.find.call(el.children, (c) => c.localName === "summary");
      if (summary) stack.push([summary, index, context]);
      return;
    }
    const first = childrenOf(el);
    const sized = rect.width > 1 && rect.height > 1;
    if (sized && (tag.includes("-") || (!first && HOSTS.test(tag)))) suspect(el);
    push(stack, first, index, context);
  }

  // It may have a closed shadow root, which only the DevTools protocol can tell.
  function suspect(el) {
    if (suspects.length >= MAX_SUSPECTS || now - (asked.get(el) || 0) < ASK_AGAIN_MS) return;
    asked.set(el, now);
    suspects.push(el);
  }

  function contextIn(el, tag, style, rect, context) {
    let { clip, absolute, fixed, dx, dy, base } = context;
    const { position } = style;
    if (position === "fixed") { fixed = true; clip = [0, 0, innerWidth, innerHeight]; absolute = clip; }
    else if (position === "absolute") clip = absolute;
    const viewport = tag === "html" || tag === "body";
    const overflow = style.overflow;
    if (!viewport && overflow !== "visible" && style.display !== "inline" && style.display !== "contents") {
      const reachable = /auto|scroll/.test(overflow);
      const box = [rect.left, rect.top, rect.right, rect.bottom];
      const corner = [Math.max(box[0], clip[0]), Math.max(box[1], clip[1])];
      const cut = [...corner, Math.min(box[2], clip[2]), Math.min(box[3], clip[3])];
      if (!reachable) clip = cut;
      else if (inside(rect, clip)) clip = [-NOWHERE_ELSE, -NOWHERE_ELSE, NOWHERE_ELSE, NOWHERE_ELSE];
      else clip = [0, 0, 0, 0];
    }
    if (absolute !== clip && (position !== "static" || style.transform !== "none")) absolute = clip;
    return { clip, absolute, fixed, dx, dy, base, hidden: style.visibility !== "visible", style };
  }

  // Whether what may be a dialog lies behind something that is not in it, or the veil of another one.
  function isBehind(el, tag, style, rect) {
    const dialog = /dialog|modal|popup|lightbox/.test(`${attribute(el, "role")} ${attribute(el, "class")}`) || tag === "dialog";
    if (!dialog || style.pointerEvents === "none" || rootOf(el) !== document || rect.width <= 1) return false;
    const x = rect.left + rect.width / 2, y = rect.top + rect.height / 2;
    const top = Document.prototype.elementFromPoint.call(document, x, y);
    return !!top && !Node.prototype.contains.call(el, top) && !Node.prototype.contains.call(top, el);
  }

  function emit(el, tag, parent, context, style, rect) {
    const shown = !context.hidden && (inside(rect, context.clip) || style.display === "contents");
    let display = tag === "br" ? 4 : displayOf(style.display);
    let flags = flagsOf(el, tag);
    if (!shown) flags += "h";
    else if (isBehind(el, tag, style, rect)) flags += "B";
    if (style.textTransform === "uppercase") flags += "U";
    const type = tag === "input" ? el.type : "";
    if (SECRET.has(type) || /one-time-code|cc-csc/.test(attribute(el, "autocomplete") || "")) flags += "S";
    const facts = [display, flags, attributesIn(el), valueOf(el, tag), nameOf(el, tag)];
    nodes.push([parent, tag, ...place(rect, context), ...facts]);
    return nodes.length - 1;
  }

  function walkOptions(el, index, context) {
    const visible = el.multiple || el.size > 1;
    for (const option of Array.prototype.slice.call(el.options, 0, 500)) {
      const shown = visible && !context.hidden;
      const flags = (option.selected ? "s" : "n") + (option.disabled ? "d" : "") + (shown ? "" : "h");
      const label = fold(option.label || option.text);
      nodes.push([index, "option", 0, 0, 0, 0, 2, flags, 0, label, label]);
    }
  }

  function walkFrame(el, index, context, rect, stack) {
    if (context.hidden || rect.width < 3 || rect.height < 3 || !inside(rect, context.clip)) return;
    let doc = null;
    try { doc = el.contentDocument; } catch (error) { doc = null; }
    const dx = context.dx + rect.left + el.clientLeft, dy = context.dy + rect.top + el.clientTop;
    if (doc && doc.documentElement) stack.push([doc.documentElement, index, frameContext(doc, dx, dy)]);
    else { frames.push([index, dx, dy]); (globalThis.__magentaFrames ||= [])[frames.length - 1] = el; }
  }

  function frameContext(doc, dx, dy) {
    const clip = reach(doc);
    return { clip, absolute: clip, fixed: false, dx, dy, hidden: false };
  }

  const stack = document.documentElement ? [[document.documentElement, -1, frameContext(document, 0, 0)]] : [];
  globalThis.__magentaFrames = [];
  while (stack.length && nodes.length < MAX_NODES) {
    const [node, parent, context, rect] = stack.pop();
    if (node.afterOf) pseudo(node.afterOf, parent, "::after", null, rect, context);
    else if (node.nodeType === 3) walkText(node, parent, context);
    else walkElement(node, parent, context, stack);
  }
  globalThis.__magentaSuspects = suspects;
  const titled = document.getElementsByTagName("title")[0];
  const loaded = getter(Document.prototype, "readyState")(document) === "complete";
  const title = fold(titled ? textOf(titled) : "");
  const cut = stack.length > 0;
  const icons = Array.from(document.querySelectorAll('link[rel~="icon" i]'), (link) => link.href);
  return JSON.stringify({ at, url: location.href, title, icons, loaded, cut, suspects: suspects.length, frames, nodes });
})
