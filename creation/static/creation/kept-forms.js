/* Keep what is typed into a form that has room for text, a reason or a note, or says data-kept, until the server has taken it: a closed tab, a lost
   connection, a new login or another form's button take nothing away. The answer and the data of pieces save themselves (draft.js,
   piece-forms.js); what must not stay in a browser says data-not-kept. */
import { element, twoDigits } from "./common.js";
import { asText, differs, dropKept, fill, fixedValues, keep, kept, valuesOf, versionOf, writtenValues } from "./form-values.js";

const PREFIX = `form:${document.body.dataset.person}:`;
const TEXT = "textarea, input[name=reason], input[name=note]";
const ELSEWHERE = "#answer, [data-piece], [data-not-kept]";
const notes = new WeakMap(); // by form
const refused = new Set(); // slots whose form was sent to get this page, without success

function textsOf(form) { return [...form.elements].filter((field) => field.matches(TEXT)); } // also those beside the form (form=…)

function isKept(form) {
  return form?.getAttribute("method") === "post" && !form.matches(ELSEWHERE) && (form.hasAttribute("data-kept") || textsOf(form).length > 0);
}

function allKept(root) { return [...root.querySelectorAll("form")].filter(isKept); }

/* What the form is about: where it goes (a form that goes to its own page: with the page's query), and the rows that it names. */
function slotOf(form) {
  const action = form.getAttribute("action");
  const { pathname, search } = new URL(action || "", window.location.href);
  return [PREFIX + pathname + (action ? "" : search), ...fixedValues(form)].join(" ");
}

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

function accepted(form) {
  dropKept(slotOf(form));
  refused.delete(slotOf(form));
  notes.get(form)?.remove();
  notes.delete(form);
}

/* The page after a form was sent: if it says that it succeeded, the text is where it belongs, also if the form is not on this page. */
function settle() {
  const succeeded = document.querySelector("main > .alert-success, main [data-taken]");
  everyKept().filter(([, found]) => found.sent).forEach(([slot, found]) => {
    if (succeeded) { dropKept(slot); return; }
    keep(slot, { ...found, sent: false });
    refused.add(slot);
  });
}

/* A form that was refused comes back with what was typed, which is still nowhere else. */
function isUnsaved(form, values) { return refused.has(slotOf(form)) || differs(values, writtenValues(form)); }

function restore(form) {
  const found = kept(slotOf(form));
  if (!found) return;
  if (!isUnsaved(form, found.values)) { dropKept(slotOf(form)); return; }
  if (!differs(found.values, valuesOf(form))) return;
  if ((found.version || "") === versionOf(form)) putBack(form, found); else showAside(form, found);
}

function putBack(form, { values, at }) {
  const before = valuesOf(form);
  fill(form, values);
  note(form, `已恢复您 ${clock(at)} 填写、还没有提交的内容${form.querySelector("input[type=file]") ? "，文件请重新选择" : ""}。`);
  tell(form, before).forEach((field) => { field.closest("details")?.setAttribute("open", ""); });
}

/* Other scripts hear of the fields that are different now. One that saves by itself is to do so once. */
function tell(form, before) {
  const now = valuesOf(form);
  const changed = [...form.elements].filter((field) => before[field.name] !== now[field.name]);
  const heard = form.hasAttribute("data-autosaves") ? changed.slice(0, 1) : changed;
  heard.forEach((field) => { field.dispatchEvent(new Event("change", { bubbles: true })); });
  return changed;
}

/* What the form changes was changed since: it must be seen before it is replaced. */
function showAside(form, found) {
  const box = note(form, `您 ${clock(found.at)} 填写的内容没有提交，这里后来又有改动。您当时填写的：`);
  if (!box) return;
  box.appendChild(element("div", "text-box pre", asText(form, found.values)));
  const button = element("button", "btn btn-sm btn-outline-primary", "填入");
  button.type = "button";
  button.addEventListener("click", () => { box.remove(); notes.delete(form); putBack(form, found); });
  box.insertBefore(button, box.lastElementChild);
}

function note(form, words) {
  if (notes.has(form)) return null;
  const box = element("div", "kept-note small", words);
  const clear = element("button", "btn btn-sm btn-link", "清除");
  clear.type = "button";
  clear.addEventListener("click", () => {
    const before = valuesOf(form);
    fill(form, writtenValues(form));
    accepted(form);
    tell(form, before);
  });
  box.appendChild(clear);
  notes.set(form, box);
  const beside = textsOf(form).find((field) => !form.contains(field));
  if (beside) beside.before(box); else form.prepend(box);
  box.closest("details")?.setAttribute("open", "");
  return box;
}

function typed(event) {
  const { form } = event.target;
  if (!isKept(form)) return;
  const values = valuesOf(form);
  if (isUnsaved(form, values)) keep(slotOf(form), { values, version: versionOf(form) });
  else dropKept(slotOf(form));
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!isKept(form) || event.defaultPrevented) return;
  const values = valuesOf(form);
  if (isUnsaved(form, values)) keep(slotOf(form), { values, version: versionOf(form), sent: true });
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (isKept(form) && event.detail.requestConfig.verb === "post" && event.detail.successful) accepted(form);
});
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.querySelectorAll) allKept(event.detail.elt).forEach(restore); });
document.addEventListener("form:accepted", (event) => { accepted(event.target); }); // by file-forms.js
document.addEventListener("form:replaced", () => { allKept(document).map(slotOf).filter(kept).forEach((slot) => { refused.add(slot); }); });
settle();
allKept(document).forEach(restore);
