/* Evidence previews: zoom, rotate, change pages, and mark proof, by mouse or keyboard. Forms with errors or conflicts are shown. */
import { isTyping, keysEnabled, shortcutKey, showRefusals } from "./common.js";

const STEPS = [0.5, 0.75, 1, 1.5, 2, 3];
const FIT = 2;

showRefusals((target) => target?.closest(".evidence-area, .evidence-rows, [data-shows-errors]"));

function leaves(view) { return [...view.querySelectorAll("figure[data-page]")]; }

/* The current page: the first one of which more than a third is visible. */
function current(view) {
  const all = leaves(view);
  const frame = scroller(view).getBoundingClientRect();
  const top = Math.max(frame.top, 0);
  return all.find((leaf) => {
    const box = leaf.getBoundingClientRect();
    return box.bottom > top + Math.min(box.height, window.innerHeight) / 3;
  }) || all[all.length - 1];
}
function scroller(view) { return view.closest("#preview, .peek-body") || view; }

function zoom(view, to) {
  let at = Number(view.dataset.zoomed || FIT);
  at = to === "fit" ? FIT : Math.max(0, Math.min(STEPS.length - 1, at + (to === "in" ? 1 : -1)));
  view.dataset.zoomed = at;
  view.classList.toggle("is-zoomed", at !== FIT);
  view.style.setProperty("--zoom", STEPS[at]);
  leaves(view).forEach(lay);
}

function turn(leaf) {
  if (!leaf) return;
  leaf.dataset.turn = (Number(leaf.dataset.turn || 0) + 90) % 360;
  lay(leaf);
}
/* A page rotated by 90° is as wide as its column, so the image's height becomes its width. */
function lay(leaf) {
  const sheet = leaf.querySelector(".sheet");
  const face = leaf.querySelector(".face");
  const image = leaf.querySelector("img");
  const lies = Number(leaf.dataset.turn || 0) % 180 !== 0;
  sheet.style.height = face.style.width = "";
  if (!lies || !image.naturalWidth) return;
  const across = sheet.clientWidth * image.naturalWidth / image.naturalHeight;
  face.style.width = `${across}px`;
  sheet.style.height = `${across}px`;
}

function go(view, page) {
  const leaf = view.querySelector(`figure[data-page="${page}"]`);
  if (leaf) { leaf.scrollIntoView({block: "start"}); mark(view, page); }
  return Boolean(leaf);
}
function mark(view, page) {
  const field = view.querySelector(".preview-goto input[name=page]");
  if (field) field.value = page;
}
function leafThrough(view, by) {
  const leaf = current(view);
  if (leaf) go(view, Number(leaf.dataset.page) + by);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-zoom], [data-turn-page], [data-leaf], img[data-sheet]");
  const view = target && target.closest("[data-preview]");
  if (!view) return;
  if (target.dataset.zoom) zoom(view, target.dataset.zoom);
  else if (target.dataset.leaf) leafThrough(view, Number(target.dataset.leaf));
  else if (target.hasAttribute("data-turn-page")) turn(current(view));
  else if (!view.classList.contains("is-framing")) zoom(view, view.classList.contains("is-zoomed") ? "fit" : "in");
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest(".preview-goto");
  if (form && go(form.closest("[data-preview]"), Number(form.elements.page.value))) { event.preventDefault(); event.stopPropagation(); }
}, true);

/* Keys act on the preview with the focus, or on the only preview of a reading page. */
function underKeys(target) {
  return target.closest("[data-preview]") || document.querySelector("[data-reads] [data-preview]");
}

/* Draw the marks on the pages. The list beside the preview has their positions. */
function paint(view) {
  view.querySelectorAll(".mark-box, .mark-flag").forEach((each) => { each.remove(); });
  view.querySelectorAll("[data-mark][data-page]").forEach((row) => {
    const leaf = view.querySelector(`figure[data-page="${row.dataset.page}"]`);
    if (!leaf) return;
    const sign = document.createElement("span");
    sign.className = row.dataset.box ? "mark-box" : "mark-flag";
    leaf.querySelector(".face").appendChild(sign);
    if (row.dataset.box) place(sign, row.dataset.box.split(" ").map(Number));
  });
}
function place(box, part) {
  ["left", "top", "width", "height"].forEach((name, at) => { box.style[name] = `${part[at] * 100}%`; });
}

function fill(view, page, part) {
  const form = view.querySelector("[data-mark-form]");
  if (!form) return null;
  form.elements.page.value = page;
  ["left", "top", "width", "height"].forEach((name, at) => { form.elements[name].value = part ? part[at].toFixed(4) : ""; });
  form.querySelector("[data-mark-place]").textContent = `第${page}页${part ? "（框选）" : ""}`;
  return form;
}
function markLeaf(view, leaf) {
  const form = leaf && fill(view, leaf.dataset.page, null);
  if (form) { form.elements.note.value = ""; form.requestSubmit(); }
}

/* Framing: dragging on a page creates a box, which is saved with a note on what it proves. */
function framing(view, on) {
  const button = view.querySelector("[data-frame]");
  if (!button) return;
  view.classList.toggle("is-framing", on);
  button.setAttribute("aria-pressed", String(on));
  view.querySelectorAll(".mark-draft").forEach((each) => { each.remove(); });
  if (!on) view.querySelector("[data-mark-form]").hidden = true;
}
function spot(leaf, event) {
  const box = leaf.querySelector(".face").getBoundingClientRect();
  const x = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const y = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
  return {0: [x, y], 90: [y, 1 - x], 180: [1 - x, 1 - y], 270: [1 - y, x]}[Number(leaf.dataset.turn || 0)];
}
function part(from, to) {
  const left = Math.min(from[0], to[0]); const top = Math.min(from[1], to[1]);
  return [left, top, Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
}
let drag = null;
document.addEventListener("pointerdown", (event) => {
  const face = event.target.closest && event.target.closest(".is-framing .face");
  if (!face) return;
  event.preventDefault();
  const view = face.closest("[data-preview]");
  view.querySelectorAll(".mark-draft").forEach((each) => { each.remove(); });
  const leaf = face.closest("figure");
  const box = document.createElement("span");
  box.className = "mark-box mark-draft";
  face.appendChild(box);
  drag = {view, leaf, box, from: spot(leaf, event)};
});
document.addEventListener("pointermove", (event) => {
  if (drag) place(drag.box, part(drag.from, spot(drag.leaf, event)));
});
document.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const done = drag; const found = part(drag.from, spot(drag.leaf, event));
  drag = null;
  if (found[2] < 0.01 || found[3] < 0.005) { done.box.remove(); return; }
  const form = fill(done.view, done.leaf.dataset.page, found);
  form.hidden = false;
  form.elements.note.focus();
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-mark-leaf], [data-frame], [data-mark-cancel], [data-mark-page]");
  const view = target && target.closest("[data-preview]");
  if (!view) return;
  if (target.hasAttribute("data-mark-leaf")) markLeaf(view, target.closest("figure") || current(view));
  else if (target.hasAttribute("data-frame")) framing(view, !view.classList.contains("is-framing"));
  else if (target.hasAttribute("data-mark-cancel")) framing(view, false);
  else if (go(view, target.closest("[data-mark]").dataset.page)) event.preventDefault();
});

const KEYS = {
  "m" (view) { markLeaf(view, current(view)); },
  "f" (view) { framing(view, !view.classList.contains("is-framing")); },
  "+" (view) { zoom(view, "in"); }, "=" (view) { zoom(view, "in"); }, "-" (view) { zoom(view, "out"); },
  "0" (view) { zoom(view, "fit"); }, "t" (view) { turn(current(view)); },
  "n" (view) { leafThrough(view, 1); }, "p" (view) { leafThrough(view, -1); }
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || event.target.matches?.("video") || document.querySelector("dialog[open]")) return;
  const key = shortcutKey(event);
  const view = KEYS[key] && keysEnabled() && underKeys(event.target);
  const neighbour = /^[[\]]$/.test(key) && keysEnabled() && document.querySelector(`[data-turn-to="${key === "[" ? -1 : 1}"]`);
  if (neighbour) { neighbour.click(); return; }
  if (view) { event.preventDefault(); KEYS[key](view); return; }
  if (key === "Enter" && event.target.matches("img[data-sheet]")) event.target.click();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const list = event.detail.target.closest && event.detail.target.closest("[data-marks]");
  if (list) document.querySelectorAll(".mark-draft").forEach((each) => { each.remove(); });
});
document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("[data-preview][data-go]").forEach((view) => {
    if (view.dataset.go) go(view, view.dataset.go);
    view.removeAttribute("data-go");
  });
  document.querySelectorAll("[data-preview]").forEach((view) => {
    paint(view);
    if (!view.querySelector(".mark-draft")) framing(view, false);
  });
});
function begin() { document.querySelectorAll("[data-preview]").forEach(paint); }
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
window.addEventListener("resize", () => { document.querySelectorAll("figure[data-turn]").forEach(lay); });
