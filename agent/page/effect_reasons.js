// What uncaught exceptions and rejections were about, where the browser itself says only "Object". Part of the recorder:
//   recorder.reasons()       -> [{sort: "Object", text: '{"code":7,"message":"no stock"}'}]     oldest first, each once
// A page's own text, cut; getters of the page that throw are left out.
const MAX_REASONS = 20;
const MAX_REASON = 400;
const MAX_PARTS = 60;
const reasons = [];

const isPlainValue = (value) => ["string", "number", "boolean"].includes(typeof value);

const jsonOf = (reason) => {
  let left = MAX_PARTS;
  const text = JSON.stringify(reason, (key, value) => {
    left -= 1;
    if (left < 0) throw new RangeError("too much");
    return typeof value === "string" ? value.slice(0, MAX_REASON) : value;
  });
  return text && text !== "{}" ? text : "";
};

const fieldsOf = (reason) => {
  const fields = [];
  for (const key in reason) {
    if (fields.length < 8 && isPlainValue(reason[key])) fields.push(`${key}: ${String(reason[key]).slice(0, 80)}`);
  }
  return fields.join(", ");
};

const firstText = (reason, ...readers) => {
  for (const read of readers) {
    try {
      const text = read(reason);
      if (typeof text === "string" && text) return text.slice(0, MAX_REASON);
    } catch {
      continue; // a getter that throws, a circle, too much of it
    }
  }
  return "";
};

const keepReason = (reason) => {
  if (reason === null || typeof reason !== "object" || reason instanceof Error || reasons.length >= MAX_REASONS) return;
  const sort = firstText(reason, (each) => each.constructor.name);
  const text = firstText(reason, jsonOf, (each) => each.message, fieldsOf);
  reasons.push({ sort, text });
};

addEventListener("unhandledrejection", (event) => event.isTrusted && keepReason(event.reason));
addEventListener("error", (event) => event.isTrusted && keepReason(event.error));
