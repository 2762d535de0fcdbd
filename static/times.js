// Times in the viewer's zone: the server writes them in UTC. While the page comes
// in they are written before the browser paints them, as another zone's name may
// take more room and what stands below would move.
(function () {
  "use strict";
  // distance counts as the server's AgoText does.
  var two = function (n) { return String(n).padStart(2, "0"); };
  function day(t) { return t.getFullYear() + "-" + two(t.getMonth() + 1) + "-" + two(t.getDate()); }
  function clock(t) { return two(t.getHours()) + ":" + two(t.getMinutes()) + ":" + two(t.getSeconds()); }
  var named = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });
  function zone(t) {
    var part = named.formatToParts(t).find(function (p) { return p.type === "timeZoneName"; });
    return part ? part.value : "";
  }
  function distance(s) {
    var days = Math.floor(s / 86400), months = Math.floor(days / 30.44);
    if (s < 60) return Math.floor(s) + " s";
    if (s < 3600) return Math.floor(s / 60) + " min";
    if (s < 172800) return Math.floor(s / 3600) + " h";
    if (days < 100) return days + " days";
    if (months < 24) return months + " months";
    return Math.floor(months / 12) + " years";
  }
  function ago(t) {
    var s = (Date.now() - t) / 1000;
    if (Math.abs(s) < 5) return "just now";
    return s < 0 ? "in " + distance(-s) : distance(s) + " ago";
  }
  function short(t) {
    var now = new Date();
    if (day(t) === day(now)) return clock(t);
    if (t.getFullYear() !== now.getFullYear()) return day(t);
    return t.getDate() + " " + t.toLocaleString("en-GB", { month: "short" }) + " " + clock(t).slice(0, 5);
  }
  function exact(t) { return day(t) + " " + clock(t) + " " + zone(t); }
  function one(el) {
    var t = new Date(el.dateTime);
    if (isNaN(t)) return;
    if (!el.dataset.utc) {
      el.dataset.utc = el.title || t.toISOString().slice(0, 19).replace("T", " ") + " UTC";
      el.title = t.getTimezoneOffset() === 0 ? el.dataset.utc : exact(t) + "\n" + el.dataset.utc;
    }
    var text = { ago: ago, clock: short, exact: exact }[el.dataset.as];
    if (!text) return;
    text = text(t);
    if (el.textContent !== text) el.textContent = text;
  }
  function write(within) { within.querySelectorAll("time[data-as]").forEach(one); }

  var coming = new MutationObserver(function () { write(document); });
  coming.observe(document, { childList: true, characterData: true, subtree: true });
  document.addEventListener("DOMContentLoaded", function () { coming.disconnect(); write(document); });

  window.times = { write: function (within) { write(within || document); }, two: two };
})();
