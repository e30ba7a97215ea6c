/* Optional: repeats live what the server counts under a text for a message. The page works without it. */
(function () {
  "use strict";
  function words(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; });
  }
  function start(box) {
    var area = document.getElementById(box.getAttribute("data-counts"));
    if (!area) { return; }
    var room = +box.getAttribute("data-room"), overhead = +box.getAttribute("data-overhead");
    var line = box.querySelector(".used"), told = box.querySelector(".now"), many = box.querySelector(".parts");
    area.addEventListener("input", function () {
      var used = area.value.length, total = used + overhead, left = room - used;
      var parts = left >= 0 ? 1 : Math.ceil(total / 67);
      var values = { used: used, left: left, over: -left, parts: parts };
      line.setAttribute("d", "M0 22H" + Math.min(600, Math.round(used * 600 / (room + 12))));
      told.textContent = words(box.getAttribute(left >= 0 ? "data-left" : "data-over"), values);
      many.textContent = words(box.getAttribute("data-parts"), values);
    });
  }
  var boxes = document.querySelectorAll("[data-counts]");
  for (var i = 0; i < boxes.length; i += 1) { start(boxes[i]); }
}());
