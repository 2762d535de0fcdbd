// The page Settings where scripts run: what was changed is told, and asked about
// before the page is left; a default is filled in without a round trip.
(function () {
  "use strict";
  var form = document.getElementById("settings");
  if (!form) return;
  var note = form.querySelector(".unsaved"), leaving = false;

  function state() { return new URLSearchParams(new FormData(form)).toString(); }
  var first = state(), unsaved = form.hasAttribute("data-unsaved");
  function dirty() { return unsaved || state() !== first; }
  function show() { note.hidden = !dirty(); }

  form.addEventListener("input", function (event) {
    var unit = event.target.parentNode.querySelector(".unit");
    if (unit) unit.hidden = true; // it said the time before
    show();
  });
  form.addEventListener("change", show);
  form.addEventListener("submit", function () { leaving = true; });
  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-reset]");
    if (!button) return;
    event.preventDefault();
    var field = document.getElementById("f-" + button.value);
    field.value = button.dataset.reset;
    button.closest(".from-default").hidden = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-discard]")) leaving = true;
  });
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && dirty()) event.preventDefault();
  });
  window.addEventListener("pageshow", function () { leaving = false; show(); });

  // A download leaves the page as it is, but for the password and what was wrong
  // with the one before.
  var backup = document.querySelector("form.backup");
  backup.addEventListener("submit", function () {
    setTimeout(function () {
      var field = backup.querySelector("[type=password]"), fault = backup.querySelector(".fault");
      if (field) {
        field.value = "";
        field.removeAttribute("aria-invalid");
        field.closest(".field").classList.remove("bad");
      }
      if (fault) fault.remove();
    });
  });

  var fault = document.querySelector("[aria-invalid]") || document.getElementById("shrink");
  if (fault) {
    fault.scrollIntoView({ block: "center" });
    var to = fault.id === "shrink" ? fault.querySelector("a") : fault;
    to.focus({ preventScroll: true });
  }
})();
