/* The village phone with a script: new texts show by themselves, words are played in order, how long they were
   listened to is told, and the microphone can be used. Without it the page does all but the microphone. */
(function () {
  "use strict";
  var phones = document.getElementById("phones");
  if (!phones || !window.XMLHttpRequest) { return; }

  // What was last heard plays by itself; the seconds listened to ride along with keys and hang-up.
  var player = document.querySelector("audio[data-call=keys], audio[data-call=speech]"), started = false;
  function listened() { return Math.max(0, player.currentTime - parseFloat(player.getAttribute("data-before"))); }
  if (player) {
    player.addEventListener("playing", function () { started = true; });
    var playing = player.play();
    if (playing && playing["catch"]) { playing["catch"](function () { /* the browser wants a touch first */ }); }
  }
  document.addEventListener("submit", function (event) {
    var action = event.target.getAttribute("action") || "";
    if (started && /\/(keys|hangup)$/.test(action)) {
      var field = document.createElement("input");
      field.type = "hidden"; field.name = "after"; field.value = listened().toFixed(1);
      event.target.appendChild(field);
    }
  });

  // Look for news; never while somebody writes, listens or speaks.
  var recording = false;
  function busy() {
    var boxes = document.querySelectorAll("textarea"), index;
    for (index = 0; index < boxes.length; index++) { if (boxes[index].value) { return true; } }
    return recording || (player && !player.paused && !player.ended);
  }
  window.setInterval(function () {
    if (busy() || document.hidden) { return; }
    var ask = new XMLHttpRequest();
    ask.open("GET", "/phone/pulse");
    ask.onload = function () {
      if (ask.status === 200 && ask.responseText !== phones.getAttribute("data-changes") && !busy()) {
        window.location.replace(window.location.pathname + window.location.hash);
        window.location.reload();
      }
    };
    ask.send();
  }, 3000);

  // The microphone: sound as an 8,000 Hz WAV file, sent like a form.
  function wav(samples, rate) {
    var step = rate / 8000, count = Math.floor(samples.length / step), data = new DataView(new ArrayBuffer(44 + count * 2));
    function text(at, word) { for (var i = 0; i < word.length; i++) { data.setUint8(at + i, word.charCodeAt(i)); } }
    text(0, "RIFF"); data.setUint32(4, 36 + count * 2, true); text(8, "WAVEfmt "); data.setUint32(16, 16, true);
    data.setUint16(20, 1, true); data.setUint16(22, 1, true); data.setUint32(24, 8000, true);
    data.setUint32(28, 16000, true); data.setUint16(32, 2, true); data.setUint16(34, 16, true);
    text(36, "data"); data.setUint32(40, count * 2, true);
    for (var n = 0; n < count; n++) {
      var from = Math.floor(n * step), to = Math.max(from + 1, Math.floor((n + 1) * step)), sum = 0;
      for (var i = from; i < to; i++) { sum += samples[i]; }
      data.setInt16(44 + n * 2, Math.max(-1, Math.min(1, sum / (to - from))) * 32767, true);
    }
    return new Blob([data], { type: "audio/wav" });
  }
  function offer(place) {
    var form = place.parentNode;
    while (form && form.nodeName !== "FORM") { form = form.parentNode; }
    var button = document.createElement("button"), parts = [], stop = null;
    button.type = "button";
    button.appendChild(document.createTextNode(place.getAttribute("data-talk")));
    place.appendChild(button);
    button.addEventListener("click", function () {
      if (stop) { stop(); return; }
      navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
        var Sound = window.AudioContext || window.webkitAudioContext, context = new Sound();
        var source = context.createMediaStreamSource(stream), tap = context.createScriptProcessor(4096, 1, 1);
        recording = true;
        button.firstChild.data = place.getAttribute("data-done");
        tap.onaudioprocess = function (event) { parts.push(new Float32Array(event.inputBuffer.getChannelData(0))); };
        source.connect(tap); tap.connect(context.destination);
        stop = function () {
          tap.disconnect(); stream.getTracks().forEach(function (track) { track.stop(); });
          var all = new Float32Array(parts.length * 4096);
          parts.forEach(function (part, index) { all.set(part, index * 4096); });
          var body = new FormData(form), send = new XMLHttpRequest();
          body.append("sound", wav(all, context.sampleRate), "spoken.wav");
          send.open("POST", form.getAttribute("action"));
          send.onloadend = function () { window.location.replace(window.location.pathname + window.location.hash); window.location.reload(); };
          send.send(body);
        };
      });
    });
  }
  var places = document.querySelectorAll(".mic");
  if (navigator.mediaDevices && (window.AudioContext || window.webkitAudioContext)) {
    for (var index = 0; index < places.length; index++) { offer(places[index]); }
  }
})();
