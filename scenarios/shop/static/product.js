// The product page: add to cart, tabs, and the two parts that load late.
"use strict";

const product = document.querySelector(".product");

document.getElementById("add").addEventListener("click", () => {
  const variant = document.querySelector('[name="variant"]:checked');
  addToCart(Number(product.dataset.product), document.querySelector("tarn-quantity").value, variant?.value ?? "");
});

const tabs = [...document.querySelectorAll('[role="tab"]')];
for (const tab of tabs) {
  tab.addEventListener("click", () => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
  });
}

async function load(id) {
  const place = document.getElementById(id);
  const response = await fetch(`/fragments/${id}/${product.dataset.slug}`);
  place.innerHTML = response.ok ? await response.text() : "<p>This could not be loaded.</p>";
  place.setAttribute("aria-busy", "false");
}

load("reviews");
load("related");

document.getElementById("reviews").addEventListener("helpful", async (event) => {
  const review = event.target.closest("[data-review]");
  const answer = await send("POST", `/api/reviews/${review.dataset.review}/helpful`);
  review.querySelector(".votes").textContent = `${answer.helpful} people found this helpful`;
  toast("Thank you for your vote.");
});
