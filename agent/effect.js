// Records what changes in one document, so that the effect of an action can be told from what was going on anyway.
// Installed before the page's own scripts (and by `evaluate` where that was missed); it only watches, never writes.
//   const recorder = window[Symbol.for("magenta.recorder")];
//   recorder.begin(button)   -> {token, opaque: [{x, y, width, height}]}    opaque: boxes that only pixels tell about
//   recorder.poll()          -> {token, changes: 3, animating: false, complete: true}
//   recorder.report()        -> {token, dom, near, weak, doubt, state, scrolled, focus, text}
(() => {
  const KEY = Symbol.for("magenta.recorder");
  if (window[KEY]) return;

  const MAX_ELEMENTS = 20000; // above that, texts are compared around the target only
  const MAX_CONTROLS = 3000;
  const MAX_JOURNAL = 20000; // changed nodes kept; the rest is only counted
  const MAX_HTML = 20000; // characters of HTML compared to tell a re-rendered node from a changed one
  const UNSEEN = new Set(["SCRIPT", "STYLE", "LINK", "META", "TEMPLATE", "NOSCRIPT", "TITLE", "BASE", "HEAD"]);
  const DULL_ATTRIBUTE = /^(tabindex|nonce|id|name|data-(focus|hover|press)[\w-]*|data-what(input|intent|element|classes)|aria-describedby)$/;
  const DULL_CLASS = /focus|hover|ripple|tabbing|keyboard|touch|mouse|pointer|ng-(un)?touched/i;
  const TOOLTIP = '[role="tooltip"], [class*="tooltip" i], [data-tippy-root]';
  const CONTAINER =
    'li, tr, td, form, fieldset, dialog, details, nav, section, article, [role="dialog"], [role="row"], [role="listitem"],' +
    ' [role="menu"], [role="listbox"], [role="tablist"], [role="toolbar"], [role="group"], [role="radiogroup"]';
  const STATES = ["aria-checked", "aria-selected", "aria-expanded", "aria-pressed", "aria-current", "aria-valuenow", "open"];

  const now = performance.now.bind(performance);
  const idle = new WeakMap(); // node -> {what: [times]} of changes that no action caused
  let journal = null;
  let token = 0;
  let changes = 0;
  let acting = false;
  let idleSince = now();
  const roots = new Set();

  const parentOf = (node) => node.parentNode || node.host || null;
  const elementOf = (node) => (node.nodeType === 1 ? node : node.parentElement);

  const observer = new MutationObserver((records) => take(records));
  const watchRoot = (root) => {
    if (roots.has(root)) return;
    roots.add(root);
    observer.observe(root, {
      subtree: true, childList: true, attributes: true, characterData: true,
      attributeOldValue: true, characterDataOldValue: true,
    });
  };

  // Every element below `top`, in order, through open shadow roots.
  function* elements(top) {
    const walker = document.createTreeWalker(top, NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      yield node;
      if (node.shadowRoot) yield* elements(node.shadowRoot);
    }
  }

  const watchShadows = (top) => {
    if (top.shadowRoot) watchRoot(top.shadowRoot);
    for (const each of elements(top)) if (each.shadowRoot) watchRoot(each.shadowRoot);
  };

  // ---- noise: what changes by itself ----

  const remember = (store, node, what, time) => {
    let kinds = store.get(node);
    if (!kinds) store.set(node, (kinds = {}));
    const times = (kinds[what] ||= []);
    if (times.length && time - times[times.length - 1] < 30) return; // the same tick
    times.push(time);
    if (times.length > 8) times.shift();
  };

  const timesOf = (store, node, what) => store.get(node)?.[what] || [];

  // At least two gaps, all about the same; some ticks may have been missed.
  const regular = (times) => {
    if (times.length < 3) return false;
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    const step = Math.min(...gaps);
    return gaps.every((gap) => Math.abs(gap - step * Math.round(gap / step)) < 0.25 * step + 30 && gap < 8 * step + 60);
  };

  // "noise": it ticks; "doubtful": it may; "": it does not. `ticking`: only digits in it are different.
  const noiseOf = (node, what, ticking) => {
    const before = timesOf(idle, node, what);
    const after = timesOf(journal.times, node, what);
    if (!before.length) {
      const gap = after.length > 1 ? after[1] - after[0] : 1200;
      if (!ticking || base.quiet > 1.2 * gap) return ""; // it would have ticked before the action, too
      return regular(after) || after.length > 3 ? "noise" : "doubtful";
    }
    if (regular(before) && now() - before[before.length - 1] < 3 * (before[1] - before[0]) + 500) return "noise";
    return regular(before.concat(after)) || (ticking && after.length > 2) ? "noise" : "doubtful";
  };

  // What ticked during an action is known to tick from then on.
  const learnNoise = () => {
    for (const [node, kinds] of journal.times) {
      for (const [what, times] of Object.entries(kinds)) {
        if (regular(times)) for (const time of times) remember(idle, node, what, time);
      }
    }
  };

  const noteTime = (record, time) => {
    const store = acting ? journal.times : idle;
    const what = record.type === "attributes" ? record.attributeName : "content";
    const node = record.type === "characterData" ? parentOf(record.target) : record.target;
    if (!node) return false;
    const known = timesOf(idle, node, what).length > 1;
    remember(store, node, what, time);
    // Slides of a carousel take turns: their parent stands for them.
    if (record.type === "attributes" && parentOf(node)) remember(store, parentOf(node), "child " + what, time);
    return known;
  };

  // ---- journal: what changed since begin() ----

  const take = (records) => {
    const time = now();
    let fresh = 0;
    for (const record of records) {
      if (!noteTime(record, time)) fresh += 1;
      if (journal) enter(record);
      for (const node of record.addedNodes) if (node.nodeType === 1) watchShadows(node);
    }
    changes += fresh;
    if (journal && acting) seeTexts(records);
  };

  const enter = (record) => {
    const { attributes, texts, children } = journal;
    if (attributes.size + texts.size + children.size > MAX_JOURNAL) return;
    if (record.type === "attributes") {
      let olds = attributes.get(record.target);
      if (!olds) attributes.set(record.target, (olds = new Map()));
      if (!olds.has(record.attributeName)) olds.set(record.attributeName, record.oldValue);
    } else if (record.type === "characterData") {
      if (!texts.has(record.target)) texts.set(record.target, record.oldValue);
    } else {
      let entry = children.get(record.target);
      if (!entry) children.set(record.target, (entry = { added: new Set(), removed: new Set() }));
      for (const node of record.removedNodes) if (!entry.added.delete(node)) entry.removed.add(node);
      for (const node of record.addedNodes) {
        if (entry.removed.delete(node)) entry.moved = true;
        entry.added.add(node);
      }
    }
  };

  // Texts of nodes as they appear; a toast may be gone again when the report is made.
  const seeTexts = (records) => {
    for (const record of records) {
      for (const node of record.addedNodes) {
        if (journal.seen.length >= 30) return;
        const element = elementOf(node);
        if (!element || UNSEEN.has(element.tagName) || !node.textContent.trim()) continue;
        if (element.closest(TOOLTIP) || !isSeen(element)) continue;
        journal.seen.push({ text: fold(textOf(node)), node, parent: record.target });
      }
    }
  };

  const whole = (text) => text.replace(/\s+/g, " ").trim();
  const fold = (text) => whole(text).slice(0, 200);
  const textOf = (node) => (node.nodeType === 1 ? node.innerText ?? node.textContent : node.textContent) || "";

  const hasBox = (element) => {
    for (const rect of element.getClientRects()) if (rect.width > 1 && rect.height > 1) return true;
    return false;
  };

  const isSeen = (element) => {
    if (hasBox(element)) return getComputedStyle(element).visibility !== "hidden";
    let count = 0;
    for (const each of elements(element)) {
      if (count++ > 60) break;
      if (hasBox(each)) return getComputedStyle(each).visibility !== "hidden";
    }
    return false;
  };

  // ---- snapshot: what is no part of the DOM's mutations ----

  const valueOf = (control) => {
    if (control.type === "checkbox" || control.type === "radio") return String(control.checked);
    if (control.tagName === "SELECT") return Array.from(control.selectedOptions, (o) => o.index).join(",");
    return control.type === "file" ? Array.from(control.files, (f) => f.name).join(",") : control.value;
  };

  const controlOf = (target) => target?.control || (target?.tagName === "SUMMARY" ? target.parentElement : target);

  const ownState = (target) => {
    const control = controlOf(target);
    if (!control) return "";
    const states = [target, control].flatMap((each) => STATES.map((name) => each.getAttribute?.(name)));
    const value = "value" in control && control.tagName !== "LI" && control.tagName !== "BUTTON" ? valueOf(control) : "";
    return JSON.stringify([states, value, control.indeterminate, control.isContentEditable ? control.innerText : ""]);
  };

  const snapshot = () => {
    const shot = { controls: new Map(), media: new Map(), scroll: new Map(), popovers: new Set(), count: 0 };
    for (const root of [document, ...roots]) if (root !== document && !root.isConnected) roots.delete(root);
    for (const element of elements(document)) {
      shot.count += 1;
      if (element.shadowRoot) watchRoot(element.shadowRoot);
      const tag = element.tagName;
      if ((tag === "INPUT" || tag === "SELECT" || tag === "TEXTAREA") && shot.controls.size < MAX_CONTROLS) {
        shot.controls.set(element, valueOf(element));
      } else if (tag === "VIDEO" || tag === "AUDIO") {
        shot.media.set(element, [element.paused, element.muted, element.volume, element.playbackRate].join());
      }
      if (element.scrollTop || element.scrollLeft) shot.scroll.set(element, [element.scrollTop, element.scrollLeft]);
      if (element.popover && element.matches(":popover-open")) shot.popovers.add(element);
    }
    shot.scroll.set(window, [scrollY, scrollX]);
    shot.fullscreen = document.fullscreenElement;
    return shot;
  };

  const lines = () => {
    const area = base.shot.count > MAX_ELEMENTS ? base.container : document.body;
    if (!area?.isConnected) return [];
    const texts = [textOf(area)];
    for (const root of roots) if (root.isConnected) for (const child of root.children) texts.push(textOf(child));
    return texts.join("\n").split("\n").map(whole).filter(Boolean);
  };

  let base = null;

  const begin = (target) => {
    watchRoot(document);
    // A closed shadow root is known only from the inside.
    for (let root = target?.getRootNode(); root?.host; root = root.host.getRootNode()) watchRoot(root);
    take(observer.takeRecords());
    token += 1;
    journal = { attributes: new Map(), texts: new Map(), children: new Map(), times: new Map(), seen: [] };
    base = { target, focus: document.activeElement, quiet: now() - idleSince, shot: snapshot(), state: ownState(target) };
    base.container = containerOf(target);
    base.lines = lines();
    changes = 0;
    acting = true;
    return { token, opaque: opaqueBoxes() };
  };

  const containerOf = (target) => {
    const container = target?.closest?.(CONTAINER);
    if (container) return container;
    const parent = target?.parentElement;
    return parent && parent !== document.body && parent !== document.documentElement ? parent : target;
  };

  const opaqueBoxes = () => {
    const boxes = [];
    for (const element of document.querySelectorAll("canvas, video, embed, object")) {
      const box = element.getBoundingClientRect();
      if (box.width < 20 || box.height < 20 || box.bottom < 0 || box.top > innerHeight || boxes.length >= 5) continue;
      boxes.push({ x: box.x, y: box.y, width: box.width, height: box.height });
    }
    return boxes;
  };

  const animating = () => {
    try {
      return document.getAnimations().some((each) => {
        if (each.playState !== "running" || !each.effect) return false;
        const { endTime, progress } = each.effect.getComputedTiming();
        const left = endTime - (each.currentTime ?? 0);
        return progress !== null && left > 20 && left < 1000;
      });
    } catch {
      return false;
    }
  };

  const poll = () => {
    take(observer.takeRecords());
    return { token, changes, animating: animating(), complete: document.readyState === "complete" };
  };

  // ---- report ----

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

  const report = () => {
    take(observer.takeRecords());
    const sum = { dom: 0, near: 0, weak: 0, doubt: 0 };
    const ticking = { noise: [], doubtful: [] }; // texts of nodes that change by themselves
    const tally = (node, noise, feedback) => {
      if (noise) ticking[noise].push(whole(textOf(node)));
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
      token, ...sum, scrolled: hasScrolled,
      state: base.state !== (base.target?.isConnected ? ownState(base.target) : base.state),
      focus: document.activeElement !== base.focus,
      text: fold([...new Set([...passing, ...news])].join(" ")),
    };
  };

  const end = () => {
    if (acting) learnNoise();
    acting = false;
    idleSince = now();
  };

  Object.defineProperty(window, KEY, { value: Object.freeze({ begin, poll, report, end }), enumerable: false });
  const start = () => watchRoot(document);
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
})();
