// The page Try: keys, files, the chips by keyboard, words for screen readers, and
// the end of a run. Without it forms and links do the same.
(function () {
  "use strict";
  var form = document.getElementById("try"), box = document.getElementById("f-text"), found = document.getElementById("found");
  var run = document.getElementById("try-run"), file = document.getElementById("f-file"), said = document.getElementById("try-said");

  // Screen readers are told what changed, once it rests.
  var told = "", telling = 0;
  function tell(text) {
    clearTimeout(telling);
    if (!text || text === told) return;
    telling = setTimeout(function () { told = text; said.textContent = text; }, 600);
  }
  function saidBy(el) { return el && el.getAttribute("data-said") || ""; }

  // Keys of the box.
  form.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!run.disabled) form.requestSubmit(run);
    }
  });
  document.getElementById("try-clear").addEventListener("click", function (event) {
    if (location.pathname !== this.pathname) return;
    event.preventDefault();
    history.replaceState(null, "", this.pathname);
    box.value = "";
    find();
    box.focus();
  });
  function find() { htmx.trigger(box, "find"); }

  // What is wrong with the text is said beside the box.
  function fault(text) {
    var old = document.getElementById("try-fault");
    if (old) old.remove();
    if (!text) return;
    var p = document.createElement("p");
    p.className = "fault";
    p.id = "try-fault";
    p.setAttribute("role", "alert");
    p.textContent = text;
    found.before(p);
  }
  var most = +file.dataset.most;
  var tooMuch = "That is too much at once: texts and files of up to 1 MiB are read. Paste less, or split it.";
  // A character has three bytes at most for each of its units.
  function tooLong() { return box.value.length * 3 > most && new Blob([box.value]).size > most; }
  form.addEventListener("htmx:beforeRequest", function (event) {
    fault(tooLong() ? tooMuch : "");
    if (!tooLong()) return;
    event.preventDefault();
    found.textContent = "";
  });
  form.addEventListener("submit", function (event) {
    if (!tooLong()) return;
    event.preventDefault();
    fault(tooMuch);
    box.focus();
  });

  // Files are read here, into the box.
  function read(list) {
    var files = Array.from(list), size = files.reduce(function (n, f) { return n + f.size; }, 0);
    if (!files.length) return;
    if (size > most) { fault(tooMuch); return; }
    Promise.all(files.map(function (f) { return f.arrayBuffer().then(decode); })).then(function (texts) {
      if (texts.indexOf(null) >= 0) { fault("This file is no text. Open it in its program and paste what it says."); return; }
      var old = box.value.trim();
      box.value = (old ? old + "\n" : "") + texts.join("\n");
      find();
      box.focus();
    }, function () { fault("The browser could not read this file."); });
  }
  function decode(buffer) {
    var b = new Uint8Array(buffer), wide = b[0] === 0xff && b[1] === 0xfe ? "utf-16le" : b[0] === 0xfe && b[1] === 0xff ? "utf-16be" : "";
    if (!wide && b.indexOf(0) >= 0) return null;
    return new TextDecoder(wide || "utf-8").decode(b);
  }
  file.addEventListener("change", function () { read(file.files); file.value = ""; });
  function hasFiles(event) { return event.dataTransfer && Array.from(event.dataTransfer.types).indexOf("Files") >= 0; }
  document.addEventListener("dragover", function (event) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.add("drop");
  });
  document.addEventListener("dragleave", function (event) { if (!event.relatedTarget) form.classList.remove("drop"); });
  document.addEventListener("drop", function (event) {
    form.classList.remove("drop");
    if (!hasFiles(event)) return;
    event.preventDefault();
    read(event.dataTransfer.files);
  });

  // A long list of chips is cut, and says so.
  function cut() {
    var list = found.querySelector(".chips"), all = found.querySelector(".chips-all");
    if (!all) return;
    list.classList.toggle("more", list.scrollTop + list.clientHeight < list.scrollHeight - 4);
    all.hidden = list.scrollHeight <= 224;
  }
  found.addEventListener("scroll", cut, true);
  addEventListener("resize", cut);
  found.addEventListener("click", function (event) {
    if (!event.target.closest(".chips-all")) return;
    found.classList.toggle("all");
    cut();
  });

  // Chips are one stop for Tab: arrows go from one to the next, Delete takes out.
  function outs() { return Array.from(found.querySelectorAll(".found-out")); }
  function stop(at) {
    outs().forEach(function (out, i) {
      var tab = i === at ? 0 : -1, type = out.parentNode.querySelector("select");
      out.tabIndex = tab;
      if (type) type.tabIndex = tab;
    });
  }
  var after = null; // which chip has the focus once those of now are replaced
  found.addEventListener("focusin", function (event) {
    var chip = event.target.closest(".found-chip");
    if (chip) stop(outs().indexOf(chip.querySelector(".found-out")));
  });
  found.addEventListener("keydown", function (event) {
    var chip = event.target.closest(".found-chip");
    if (!chip || event.ctrlKey || event.metaKey || event.altKey) return;
    var all = outs(), at = all.indexOf(chip.querySelector(".found-out")), onOut = event.target === all[at];
    var to = { Home: 0, End: all.length - 1, ArrowLeft: at - 1, ArrowRight: at + 1 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      all[at].click();
    } else if (onOut && to !== undefined) {
      event.preventDefault();
      if (all[to]) all[to].focus();
    }
  });
  found.addEventListener("click", function (event) {
    var out = event.target.closest(".found-out, [name=restore]");
    if (!out) return;
    after = { at: Math.max(outs().indexOf(out), 0), part: ".found-out" };
    // Whatever overtakes this request says it too.
    if (out.name === "restore") found.querySelectorAll("input[name=out]").forEach(function (old) { old.remove(); });
    else {
      var key = document.createElement("input");
      key.type = "hidden";
      key.name = "out";
      key.value = out.value;
      out.after(key);
    }
  });
  found.addEventListener("change", function (event) {
    after = { at: outs().indexOf(event.target.parentNode.querySelector(".found-out")), part: "select" };
  });
  function chipsCame() {
    var all = outs();
    stop(0);
    cut();
    if (after) {
      var out = all[Math.min(after.at, all.length - 1)];
      ((out && out.parentNode.querySelector(after.part)) || out || box).focus();
      after = null;
    }
    tell(saidBy(found.querySelector("[data-said]")) || "Nothing found");
  }

  // The run.
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.target === found || event.target === found) { chipsCame(); return; }
    var card = document.getElementById("run");
    if (!card) return;
    tell(saidBy(card));
    goOn();
  });
  // A run that asks again leads to its result, also when it was over before the page
  // was; beside the form of the next one it stays.
  function goOn() {
    var card = document.getElementById("run");
    if (card && card.dataset.go && location.pathname !== form.getAttribute("action")) location.replace(card.dataset.go);
  }
  // A relay that does not answer is said once, in the card, not at every poll.
  function lost(event) {
    var card = document.getElementById("run");
    if (event.target !== card || !card.hasAttribute("data-at-work")) return;
    event.stopPropagation();
    if (card.querySelector(".run-lost")) return;
    var text = document.createElement("p");
    text.className = "run-lost";
    text.textContent = "The relay does not answer. This page asks again until it does.";
    card.querySelector(".run-bar").append(text);
    tell(text.textContent);
  }
  document.addEventListener("htmx:sendError", lost, true);
  document.addEventListener("htmx:timeout", lost, true);

  stop(0);
  cut();
  tell(saidBy(document.getElementById("run")));
  goOn();
  // What was typed on the way here, before the box was.
  var typed = window.typed.take();
  if (typed) {
    box.value = typed + box.value;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }
  // What the browser kept of the box, going back to this page.
  if (box.value !== box.defaultValue) find();
})();
