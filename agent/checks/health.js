// What speaks against a page whatever it is for: broken pictures, overflowing text, covered controls, and the numbers
// that it states, for Python to compare. One expression: a function of the name of what is asked for.
(what) => {
  const LIMIT = 40;
  const fold = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const textOf = (el) => fold(el.innerText ?? el.textContent).slice(0, 200);
  const shown = (el) => {
    if (!el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
    const box = el.getBoundingClientRect();
    return box.width > 2 && box.height > 2;
  };
  const boxOf = (el) => {
    const { x, y, width, height } = el.getBoundingClientRect();
    return { x, y, width, height };
  };
  const all = (selector, root = document) => {
    const found = [...root.querySelectorAll(selector)];
    for (const host of root.querySelectorAll("*")) if (host.shadowRoot) found.push(...all(selector, host.shadowRoot));
    return found;
  };
  const nameOf = (el) => fold(el.getAttribute("aria-label")) || textOf(el) || fold(el.title) || fold(el.alt) || el.id;
  const told = (el, text) => ({ text: text.slice(0, 160), box: boxOf(el) });

  function pictures() {
    const broken = all("img").filter((img) => img.complete && img.currentSrc && !img.naturalWidth && img.getClientRects().length);
    return broken.map((img) => told(img, img.currentSrc));
  }

  const clips = (style) => /hidden|clip/.test(style.overflowX);
  const scrolls = (style) => /auto|scroll/.test(style.overflowX);

  function ownText(el) {
    return [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  }

  function textRight(el) {
    const range = document.createRange();
    range.selectNodeContents(el);
    return Math.max(0, ...[...range.getClientRects()].map((rect) => rect.right));
  }

  // Text that leaves its button, or is cut off without an ellipsis; and whatever makes the page wider than the window.
  function overflow() {
    const found = [];
    for (const el of all("button, a, h1, h2, h3, th, td, label, [role=button], [role=tab]")) {
      if (!ownText(el) || !shown(el) || el.clientWidth < 24 || getComputedStyle(el).display === "inline") continue;
      const style = getComputedStyle(el);
      if (scrolls(style)) continue;
      const over = textRight(el) - el.getBoundingClientRect().right;
      if (over > 4 && (!clips(style) || style.textOverflow !== "ellipsis")) found.push(told(el, `"${nameOf(el)}" is wider than its ${el.tagName.toLowerCase()}`));
    }
    const root = document.scrollingElement;
    if (root && root.scrollWidth > innerWidth + 8 && !clips(getComputedStyle(root)) && !clips(getComputedStyle(document.body))) {
      const widest = all("body *").filter((el) => shown(el) && el.getBoundingClientRect().right > innerWidth + 8 && !inScroller(el));
      const deepest = widest.find((el) => !widest.some((other) => other !== el && el.contains(other)));
      if (deepest) found.push(told(deepest, `"${nameOf(deepest)}" makes the page ${root.scrollWidth} px wide in a window of ${innerWidth} px`));
    }
    return found;
  }

  function inScroller(el) {
    for (let at = el.parentElement; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (scrolls(style) || clips(style)) return true;
    }
    return false;
  }

  function at(x, y) {
    let el = document.elementFromPoint(x, y);
    while (el?.shadowRoot) {
      const inner = el.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === el) break;
      el = inner;
    }
    return el;
  }

  const floats = (el) => {
    for (let up = el; up; up = up.parentElement) if (/fixed|sticky/.test(getComputedStyle(up).position)) return true;
    return false;
  };
  const inside = (el, over) => {
    for (let up = over; up; up = up.parentNode ?? up.host) if (up === el) return true;
    return el.contains(over) || [...(el.labels ?? [])].some((label) => label.contains(over) || over.contains(label));
  };

  // Controls that something else lies over at every point, so that no click reaches them wherever one scrolls.
  function covered() {
    if (all("dialog[open], [aria-modal=true]").some(shown)) return [];
    const found = [];
    for (const el of all("button, a[href], input, select, textarea, [role=button]")) {
      if (!shown(el) || el.disabled || el.tabIndex < 0 || getComputedStyle(el).pointerEvents === "none") continue;
      const { left, top, width, height } = el.getBoundingClientRect();
      const points = [[0.5, 0.5], [0.15, 0.3], [0.85, 0.3], [0.15, 0.7], [0.85, 0.7]].map(([u, v]) => [left + u * width, top + v * height]);
      if (points.some(([x, y]) => x < 0 || y < 0 || x >= innerWidth || y >= innerHeight)) continue;
      if (el.closest("a, button, label") !== el && el.closest("a, button, label")) continue;
      const over = points.map(([x, y]) => at(x, y));
      if (over.every((other) => other && !inside(el, other) && !other.contains(el) && !floats(other) && !floats(el)) && inView(el)) {
        found.push(told(el, `"${nameOf(el)}" is covered by ${over[0].tagName.toLowerCase()} "${textOf(over[0]).slice(0, 40)}"`));
      }
    }
    return found;
  }

  // Not clipped away by a container that scrolls or hides.
  function inView(el) {
    const box = el.getBoundingClientRect();
    for (let up = el.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflow === "visible") continue;
      const frame = up.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) return false;
    }
    return true;
  }

  const cells = (row) => [...row.cells].flatMap((cell) => [textOf(cell), ...Array(Math.max(0, cell.colSpan - 1)).fill("")]);

  function tables() {
    return all("table").filter(shown).slice(0, LIMIT).map((table) => ({
      name: fold(table.getAttribute("aria-label") || table.caption?.innerText),
      headers: table.tHead?.rows.length ? cells(table.tHead.rows[table.tHead.rows.length - 1]) : [],
      rows: [...table.tBodies].flatMap((body) => [...body.rows]).filter(shown).slice(0, 500).map(cells),
      foot: table.tFoot ? [...table.tFoot.rows].filter(shown).map(cells) : [],
      box: boxOf(table),
    }));
  }

  function summaries() {
    return all("dl").filter(shown).slice(0, LIMIT).map((list) => ({
      terms: [...list.querySelectorAll("dt")].filter(shown).map((dt) => [textOf(dt), textOf(dt.nextElementSibling ?? dt)]),
      box: boxOf(list),
    }));
  }

  const ITEMS = "li, article, [role=listitem], [role=article], [class*=card], [class*=item], [class*=row]";

  // Repeated neighbours of the same kind: what a list or a grid of cards shows.
  function groups() {
    const parents = new Map();
    for (const el of all(ITEMS)) {
      if (!shown(el) || el.closest("nav, header, footer, [role=navigation], [role=tablist], [role=menu]")) continue;
      const key = el.tagName + "." + el.className;
      const kinds = parents.get(el.parentElement) ?? parents.set(el.parentElement, new Map()).get(el.parentElement);
      kinds.set(key.split(" ")[0], [...(kinds.get(key.split(" ")[0]) ?? []), el]);
    }
    const found = [];
    for (const [parent, kinds] of parents) {
      for (const items of kinds.values()) {
        if (items.length > 1) found.push({ name: parent ? nameOf(parent).slice(0, 40) : "", items: items.slice(0, 200).map((el) => ({ text: textOf(el), money: amounts(el) })), box: boxOf(parent) });
      }
    }
    return found.slice(0, LIMIT);
  }

  // Amounts of money in an entry, struck-out ones left out.
  function amounts(el) {
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!parent.closest("s, del, strike") && !/line-through/.test(getComputedStyle(parent).textDecorationLine)) texts.push(walker.currentNode.data);
    }
    return fold(texts.join(" ")).match(/(?:[€$£¥₹]\s?-?\d[\d.,]*|-?\d[\d.,]*\s?[€£¥₹])/g) ?? [];
  }

  function stated() {
    const found = [];
    for (const el of all("p, span, strong, output, caption, small, h1, h2, h3, div, [role=status]")) {
      if (el.children.length > 3 || !shown(el)) continue;
      const text = textOf(el);
      if (text.length < 60 && /\d/.test(text) && /[a-z]/i.test(text)) found.push({ text, box: boxOf(el), around: around(el) });
    }
    return found.slice(0, 300);
  }

  const around = (el) => (el.closest("nav, header, footer, li, article, tr, [role=navigation]") ? "part" : "page");

  function badges() {
    const found = [];
    for (const el of all("span, b, strong, sup, em, i, small, div")) {
      if (el.children.length) continue;
      const text = fold(el.textContent);
      const owner = el.closest("a, button, [role=link], [role=tab], [role=menuitem]");
      if (!/^\(?\d{1,5}\)?$/.test(text) || !owner) continue;
      if (el.closest("li, article, tr, [role=row]") && !el.closest("nav, header")) continue;
      const name = fold(owner.getAttribute("aria-label") || owner.title || owner.textContent.replace(text, ""));
      const key = (el.id || el.className || el.tagName) + "|" + name;
      found.push({ key, name, text: shown(el) ? text.replace(/[()]/g, "") : "", href: owner.href ?? "", box: boxOf(owner) });
    }
    return found.slice(0, LIMIT);
  }

  const isPager = (el) => /\b(next|previous|prev|older|newer|page \d+)\b|^[›»]$/i.test(nameOf(el));
  function numbers() {
    const pager = all("nav a, nav button, [class*=pag] a, [class*=pag] button, a[rel=next]").some((el) => shown(el) && isPager(el));
    return { tables: tables(), summaries: summaries(), groups: groups(), stated: stated(), badges: badges(), pager };
  }

  return { pictures, overflow, covered, numbers }[what]();
}
