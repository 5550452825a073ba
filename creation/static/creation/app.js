/* For every page: a double click sends one request, a form is sent with the token of the newest login, and a failed htmx request shows
   a message. */
import { csrfToken, element, isTyping, shortcutKey } from "./common.js";
import "./former-person.js";

const WORDS = {
  401: "登录已过期，请刷新页面重新登录。",
  403: "没有权限进行此操作，如有需要请与创建办联系。",
  404: "没有保存：这一项已经撤销，或您不再能查看它。请复制还没有保存的内容，再刷新页面。",
  413: "内容太大，没有保存。",
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  if (form.elements.csrfmiddlewaretoken) form.elements.csrfmiddlewaretoken.value = csrfToken();
  if (form.hasAttribute("data-many")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("find-box");
  if (!box || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || shortcutKey(event) !== "/") return;
  if (!box.offsetParent) return; // in the folded menu of a phone
  event.preventDefault();
  box.focus();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.querySelectorAll("[data-print].js-only").forEach((button) => { button.hidden = false; });
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details[data-open-in-print]").forEach((fold) => { fold.open = true; });
});
/* A form that saves by itself says beside its fields that it did not; any other request says so above the page. */
function tellFailure(event, words) {
  const saving = event.target.closest?.("form[data-autosaves]") && event.detail.target;
  const said = element("div", saving ? "text-danger" : "alert alert-danger", saving ? `没有保存：${words.replace("没有保存：", "")}` : words);
  said.setAttribute("role", "alert");
  if (saving) {
    [...saving.children].filter((part) => part.type !== "hidden").forEach((part) => { part.remove(); });
    saving.append(said);
    return;
  }
  const box = document.getElementById("main");
  [...box.children].filter((part) => part.matches(".alert-danger") && part.textContent === words).forEach((part) => { part.remove(); });
  box.prepend(said);
}
document.addEventListener("htmx:responseError", (event) => {
  const refusal = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector("[data-refusal]");
  tellFailure(event, refusal?.textContent || WORDS[event.detail.xhr.status] || "操作没有成功，请稍后再试。");
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig.verb !== "get") tellFailure(event, "没有保存：连接中断。填写的内容还在，联网后请再试。");
});
// A refused form may stand far below the top of its page: its first error comes into sight, unfolded, with the cursor in its field.
const refused = document.querySelector("main .errorlist");
if (refused) {
  for (let fold = refused.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  refused.scrollIntoView({ behavior: "instant", block: "center" });
  refused.parentElement.querySelector("[aria-invalid]")?.focus({ preventScroll: true });
}
