// Pages that fetch themselves anew: an element with data-live (seconds) gets the
// event "refresh" now and again, which its hx-trigger waits for. Not while the
// page is hidden or paused; and what somebody reads (the pointer or the focus is
// in data-live-guard) stays: then the page says that there is something new.
(function () {
  "use strict";
  var key = "live:" + location.pathname;
  var button = document.querySelector("[data-live-toggle]");
  var asked = Date.now(), forced = false;

  function root() { return document.querySelector("[data-live]"); }
  function paused() {
    try { return sessionStorage.getItem(key) === "off"; } catch (e) { return !!button && button.getAttribute("aria-pressed") === "false"; }
  }
  function show() {
    if (button) button.setAttribute("aria-pressed", String(!paused()));
  }
  function guarded(el) {
    var guard = document.querySelector(el.dataset.liveGuard);
    var focused = document.activeElement;
    return !!guard && (guard.matches(":hover") || el.contains(focused) && focused !== el);
  }
  function refresh(force) {
    var el = root();
    if (!el) return;
    asked = Date.now();
    forced = !!force;
    window.htmx.trigger(el, "refresh");
  }
  function notice(is) {
    var el = document.querySelector("[data-live-notice]");
    if (el) el.classList.toggle("shown", is);
    var status = document.querySelector("[data-live-status]");
    if (status) status.textContent = is ? "There are new entries. The button New entries shows them." : "";
    if (el) el.disabled = !is;
  }

  if (button) button.addEventListener("click", function () {
    var off = !paused();
    try {
      if (off) sessionStorage.setItem(key, "off");
      else sessionStorage.removeItem(key);
    } catch (e) { button.setAttribute("aria-pressed", String(!off)); }
    show();
    if (!off) refresh();
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-live-notice]")) refresh(true);
  });
  setInterval(function () {
    var el = root();
    if (!el || document.hidden || paused() || Date.now() - asked < 1000 * el.dataset.live) return;
    if (guarded(el) && !document.querySelector("[data-live-notice]")) return;
    refresh();
  }, 1000);
  // A page that cannot be fetched says so once, not every few seconds.
  var failing = false;
  function once(event) {
    if (event.detail.elt !== root()) return;
    if (failing) event.stopImmediatePropagation();
    failing = true;
  }
  document.addEventListener("htmx:sendError", once, true);
  document.addEventListener("htmx:responseError", once, true);
  document.addEventListener("htmx:beforeSwap", function (event) {
    var el = root();
    if (event.detail.elt !== el || event.detail.xhr.status >= 300) return;
    failing = false;
    if (event.detail.xhr.status === 204) return;
    if (!forced && guarded(el)) {
      event.detail.shouldSwap = false;
      notice(true);
      return;
    }
    notice(false);
  });
  show();
})();
