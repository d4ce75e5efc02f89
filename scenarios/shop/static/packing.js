// The packing list: every tick, removal and new order goes to the server at once; a removal can be undone.
"use strict";

const list = document.getElementById("pack-list");
let dragged = null;

function showCounts(counts) {
  document.getElementById("packed").textContent = `${counts.packed} of ${counts.total} packed`;
}

async function change(item, what) {
  showCounts(await send("PUT", `/api/packing/${item.dataset.item}`, what));
}

function undo(item, next) {
  list.insertBefore(item, next);
  change(item, { removed: false });
}

list.addEventListener("change", (event) => {
  const item = event.target.closest("[data-item]");
  item.classList.toggle("packed", event.target.checked);
  change(item, { packed: event.target.checked });
});

list.addEventListener("click", (event) => {
  if (!event.target.closest("button")) return;
  const item = event.target.closest("[data-item]");
  const next = item.nextSibling;
  item.remove();
  change(item, { removed: true });
  toast(`${item.querySelector("label span").textContent} is off the list.`, {
    text: "Undo",
    act: () => undo(item, next),
  });
});

list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-item]");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.item);
  setTimeout(() => dragged?.classList.add("dragged"));
});

list.addEventListener("dragover", (event) => {
  const over = event.target.closest("[data-item]");
  if (!dragged || !over) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== dragged) list.insertBefore(dragged, event.clientY < top + height / 2 ? over : over.nextSibling);
});

list.addEventListener("drop", (event) => event.preventDefault());

list.addEventListener("dragend", async () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  const order = [...list.children].map((item) => Number(item.dataset.item));
  showCounts(await send("PUT", "/api/packing", { order }));
});

document.getElementById("pack-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.name;
  const added = await send("POST", "/api/packing", { name: field.value });
  const problem = document.getElementById("pack-problem");
  problem.textContent = added.error;
  problem.hidden = !added.error;
  if (added.error) return;
  const item = document.getElementById("pack-item").content.firstElementChild.cloneNode(true);
  item.dataset.item = added.id;
  item.querySelector("label span").textContent = added.name;
  list.append(item);
  field.value = "";
  change(item, {});
});
