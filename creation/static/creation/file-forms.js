/* Forms with files (data-files): sent by this script, so that a refusal is shown at its field and the chosen files stay chosen.
   Without it the form works too; its files must then be chosen again. */
import { csrfToken, element } from "./common.js";

const HEADERS = { "Accept": "application/json, text/html" };

function fail(form, sentence) {
  form.querySelector("[data-failed]")?.remove();
  const note = element("div", "alert alert-danger", sentence);
  note.dataset.failed = "";
  note.setAttribute("role", "alert");
  form.querySelector("button:not([type=button])").before(note);
  note.scrollIntoView({ block: "center" });
}

/* The form as the server sends it back, with the file fields of this one. */
function show(form, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("form[data-files]");
  if (!fresh) { fail(form, "没有提交成功，请刷新页面后重试。"); return; }
  fresh.querySelectorAll("[data-again]").forEach((note) => { note.remove(); });
  fresh.querySelectorAll("input[type=file]").forEach((field) => { field.replaceWith(form.querySelector(`#${field.id}`)); });
  form.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("form:replaced"));
  watch(fresh);
  const preview = fresh.querySelector("[data-preview]");
  if (preview) {
    preview.scrollIntoView({ block: "start" });
    fresh.addEventListener("input", () => { preview.querySelector("[data-stale]").hidden = false; }, { once: true });
    return;
  }
  const wrong = fresh.querySelector(".alert-danger, .errorlist, .invalid-feedback");
  if (!wrong) return;
  wrong.scrollIntoView({ block: "center" });
  wrong.parentElement.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
}

function accept(form, next) {
  form.dispatchEvent(new CustomEvent("form:accepted", { bubbles: true }));
  location.assign(next);
}

function send(form, pressed) {
  const button = pressed || form.querySelector("button:not([type=button])");
  const body = new FormData(form);
  if (button.name) body.set(button.name, button.value);
  button.disabled = true;
  body.set("csrfmiddlewaretoken", csrfToken());
  fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: HEADERS })
    .then((response) => (response.headers.get("Content-Type") || "").startsWith("application/json")
      ? response.json().then((data) => { if (data.url) accept(form, data.url); else fail(form, data.error); })
      : response.text().then((text) => { show(form, text); }))
    .catch(() => { fail(form, "没有连上服务器，没有提交。填写的内容和附件还在，请稍后再试。"); })
    .then(() => { button.disabled = false; });
}

function watch(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    send(form, event.submitter);
  });
}

document.querySelectorAll("form[data-files]").forEach(watch);
