/* The list of requests: answer by keyboard, count what is ticked. Without this script every button still works. */
import { isTyping, keysEnabled, shortcutKey } from "./common.js";

const CALM = 500; // a key pressed for the previous page must not answer on this one
const opened = Date.now();
const bulk = document.querySelector("[data-bulk-requests]");

function rows() { return [...document.querySelectorAll("[data-request]")]; }
function current() { return document.activeElement.closest("[data-request]") || rows()[0]; }
function box(row) { return row.querySelector("input[name=pick][form]"); }

function step(by) {
  const all = rows();
  const here = document.activeElement.closest("[data-request]");
  const next = here ? all[all.indexOf(here) + by] : all[0];
  if (next) next.focus();
}

function openRefusal(row) {
  const fold = row.querySelector("details");
  fold.open = true;
  fold.querySelector("textarea").focus();
}

function count() {
  const boxes = rows().map(box);
  const picked = boxes.filter((each) => each.checked).length;
  bulk.querySelector("[data-picked]").textContent = picked ? `已选 ${picked} 份` : "勾选后可一并答复";
  bulk.querySelectorAll("[data-needs-pick]").forEach((button) => { button.disabled = !picked; });
  const all = bulk.querySelector("[data-pick-all]");
  all.checked = picked > 0 && picked === boxes.length;
  all.indeterminate = picked > 0 && picked < boxes.length;
}

const ACTS = {
  j: () => { step(1); },
  k: () => { step(-1); },
  a: (row) => { if (Date.now() - opened > CALM) row.querySelector("[data-grant]")?.click(); },
  r: (row) => { openRefusal(row); },
  x: (row) => { box(row).click(); },
};

if (bulk) {
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || !keysEnabled()) return;
    if (isTyping(event.target) && event.target.type !== "checkbox") return;
    const act = ACTS[shortcutKey(event)];
    const row = current();
    if (!act || !row) return;
    event.preventDefault();
    act(row);
  });
  document.addEventListener("change", (event) => {
    if (event.target.hasAttribute("data-pick-all")) rows().forEach((row) => { box(row).checked = event.target.checked; });
    count();
  });
  window.addEventListener("pageshow", () => {
    count();
    (document.getElementById(location.hash.slice(1)) || rows()[0]).focus({ preventScroll: !location.hash });
  });
}
