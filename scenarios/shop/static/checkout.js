// The checkout page: the total follows the delivery, and the payment frame reports by message.
"use strict";

const checkout = document.getElementById("checkout");
const payment = document.getElementById("payment");

for (const way of checkout.querySelectorAll('[name="delivery"]')) {
  way.addEventListener("change", () => {
    document.getElementById("sum").textContent = way.dataset.total;
    document.getElementById("cost").textContent = way.dataset.cost;
  });
}

window.addEventListener("message", (event) => {
  if (event.source !== payment.contentWindow || event.data?.type !== "cairn-authorised") return;
  checkout.elements.token.value = event.data.token;
  checkout.elements.card.value = event.data.card;
  document.getElementById("paid").hidden = false;
  document.querySelector("#paid span").textContent = `Card ending in ${event.data.card}`;
  document.getElementById("hint").hidden = true;
  document.getElementById("place").disabled = false;
});
