/* The score sheet by keyboard: Enter goes on to the next line, letters open what lies beside it. Without this script all of it is a click. */
import { isTyping, keysEnabled, shortcutKey, showRefusals } from "./common.js";

showRefusals((target) => target?.closest(".score-form"));

/* What is no number reaches the server as an empty field, which would clear the score. */
document.addEventListener("htmx:beforeRequest", (event) => {
  const input = event.target.querySelector?.(".score-value input");
  if (!input?.validity.badInput) return;
  event.preventDefault();
  const said = document.createElement("span");
  said.className = "text-danger";
  said.textContent = "没有保存：得分请填数字。";
  const state = event.target.querySelector(".score-state");
  state.querySelector("span")?.remove();
  state.append(said);
});

const fields = [...document.querySelectorAll(".score-value input, .score-vetoed input")];

function line(target) { return target.closest(".score-line") || fields[0]?.closest(".score-line"); }
function isScore(target) { return fields.includes(target); }
function go(from, by) {
  const next = fields[fields.indexOf(from) + by];
  if (!next) return;
  next.focus();
  if (next.select) next.select();
  next.closest(".score-line").scrollIntoView({block: "center"});
}
function ask(where) {
  const details = where.querySelector(".score-ask");
  if (!details) return;
  details.open = true;
  details.querySelector("textarea").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && isScore(event.target)) { /* leaving the field saves it */
    event.preventDefault();
    go(event.target, event.shiftKey ? -1 : 1);
    return;
  }
  if (!keysEnabled() || (isTyping(event.target) && !isScore(event.target))) return;
  const here = line(event.target);
  const key = shortcutKey(event);
  if (key === "o") here?.querySelector("[data-answer]")?.click();
  else if (key === "q" && here) ask(here);
  else if (key === "[" || key === "]") document.querySelector(`[data-key="${key}"]`)?.click();
  else return;
  event.preventDefault();
});
