// The table of all orders: one page at a time from the server; ticks are for the page that is shown.
"use strict";

const asked = { q: "", status: new URLSearchParams(location.search).get("status") ?? "", sort: "-number", page: 1 };
const table = document.querySelector("table");
const body = table.tBodies[0];
const all = document.getElementById("all");
const sure = document.getElementById("sure");

function row(order) {
  const tr = document.createElement("tr");
  const tick = document.createElement("input");
  tick.type = "checkbox";
  tick.value = order.number;
  tick.setAttribute("aria-label", `Select ${order.number}`);
  const number = Object.assign(document.createElement("strong"), { textContent: order.number });
  const status = Object.assign(document.createElement("span"), { textContent: order.status });
  status.className = `status ${order.status.toLowerCase()}`;
  for (const part of [tick, number, order.customer, order.placed_on, status, order.total]) tr.insertCell().append(part);
  tr.cells[5].className = "right";
  return tr;
}

async function load() {
  table.setAttribute("aria-busy", "true");
  const answer = await send("GET", `/api/desk/orders?${new URLSearchParams(asked)}`);
  asked.page = answer.page;
  body.replaceChildren(...answer.rows.map(row));
  document.getElementById("found").textContent = `${answer.found} ${answer.found === 1 ? "order" : "orders"}`;
  document.getElementById("page").textContent = `Page ${answer.page} of ${answer.pages}`;
  document.getElementById("previous").disabled = answer.page === 1;
  document.getElementById("next").disabled = answer.page === answer.pages;
  document.getElementById("export").href = `/desk/orders.csv?${new URLSearchParams(asked)}`;
  for (const header of table.querySelectorAll("[aria-sort]")) {
    const key = header.firstElementChild.dataset.sort;
    header.ariaSort = asked.sort === key ? "ascending" : asked.sort === `-${key}` ? "descending" : "none";
  }
  showTicks();
  table.setAttribute("aria-busy", "false");
}

function ticked() {
  return [...body.querySelectorAll(":checked")].map((tick) => tick.value);
}

function showTicks() {
  const count = ticked().length;
  document.getElementById("bulk").hidden = count === 0;
  document.getElementById("ticked").textContent = `${count} selected`;
  all.checked = count > 0 && count === body.rows.length;
  all.indeterminate = count > 0 && count < body.rows.length;
}

function ask(what) {
  Object.assign(asked, { page: 1 }, what);
  load();
}

table.addEventListener("change", (event) => {
  if (event.target === all) for (const tick of body.querySelectorAll("input")) tick.checked = all.checked;
  showTicks();
});
table.tHead.addEventListener("click", (event) => {
  const key = event.target.closest("[data-sort]")?.dataset.sort;
  if (key) ask({ sort: asked.sort === key ? `-${key}` : key });
});
document.getElementById("status").addEventListener("change", (event) => ask({ status: event.target.value }));
let typing;
document.getElementById("find").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => ask({ q: event.target.value }), 250);
});
document.getElementById("previous").addEventListener("click", () => ask({ page: asked.page - 1 }));
document.getElementById("next").addEventListener("click", () => ask({ page: asked.page + 1 }));

document.getElementById("bulk").addEventListener("click", (event) => {
  const status = event.target.closest("[data-status]")?.dataset.status;
  if (!status) return;
  const count = ticked().length;
  const orders = `${count} ${count === 1 ? "order" : "orders"}`;
  document.getElementById("sure-title").textContent = status === "Shipped" ? `Mark ${orders} as shipped?` : `Cancel ${orders}?`;
  sure.dataset.status = status;
  sure.returnValue = "";
  sure.showModal();
});
sure.addEventListener("close", async () => {
  if (sure.returnValue !== "yes") return;
  const answer = await send("POST", "/api/desk/orders", { numbers: ticked(), status: sure.dataset.status });
  toast(`${answer.changed} ${answer.changed === 1 ? "order" : "orders"} changed.`);
  load();
});

document.getElementById("status").value = asked.status;
load();
