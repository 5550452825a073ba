/* Copy buttons, and the step from an entered item to the next open one. Also works without HTTPS. */
import { copySelection } from "./common.js";

function select(element) {
  element.hidden = false;
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}
function copyByHand(text) {
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "visually-hidden";
  document.body.appendChild(box);
  box.select();
  const done = copySelection();
  box.remove();
  return done;
}
function say(button, words) {
  if (!button.dataset.words) button.dataset.words = button.innerHTML;
  button.textContent = words;
  setTimeout(() => { button.innerHTML = button.dataset.words; delete button.dataset.words; }, 1500);
}
function copied(button, element, done) {
  if (done) { say(button, "已复制"); return; }
  select(element);
  say(button, "请按 Ctrl+C");
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const element = document.getElementById(button.dataset.copy); const text = element.textContent;
  if (!navigator.clipboard || !window.isSecureContext) { copied(button, element, copyByHand(text)); button.focus(); return; }
  navigator.clipboard.writeText(text).then(
    () => { copied(button, element, true); },
    () => { copied(button, element, copyByHand(text)); }
  );
});
document.addEventListener("htmx:afterSettle", (event) => {
  const item = event.detail.target && document.getElementById(event.detail.target.id);
  if (!item || !item.classList.contains("is-entered")) return;
  const all = [...document.querySelectorAll(".application-item")];
  const next = all.slice(all.indexOf(item) + 1).filter((each) => each.open && !each.classList.contains("is-entered"))[0];
  if (!next) return;
  next.scrollIntoView({ block: "start" });
  next.querySelector("summary").focus({ preventScroll: true });
});
