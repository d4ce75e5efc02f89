// The press of the pointer: what it does on its way there is no effect, and it may be meant for one element only. Part of
// the recorder:
//   recorder.begin(button, true, true)   -> {…, aimed: true}: the next press that lands on anything but the button, or
//                                           what is in it, is kept from the page; false where it may be moving
//   recorder.report()                    -> {…, missed: true}     after the press: it was kept from the page, or came to
//                                           nothing, as in an inner frame that lay over the button
const PRESS = ["mousedown", "pointerup", "mouseup", "click"];
const [listen, unlisten] = [addEventListener.bind(window), removeEventListener.bind(window)];
const method = (prototype, name) => Function.prototype.call.bind(prototype[name]);
const [pathOf, halt, refuse] = ["composedPath", "stopImmediatePropagation", "preventDefault"].map((name) =>
  method(Event.prototype, name),
);
let aim = null; // the element that the next press is meant for
let astray = false; // it landed on something else

const block = (event) => {
  if (!event.isTrusted) return;
  refuse(event);
  halt(event);
};

const takeAim = (target) => {
  for (const type of PRESS) unlisten(type, block, true);
  listen("pointerdown", pressed, true); // where it still listens that does nothing; `document.open` makes all forget it
  [aim, astray] = [target, false];
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

const pressed = (event) => {
  if (!event.isTrusted) return;
  if (aim) {
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
