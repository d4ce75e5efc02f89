// A drop-down made of divs with ARIA roles; a change is announced as a "chosen" event.
"use strict";

function setUpDropdown(dropdown) {
  const box = dropdown.querySelector('[role="combobox"]');
  const list = dropdown.querySelector('[role="listbox"]');
  const options = [...list.children];

  function open(yes) {
    list.hidden = !yes;
    box.setAttribute("aria-expanded", String(yes));
    if (yes) mark(options.find((option) => option.getAttribute("aria-selected") === "true") ?? options[0]);
  }

  function mark(option) {
    for (const other of options) other.classList.toggle("active", other === option);
    box.setAttribute("aria-activedescendant", option.id);
  }

  function choose(option) {
    for (const other of options) other.setAttribute("aria-selected", String(other === option));
    box.querySelector(".dropdown-value").textContent = option.textContent;
    open(false);
    dropdown.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  }

  box.addEventListener("click", () => open(list.hidden));
  list.addEventListener("click", (event) => choose(event.target.closest('[role="option"]')));
  document.addEventListener("click", (event) => {
    if (!dropdown.contains(event.target)) open(false);
  });
  box.addEventListener("keydown", (event) => {
    const at = options.findIndex((option) => option.classList.contains("active"));
    const moves = { ArrowDown: Math.min(at + 1, options.length - 1), ArrowUp: Math.max(at - 1, 0) };
    if (event.key === "Escape") open(false);
    else if (event.key in moves) list.hidden ? open(true) : mark(options[moves[event.key]]);
    else if (event.key === "Enter" || event.key === " ") list.hidden ? open(true) : choose(options[at]);
    else return;
    event.preventDefault();
  });
}

for (const dropdown of document.querySelectorAll(".dropdown")) setUpDropdown(dropdown);
