/* Optional, at a shared computer: says that somebody is typing, and leaves the page after the quiet minutes.
   Without it the page leaves by itself (a refresh in its head), whether somebody types or not. */
(function () {
  "use strict";
  var me = document.currentScript, quiet = +me.getAttribute("data-seconds") * 1000 + 5000;
  var mark = me.getAttribute("data-mark"), touched = Date.now(), told = touched;
  function leave() { location.replace("/shared/over"); }
  function touch() {
    touched = Date.now();
    if (touched - told < 15000) { return; }
    told = touched;
    var call = new XMLHttpRequest();
    call.open("POST", "/shared/still");
    call.setRequestHeader("X-CSRFToken", mark);
    call.onload = function () { if (call.status !== 204) { leave(); } };
    call.send();
  }
  ["keydown", "pointerdown", "touchstart", "scroll"].forEach(function (name) {
    document.addEventListener(name, touch, true);
  });
  setInterval(function () { if (Date.now() - touched >= quiet) { leave(); } }, 1000);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { location.reload(); } });
}());
