// What makes the pages better where scripts run: copying, the theme, the keyboard,
// questions before steps that cannot be taken back, words for requests that went
// wrong, and times that stay right. Pages work without it.
(function () {
  "use strict";
  var root = document.documentElement;
  var times = window.times ? window.times.write : function () { /* a page without times */ };

  function one(selector, within) { return (within || document).querySelector(selector); }
  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function on(kind, selector, act) {
    document.addEventListener(kind, function (event) {
      var found = event.target.closest && event.target.closest(selector);
      if (found) act(found, event);
    });
  }

  // Toasts.
  function toast(kind, text) {
    var box = document.getElementById("toasts");
    if (!box) return;
    var hint = document.createElement("div"), p = document.createElement("p");
    hint.className = "hint is-" + kind;
    p.textContent = text;
    hint.append(p);
    box.append(hint);
    while (box.children.length > 3) box.firstChild.remove();
    setTimeout(function () { hint.remove(); }, kind === "error" ? 12000 : 4000);
  }

  // Copying.
  function byHand(text) {
    var area = document.createElement("textarea");
    area.value = text;
    (one("dialog[open]") || document.body).append(area);
    area.select();
    var ok = document.execCommand("copy");
    area.remove();
    return ok ? Promise.resolve() : Promise.reject(new Error("not allowed"));
  }
  function copy(text) {
    return navigator.clipboard ? navigator.clipboard.writeText(text).catch(function () { return byHand(text); }) : byHand(text);
  }
  on("click", "[data-copy], [data-copy-from]", function (button) {
    var text = button.hasAttribute("data-copy") ? button.dataset.copy : document.getElementById(button.dataset.copyFrom).textContent;
    copy(text).then(function () {
      var label = one("span", button), word = label && label.textContent;
      button.classList.add("done");
      if (label) label.textContent = "Copied";
      else toast("ok", "Copied.");
      setTimeout(function () { button.classList.remove("done"); if (label) label.textContent = word; }, 1600);
    }, function () { toast("error", "The browser does not allow copying here. Select the text and copy it by hand."); });
  });

  // The theme. Charts and graphs listen for "theme" on the document.
  function chosen() { return root.dataset.theme || "system"; }
  function showTheme() {
    all("[data-set-theme]").forEach(function (b) { b.setAttribute("aria-pressed", String(b.dataset.setTheme === chosen())); });
  }
  on("click", "[data-set-theme]", function (button) {
    var theme = button.dataset.setTheme;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      if (theme === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", theme);
    } catch (e) { /* storage is off: until the next page */ }
    showTheme();
    document.dispatchEvent(new CustomEvent("theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    document.dispatchEvent(new CustomEvent("theme"));
  });

  // Small things that open and close.
  on("click", "[data-open]", function (button) { document.getElementById(button.dataset.open).showModal(); });
  on("click", "[data-dismiss]", function (button) { button.closest(".hint").remove(); });
  on("click", "[data-close-details]", function (button) { button.closest("details").open = false; });
  on("click", "dialog", function (dialog, event) { if (event.target === dialog) dialog.close(); });

  // Questions: data-confirm on a form or on one of its buttons.
  var sure = null;
  function ask(text, yes, then) {
    var dialog = document.getElementById("confirm");
    if (!dialog) { if (window.confirm(text)) then(); return; }
    one("#confirm-text").textContent = text;
    one("[data-yes]", dialog).textContent = yes || "Yes";
    dialog.returnValue = "";
    dialog.addEventListener("close", function () { if (dialog.returnValue === "yes") then(); }, { once: true });
    dialog.showModal();
  }
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    var asked = button && button.dataset.confirm ? button : form.dataset.confirm ? form : null;
    if (!asked || sure === form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asked.dataset.confirm, asked.dataset.yes || (button && button.textContent.trim()), function () { sure = form; form.requestSubmit(button); sure = null; });
  }, true);
  document.addEventListener("htmx:confirm", function (event) {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt.dataset.yes, function () { event.detail.issueRequest(true); });
  });

  // The keyboard. g waits a second for the letter of a page.
  var waiting = 0;
  function typing(el) { return el.closest("input, textarea, select, [contenteditable]"); }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      all("details.confirm[open]").forEach(function (d) { d.open = false; });
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]") || !one(".app")) return;
    var page = Date.now() - waiting < 1000 && pageOf(event.key);
    waiting = event.key === "g" ? Date.now() : 0;
    if (page) location.assign(page.href);
    else if (event.key === "?") document.getElementById("keys").showModal();
    else if (event.key === "/") {
      event.preventDefault();
      if (tryBox()) return;
      window.typed.wait();
      location.assign(pageOf("t").href + "#f-text"); // browsers focus the field that a fragment names
    }
  });
  function pageOf(key) { return one(".nav [data-key=\"" + CSS.escape(key) + "\"]"); }
  function tryBox() {
    var box = one("[data-try]");
    if (box) { box.focus(); box.select && box.select(); }
    return box;
  }

  // htmx. A session that is over shows the page to sign in.
  document.addEventListener("htmx:responseError", function (event) {
    var xhr = event.detail.xhr;
    if (xhr.status === 401) { location.reload(); return; }
    var text = (xhr.getResponseHeader("Content-Type") || "").indexOf("text/plain") === 0 ? xhr.responseText.trim().slice(0, 300) : "";
    toast("error", text || "The relay answered " + xhr.status + ". What you see is the state before; reload the page to see what is now.");
  });
  document.addEventListener("htmx:sendError", function () {
    toast("error", "The relay does not answer. What you see is the state before; try again when it runs.");
  });
  document.addEventListener("htmx:timeout", function () { toast("error", "The relay took too long to answer. Try again."); });
  document.addEventListener("htmx:load", function (event) { times(event.detail.elt.parentNode || document); });

  times();
  showTheme();
  setInterval(function () { if (!document.hidden) times(); }, 10000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) times(); });

  // For the scripts of pages; web/view/doc.go says what each is.
  window.relay = {
    colour: function (name) { return getComputedStyle(root).getPropertyValue("--" + name).trim(); },
    on: on, toast: toast, times: times, two: window.times && window.times.two, copy: copy
  };
})();
