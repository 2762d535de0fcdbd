// "/" leads from any page to the box of the page Try. What is typed or pasted
// until the box is there is kept, from one page to the next, and handed over to
// it. This runs before the page is there, so that nothing is lost in between.
(function () {
  "use strict";
  var key = "typed", waits = false;
  function kept() {
    try { return sessionStorage.getItem(key); } catch (e) { return null; }
  }
  function keep(text) {
    try {
      if (text === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, text);
    } catch (e) { /* storage is off: then it is lost */ }
  }
  function stop() { waits = false; keep(null); }
  function inField(el) { return el.closest && el.closest("input, textarea, select"); }

  if (location.pathname === "/admin/try") waits = kept() !== null;
  else keep(null);

  // The first listener of all: what is typed here is no shortcut.
  document.addEventListener("keydown", function (event) {
    if (!waits || inField(event.target)) return;
    if (event.key === "Escape") { stop(); return; }
    if ((event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph")) return;
    if (event.key === "Backspace") keep(Array.from(kept() || "").slice(0, -1).join(""));
    else if (Array.from(event.key).length === 1) keep((kept() || "") + event.key);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("paste", function (event) {
    if (!waits || inField(event.target)) return;
    event.preventDefault();
    keep((kept() || "") + event.clipboardData.getData("text"));
  }, true);
  // A page that comes back from the browser's memory waits for nothing.
  window.addEventListener("pageshow", function (event) { if (event.persisted) stop(); });

  window.typed = {
    wait: function () { waits = true; keep(""); },
    take: function () { var text = kept() || ""; stop(); return text; }
  };
})();
