// The charts of the overview, drawn by uPlot from the tables beside them. When
// the tables were fetched anew, the charts follow.
(function () {
  "use strict";
  var HOUR = 3600;
  var kinds = {
    calls: {
      names: ["ok", "partial", "error"], colours: ["accent", "warn", "malicious"], stacked: true,
      text: function (v) { return v === 0 ? null : String(v); },
      axis: function (v) { return v === Math.floor(v) ? String(v) : ""; }
    },
    times: {
      names: ["median", "p95"], colours: ["accent", "warn"], stacked: false,
      text: took, axis: took
    }
  };
  function took(ms) { return ms === null ? null : ms < 999.5 ? Math.round(ms) + " ms" : (ms / 1000).toFixed(ms < 9950 ? 1 : 0) + " s"; }
  var two = window.relay.two;
  function hour(t) { var d = new Date(t * 1000); return two(d.getHours()) + ":" + two(d.getMinutes()); }
  function day(t) { return new Date(t * 1000).toLocaleString("en-GB", { weekday: "short", day: "numeric" }); }

  // read is what a table says: the hours, and the numbers of each, with nulls
  // where nothing happened.
  function read(box, kind) {
    var table = box.querySelector(".chart-table"), from = +table.dataset.from, to = +table.dataset.to;
    var rows = {}, data = [[]], links = {};
    kind.names.forEach(function () { data.push([]); });
    table.querySelectorAll("tr[data-t]").forEach(function (tr) {
      rows[tr.dataset.t] = tr.dataset.v.split(" ").map(Number);
      links[tr.dataset.t] = tr.dataset.href;
    });
    for (var t = from; t < to; t += HOUR) {
      data[0].push(t);
      kind.names.forEach(function (_, i) { data[i + 1].push(rows[t] ? rows[t][i] : kind.stacked ? 0 : null); });
    }
    return { data: data, links: links, end: to, long: to - from > 48 * HOUR };
  }

  // stack puts each series on top of those after it: the worst stands below.
  function stack(data) {
    return data.map(function (list, s) {
      return s === 0 ? list : list.map(function (_, i) {
        var sum = 0;
        for (var k = s; k < data.length; k++) sum += data[k][i];
        return sum;
      });
    });
  }

  function summary(kind, found) {
    var total = found.data.slice(1).map(function (list) { return list.reduce(function (a, b) { return a + (b || 0); }, 0); });
    if (kind.stacked) return "Bar chart. " + kind.names.map(function (name, i) { return total[i] + " " + name; }).join(", ") + ". The button Table shows the hours.";
    return "Line chart of median and p95 by the hour. The button Table shows the numbers.";
  }

  function options(box, plot, kind, found, tip) {
    var colour = window.relay.colour, bars = window.uPlot.paths.bars({ size: [found.long ? 0.8 : 0.7, 40], radius: found.long ? 0 : 0.15, align: 1 });
    var axis = { stroke: colour("muted"), font: "11px " + colour("sans"), ticks: { show: false }, gap: 6 };
    return {
      width: plot.clientWidth, height: plot.clientHeight, padding: [12, 20, 0, 0],
      legend: { show: false }, cursor: { y: false, drag: { x: false, y: false }, points: { show: !kind.stacked } },
      scales: {
        x: { time: true, range: [found.data[0][0] - (kind.stacked ? 0 : HOUR / 2), found.data[0][found.data[0].length - 1] + (kind.stacked ? HOUR : HOUR / 2)] },
        y: { range: function (u, low, high) { return [0, Math.max(kind.stacked ? 4 : 10, high === null ? 0 : high * 1.08)]; } }
      },
      axes: [
        Object.assign({}, axis, {
          grid: { show: false }, size: 26, space: 56, incrs: found.long ? [24 * HOUR] : [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR],
          values: function (u, list) { return list.map(function (t) { return t >= found.end ? "" : found.long ? day(t) : hour(t); }); }
        }),
        Object.assign({}, axis, {
          grid: { stroke: colour("line"), width: 1 }, size: 52, space: 44,
          values: function (u, list) { return list.map(kind.axis); }
        })
      ],
      series: [{}].concat(kind.names.map(function (name, i) {
        return kind.stacked
          ? { label: name, fill: colour(kind.colours[i]), width: 0, paths: bars, points: { show: false } }
          : { label: name, stroke: colour(kind.colours[i]), width: 2, spanGaps: false, points: { show: found.long ? undefined : true, size: 5, fill: colour(kind.colours[i]), width: 0 } };
      })),
      hooks: { setCursor: [function (u) { tell(u, tip, kind, found); }] }
    };
  }

  // tell shows the numbers of the hour under the pointer.
  function tell(u, tip, kind, found) {
    var i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) { tip.hidden = true; return; }
    if (kind.stacked) i = Math.min(found.data[0].length - 1, Math.max(0, Math.floor((u.posToVal(u.cursor.left, "x") - found.data[0][0]) / HOUR)));
    var t = found.data[0][i];
    var parts = kind.names.map(function (name, s) { var text = kind.text(found.data[s + 1][i]); return text === null ? null : text + " " + name; }).filter(Boolean);
    tip.textContent = (found.long ? day(t) + ", " : "") + hour(t) + "–" + hour(t + HOUR) + ": " + (parts.join(", ") || "no calls");
    tip.hidden = false;
    var room = u.root.clientWidth, x = u.bbox.left / devicePixelRatio + u.cursor.left;
    tip.style.left = Math.max(4, Math.min(room - tip.offsetWidth - 4, x - tip.offsetWidth / 2)) + "px";
    tip.dataset.t = t;
  }

  function draw(box) {
    var kind = kinds[box.dataset.chart], plot = box.querySelector(".plot");
    if (!plot || !plot.clientWidth) return;
    if (box.chart) box.chart.destroy();
    var found = read(box, kind);
    var tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    box.found = found;
    box.chart = new window.uPlot(options(box, plot, kind, found, tip), kind.stacked ? stack(found.data) : found.data, plot);
    box.chart.root.append(tip);
    plot.setAttribute("aria-label", summary(kind, found));
    if (kind.stacked) box.chart.over.addEventListener("click", function () {
      var href = found.links[tip.dataset.t];
      if (!tip.hidden && href) location.assign(href);
    });
  }

  var boxes = Array.from(document.querySelectorAll("[data-chart]"));
  function all() { boxes.forEach(draw); }
  boxes.forEach(function (box) {
    var width = 0;
    new ResizeObserver(function () {
      var plot = box.querySelector(".plot");
      if (plot.clientWidth !== width) { width = plot.clientWidth; draw(box); }
    }).observe(box);
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-chart-table]");
    if (!button) return;
    var box = button.closest(".card").querySelector("[data-chart]");
    var table = box.classList.toggle("as-table");
    button.setAttribute("aria-pressed", String(table));
    if (!table) draw(box);
  });
  document.addEventListener("theme", all);
  document.addEventListener("htmx:oobAfterSwap", function (event) {
    var box = event.detail.target && event.detail.target.closest && event.detail.target.closest("[data-chart]");
    if (box && !box.querySelector(".tip:not([hidden])")) draw(box);
  });
})();
