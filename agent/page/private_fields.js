// Which fields hold something that nobody else may know: by their kind, by what they say of themselves, and by what stands
// in them.
const FIELDS = "input,textarea,select";
const FIELD_TAGS = new Set(["input", "textarea", "select"]);
const UNTYPED = new Set(["checkbox", "radio", "image", "range", "color", "hidden"]);
const PRESSED = new Set(["submit", "button", "reset"]); // these show their value
const SECRET_WORDS = /passw|passcode|security code|one.?time.?code|\bcvv\b|\bcvc\b|card.?number/i;
const MOST_PARTS = 10; // fields of one number; more of them are a puzzle or a table
const everSecret = new WeakSet(); // fields that once held a password: it may be shown in clear later
const textareaValue = getter(HTMLTextAreaElement, "value");
const optionLabel = getter(HTMLOptionElement, "label");
const selectedOptions = getter(HTMLSelectElement, "selectedOptions");
const ownLabels = getter(HTMLInputElement, "labels");

const fieldValue = (el, tag) => (tag === "textarea" ? textareaValue(el) : tag === "input" ? inputValue(el) : "");

// Whether it is secret what stands in a field, whatever it is.
function isPrivateField(el, tag) {
  const purpose = attr(el, "autocomplete") || "";
  if (tag === "select") return /(^|\s)cc-/i.test(purpose);
  if (isSecretField(el, tag)) return true;
  return /(^|\s)(tel|email)/i.test(purpose) || (tag === "input" && /^(tel|email)$/.test(inputType(el)));
}

// The same of what is worth nothing to anybody else once it is known: passwords, codes, cards.
function isSecretField(el, tag) {
  if (tag === "select") return false;
  if (isSecret(el) || everSecret.has(el) || (styleOf(el).webkitTextSecurity || "none") !== "none") {
    everSecret.add(el);
    return true;
  }
  if (/(^|\s)(cc-|one-time-code)/i.test(attr(el, "autocomplete") || "")) return true;
  return tag === "input" && fieldValue(el, tag) !== "" && (saysSecret(el) || partsAround(el).length > 0);
}

function saysSecret(el) {
  if (inputType(el) === "search") return false;
  const said = [attr(el, "aria-label"), attr(el, "placeholder"), ...Array.from(ownLabels(el) || NOTHING, textContent)];
  return said.some((text) => text !== null && text.length < 60 && SECRET_WORDS.test(text));
}

// The fields side by side in which one code or number is typed in parts; none where this is a field of its own.
function partsAround(el) {
  if (!isPart(el)) return NOTHING;
  for (let at = parentElement(el), up = 0; at && up < 3; at = parentElement(at), up++) {
    const parts = Array.from(queryAll(at, "input[maxlength]")).filter(isPart);
    if (parts.length > MOST_PARTS) return NOTHING;
    const lengths = new Set(parts.map((part) => attr(part, "maxlength")));
    if (parts.length >= 4 && lengths.size === 1) return parts;
    if (parts.length >= 3 && privateSpans(parts.map((part) => inputValue(part)).join("-")).length) return parts;
  }
  return NOTHING;
}

const isPart = (el) => /^[1-6]$/.test(attr(el, "maxlength") || "") && TEXT_TYPES.has(inputType(el));

// Whether a field shows something private; its box is hidden then.
function holdsPrivate(found, el, typed) {
  const tag = localName(el);
  if (tag === "input" && UNTYPED.has(inputType(el))) return false;
  const value = fieldValue(el, tag);
  if (tag === "select" ? isPrivateField(el, tag) : value && isPrivateField(el, tag)) {
    noteField(found, el, tag, value);
    return true;
  }
  const shown = tag === "select" ? shownOptions(el) : value || attr(el, "placeholder") || "";
  const spans = privateSpans(shown, typed);
  spans.forEach(([start, end]) => note(found, shown.slice(start, end)));
  return spans.length > 0;
}

function noteField(found, el, tag, value) {
  if (tag === "select") return; // months and years are everywhere
  if (isSecretField(el, tag)) {
    for (const text of [value, partsAround(el).map((part) => inputValue(part)).join("")]) {
      note(found, text);
      if (found.values.has(fold(text))) found.typed.add(fold(text));
    }
  } else if (/[\d@]/.test(value)) note(found, value); // a number or an address, or the beginning of one
}

// The options that can be read: one of a closed list, all of an open one.
function shownOptions(el) {
  const open = hasAttr(el, "multiple") || Number(attr(el, "size")) > 1;
  const groups = open ? Array.from(queryAll(el, "optgroup"), (group) => attr(group, "label") || "") : NOTHING;
  const options = Array.from(open ? queryAll(el, "option") : selectedOptions(el), optionLabel);
  return [...groups, ...options].join("\n");
}
