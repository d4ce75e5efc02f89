// The press of the pointer: what it does on its way there is no effect. It, or the next text that is entered, may be
// meant for one element only. Part of the recorder:
//   recorder.begin(button, true, "press")  -> {…, aimed: true}: the next press that lands on anything but the button, or
//                                             what is in it, is kept from the page; false where it may be moving
//   recorder.begin(field, false, "text")   -> the same of text that comes from outside the page
//   recorder.hold()                        -> true: the cursor is in that field, and all that it holds is selected, so that
//                                             what is entered takes its place; false where nobody could type there
//   recorder.report()                      -> {…, missed: true}     afterwards: it was kept from the page, or came to
//                                             nothing, as in an inner frame that lay over the button
const PRESS = ["mousedown", "pointerup", "mouseup", "click"];
const [listen, unlisten] = [addEventListener.bind(window), removeEventListener.bind(window)];
const method = (prototype, name) => Function.prototype.call.bind(prototype[name]);
const [pathOf, halt, refuse] = ["composedPath", "stopImmediatePropagation", "preventDefault"].map((name) =>
  method(Event.prototype, name),
);
const focusOn = method(HTMLElement.prototype, "focus");
const selects = { input: HTMLInputElement.prototype, textarea: HTMLTextAreaElement.prototype };
for (const [tag, prototype] of Object.entries(selects)) selects[tag] = method(prototype, "select");
let aim = null; // the element that the next press or text is meant for
let means = ""; // which of them
let astray = false; // it landed on something else

const block = (event) => {
  if (!event.isTrusted) return;
  refuse(event);
  halt(event);
};

const takeAim = (target, what = "") => {
  for (const type of PRESS) unlisten(type, block, true);
  listen("pointerdown", pressed, true); // where it still listens that does nothing; `document.open` makes all forget it
  listen("beforeinput", entered, true);
  [aim, means, astray] = [target, what, false];
  return aim !== null;
};

const shifts = (effect) =>
  effect.getKeyframes().some((frame) => Object.keys(frame).some((name) => name !== "opacity" && !HARMLESS.test(name)));

const carries = ({ playState, effect }, target) =>
  playState === "running" && !!effect?.target?.contains(target) && shifts(effect);

// Whether an animation may carry it away before it is pressed.
const isMoving = (target) => {
  try {
    return document.getAnimations().some((each) => carries(each, target));
  } catch {
    return true; // nobody knows
  }
};

const isOn = (event, target) => {
  const meant = [target, ...(target.labels || [])];
  return pathOf(event).some((each) => meant.includes(each));
};

const entered = (event) => {
  if (!event.isTrusted || !aim || means !== "text") return;
  astray = !isOn(event, controlOf(aim));
  if (astray) block(event); // and whatever is entered next
  else aim = null;
};

const hold = () => {
  const field = means === "text" ? aim : null;
  if (!field?.isConnected || field.readOnly || field.matches(":disabled") || !isSeen(field)) return false;
  selects[field.localName](field);
  focusOn(field);
  return field.getRootNode().activeElement === field;
};

const pressed = (event) => {
  if (!event.isTrusted) return;
  if (aim && means === "press") {
    astray = !isOn(event, aim);
    aim = null;
    if (astray) {
      block(event);
      for (const type of PRESS) listen(type, block, true);
      return;
    }
  }
  if (!awaitsPress) return;
  awaitsPress = false;
  try {
    remake(base.target);
  } catch {
    // it would look like an error of the page; the comparison then starts where the pointer set out
  }
};
listen("pointerdown", pressed, true);
