/* What a file says of itself stands in amber in the fields of its row until somebody confirms it: one piece by its button or by Enter,
   all pieces by the button in the bar or Ctrl+Enter. A value typed instead counts at once. */
import { pieceOf } from "./piece-forms.js";

const rows = document.getElementById("evidence-rows");
const bar = document.getElementById("pieces-state");
const all = document.querySelector("[data-confirm-all]");
let warned = false;

function amber(within) { return [...within.querySelectorAll(".is-offered")]; }
function waiting() { return [...rows.querySelectorAll("form.piece")].filter((form) => amber(form).length); }

function tell() {
  rows.querySelectorAll("form.piece").forEach((form) => {
    const count = amber(form).length;
    form.querySelector("[data-confirm]").hidden = !count;
    const note = form.closest(".evidence-row").querySelector("[data-offered-note]");
    if (note) note.hidden = !count;
  });
  const count = waiting().length;
  if (!all) return;
  all.hidden = !count;
  all.textContent = `全部确认（${count} 份）`;
  if (!count && warned) { warned = false; bar.textContent = ""; }
}

function clear(field) {
  delete field.dataset.held;
  field.classList.remove("is-offered");
  field.removeAttribute("title");
}

/* Put the offered values into fields that nobody has touched since the server last had them. */
function offer(notes) {
  const form = notes.closest(".evidence-row").querySelector("form.piece");
  if (!form) return;
  const piece = pieceOf(form);
  const offered = JSON.parse(notes.dataset.offers);
  amber(form).filter((field) => !(field.name in offered)).forEach((field) => { field.value = field.dataset.held; clear(field); }); // confirmed elsewhere
  Object.entries(offered).forEach(([name, value]) => {
    const field = form.elements[name];
    const isOwn = field && field.value === (piece.stored[name] ?? "") && !field.hasAttribute("data-declined");
    if (!isOwn || field === document.activeElement || "held" in field.dataset) return;
    field.dataset.held = field.value;
    field.value = value;
    field.classList.add("is-offered");
    field.title = "从文件里读到的，还没有确认";
  });
  const outside = form.querySelector(".piece-outside");
  if (outside) outside.hidden = !notes.hasAttribute("data-outside");
  notes.querySelectorAll("button[data-take]").forEach((button) => { button.hidden = false; });
}

function confirm(form) {
  const fields = amber(form);
  fields.forEach(clear);
  if (fields.length) pieceOf(form).typed(true);
}

export function refresh() {
  rows.querySelectorAll("[data-notes]").forEach(offer);
  tell();
}

if (rows) {
  rows.addEventListener("input", (event) => {
    if (!("held" in event.target.dataset)) return;
    if (!event.target.value) event.target.setAttribute("data-declined", "");
    clear(event.target);
    tell();
  }, true); // before the row looks at its values
  rows.addEventListener("click", (event) => {
    const take = event.target.closest("[data-take]");
    const form = event.target.closest(".evidence-row")?.querySelector("form.piece");
    if (event.target.closest("[data-confirm]")) confirm(form);
    if (take) { const field = form.elements[take.dataset.take]; clear(field); field.value = take.dataset.value; pieceOf(form).typed(true); }
    tell();
  });
  rows.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input:not([type=file])") || !event.target.form?.matches(".piece")) return;
    event.preventDefault();
    (event.ctrlKey ? waiting() : [event.target.form]).forEach((form) => { confirm(form); pieceOf(form).save(); });
    tell();
  });
  rows.addEventListener("focusout", () => { setTimeout(refresh); });
  all?.addEventListener("click", () => { waiting().forEach(confirm); tell(); });
  document.addEventListener("evidence:said", refresh);
  document.addEventListener("htmx:load", refresh);

  /* 报送 asks once about values that nobody confirmed; a second click hands in without them. */
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "answer" || event.defaultPrevented || warned || event.submitter?.hasAttribute("data-save") || !waiting().length) return;
    event.preventDefault();
    event.stopPropagation();
    warned = true;
    bar.textContent = `${waiting().length} 份材料的信息（橙色）还没有确认。请点“全部确认”再报送；再点一次“报送”则不采用。`;
    all.focus();
  }, true);
  refresh();
}
