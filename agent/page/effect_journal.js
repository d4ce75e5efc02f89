// What has changed since begin(), and how things were then that no MutationObserver reports. Second part.
const take = (records) => {
  const time = now();
  let fresh = 0;
  for (const record of records) {
    if (!noteTime(record, time)) fresh += 1;
    if (journal) enter(record);
    for (const node of record.addedNodes) if (node.nodeType === 1) watchShadows(node);
  }
  changes += fresh;
  if (fresh) changedAt = time;
  if (records.length) stirredAt = time;
  if (journal && acting) seeTexts(records);
  if (fresh) onChange();
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
  const states = [target, control].flatMap((each) => [...STATES, "open"].map((name) => each.getAttribute?.(name)));
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
let awaitsPress = false;

const begin = (target, atPress, aimed) => {
  watchRoot(document);
  // A closed shadow root is known only from the inside.
  for (let root = target?.getRootNode(); root?.host; root = root.host.getRootNode()) watchRoot(root);
  token += 1;
  remake(target);
  awaitsPress = atPress;
  return { token, opaque: opaqueBoxes(), aimed: takeAim(aimed && !isMoving(target) ? target : null, aimed) };
};

const remake = (target) => {
  take(observer.takeRecords());
  journal = { attributes: new Map(), texts: new Map(), children: new Map(), times: new WeakMap(), seen: [] };
  const [began, focus] = [now(), document.activeElement];
  base = { target, focus, began, quiet: began - idleSince, shot: snapshot(), state: ownState(target) };
  base.container = containerOf(target);
  base.lines = lines();
  changes = 0;
  acting = true;
};

const containerOf = (target) => {
  for (let each = target; each; each = each.getRootNode().host) {
    const container = each.closest?.(CONTAINER);
    if (container) return container;
  }
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

const animating = (counts = () => true, least = 20) => {
  try {
    return document.getAnimations().some((each) => {
      if (each.playState !== "running" || !each.effect || !counts(each.effect)) return false;
      const { endTime, progress } = each.effect.getComputedTiming();
      const left = endTime - (each.currentTime ?? 0);
      return progress !== null && left > least && left < 1000;
    });
  } catch {
    return false;
  }
};

const poll = () => {
  take(observer.takeRecords());
  const complete = document.readyState === "complete";
  const calm = watchedSince ? now() - Math.max(stirredAt, watchedSince) : 0;
  const soon = foresees() ? untilTimers() : null;
  const passing = animating((effect) => isLeaving(effect) || isComing(effect), 0);
  const at = origin + now();
  return { token, at, changes, still: now() - changedAt, calm, animating: animating(), passing, complete, soon };
};
