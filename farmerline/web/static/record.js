/* Optional: a button that records with the microphone and puts a WAV file into the form's file field; the page works without it. */
(function () {
  "use strict";
  var Sound = window.AudioContext || window.webkitAudioContext;
  if (!Sound || !navigator.mediaDevices || !window.DataTransfer) { return; }

  function wav(parts, rate) {
    var count = parts.reduce(function (sum, part) { return sum + part.length; }, 0), at = 44;
    var data = new DataView(new ArrayBuffer(44 + count * 2));
    function text(place, word) { for (var i = 0; i < word.length; i += 1) { data.setUint8(place + i, word.charCodeAt(i)); } }
    text(0, "RIFF"); data.setUint32(4, 36 + count * 2, true); text(8, "WAVEfmt "); data.setUint32(16, 16, true);
    data.setUint16(20, 1, true); data.setUint16(22, 1, true); data.setUint32(24, rate, true);
    data.setUint32(28, rate * 2, true); data.setUint16(32, 2, true); data.setUint16(34, 16, true);
    text(36, "data"); data.setUint32(40, count * 2, true);
    parts.forEach(function (part) {
      for (var i = 0; i < part.length; i += 1) { data.setInt16(at, Math.max(-1, Math.min(1, part[i])) * 32767, true); at += 2; }
    });
    return new File([data.buffer], "recorded.wav", { type: "audio/wav" });
  }

  function offer(field) {
    var row = document.createElement("p"), button = document.createElement("button"), player = document.createElement("audio");
    var stop = null;
    row.className = "r";
    button.type = "button";
    button.textContent = field.getAttribute("data-record");
    player.controls = true;
    player.hidden = true;
    row.appendChild(button);
    row.appendChild(player);
    field.parentNode.insertBefore(row, field);
    button.addEventListener("click", function () {
      if (stop) { stop(); return; }
      navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
        var context = new Sound(), source = context.createMediaStreamSource(stream), parts = [];
        var tap = context.createScriptProcessor(4096, 1, 1);
        button.textContent = field.getAttribute("data-stop");
        tap.onaudioprocess = function (event) { parts.push(new Float32Array(event.inputBuffer.getChannelData(0))); };
        source.connect(tap);
        tap.connect(context.destination);
        stop = function () {
          var file = wav(parts, context.sampleRate), kept = new DataTransfer();
          tap.disconnect();
          stream.getTracks().forEach(function (track) { track.stop(); });
          context.close();
          kept.items.add(file);
          field.files = kept.files;
          player.src = URL.createObjectURL(file);
          player.hidden = false;
          button.textContent = field.getAttribute("data-record");
          stop = null;
        };
      }, function () { button.disabled = true; });
    });
  }

  var fields = document.querySelectorAll("input[type=file][data-record]");
  for (var i = 0; i < fields.length; i += 1) { offer(fields[i]); }
}());
