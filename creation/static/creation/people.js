/* Show the password that is typed, and copy the text of the field named by `data-copy`; if the browser forbids it, select the text for Ctrl-C. */
import { copySelection } from "./common.js";

function say(button, text) {
  button.querySelector("[data-copy-label]").textContent = text;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.focus();
  field.select();
  say(button, copySelection() ? "已复制" : "请按 Ctrl+C");
});
const shown = document.getElementById("show-password");
if (shown) {
  const fields = [...shown.form.querySelectorAll('input[type="password"]')];
  const show = (type) => { fields.forEach((field) => { field.type = type; }); };
  shown.parentElement.hidden = false;
  shown.addEventListener("change", () => { show(shown.checked ? "text" : "password"); });
  shown.form.addEventListener("submit", () => { show("password"); }); // so that no browser keeps it as typed text
}
