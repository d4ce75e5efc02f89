// What stands around each candidate, as a reader of the page would say it; reads only.
({ rows, api }) => {
  const all = new Map([...document.body.getElementsByTagName("*")].map((element, index) => [element, index]));
  const fold = (text) => (text || "").replace(/\s+/g, " ").trim();
  const line = (element) => fold((element.innerText || "").trim().split("\n")[0]);
  const shown = (element) => element.getClientRects().length > 0;
  const TITLES = "h1,h2,h3,h4,h5,h6,[role=heading],strong,b,[class*=title],[class*=-name],[class*=subject]";
  const ITEMS = "tr,[role=row],li,article,[role=listitem],[role=option],[class~=card],[class*=__item],[class*=-item]";
  // Initials in a circle are no title; a name or a word is.
  const wordy = (text) => /[a-z]{2}|[A-Z]{3}/.test(text) && text.length <= 48;
  const lines = (element) => (element.innerText || "").split("\n").map(fold).filter(Boolean);

  function titleOf(item, own) {
    const cells = item.cells || (item.getAttribute("role") === "row" ? item.children : null);
    if (cells) {
      const texts = [...cells].filter((cell) => !cell.contains(own) && shown(cell)).flatMap(lines);
      return texts.find(wordy) || "";
    }
    const titles = [...item.querySelectorAll(TITLES)].filter((each) => !each.contains(own) && !own.contains(each) && shown(each));
    return titles.map(line).find(wordy) || "";
  }

  // Whether beside the item stands another one with the same control, as in a list; one card alone is only a frame.
  function isOneOfSeveral(item, own) {
    const label = (element) => element.getAttribute("aria-label") || line(element);
    const same = (element) => label(element) === label(own) || (own.className && element.className === own.className);
    const others = [...item.parentElement.children].filter((each) => each !== item && each.localName === item.localName);
    return others.some((each) => [...each.querySelectorAll(own.localName)].some(same));
  }

  function itemOf(own) {
    if (own.closest("thead")) return ["", ""];
    let at = own.parentElement;
    for (let steps = 0; at && at !== document.body && steps < 9; steps++, at = at.parentElement) {
      if (!at.matches(ITEMS)) continue;
      const title = titleOf(at, own);
      const row = at.matches("tr,[role=row]");
      if (title && (row || isOneOfSeveral(at, own))) return [title, row ? "row" : "item"];
      if (row) return ["", ""];
    }
    return ["", ""];
  }

  function labelOf(own) {
    const labels = [...(own.labels || [])];
    for (const id of (own.getAttribute("aria-labelledby") || "").split(/\s+/)) {
      const other = id && document.getElementById(id);
      if (other) labels.push(other);
    }
    return fold(labels.filter(shown).map((label) => label.innerText).join(" "));
  }

  function iconsOf(own) {
    const found = [];
    for (const each of [own, ...own.querySelectorAll("i,span,svg,use,img,em")]) {
      found.push(...(typeof each.className === "string" ? each.className : each.getAttribute("class") || "").split(/\s+/));
      found.push(each.getAttribute("uk-icon") || "", each.getAttribute("data-icon") || "");
      found.push((each.getAttribute("href") || each.getAttribute("xlink:href") || "").startsWith("#") && each.localName === "use" ? (each.getAttribute("href") || each.getAttribute("xlink:href")).slice(1) : "");
      if (/material-(icons|symbols)/.test(each.getAttribute("class") || "")) found.push(fold(each.textContent));
    }
    return found.filter(Boolean).slice(0, 40);
  }

  // What a form or dialog is called: by its attributes, else by its own heading.
  function nameOf(container) {
    if (!container) return "";
    const heading = [...container.querySelectorAll("legend,h1,h2,h3,h4,h5,[role=heading],[class*=modal-title]")].find(shown);
    return attributeName(container) || (heading ? fold(heading.innerText) : "");
  }

  function groupOf(own) {
    const group = own.closest("fieldset,[role=radiogroup],[role=group]");
    const legend = group && group.querySelector("legend");
    return legend && shown(legend) ? fold(legend.innerText) : group && !legend ? attributeName(group) : "";
  }

  function attributeName(element) {
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => id && document.getElementById(id));
    return element.getAttribute("aria-label") || ids.filter(Boolean).map((each) => fold(each.innerText)).join(" ");
  }

  const alertOf = (own) => {
    const alert = own.closest("[role=alert],[role=status],.alert,[class*=-alert]:not([class*=__]),[class~=message],[class*=toast]");
    return alert && alert !== own ? line(alert) : "";
  };
  // Whether what it unfolds can be seen, whatever its attributes say; null where that is not known.
  function unfoldedOf(own) {
    const target = unfolds(own);
    if (!target) return null;
    const box = target.getBoundingClientRect();
    const visible = shown(target) && box.width > 12 && getComputedStyle(target).visibility !== "hidden";
    return visible && box.height > 12 && box.height >= 0.6 * target.scrollHeight;
  }

  const floats = (target) => Boolean(target) && /absolute|fixed/.test(getComputedStyle(target).position);

  function unfolds(own) {
    const named = own.getAttribute("aria-controls") || own.dataset.target || own.dataset.bsTarget || own.getAttribute("href") || "";
    const id = named.replace(/^.*#/, "").split(/\s+/)[0];
    return (id && document.getElementById(id)) || (own.hasAttribute("aria-expanded") && own.nextElementSibling) || null;
  }
  // Whether a link leads to another part of the page that can be seen there.
  function leadsWithin(own) {
    const target = (own.hash || "").length > 1 && document.getElementById(decodeURIComponent(own.hash.slice(1)));
    return Boolean(target && shown(target) && !target.closest("dialog,[role=dialog],[class*=modal]"));
  }
  const search = "input[type=search],input[name=q],input[placeholder*=earch],input[aria-label*=earch],[role=searchbox]";
  const near = (own, selector, levels) => {
    for (let at = own; at && levels-- >= 0; at = at.parentElement) if (at.querySelector(selector)) return true;
    return false;
  };
  return rows.map((row) => {
    const own = api.element(row);
    if (!own) return null;
    const [item, itemKind] = itemOf(own);
    const header = own.closest("th,[role=columnheader]");
    const form = own.form || own.closest("form");
    return {
      index: all.get(own) ?? -1,
      corners: [own.getBoundingClientRect(), ...own.getClientRects()].map((box) => [box.x, box.y]),
      item, itemKind,
      form: nameOf(form),
      group: groupOf(own),
      inDialog: Boolean(own.closest("dialog,[role=dialog],[role=alertdialog],[aria-modal=true]")),
      dialog: nameOf(own.closest("dialog,[role=dialog],[role=alertdialog],[aria-modal=true]")),
      label: labelOf(own),
      icons: iconsOf(own),
      alert: alertOf(own),
      anchors: leadsWithin(own),
      tabbed: Boolean(own.closest("[role=tab],[role=tablist],[class*=nav-tabs],[data-toggle=tab],[data-bs-toggle=tab]")),
      english: /^en\b|^$/i.test(own.closest("[lang]")?.lang || ""),
      badge: fold([...own.querySelectorAll("[class*=badge],[class*=count],[class*=pill],[class*=label]")].map((each) => each.innerText).join(" ")),
      unfolded: unfoldedOf(own),
      floats: floats(unfolds(own)),
      header: header && header.closest("thead,tr") && (header.localName !== "th" || header.scope !== "row") ? fold(header.innerText) : "",
      sorts: Boolean(header && (header.hasAttribute("aria-sort") || /sort/i.test(header.className + own.className + (own.getAttribute("href") || "")))),
      searching: near(own, search, 3),
      hasPassword: near(own, "input[type=password]", 2),
      paging: Boolean(own.closest("[class*=paginat],[class*=pager],[aria-label*=aginat]")),
      sliding: Boolean(own.closest("[class*=carousel],[class*=slider],[class*=slideshow],[class*=slidenav]") || own.hasAttribute("uk-slidenav-next") || own.hasAttribute("uk-slidenav-previous")),
      crumb: Boolean(own.closest("[class*=breadcrumb],[aria-label*=readcrumb]")),
      posts: Boolean(form && form.method === "post" && (own.type === "submit" || own.type === "image")),
      fallback: own.getAttribute("placeholder") || "",
    };
  });
}
