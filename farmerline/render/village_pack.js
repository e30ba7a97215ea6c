/* Keeps what is written without a line, and stores it as one file. Old browsers: no arrow functions, no fetch. */
(function () {
  "use strict";
  var body = document.body, shelf = "farmerline-pack-" + body.getAttribute("data-village"), kept = [], sent = {};
  try { kept = JSON.parse(localStorage.getItem(shelf) || "[]"); } catch (error) { kept = []; }
  kept = kept.filter(function (one) { return !(new Date() - new Date(one.at) > 60 * 86400000); });
  body.className = "on";
  function find(id) { return document.getElementById(id); }
  function made() {
    var key = new Date().getTime().toString(36) + "-";
    while (key.length < 18) { key += Math.floor(Math.random() * 36).toString(36); }
    return key;
  }
  function now() {
    var at = new Date();
    return new Date(at.getTime() + 8 * 3600000).toISOString().slice(0, 16) + "+08:00";
  }
  function idOf(shown) {
    var all = find("people").getElementsByTagName("option");
    for (var i = 0; i < all.length; i += 1) {
      if (all[i].getAttribute("value") === shown) { return all[i].getAttribute("data-id"); }
    }
    return "";
  }
  function lines() {
    var head = JSON.stringify({ pack: body.getAttribute("data-village"), made: body.getAttribute("data-made") });
    var out = [head];
    for (var i = 0; i < kept.length; i += 1) { out.push(JSON.stringify(kept[i])); }
    return out.join("\n") + "\n";
  }
  function words(one) {
    var parts = [one.shown || "", one.name || "", one.crop || "", one.pest || "", one.text || ""], said = [];
    for (var i = 0; i < parts.length; i += 1) { if (parts[i]) { said.push(parts[i]); } }
    return said.join(" · ");
  }
  function show() {
    var list = find("kept"), i, item, out;
    while (list.firstChild) { list.removeChild(list.firstChild); }
    for (i = 0; i < kept.length; i += 1) {
      item = document.createElement("li");
      item.appendChild(document.createTextNode(words(kept[i]) + " "));
      out = document.createElement("button");
      out.type = "button";
      out.setAttribute("data-key", kept[i].key);
      out.appendChild(document.createTextNode(list.getAttribute("data-out")));
      item.appendChild(out);
      list.appendChild(item);
    }
    find("count").textContent = kept.length;
    find("file").value = lines();
    try { localStorage.setItem(shelf, JSON.stringify(kept)); } catch (error) { sent.lost = true; }
  }
  function keep(entry) {
    entry.key = made();
    entry.at = now();
    kept.push(entry);
    show();
  }
  document.addEventListener("click", function (event) {
    var button = event.target, kind = button.getAttribute && button.getAttribute("data-kind"), key;
    if (button.tagName !== "BUTTON") { return; }
    key = button.getAttribute("data-key");
    if (key) {
      kept = kept.filter(function (one) { return one.key !== key; });
      show();
    } else if (kind === "visit") {
      keep({ kind: kind, alert: button.getAttribute("data-alert"), person: button.getAttribute("data-person"),
        name: button.getAttribute("data-name"), shown: button.textContent });
      button.disabled = true;
      button.parentNode.className = "done";
    } else if (kind === "service") {
      keep({ kind: kind, what: button.getAttribute("data-what"), shown: button.textContent });
    }
  });
  document.addEventListener("submit", function (event) {
    var form = event.target, entry = { kind: form.getAttribute("data-kind") }, i, field, any = false;
    event.preventDefault();
    for (i = 0; i < form.elements.length; i += 1) {
      field = form.elements[i];
      if (field.name && field.value) {
        entry[field.name] = field.value;
        any = any || field.name === "text" || field.name === "crop" || field.name === "pest";
      }
    }
    find("missing").hidden = any;
    if (!any) { return; }
    entry.person = idOf(entry.name);
    entry.shown = form.getElementsByTagName("h3")[0].textContent;
    keep(entry);
    form.reset();
  });
  find("clear").addEventListener("click", function () {
    kept = [];
    find("clear").hidden = find("file").hidden = true;
    show();
  });
  find("store").addEventListener("click", function () {
    var link = document.createElement("a"), name = "pack-" + body.getAttribute("data-village") + "-" + now().slice(0, 10) + ".txt";
    find("clear").hidden = find("file").hidden = false;
    try {
      link.href = URL.createObjectURL(new Blob([lines()], { type: "text/plain" }));
      link.download = name;
      body.appendChild(link);
      link.click();
      body.removeChild(link);
    } catch (error) { find("file").select(); }
  });
  show();
}());
