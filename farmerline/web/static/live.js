/* Optional: fetches the moving parts of a page anew and puts in those that changed. Without it the page itself is
   loaded anew (a refresh in its head). What is open stays open, what has the focus keeps it, and nothing is exchanged
   under a pressed finger. Fetching is no use of the session: only a touch keeps it. */
(function () {
  "use strict";
  var box = document.querySelector("[data-live]");
  if (!box || !window.DOMParser || !box.querySelectorAll) { return; }
  var every = +box.getAttribute("data-every"), was = {}, pressed = false, lost = 0, waiting = null, touched = false;
  function each(list, act) { for (var i = 0; i < list.length; i += 1) { act(list[i]); } }
  function put(part, fresh) {
    var words = fresh.innerHTML, focus = document.activeElement, kept = part.contains(focus) ? focus.id : "", open = [];
    if (was[part.id] === words) { return; }
    if (kept && /^(INPUT|SELECT|TEXTAREA)$/.test(focus.tagName)) { return; }
    was[part.id] = words;
    each(part.querySelectorAll("details[open]"), function (one) { open.push(one.id); });
    part.innerHTML = words;
    each(open, function (id) { var one = id && document.getElementById(id); if (one) { one.open = true; } });
    focus = kept && document.getElementById(kept);
    if (focus) { focus.focus({ preventScroll: true }); }
  }
  function take(text) {
    var page = new DOMParser().parseFromString(text, "text/html"), parts = page.querySelectorAll("[data-part]");
    if (!parts.length) { location.reload(); return; }
    each(parts, function (fresh) {
      var part = document.getElementById(fresh.id);
      if (part) { put(part, fresh); }
    });
  }
  function missed() {
    var line = document.getElementById("lost");
    lost += 1;
    if (line && lost > 2) { line.hidden = false; }
    again();
  }
  function address() {
    var plain = box.getAttribute("data-live");
    return touched ? plain + (plain.indexOf("?") < 0 ? "?" : "&") + "touched=1" : plain;
  }
  function again() { clearTimeout(waiting); waiting = setTimeout(ask, every); }
  function ask() {
    var call = new XMLHttpRequest(), line = document.getElementById("lost");
    if (document.hidden) { again(); return; }
    call.open("GET", address());
    touched = false;
    call.timeout = 8000;
    call.onload = function () {
      if (call.status === 403 || call.status === 404) { location.reload(); return; }
      if (call.status !== 200) { missed(); return; }
      lost = 0;
      if (line) { line.hidden = true; }
      if (!pressed) { take(call.responseText); }
      again();
    };
    call.onerror = call.ontimeout = missed;
    call.send();
  }
  each(["pointerdown", "touchstart", "mousedown"], function (name) {
    document.addEventListener(name, function () { pressed = true; }, true);
  });
  each(["pointerup", "pointercancel", "touchend", "mouseup"], function (name) {
    document.addEventListener(name, function () { setTimeout(function () { pressed = false; }, 300); }, true);
  });
  each(["keydown", "pointerdown", "touchstart", "scroll"], function (name) {
    document.addEventListener(name, function () { touched = true; }, true);
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { clearTimeout(waiting); ask(); } });
  again();
}());
