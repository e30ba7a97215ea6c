/* Optional: buttons beside a player that make it slower or faster, at the same pitch. The page works without it. */
(function () {
  "use strict";
  function offer(player) {
    var row = document.createElement("p"), speeds = [[0.5, "½×"], [0.75, "¾×"], [1, "1×"], [1.5, "1½×"]];
    row.className = "r";
    speeds.forEach(function (speed) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "b";
      button.textContent = speed[1];
      button.addEventListener("click", function () { player.playbackRate = speed[0]; });
      row.appendChild(button);
    });
    player.parentNode.insertBefore(row, player.nextSibling);
  }
  var players = document.querySelectorAll("audio[data-speeds]");
  for (var i = 0; i < players.length; i += 1) { offer(players[i]); }
}());
