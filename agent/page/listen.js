// Tells of what a person does, each with the page as it was just before: runs in a world of its own, which the page does
// not see, in every frame, and changes nothing. `magentaRecord` is a binding of DevTools.
//
//     magentaRecord('{"kind": "click", "at": 1764131593.2, "key": "1764131590120.3 https://…", "value": null, "way": "to",
//                     "seen": {…once.js…, "frames": […]}, "typed": […], "spent": [3.1]}')
//
// It tells when a field is entered ("begun"), and a tab's own document when it comes ("arrival") and what it shows at
// first ("shown"), too.
const WISH = { hide: RECORD_HIDE, chars: 4000, layout: true, whole: true };
const FRAMES = "iframe,frame,object,embed,fencedframe";
const TYPED = /^input:(?!checkbox|radio|file|button|submit|reset|image|range|color|hidden)|^textarea$/;
let pressed = null; // what was seen when the mouse button went down
let keyed = null; // the same for a key
let field = null; // the field that is being filled in, as it was before
let dragged = null;
let entered = 0; // when Enter was last pressed in a field

const keyNow = () => `${performance.timeOrigin} ${location.href}`;
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const targetOf = (event) => actedOn(event.composedPath()[0]);

function see(el) {
  const at = now();
  const seen = lookNow(el, WISH);
  if (seen.element) Object.assign(seen.element, placeOf(last.scene, el, seen.element));
  return { el, at, seen };
}

// What stood in secret fields of any page, as far as this one was told.
const typedSoFar = () => globalThis.magentaTyped || RECORD_HIDE.typed;

// What the page shows, with the places of other documents in it.
function lookNow(el, wish) {
  WISH.hide.typed = typedSoFar();
  const seen = JSON.parse(lookOnce(el, wish));
  const frames = last.scene.private.words.roots.flatMap((root) => Array.from(queryAll(root, FRAMES), boundingRect));
  return { ...seen, frames: frames.map(edges).filter((rect) => hasArea(rect) && inWindow(rect)) };
}

// Where another control on the page is called the same: in which row, item or card this one stands, or else in which
// part of the page, if it has no other that is called so.
function placeOf(scene, el, { role, name }) {
  const found = { within: "", part: "" };
  if (!hasNamesake(scene, document, el, role, name)) return found;
  for (let at = flatParent(el); at && !found.within; at = flatParent(at)) {
    const node = scene.nodes.get(at);
    const kind = node ? containerKind(node) : "";
    if (ITEMS.has(kind)) found.within = itemName(scene, node, name);
    else if (PARTS.has(kind) && !found.part && !hasNamesake(scene, at, el, role, name))
      found.part = containerName(scene, node);
  }
  return found;
}

const PARTS = new Set(["region", "form", "dialog"]);
const MOST_NAMESAKES = 40; // names are slow to work out, and a person waits

function hasNamesake(scene, root, el, role, name) {
  const text = fold(textContent(el));
  const label = attr(el, "aria-label");
  let left = MOST_NAMESAKES;
  for (const other of Array.from(queryAll(root, localName(el)))) {
    if (other === el || fold(textContent(other)) !== text || attr(other, "aria-label") !== label) continue;
    if (!hasArea(edges(boundingRect(other)))) continue;
    if (namedAs(scene, other).name === name && roleOf(other) === role) return true;
    if (--left === 0) return false;
  }
  return false;
}

// What a row is called: its heading, else the first words in it that are not the control's own.
function itemName(scene, { el }, name) {
  for (const each of [...Array.from(queryAll(el, HEADINGS)), ...Array.from(queryAll(el, "*"))]) {
    if ((firstElement(each) && !matches(each, HEADINGS)) || matches(each, "button,input,select,textarea,option")) continue;
    const text = visibleText(scene, each, 80);
    if (/\p{L}/u.test(text) && text !== name) return text;
  }
  return "";
}

function tell(kind, look, value = null, way = "to") {
  const { at, seen } = look || { at: now(), seen: null };
  const facts = { kind, at, key: keyNow(), value, way, seen, typed: typedSoFar(), spent: spent.splice(0) };
  magentaRecord(JSON.stringify(facts));
}

const isHidden = (el) => FIELD_TAGS.has(localName(el)) && isPrivateField(el, localName(el));
const valueIn = (el) => (isEditable(el) ? fold(textContent(el)) : fieldValue(el, localName(el)));
const isTyped = (el) => (el ? TYPED.test(elementType(el, roleOf(el))) : false);

// A field is told of when the person is through with it; the picture of how it was has to be kept until then.
function begin(look, before) {
  field = { ...look, before, edited: false };
  tell("begun", { at: look.at, seen: null });
}

// One line for each field that the person has changed, once they are through with it.
function flush() {
  if (!field) return;
  const value = valueIn(field.el);
  if (field.edited && value !== field.before) tell("fill", field, isHidden(field.el) ? null : value);
  field = { ...field, before: value, edited: false };
}

// What a page does to the value of a field, such as to empty it once it is sent, nobody has to do again.
function edit(event) {
  if (field && field.el === event.composedPath()[0]) field.edited = true;
}

// Where something was dropped. Where a list makes room while it is dragged over, it lies under itself in the end, and
// what comes next there says where it was meant to be.
function dropped(el) {
  if (!contains(dragged.el, el)) return ["to", el];
  const next = nextElement(dragged.el);
  if (next) return ["above", next];
  const others = elementChildren(parentElement(dragged.el)).filter((child) => child !== dragged.el);
  return others.length ? ["below", others[others.length - 1]] : ["to", el];
}

const HEARD = {
  pointerdown(event) {
    const el = targetOf(event);
    if (field && field.el !== el) flush();
    pressed = see(el);
  },
  click(event) {
    const el = targetOf(event);
    const type = elementType(el, roleOf(el));
    const label = localName(event.composedPath()[0]) === "label" || closest(event.composedPath()[0], "label");
    if (/^(checkbox|radio|input:file|select|option)$/.test(type) && FIELD_TAGS.has(localName(el))) return;
    if (isTyped(el) || (event.detail === 0 && now() - entered < 0.3)) return;
    if (label && labelControl(label) && labelControl(label) !== el && !contains(label, el)) return;
    tell("click", of(el));
  },
  dblclick: (event) => tell("double_click", of(targetOf(event))),
  contextmenu: (event) => tell("right_click", of(targetOf(event))),
  focusin(event) {
    const el = event.composedPath()[0];
    if (field && field.el === el) return;
    flush();
    if (isTyped(el)) begin(of(el), valueIn(el));
    else field = null;
  },
  focusout: () => flush(),
  input: (event) => edit(event),
  change(event) {
    const el = event.composedPath()[0];
    const tag = localName(el);
    const type = tag === "input" ? inputType(el) : tag;
    if (type === "checkbox" || type === "radio") tell(el.checked ? "check" : "uncheck", of(el));
    else if (tag === "select") tell("select", of(el), selectedText(el));
    else if (type === "file") tell("upload", of(el), Array.from(el.files, (file) => file.name).join(", "));
    else if (!isTyped(el)) tell("fill", of(el), valueIn(el));
  },
  keydown(event) {
    const el = event.composedPath()[0];
    const { key } = event;
    if (key !== "Enter") edit(event); // an editor may write down by itself what is typed
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (/^(Control|Shift|Alt|Meta|Tab|AltGraph)$/.test(key)) return;
    if (key === "Enter" && isTyped(el) && localName(el) === "input") {
      const look = see(el);
      flush();
      // Where the page stays, the next thing that is typed comes after this.
      if (field && field.el === el) begin(look, field.before);
      entered = now();
      tell("press", look, "Enter");
    } else if (key === " " || key === "Enter") {
      keyed = isTyped(el) ? null : see(actedOn(el));
    } else if (/^(Escape|F\d+)$/.test(key) || (held && !/^[acvxz]$/i.test(key) && !key.startsWith("Arrow"))) {
      const names = [["ctrlKey", "Control"], ["altKey", "Alt"], ["metaKey", "Meta"], ["shiftKey", "Shift"]];
      const keys = names.filter(([flag]) => event[flag]).map(([, name]) => name);
      tell("press", see(el), [...keys, key.length === 1 ? key.toUpperCase() : key].join("+"));
    }
  },
  dragstart: (event) => (dragged = of(targetOf(event))),
  drop(event) {
    if (!dragged) return;
    const [way, el] = dropped(targetOf(event));
    const goal = see(el).seen.element;
    tell("drag", dragged, goal ? goal.name || goal.text : "", way);
    dragged = null;
  },
  pagehide: () => flush(),
};

// What was seen before the page could react, if it is of this element.
function of(el) {
  if (pressed && pressed.el === el) return pressed;
  return keyed && keyed.el === el ? keyed : see(el);
}

const spent = []; // milliseconds for which the page was held up, each time

function timed(work) {
  const began = performance.now();
  try {
    return work();
  } finally {
    spent.push(Math.round((performance.now() - began) * 100) / 100);
  }
}

for (const [type, hear] of Object.entries(HEARD)) {
  const listener = (event) => {
    if (!event.isTrusted && type !== "change" && type !== "pagehide") return;
    timed(() => hear(event));
  };
  window.addEventListener(type, listener, { capture: true, passive: true });
}

// A closed shadow root that DevTools found.
globalThis.magentaRoot = (root) => weakSet(closedRoots, hostOf(root), root);

// What is private now, in the window and out of it, what page this is, and where it shows other documents. `typed` is what
// stood in secret fields of any page.
globalThis.magentaLook = (typed, layout) =>
  timed(() => {
    globalThis.magentaTyped = typed;
    return JSON.stringify(wholeLook(layout));
  });

function wholeLook(layout) {
  const at = now();
  const heading = queryAll(document, "h1")[0];
  return { ...lookNow(null, { ...WISH, layout }), at, heading: heading ? fold(textContent(heading)) : "" };
}

function tellShown() {
  requestAnimationFrame(() => {
    const seen = timed(() => wholeLook(false));
    tell("shown", { at: seen.at, seen });
  });
}

if (window === window.top) {
  const [entry] = performance.getEntriesByType("navigation");
  const facts = { at: now(), key: keyNow(), value: entry ? entry.type : "", url: location.href };
  magentaRecord(JSON.stringify({ kind: "arrival", ...facts, seen: null, spent: [] }));
  if (document.readyState === "loading") window.addEventListener("DOMContentLoaded", tellShown, { capture: true });
  else tellShown();
  window.addEventListener("load", tellShown, { capture: true });
}
