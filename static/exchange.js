// What makes the page of an exchange better where scripts run: menus that close,
// printing, folding and copying JSON.
(function () {
  "use strict";
  var on = window.relay.on;
  function menus(except) {
    document.querySelectorAll("details.menu[open], .exchange-actions details.confirm[open]").forEach(function (menu) {
      if (!menu.contains(except)) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) { menus(event.target); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = event.target.closest && event.target.closest("details.menu[open]");
    menus(null);
    if (menu) menu.querySelector("summary").focus();
  });
  on("click", ".menu-box a", function () { menus(null); });
  // The summary has all that a print is to have.
  if (location.hash === "#print") {
    history.replaceState(history.state, "", location.pathname + location.search); // loaded again it is no print
    window.addEventListener("load", function () { window.print(); });
  }
  on("click", "[data-print]", function (link, event) {
    var to = new URL(link.href);
    if (to.pathname + to.search !== location.pathname + location.search) return;
    event.preventDefault();
    menus(null);
    window.print();
  });

  on("click", "[data-fold]", function (button) {
    var open = button.dataset.fold === "open";
    document.querySelectorAll("#" + button.dataset.of + " .json details").forEach(function (d) {
      d.open = open || !d.parentElement.closest("details");
    });
  });

  on("click", "[data-copy-url]", function (button) {
    fetch(button.dataset.copyUrl).then(function (answer) {
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.text();
    }).then(window.relay.copy).then(function () { window.relay.toast("ok", "Copied."); }, function () {
      window.relay.toast("error", "It could not be copied. Download it instead.");
    });
  });

  // Where it is narrow the tabs scroll: the current one is to be seen.
  var tabs = document.querySelector(".tabs"), here = tabs && tabs.querySelector("[aria-current]");
  if (here) tabs.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - tabs.offsetLeft - tabs.clientWidth / 2;

  // So does a long list of what can be drawn.
  var pick = document.querySelector(".picks li [aria-current]"), picks = pick && pick.closest("ul");
  if (picks) picks.scrollTop = pick.offsetTop - picks.offsetTop - picks.clientHeight / 2 + pick.offsetHeight / 2;

  // Lists that are folded are printed whole.
  var unfolded = [];
  window.addEventListener("beforeprint", function () {
    unfolded = Array.from(document.querySelectorAll("details.more:not([open])"));
    unfolded.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    unfolded.forEach(function (d) { d.open = false; });
  });
})();
