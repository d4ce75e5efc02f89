// When the page has come to rest, as it knows itself: asked once, where Python would have to look again and again.
// Timers that are about to fire are known, so that a search which starts 0.3 s after the last key is waited for.
//   recorder.effect(1000)        -> a promise of {...report(), ended: true} as soon as there is a change that needs no
//                                   second look; what changes from then on is no effect. Ended is false where digits
//                                   near the target have changed, which may be a clock, or the press has not reached it.
//   recorder.effect(1000, 20, 1500) -> the same once the page is at rest as well: {…, rested: true}
//   recorder.calm(60, 10)        -> a promise of poll() once nothing has changed for 60 ms, and 10 ms are over at least;
//                                   when something changes; or when 60 ms are over
//   recorder.rest(20, 1500)      -> a promise of {...poll(), rested: true} once nothing has changed for 20 ms, and a
//                                   frame has been drawn since it was asked
const SOON = 500; // milliseconds; a timer that fires later is not waited for
const MAX_TIMERS = 500;
const MAX_SOURCE = 300; // characters of a function that tell it from others
const FRAME_MS = 60; // a tab that is not shown draws no frames
const knowsTimers = document.readyState === "loading"; // else the page may have set some before
const timers = new Map(); // id -> when it fires
const tickers = new Map(); // id or source of what fires again and again, soon -> until when that is known
const series = new Map(); // source of a function -> {due, again}: when it fires, how often it has set itself anew
const [setTimer, frame] = [setTimeout.bind(window), requestAnimationFrame.bind(window)];
const sourceOf = Function.prototype.call.bind(Function.prototype.toString);

// What sets itself anew whenever it has fired ticks all the time; what is put off while it waits does not.
const ticks = (callback, time, due) => {
  const source = typeof callback === "function" ? sourceOf(callback).slice(0, MAX_SOURCE) : String(callback);
  const before = series.get(source);
  const again = before && time >= before.due ? (time - before.due < 50 ? before.again + 1 : 0) : before?.again || 0;
  if (series.size > MAX_TIMERS) series.clear();
  series.set(source, { due, again });
  if (again > 1) tickers.set(source, due + SOON);
  return again > 1;
};

const noteTimer = (id, [callback, delay]) => {
  const time = now();
  const due = time + Math.max(0, Number(delay) || 0);
  if (due - time > SOON || ticks(callback, time, due)) return;
  for (const [each, when] of timers) if (when < time) timers.delete(each);
  if (timers.size < MAX_TIMERS) timers.set(id, due);
};

const around = (name, after) => {
  const native = window[name];
  window[name] = new Proxy(native, {
    apply(target, self, args) {
      const answer = Reflect.apply(target, self, args);
      try {
        after(answer, args);
      } catch {
        // an argument that cannot be read concerns the page, which has its answer
      }
      return answer;
    },
  });
};
around("setTimeout", noteTimer);
around("setInterval", (id, [, delay]) => !(Number(delay) > SOON) && tickers.set(id, Infinity));
for (const name of ["clearTimeout", "clearInterval"]) {
  around(name, (answer, [id]) => timers.delete(Number(id)) || tickers.delete(Number(id)));
}

// Whether it is known which timers fire soon, and that none does so again and again.
const foresees = () => {
  for (const [each, until] of tickers) if (until < now()) tickers.delete(each);
  return knowsTimers && tickers.size === 0;
};

// Milliseconds until the last of the timers that fire soon has fired; 0 where there is none.
const untilTimers = () => {
  const time = now();
  return Math.max(0, ...Array.from(timers.values(), (due) => (due >= time ? due - time + 1 : 0)));
};

// Whether an animation may end with something gone: what comes into view, takes another colour or moves a little, as
// when a pointer is over it, is there already.
const HARMLESS = /color|shadow|outline|^fill|^stroke|^background|^(offset|computedOffset|easing|composite)$/i;
const OFFSETS = /^(left|top|right|bottom|margin\w*)$/;
const NUDGE_PX = 60;

const isThere = (name, value, before) => {
  if (HARMLESS.test(name) || value === "none") return true;
  if (name === "opacity") return Number(value) >= 0.5;
  if (OFFSETS.test(name)) return Math.abs(parseFloat(value) - parseFloat(before)) < NUDGE_PX;
  if (name !== "transform") return false;
  try {
    const { a, d, e, f } = new DOMMatrix(value);
    return Math.min(a, d) >= 0.5 && Math.hypot(e, f) < NUDGE_PX;
  } catch {
    return false; // by a share of its own size, which is as far as away
  }
};

const isLeaving = (effect) => {
  const frames = effect.getKeyframes();
  const [first, last] = [frames[0], frames[frames.length - 1]];
  return Object.keys(last).some((name) => !isThere(name, last[name], first[name]));
};

// Whether it may bring something that cannot be seen yet.
const isComing = ({ target }) => {
  if (!target?.isConnected) return false;
  const [style, box] = [getComputedStyle(target), target.getBoundingClientRect()];
  const outside = box.right <= 0 || box.bottom <= 0 || box.left >= innerWidth || box.top >= innerHeight;
  return style.visibility !== "visible" || Number(style.opacity) < 0.1 || box.width < 2 || box.height < 2 || outside;
};

const sleep = (ms) => new Promise((resolve) => setTimer(resolve, ms));

// Once what had been asked for before has run and a frame has been drawn.
const drawn = () =>
  new Promise((resolve) => {
    frame(() => setTimer(resolve, 0));
    setTimer(resolve, FRAME_MS);
  });

// Ends early when the DOM changes.
const untilChange = (ms) =>
  new Promise((resolve) => {
    onChange = resolve;
    setTimer(resolve, ms);
  });

const isCertain = (seen) => seen.dom > seen.weak + seen.doubt || seen.state || seen.scrolled;

const effect = async (limit, quiet, restLimit) => {
  const started = now();
  for (let wait = 5; ; wait = Math.min(2 * wait, 80)) {
    const seen = report();
    const certain = base !== null && isCertain(seen);
    if (certain) end();
    const told = certain || seen.near > seen.weak || seen.missed;
    if (!base || told || now() - started > limit) {
      const rested = certain && quiet > 0 && (await rest(quiet, restLimit)).rested;
      return { ...seen, ended: certain, rested };
    }
    await untilChange(wait);
  }
};

const calm = async (ms, least) => {
  const [started, seen] = [now(), changes];
  for (;;) {
    const [pulse, time] = [poll(), now() - started];
    const left = Math.max(ms - pulse.calm, least - time, pulse.soon || 0);
    if (left <= 0 || changes !== seen || time > ms) return pulse;
    await untilChange(left);
  }
};

const rest = async (quiet, limit) => {
  const started = now();
  acting = base !== null;
  let shown = drawn();
  for (;;) {
    const wait = Math.max(untilTimers(), quiet - poll().still);
    await sleep(Math.max(1, Math.min(wait, limit)));
    await shown;
    const seen = poll();
    const still = Math.max(untilTimers(), quiet - seen.still) <= 0;
    const rested = still && !animating(isLeaving, 0) && (base !== null || seen.complete);
    if (rested || now() - started > limit) {
      if (rested) end();
      return { ...seen, rested };
    }
    if (still) shown = drawn(); // what moves or loads does so frame by frame
  }
};
