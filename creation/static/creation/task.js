/* The task page: show only the chosen mode's fields, insert the sample text, grow text boxes, show htmx responses that are not 200. */
import { csrfToken, showRefusals } from "./common.js";

function showMode() {
  const chosen = document.querySelector('input[name="mode"]:checked');
  document.querySelectorAll("[data-mode]").forEach((part) => {
    part.hidden = !chosen || part.dataset.mode !== chosen.value;
  });
  const area = document.getElementById("evidence-area"); // what is shown on site needs no upload; pieces that are there stay in view
  if (area && chosen) area.hidden = chosen.value === "on_site" && !document.querySelector("#evidence-rows > li, #upload-queue > li");
}
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.max(area.scrollHeight + 2, 60)}px`;
}
function growAll() { document.querySelectorAll('textarea[form="answer"]').forEach((area) => { if (area.offsetParent) grow(area); }); }

document.addEventListener("change", (event) => {
  if (event.target.name === "mode") { showMode(); growAll(); }
});
document.addEventListener("input", (event) => {
  if (event.target.matches('textarea[form="answer"]')) grow(event.target);
});
document.addEventListener("draft:filled", () => { showMode(); growAll(); });

document.querySelectorAll(".js-only").forEach((part) => { part.hidden = false; });
document.querySelectorAll("[data-fill]").forEach((button) => {
  button.addEventListener("click", () => {
    const area = document.getElementById(button.dataset.fill);
    const sample = document.getElementById(button.dataset.from).textContent;
    area.value = area.value.trim() ? `${area.value.trim()}\n\n${sample}` : sample;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
});

showRefusals(() => true);

document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrfToken(); });

showMode();
growAll();
const errors = document.getElementById("answer-errors");
if (errors) errors.focus();
