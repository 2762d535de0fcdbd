// The history: times of the filter in the viewer's zone, addresses without empty
// fields, new entries that one sees, and the focus after a row is deleted.
(function () {
  "use strict";
  var two = window.relay.two;
  function local(t) { return t.getFullYear() + "-" + two(t.getMonth() + 1) + "-" + two(t.getDate()) + "T" + two(t.getHours()) + ":" + two(t.getMinutes()); }

  // zone is the name of the viewer's zone: UTC, CET, GMT+1.
  var zone = "your time";
  try { zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(new Date()).filter(function (p) { return p.type === "timeZoneName"; })[0].value; } catch (e) { /* an old browser */ }

  var form = document.querySelector(".history-filters");
  if (form) {
    form.querySelectorAll("[data-utc]").forEach(function (input) {
      var label = form.querySelector('label[for="' + input.id + '"]');
      if (label) label.textContent = label.textContent.replace("UTC", zone);
      if (input.dataset.utc) input.value = local(new Date(input.dataset.utc));
    });
    form.addEventListener("formdata", function (event) {
      form.querySelectorAll("[data-utc]").forEach(function (input) {
        var t = new Date(input.value);
        if (input.value && !isNaN(t)) event.formData.set(input.name, t.toISOString().replace(/\.\d+Z$/, "Z"));
      });
      Array.from(event.formData.entries()).forEach(function (entry) { if (!entry[1]) event.formData.delete(entry[0]); });
    });
    // Exact times and a quick one exclude each other.
    var range = form.querySelector('[name="range"]');
    form.addEventListener("change", function (event) {
      if (event.target === range && range.value) form.querySelectorAll("[data-utc]").forEach(function (input) { input.value = ""; });
      else if (event.target.hasAttribute("data-utc") && event.target.value) range.value = "";
    });
  }

  // The menu closes as menus do.
  var menu = document.querySelector("details.menu");
  if (menu) {
    document.addEventListener("click", function (event) { if (!menu.contains(event.target)) menu.open = false; });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // Where a row is deleted the focus goes to the next one, or to what lists others.
  var next = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    var row = event.detail.target;
    if (!row || !row.matches("#list tr[data-href]") || event.detail.xhr.status >= 300) return;
    next = row.nextElementSibling || row.previousElementSibling || form;
  });
  document.addEventListener("htmx:afterOnLoad", function () {
    if (next) next.querySelector(".obs-link, input").focus();
    next = null;
  });

  // What came since is marked for a moment.
  var before = null;
  function rows() { return Array.from(document.querySelectorAll("#list tr[data-href]")); }
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target && event.detail.target.id === "list") before = new Set(rows().map(function (tr) { return tr.dataset.href; }));
  });
  document.addEventListener("htmx:load", function (event) {
    if (event.detail.elt.id !== "list" || !before) return;
    rows().forEach(function (tr) { if (!before.has(tr.dataset.href)) tr.classList.add("new"); });
    before = null;
  });
})();
