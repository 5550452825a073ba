/* Keep what is typed into a form (data-kept) until the server has taken it: a closed tab, a lost connection, a new login or another
   form's button take nothing away. The answer and the data of pieces save themselves (draft.js, piece-forms.js). */
import { element, twoDigits } from "./common.js";
import { differs, dropKept, fill, keep, kept, valuesOf, writtenValues } from "./form-values.js";

function slotOf(form) { return `form:${document.body.dataset.person}:${new URL(form.action).pathname}`; }

function clock(time) {
  const day = new Date(time);
  return `${day.getMonth() + 1}月${day.getDate()}日 ${twoDigits(day.getHours())}:${twoDigits(day.getMinutes())}`;
}

function wasTaken(found) { return found.sent && document.querySelector("main > .alert-success"); }

function restore(form) {
  const found = kept(slotOf(form));
  if (!found) return;
  if (wasTaken(found) || !differs(found.values, writtenValues(form))) { dropKept(slotOf(form)); return; }
  keep(slotOf(form), { ...found, sent: false });
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
document.querySelectorAll("form[data-kept]").forEach(restore);
