// What an explorer wants to know of a page: its forms, the state of its controls, the entries of its lists, what it
// has stored. One expression: a function of the name of what is asked for.
(what) => {
  const fold = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const TAKES_BACK = /^(?:close|cancel|discard|dismiss|back|no|not now|previous|skip|\W?)$/i;
  const textOf = (el) => fold(el.innerText ?? el.textContent).slice(0, 160);
  const shown = (el) => el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && el.getClientRects().length > 0;
  const boxOf = (el) => {
    const { x, y, width, height } = (el.type === "checkbox" || el.type === "radio" ? el.labels?.[0] ?? el : el).getBoundingClientRect();
    return [x, y, width, height];
  };
  const all = (selector, root = document) => {
    const found = [...root.querySelectorAll(selector)];
    for (const host of root.querySelectorAll("*")) if (host.shadowRoot) found.push(...all(selector, host.shadowRoot));
    return found;
  };

  const isField = (el) => shown(el) && !el.disabled && !/submit|button|reset|image|hidden/.test(el.type) && el.tagName !== "FIELDSET" && el.tagName !== "OUTPUT";

  // A button that cannot be pressed yet counts: it waits for what is to be filled in.
  function formOf(key, method, fields, buttons, whole) {
    const submit = buttons.find((el) => !el.disabled) ?? buttons[0];
    return {
      key,
      method,
      whole,
      fields: fields.map(boxOf),
      texts: fields.filter((el) => /^(text|search|email|url|tel|password|number|textarea)$/.test(el.type)).length,
      submit: submit ? boxOf(submit) : null,
      ready: Boolean(submit) && !submit.disabled,
    };
  }

  function forms() {
    const marked = all("form").filter(shown).map((form) => {
      const fields = [...form.elements].filter(isField);
      const buttons = [...form.elements].filter((el) => shown(el) && ((el.tagName === "BUTTON" && el.type === "submit") || /submit|image/.test(el.type)));
      const key = new URL(form.action || location.href, location.href).pathname + "|" + (form.id || form.name || form.getAttribute("aria-label") || fields.map((el) => el.name).join(","));
      return formOf(key, form.method, fields, buttons, true);
    });
    return [...marked, ...dialogs()];
  }

  // Dialogs with fields and no form element: what is after the last field and takes nothing back sends them.
  function dialogs() {
    const found = all("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]").filter((el) => shown(el) && !el.closest("form") && !all("form", el).some(shown));
    return found.filter((el) => !found.some((other) => other !== el && el.contains(other))).flatMap((dialog) => {
      const fields = all("input, select, textarea", dialog).filter(isField);
      const last = fields.at(-1);
      const after = all("button", dialog).filter((el) => shown(el) && textOf(el) && !TAKES_BACK.test(textOf(el)) && last && last.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING);
      if (!after.length) return [];
      const name = fold(dialog.getAttribute("aria-label")) || textOf(all("h1, h2, h3, h4, [class*=title]", dialog)[0] ?? dialog).slice(0, 40);
      return [formOf(`${location.pathname}|dialog ${name}`, "post", fields, [after.at(-1)], false)];
    });
  }

  function labelOf(el) {
    const by = el.getAttribute("aria-labelledby")?.split(" ").map((id) => fold(document.getElementById(id)?.innerText)).join(" ");
    return by || fold(el.getAttribute("aria-label")) || fold([...(el.labels ?? [])].map((label) => label.innerText).join(" ")) || el.name || el.id || "";
  }

  function stateOf(el) {
    const role = el.getAttribute("role");
    if (el.type === "checkbox" || el.type === "radio") return String(el.checked);
    if (el.tagName === "SELECT") return fold(el.selectedOptions[0]?.text);
    if (el.hasAttribute("aria-checked")) return el.getAttribute("aria-checked");
    if (el.hasAttribute("aria-pressed")) return el.getAttribute("aria-pressed");
    if (role === "combobox" && el.tagName !== "INPUT") return textOf(el);
    return el.type === "password" ? "" : fold(el.value);
  }

  // Every control with a state, by its label and how many of that label came before it.
  function facts() {
    const seen = {};
    const states = {};
    for (const el of all("input:not([type=hidden]), select, textarea, [aria-checked], [aria-pressed], [role=combobox]")) {
      if (!shown(el) && el.type !== "checkbox" && el.type !== "radio") continue;
      const name = `${el.getAttribute("role") || el.type || el.tagName} ${labelOf(el)}`;
      seen[name] = (seen[name] ?? 0) + 1;
      states[`${name} ${seen[name]}`] = stateOf(el);
    }
    return { states, lists: lists() };
  }

  // Entries of tables and lists, in order; what stands in buttons is no part of an entry.
  function lists() {
    const found = [];
    for (const list of all("tbody, ul, ol, [role=list], [role=rowgroup]")) {
      if (!shown(list) || list.closest("nav, header, footer, [role=listbox], [role=menu], [role=tablist], [class*=toast]")) continue;
      const entries = [...list.children].filter(shown).map((el) => ({ name: entryName(el), text: textOf(el), cells: [...(el.cells ?? [])].map(textOf) }));
      if (entries.length) found.push({ name: fold(list.closest("table, [aria-label]")?.getAttribute("aria-label")) || list.id || list.tagName, entries: entries.slice(0, 300) });
    }
    return found;
  }

  function entryName(el) {
    const cell = [...el.querySelectorAll("strong, b, h2, h3, h4, a, td, label")].map(textOf).find((text) => /[a-z]/i.test(text) && text.length < 60);
    return cell ?? textOf(el).slice(0, 60);
  }

  function stored() {
    const dump = (area) => { try { return JSON.stringify({ ...area }); } catch { return ""; } };
    return dump(localStorage) + dump(sessionStorage) + document.cookie;
  }

  // The first amounts of the entries of the longest list or grid, struck-out ones left out: what a sort order shows.
  function column() {
    const grids = all("body *").filter((el) => el.children.length > 2 && shown(el) && !el.closest("nav, header, footer, select, dl"));
    const rows = grids.map((el) => [...el.children].filter(shown).map((child) => price(child)).filter((value) => value !== null));
    return rows.sort((a, b) => b.length - a.length)[0] ?? [];
  }

  function price(el) {
    if (el.querySelectorAll("li, article, tr").length > 1) return null;
    const clone = el.cloneNode(true);
    for (const old of clone.querySelectorAll("s, del, strike, script, style")) old.remove();
    const match = clone.textContent.match(/[€$£¥]\s?(\d[\d.,]*)|(\d[\d.,]*)\s?[€£]/);
    if (!match) return null;
    const plain = (match[1] ?? match[2]).replace(/[.,](?=\d{3}(?!\d))/g, "").replace(",", ".");
    return Number.isFinite(Number(plain)) ? Number(plain) : null;
  }

  const text = () => document.body?.innerText ?? "";
  return { forms, facts, stored, column, text, type: () => document.contentType, marked: () => Boolean(window.magentaXss) }[what]();
}
