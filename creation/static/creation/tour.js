/* The tour of the first login: one step at a time, each with its place outlined. The server is told when it is shown, so that it does not
   come again whatever happens to the page; it can be skipped. It covers nothing and takes no focus. */
import { csrfToken, element } from "./common.js";

const box = document.querySelector("[data-tour]");
const steps = box ? [...box.querySelectorAll("li")] : [];
let at = 0;

function outline(step) {
  document.querySelectorAll(".is-toured").forEach((place) => { place.classList.remove("is-toured"); });
  const places = step ? step.dataset.target.split(",").flatMap((target) => [...document.querySelectorAll(target)]) : [];
  places.find((place) => place.offsetParent)?.classList.add("is-toured");
}

function end() {
  outline();
  box.remove();
}

function show(number) {
  at = number;
  steps.forEach((step, index) => { step.hidden = index !== at; });
  outline(steps[at]);
}

function begin() {
  const form = box.querySelector("form");
  const keys = element("div", "tour-keys");
  const count = element("span", "muted small");
  const next = element("button", "btn btn-primary", "下一步");
  const skip = element("button", "btn btn-outline-secondary", "跳过");
  [next, skip].forEach((button) => { button.type = "button"; });
  next.addEventListener("click", () => {
    if (at === steps.length - 1) { end(); return; }
    show(at + 1);
    count.textContent = `${at + 1} / ${steps.length}`;
    if (at < steps.length - 1) return;
    next.textContent = "知道了";
    skip.remove();
  });
  skip.addEventListener("click", end);
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") end(); });
  count.textContent = `1 / ${steps.length}`;
  keys.append(next, skip, count);
  form.replaceWith(keys);
  show(0);
  fetch(form.action, { method: "POST", credentials: "same-origin", headers: { "Accept": "application/json", "X-CSRFToken": csrfToken() } }).catch(() => {});
}

if (box?.offsetParent) begin();
