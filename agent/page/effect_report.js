// The net difference between begin() and now, in numbers and words. Last part of the recorder:
//   const recorder = window[Symbol.for("magenta.recorder")];
//   recorder.begin(button, false)   -> {token, opaque: [{x, y, width, height}]}    opaque: only pixels tell about it;
//                                true: from the moment on at which the pointer is pressed
//   recorder.poll()          -> {token, at: 1764131593204.1, changes: 3, still: 40.5, calm: 40.5, animating: false,
//                                passing: false, complete: true, soon: 0}    at: ms since 1970; still: ms; calm: the same, but of any change, and only as
//                                far back as they were watched; passing: an animation brings something or takes it
//                                away; soon: ms until the timers that fire soon have fired, null where nobody knows
//   recorder.report()        -> {token, missed, dom, near, weak, doubt, state, scrolled, focus, held, text}
//   recorder.target()        -> what begin() was told of
//   recorder.end()              what changes from now on is no effect
const isNear = (node) => !!base.container?.contains(node);

// A change that may be nothing but feedback that the pointer was there: it is counted only if it stays.
const isFeedback = (element) => !!base.target && (base.target.contains(element) || element.contains(base.target));

const tokensOf = (text) => new Set((text || "").split(/\s+/).filter((word) => word && !DULL_CLASS.test(word)));

const sameClasses = (a, b) => {
  const [one, two] = [tokensOf(a), tokensOf(b)];
  return one.size === two.size && [...one].every((word) => two.has(word));
};

const attributeChanged = (element, name, old) => {
  const value = element.getAttribute(name);
  if (value === old || DULL_ATTRIBUTE.test(name)) return false;
  if (name === "class") return !sameClasses(value, old);
  if (name === "style") return (value || "").replace(/[\s;]/g, "") !== (old || "").replace(/[\s;]/g, "");
  return true;
};

const isWithinAdded = (node, added) => {
  for (let each = node; each; each = parentOf(each)) if (added.has(each)) return true;
  return false;
};

const htmlOf = (node) => {
  const html = node.nodeType === 1 ? node.outerHTML : node.nodeType === 3 ? "#" + node.data : "";
  return html.length > MAX_HTML ? null : html;
};

// Without the pairs that look the same: a list rendered anew with equal rows has not changed.
const withoutEqual = (added, removed) => {
  const gone = new Map();
  for (const node of removed) {
    const html = htmlOf(node);
    if (html !== null) gone.set(html, [...(gone.get(html) || []), node]);
  }
  const equal = new Set();
  for (const node of added) {
    const partner = gone.get(htmlOf(node))?.pop();
    if (partner) equal.add(node).add(partner);
  }
  return [[...added].filter((n) => !equal.has(n)), [...removed].filter((n) => !equal.has(n))];
};

const isVisibleNode = (node, there) => {
  if (node.nodeType === 3) return !!node.data.trim();
  if (node.nodeType !== 1 || UNSEEN.has(node.tagName) || node.matches(TOOLTIP)) return false;
  return there ? isSeen(node) : node.tagName !== "INPUT" || node.type !== "hidden";
};

const shape = (line) => line.replace(/\d+/g, "#");
const joined = (nodes) => nodes.map((node) => node.textContent).join(" ").slice(0, 500);
const sameShape = (one, other) => /\d/.test(one || "") && shape(one) === shape(other);

const countChildren = (tally) => {
  const added = new Set();
  for (const entry of journal.children.values()) for (const node of entry.added) if (node.isConnected) added.add(node);
  for (const [parent, entry] of journal.children) {
    if (!parent.isConnected || isWithinAdded(parent, added) || UNSEEN.has(parent.tagName)) continue;
    const here = [...entry.added].filter((node) => node.parentNode === parent);
    const gone = [...entry.removed].filter((node) => node.parentNode !== parent);
    const noise = noiseOf(parent, "content", sameShape(joined(gone), joined(here)));
    const [fresh, lost] = withoutEqual(here, gone);
    for (const node of fresh) {
      const element = node.nodeType === 1 ? node : parent;
      const bare = node.nodeType === 1 && !node.textContent.trim();
      if (isVisibleNode(node, true)) tally(node, noise, bare && isFeedback(element));
    }
    for (const node of lost) {
      if (isVisibleNode(node, false)) tally(node.contains(base.target) ? base.target : parent, noise, false);
    }
  }
  return added;
};

const countAttributes = (tally, added) => {
  for (const [element, olds] of journal.attributes) {
    if (!element.isConnected || UNSEEN.has(element.tagName) || isWithinAdded(element, added)) continue;
    if (element.matches(TOOLTIP)) continue;
    const top = element === document.documentElement || element === document.body;
    const seen = isSeen(element);
    for (const [name, old] of olds) {
      if (!attributeChanged(element, name, old)) continue;
      if (!seen && !/^(class|style|hidden|open|aria-hidden|src)$/.test(name)) continue;
      if (top && name !== "class" && name !== "style") continue;
      const parent = parentOf(element);
      const noise = noiseOf(element, name) || (parent && noiseOf(parent, "child " + name) === "noise" ? "noise" : "");
      tally(element, noise, (name === "class" || name === "style" || name.startsWith("data-")) && isFeedback(element));
    }
  }
};

const countTexts = (tally, added) => {
  for (const [text, old] of journal.texts) {
    if (!text.isConnected || text.data.trim() === (old || "").trim() || isWithinAdded(text, added)) continue;
    const parent = text.parentElement;
    if (!parent || UNSEEN.has(parent.tagName) || !isSeen(parent)) continue;
    tally(parent, noiseOf(parent, "content", sameShape(old, text.data)), false);
  }
};

const countSnapshot = (tally) => {
  const shot = snapshot();
  for (const [control, value] of shot.controls) {
    const old = base.shot.controls.get(control);
    if (old !== undefined && old !== value && control !== controlOf(base.target)) tally(control, "", false);
  }
  for (const [media, state] of shot.media) if ((base.shot.media.get(media) ?? state) !== state) tally(media, "", false);
  for (const popover of new Set([...shot.popovers, ...base.shot.popovers])) {
    if (shot.popovers.has(popover) !== base.shot.popovers.has(popover)) tally(popover, "", false);
  }
  if (shot.fullscreen !== base.shot.fullscreen) tally(document.body, "", false);
  return scrolled(shot);
};

const scrolled = (shot) => {
  const still = (a, b) => Math.abs(a[0] - b[0]) < 2 && Math.abs(a[1] - b[1]) < 2;
  const all = new Set([...shot.scroll.keys(), ...base.shot.scroll.keys()]);
  return [...all].some((each) => {
    if (each !== window && !each.isConnected) return false;
    return !still(shot.scroll.get(each) || [0, 0], base.shot.scroll.get(each) || [0, 0]);
  });
};

// What a line has that the line which was there before had not: "Cart Pay" → "Cart (1) Pay" gives "(1)".
const freshWords = (line, lost) => {
  const words = line.split(" ");
  let best = words;
  for (const old of lost.slice(0, 50).map((each) => each.split(" "))) {
    let start = 0;
    while (start < words.length && words[start] === old[start]) start += 1;
    let end = 0;
    while (end < words.length - start && end < old.length - start && words.at(-1 - end) === old.at(-1 - end)) end += 1;
    const gone = old.slice(start, old.length - end);
    const rest = words.slice(start, words.length - end).filter((word) => {
      const index = gone.indexOf(word);
      if (index >= 0) gone.splice(index, 1);
      return index < 0;
    });
    if (rest.length < best.length) best = rest;
  }
  return best.join(" ");
};

// Lines that are there now and were not before, and how many came or went; ticking digits do not count as such.
const compareLines = () => {
  const left = new Map();
  const after = lines();
  for (const line of base.lines) left.set(line, (left.get(line) || 0) + 1);
  const fresh = after.filter((line) => {
    const count = left.get(line) || 0;
    left.set(line, count - 1);
    return count <= 0;
  });
  const lost = [...left].filter(([, count]) => count > 0).map(([line]) => line);
  const reordered = !fresh.length && !lost.length && after.join("\n") !== base.lines.join("\n");
  return { fresh, lost, reordered };
};

// What the target holds now, where it is a plain field.
const heldOf = (target) => {
  const field = controlOf(target);
  if (!field?.isConnected) return null;
  if (field.localName === "select") return Array.from(field.selectedOptions, (each) => each.label.trim()).join(", ");
  return ["input", "textarea"].includes(field.localName) ? String(field.value) : null;
};

const report = () => {
  if (!base) return { token }; // another document than the one that begin() saw
  take(observer.takeRecords());
  const missed = astray || aim !== null;
  if (missed) takeAim(null); // it is over
  const sum = { dom: 0, near: 0, weak: 0, doubt: 0 };
  const ticking = { noise: [], doubtful: [] }; // texts of nodes that change by themselves
  const tally = (node, noise, feedback) => {
    const text = noise && whole(textOf(node));
    if (noise === "noise" || /\d/.test(text)) ticking[noise].push(text);
    if (noise === "noise") return;
    sum.dom += 1;
    if (noise) sum.doubt += 1;
    else if (feedback) sum.weak += 1;
    if (isNear(node)) sum.near += 1;
  };
  const added = countChildren(tally);
  countAttributes(tally, added);
  countTexts(tally, added);
  const hasScrolled = countSnapshot(tally);
  const { fresh, lost, reordered } = compareLines();
  const ignored = sum.dom > sum.doubt ? [...ticking.noise, ...ticking.doubtful] : ticking.noise;
  const ticks = (line) => ignored.some((text) => text && line.includes(text));
  const news = fresh.filter((line) => !ticks(line)).map((line) => freshWords(line, lost));
  const noisy = ignored.length > 0;
  if (!sum.dom && (news.length || (!noisy && (lost.length || reordered)))) sum.dom = news.length + lost.length || 1;
  const known = base.lines.join(" ");
  const shapes = shape(known);
  const isNews = ({ text, node, parent }) =>
    text && !node.isConnected && !(noisy ? shapes.includes(shape(text)) : known.includes(text)) &&
    noiseOf(parent, "content", false) !== "noise";
  const passing = journal.seen.filter(isNews).map((each) => each.text);
  if (!sum.dom && passing.length) sum.dom = 1;
  return {
    token, missed, ...sum, scrolled: hasScrolled,
    state: base.state !== (base.target?.isConnected ? ownState(base.target) : base.state),
    focus: document.activeElement !== base.focus,
    held: heldOf(base.target),
    text: fold([...new Set([...passing, ...news])].join(" ")),
  };
};

const end = () => {
  acting = false;
  idleSince = now();
  takeAim(null);
};

const recorder = Object.freeze({
  begin, poll, report, effect, calm, rest, end, hold, target: () => base?.target, reasons: () => reasons.splice(0),
});
Object.defineProperty(window, KEY, { value: recorder, enumerable: false });
const start = () => {
  watchRoot(document);
  watchedSince = now();
};
if (document.readyState === "complete") start();
else addEventListener("load", start, { once: true });
