/* What every page needs: double clicks make one request, and a failed htmx request says so. */
(function () {
  "use strict";
  var WORDS = { 401: "登录已过期，请刷新页面重新登录。", 403: "没有权限进行此操作，如有需要请与创建办联系。", 413: "内容太大，没有保存。" };
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-many")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details[data-open-in-print]").forEach(function (fold) { fold.open = true; });
  });
  document.addEventListener("htmx:responseError", function (event) {
    var box = document.getElementById("main");
    var note = document.createElement("div");
    note.className = "alert alert-danger";
    note.setAttribute("role", "alert");
    var told = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector("[data-refusal]");
    note.textContent = told ? told.textContent : WORDS[event.detail.xhr.status] || "操作没有成功，请稍后再试。";
    box.insertBefore(note, box.firstChild);
  });
})();
