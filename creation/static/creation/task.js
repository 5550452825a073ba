/* The task page: show only the chosen mode's fields, insert the sample text, grow text boxes, show htmx responses that are not 200. */
import { csrfToken, showRefusals } from "./common.js";

/* Only what the mode needs is on the page. What is there already, pieces or text, stays in view. */
function showMode() {
  const mode = document.querySelector('input[name="mode"]:checked')?.value;
  document.querySelectorAll("[data-mode]").forEach((part) => { part.hidden = part.dataset.mode !== mode; });
  if (!mode) return;
  const pieces = Boolean(document.querySelector("#evidence-rows > li, #upload-queue > li"));
  const zone = document.getElementById("drop-zone");
  const area = document.getElementById("evidence-area");
  if (area) area.hidden = mode === "on_site" && !pieces;
  if (zone) zone.hidden = mode === "on_site" && !document.querySelector("#upload-queue > li");
  document.querySelectorAll("[data-shows=evidence]").forEach((part) => { part.hidden = mode !== "upload" && !pieces; });
  document.querySelectorAll("[data-work]").forEach((part) => {
    part.hidden = mode === "statement" && ![...part.querySelectorAll("textarea")].some((text) => text.value.trim());
    const step = part.closest("details");
    step.hidden = part.hidden && !step.querySelector("#readings");
  });
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
document.addEventListener("evidence:said", showMode);
document.querySelectorAll("details.step").forEach((step) => { step.addEventListener("toggle", growAll); });

document.querySelectorAll(".js-only").forEach((part) => { part.hidden = false; });
document.querySelectorAll("[data-fill]").forEach((button) => {
  button.addEventListener("click", () => {
    const area = document.getElementById(button.dataset.fill);
    const sample = document.getElementById(button.dataset.from).textContent;
    if (!area.value.includes(sample.trim())) area.value = area.value.trim() ? `${area.value.trim()}\n\n${sample}` : sample; // once, however often it is pressed
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
});

/* A press on a button of the bar counts also when the button moves before it is released: leaving a field saves it, and what is said
   about that takes room. The browser gives no click to a button that is no longer under the pointer. */
let pressed = null;
document.addEventListener("mousedown", (event) => {
  const button = event.button === 0 ? event.target.closest?.(".save-bar button") : null;
  pressed = button && { button, x: event.clientX, y: event.clientY };
}, true);
document.addEventListener("mouseup", (event) => {
  const { button, x, y } = pressed || {};
  pressed = null;
  if (!button || button.contains(event.target) || Math.hypot(event.clientX - x, event.clientY - y) > 10) return;
  setTimeout(() => { button.click(); });
}, true);

showRefusals(() => true);

document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrfToken(); });

showMode();
growAll();
const errors = document.getElementById("answer-errors");
if (errors) errors.focus();
