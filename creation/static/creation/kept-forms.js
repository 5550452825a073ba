/* Keep what is typed into a form (data-kept) until the server has taken it: a closed tab, a lost connection, a new login or another
   form's button take nothing away. The answer and the data of pieces save themselves (draft.js, piece-forms.js). */
import { element, twoDigits } from "./common.js";
import { differs, dropKept, fill, keep, kept, valuesOf, writtenValues } from "./form-values.js";

const PREFIX = `form:${document.body.dataset.person}:`;

function slotOf(form) { return PREFIX + new URL(form.action).pathname; }

/* All that this person's forms keep in this browser, of whatever page. */
function everyKept() {
  let slots = [];
  try { slots = Object.keys(localStorage).filter((slot) => slot.startsWith(PREFIX)); } catch { /* nothing is kept */ }
  return slots.map((slot) => [slot, kept(slot)]).filter(([, found]) => found);
}

function clock(time) {
  const day = new Date(time);
  return `${day.getMonth() + 1}月${day.getDate()}日 ${twoDigits(day.getHours())}:${twoDigits(day.getMinutes())}`;
}

/* The page after a form was sent: if it says that it succeeded, the text is where it belongs, also if the form is not on this page. */
function settle() {
  const succeeded = document.querySelector("main > .alert-success");
  everyKept().filter(([, found]) => found.sent).forEach(([slot, found]) => {
    if (succeeded) dropKept(slot); else keep(slot, { ...found, sent: false });
  });
}

function restore(form) {
  const found = kept(slotOf(form));
  if (!found) return;
  if (!differs(found.values, writtenValues(form))) { dropKept(slotOf(form)); return; }
  fill(form, found.values);
  form.closest("details")?.setAttribute("open", "");
  note(form, found.at);
  if (form.hasAttribute("data-autosaves")) form.querySelector("input, textarea")?.dispatchEvent(new Event("change", { bubbles: true }));
}

function note(form, at) {
  if (form.querySelector(".kept-note")) return;
  const box = element("div", "kept-note small", `已恢复您 ${clock(at)} 填写、还没有提交的内容。`);
  const clear = element("button", "btn btn-sm btn-link", "清除");
  clear.type = "button";
  clear.addEventListener("click", () => { fill(form, writtenValues(form)); dropKept(slotOf(form)); box.remove(); });
  box.appendChild(clear);
  form.insertBefore(box, form.firstChild);
}

function typed(event) {
  const form = event.target.form;
  if (!form?.hasAttribute("data-kept")) return;
  const values = valuesOf(form);
  if (differs(values, writtenValues(form))) keep(slotOf(form), { values });
  else dropKept(slotOf(form));
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-kept") || event.defaultPrevented) return;
  const values = valuesOf(form);
  if (differs(values, writtenValues(form))) keep(slotOf(form), { values, sent: true });
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-kept]");
  if (!form || event.detail.requestConfig.verb !== "post" || !event.detail.successful) return;
  dropKept(slotOf(form));
  form.querySelector(".kept-note")?.remove();
});
document.addEventListener("htmx:load", (event) => { event.detail.elt.querySelectorAll?.("form[data-kept]").forEach(restore); });
settle();
document.querySelectorAll("form[data-kept]").forEach(restore);
