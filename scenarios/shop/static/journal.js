// The journal: more stories come while one scrolls; cheers, and the three signs below each story.
"use strict";

const stories = document.getElementById("stories");
const more = document.getElementById("more");

async function loadMore() {
  if (more.getAttribute("aria-busy") === "true") return;
  more.setAttribute("aria-busy", "true");
  more.textContent = "Loading more stories…";
  const response = await fetch(`/fragments/journal/${stories.lastElementChild.dataset.story}`);
  const html = await response.text();
  stories.insertAdjacentHTML("beforeend", html);
  more.setAttribute("aria-busy", "false");
  more.textContent = html.trim() ? "More stories below" : "That was the first story.";
  if (!html.trim()) watcher.disconnect();
}

const watcher = new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting)) loadMore();
}, { rootMargin: "200px" });
if (more) watcher.observe(more);

const signs = [
  async (story) => {
    const answer = await send("POST", `/api/stories/${story.dataset.story}/bookmark`);
    toast(answer.kept ? "Kept for later." : "No longer kept.");
    const kept = document.getElementById("kept");
    if (kept) kept.textContent = answer.count;
  },
  (story) => toast(`${location.origin}/journal/${story.dataset.story} is in your clipboard.`),
  (story) => {
    const text = story.querySelector(".story-body");
    text.classList.toggle("large");
    toast(text.classList.contains("large") ? "Large letters." : "Small letters.");
  },
];

stories.addEventListener("click", async (event) => {
  const story = event.target.closest("[data-story]");
  const button = event.target.closest("button");
  if (!button) return;
  if (button.hasAttribute("data-cheer")) {
    const answer = await send("POST", `/api/stories/${story.dataset.story}/cheer`);
    story.querySelector(".cheers").textContent = `${answer.cheers} cheers`;
  } else {
    await signs[[...button.parentElement.children].indexOf(button)](story);
  }
});
