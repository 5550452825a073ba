/* The task list: short filter URLs, and the number of selected rows. */
function boxes(form) { return [...form.querySelectorAll("input[name=pick]")]; }

function show(form) {
  const all = boxes(form);
  const picked = all.filter((box) => box.checked).length;
  const everything = form.querySelector("[data-everything]");
  const whole = everything && everything.checked;
  form.querySelector("[data-picked]").textContent = whole ? "已选全部" : picked ? `已选 ${picked} 项` : "勾选任务后可批量操作";
  form.querySelectorAll("button[name=change]").forEach((button) => { button.disabled = !picked && !whole; });
  form.querySelectorAll("[data-pick-page]").forEach((box) => {
    box.checked = picked > 0 && picked === all.length;
    box.indeterminate = picked > 0 && picked < all.length;
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-bulk]");
  if (!form) return;
  if (event.target.hasAttribute("data-pick-page")) {
    boxes(form).forEach((box) => { box.checked = event.target.checked; });
  }
  show(form);
});
function begin() { document.querySelectorAll("[data-bulk]").forEach(show); }
document.addEventListener("htmx:afterSwap", begin);
window.addEventListener("pageshow", begin);

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  const values = event.detail.parameters;
  Object.keys(values).forEach((name) => { if (values[name] === "") delete values[name]; });
});
