// Products at the desk: one dialog for price and stock.
"use strict";

const dialog = document.getElementById("product-dialog");
const form = dialog.querySelector("form");
const problem = document.getElementById("product-problem");
let edited = null;

document.querySelector("table").addEventListener("click", (event) => {
  if (!event.target.closest("button")) return;
  edited = event.target.closest("[data-product]");
  document.getElementById("product-title").textContent = edited.querySelector("strong").textContent;
  form.elements.price.value = edited.querySelector(".price-cell").textContent.replace("€", "");
  form.elements.stock.value = edited.querySelector(".stock-cell").textContent;
  problem.hidden = true;
  dialog.showModal();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = { price: form.elements.price.value, stock: form.elements.stock.value };
  const answer = await send("PUT", `/api/desk/products/${edited.dataset.product}`, sent);
  problem.textContent = answer.error;
  problem.hidden = !answer.error;
  if (answer.error) return;
  edited.querySelector(".price-cell").textContent = answer.price;
  edited.querySelector(".stock-cell").textContent = answer.stock;
  dialog.close();
  toast(`${document.getElementById("product-title").textContent} is saved.`);
});

dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
