/* Only browsers without modules run this, such as Internet Explorer and the IE mode of others. Written for Internet Explorer 6. */
(function () {
  function show() {
    // oxlint-disable-next-line no-var (these browsers know nothing else)
    var note = document.createElement("div");
    note.className = "alert alert-danger";
    note.setAttribute("role", "alert");
    note.appendChild(document.createTextNode(
      "当前浏览器是 IE 内核或版本太旧，页面上的按钮、上传和自动保存不能用。请用 Edge、Chrome、火狐、奇安信可信浏览器打开；" +
      "360、QQ、搜狗等浏览器请点地址栏右侧的图标，从“兼容模式”切换到“极速模式”。"
    ));
    document.body.insertBefore(note, document.body.firstChild);
  }
  if (document.body) show();
  else window.onload = show;
})();
