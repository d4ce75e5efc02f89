// The payment provider's page: checks the card with its own server and tells the shop that embeds it.
"use strict";

const form = document.getElementById("pay");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  const response = await fetch(`/pay/authorise?ref=${encodeURIComponent(form.dataset.reference)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  const answer = await response.json();
  for (const [name, problem] of Object.entries(answer.errors)) {
    form.elements[name].parentElement.querySelector("small").textContent = problem;
  }
  if (!answer.token) return;
  for (const field of form.elements) field.disabled = true;
  const done = document.getElementById("done");
  done.textContent = "✓ Payment authorised";
  done.hidden = false;
  form.querySelector("button").hidden = true;
  parent.postMessage({ type: "cairn-authorised", token: answer.token, card: answer.card }, form.dataset.shop);
});
