// The cart page: every change goes to the server, whose answer holds all figures anew.
"use strict";

const cart = document.getElementById("cart");

function show(figures) {
  for (const row of document.querySelectorAll("[data-line]")) {
    const line = figures.lines[row.dataset.line];
    if (!line) {
      row.remove();
      continue;
    }
    row.querySelector("output").textContent = line.quantity;
    row.querySelector(".line-total").textContent = line.total;
    row.querySelector('[data-step="-1"]').disabled = line.quantity === 1;
  }
  for (const id of ["subtotal", "discount", "shipping"]) document.getElementById(id).textContent = figures[id];
  document.getElementById("sum").textContent = figures.total;
  document.getElementById("discount-row").hidden = !figures.voucher;
  document.getElementById("voucher-code").textContent = figures.voucher;
  cart.hidden = figures.count === 0;
  document.getElementById("cart-empty").hidden = figures.count > 0;
  showBadge("cart-count", figures.count);
}

cart?.addEventListener("click", async (event) => {
  const row = event.target.closest("[data-line]");
  const step = event.target.closest("[data-step]");
  if (step) {
    const quantity = Number(row.querySelector("output").textContent) + Number(step.dataset.step);
    show(await send("PUT", `/api/cart/${row.dataset.line}`, { quantity }));
  }
  if (event.target.closest("[data-remove]")) {
    show(await send("DELETE", `/api/cart/${row.dataset.line}`));
    toast("Removed from your cart.");
  }
});

document.getElementById("voucher")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const figures = await send("POST", "/api/voucher", { code: event.target.elements.code.value });
  const problem = document.getElementById("voucher-problem");
  problem.textContent = figures.error;
  problem.hidden = !figures.error;
  show(figures);
});
