// Draws what hangs together in an answer: observables, indicators, sightings, and
// names and addresses. The page has the same in words; nothing is only here.
(function () {
  "use strict";
  var box = document.querySelector("[data-graph]");
  if (!box || !window.cytoscape) return;
  var graph = JSON.parse(document.getElementById(box.dataset.graph).textContent);
  var said = document.getElementById("graph-said"), nothing = said.innerHTML, part = document.getElementById("graph-in-part");
  var colour = window.relay.colour;
  var words = { observable: "asked about", related: "resolved to", factor: "risk factor", threat: "threat", feed: "feed", sighting: "sighting" };
  var still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  // The room of a node with its label.
  var high = 31, wide = 210;

  var tones = { malicious: "malicious", suspicious: "suspicious", clean: "clean", common: "clean" };
  function toneOf(n) {
    var kind = n.data("kind");
    if (kind === "observable") return tones[n.data("tone")] || "unknown";
    return { threat: "malicious", factor: "suspicious", feed: "accent", sighting: "muted" }[kind] || "unknown";
  }
  function style() {
    var ink = colour("text"), line = colour("edge"), paper = colour("surface");
    var sans = getComputedStyle(document.body).fontFamily, mono = colour("mono");
    return [
      { selector: "node", style: {
        label: "data(label)", "font-size": 11, "font-family": sans, color: ink, width: 15, height: 15,
        "border-width": 1.75, "border-color": function (n) { return colour(toneOf(n)); },
        "background-color": function (n) { return colour(toneOf(n) + "-tint") || paper; },
        "text-valign": "center", "text-halign": "right", "text-margin-x": 6, "min-zoomed-font-size": 5,
        "text-background-color": paper, "text-background-opacity": 0.85, "text-background-padding": 1
      } },
      { selector: "node[kind='observable']", style: {
        width: 34, height: 34, "border-width": 3, "font-weight": 700, "font-family": mono, "font-size": 12,
        "text-valign": "bottom", "text-halign": "center", "text-margin-x": 0, "text-margin-y": 6
      } },
      { selector: "node[tone='failed'], node[tone='nothing']", style: { "border-style": "dashed", "border-width": 2 } },
      { selector: "node[kind='related']", style: { "font-family": mono, "text-halign": "left", "text-margin-x": -6, width: 13, height: 13 } },
      { selector: "node[kind='threat']", style: { shape: "octagon" } },
      { selector: "node[kind='factor']", style: { shape: "triangle", width: 17, height: 15 } },
      { selector: "node[kind='feed']", style: { shape: "round-rectangle", width: 15, height: 13 } },
      { selector: "node[kind='sighting']", style: { shape: "diamond", width: 8, height: 8, label: "", "background-color": colour("muted"), "border-width": 0 } },
      { selector: "node.side", style: { "text-halign": "right", "text-valign": "center", "text-margin-x": 6, "text-margin-y": 0 } },
      { selector: "node[kind='observable'].side", style: { width: 26, height: 26 } },
      { selector: "edge", style: {
        width: 1, "line-color": line, "curve-style": "unbundled-bezier", "edge-distances": "node-position"
      } },
      { selector: "edge[kind='leads']", style: { "curve-style": "straight" } },
      { selector: "edge[kind='resolves']", style: { "line-style": "dashed", "line-dash-pattern": [4, 4] } },
      { selector: ".off", style: { opacity: 0.25 } },
      { selector: "edge.on", style: { width: 2, "line-color": colour("accent") } },
      { selector: "node.on", style: { "border-width": 3 } },
      { selector: "node.at", style: { "outline-width": 2, "outline-color": colour("accent"), "outline-offset": 2 } },
      { selector: "node:active, edge:active", style: { "overlay-opacity": 0 } },
      { selector: "core", style: { "active-bg-opacity": 0, "selection-box-opacity": 0 } }
    ];
  }
  // An edge leaves and arrives level, by two points of control.
  function bend(e) {
    var a = e.source().position(), b = e.target().position(), x = b.x - a.x, y = b.y - a.y, square = x * x + y * y;
    if (square < 1 || e.data("kind") === "leads") return;
    if (e.source().hasClass("side")) { // down, then to the side
      var side = x > 0 ? 1 : -1;
      e.style({ "control-point-weights": String(y * y / square), "control-point-distances": String(side * Math.abs(x * y) / Math.sqrt(square) * (y > 0 ? 1 : -1)) });
      return;
    }
    if (Math.abs(x) < 40) { // within a column: around what is between
      e.style({ "control-point-weights": "0.5", "control-point-distances": String((y > 0 ? 1 : -1) * (50 + Math.abs(y) / 5)) });
      return;
    }
    var w = 0.36 * x * x / square, d = -0.36 * x * y / Math.sqrt(square);
    e.style({ "control-point-weights": w + " " + (1 - w), "control-point-distances": d + " " + -d });
  }

  var cy = window.cytoscape({
    container: box, minZoom: 0.1, maxZoom: 3, boxSelectionEnabled: false, autounselectify: true,
    elements: {
      nodes: graph.nodes.map(function (n) { return { data: n }; }),
      edges: (graph.edges || []).map(function (e) { return { data: { source: e.from, target: e.to, kind: e.kind } }; })
    },
    style: style(), layout: { name: "preset" }
  });
  // The wheel scrolls the page, unless Ctrl is held or the graph has the focus.
  cy.userZoomingEnabled(false);
  box.addEventListener("wheel", function (event) {
    if (!event.ctrlKey && document.activeElement !== box) return;
    event.preventDefault();
    var r = box.getBoundingClientRect();
    cy.zoom({ level: cy.zoom() * Math.exp(-event.deltaY / 400), renderedPosition: { x: event.clientX - r.left, y: event.clientY - r.top } });
  }, { passive: false });

  function fit() {
    part.hidden = true;
    cy.resize();
    cy.fit(cy.elements(), 20);
    if (cy.zoom() > 1.15) { cy.zoom(1.15); cy.center(); }
  }
  // What would be too small to read as a whole is seen in part at first, from the
  // first observable on.
  var legible = 0.6;
  function begin() {
    fit();
    if (cy.zoom() >= legible) return;
    var first = cy.nodes("[kind='observable']").sort(function (a, b) { return a.position("y") - b.position("y"); }).first(), at = first.position();
    cy.zoom(legible);
    cy.pan({ x: (first.hasClass("side") ? 36 : box.clientWidth / 2) - at.x * legible, y: 40 - at.y * legible });
    part.hidden = false;
  }
  // Dagre sets ranks and orders; long ranks are then folded into columns.
  function arrange() {
    if (!box.clientWidth) return; // hidden, as in print
    cy.layout({ name: "dagre", rankDir: "LR", nodeSep: 19, rankSep: 150, edgeSep: 4, fit: false, animate: false }).run();
    var sightings = cy.nodes("[kind='sighting']");
    var ranks = {};
    cy.nodes().difference(sightings).forEach(function (n) {
      var key = n.data("kind") === "observable" ? "observable" : n.data("kind") === "related" ? "related" : "indicator";
      (ranks[key] = ranks[key] || []).push(n);
    });
    var middle = ranks.observable || [];
    var narrow = middle.length === 1 && box.clientWidth < 480;
    cy.nodes().toggleClass("side", narrow);
    spread(middle, 0, 1, 1, middle.length > 1 ? 74 : high);
    var reach = middle.length > 1 ? 300 : box.classList.contains("large") ? 260 : 160;
    if (narrow) { // one below the other, all labels to the right
      (ranks.indicator || []).concat(ranks.related || []).forEach(function (n, i) { n.position({ x: 62, y: (i + 1.3) * high }); });
    } else {
      spread(ranks.indicator || [], reach, columns(ranks.indicator, middle.length), 1, high);
      spread(ranks.related || [], -reach / 1.6, columns(ranks.related, middle.length), -1, high);
    }
    sightings.forEach(function (s) {
      var to = s.outgoers("node").first(), from = s.incomers("node").first();
      if (!to.length || !from.length) return;
      // Of several sightings of one indicator each stands on its own edge.
      var many = to.incomers("node"), place = many.indexOf(s) - (many.length - 1) / 2;
      s.position({ x: to.position("x") - (narrow ? 22 : 46), y: to.position("y") + (many.length > 1 ? place * Math.min(9, 30 / many.length) : 0) });
    });
    cy.edges().forEach(bend);
    begin();
  }
  // So many columns that what is drawn fits the box as large as can be.
  function columns(list, middle) {
    var best = 1, most = 0, n = (list || []).length;
    for (var c = 1; c <= 8 && n; c++) {
      var size = Math.min(box.clientWidth / (c * wide + 410), box.clientHeight / (Math.max(Math.ceil(n / c) * high, middle * 74) + 40));
      if (size > most * 1.02) { most = size; best = c; }
    }
    return best;
  }
  function spread(list, x, columns, side, gap) {
    // Around one observable nothing crosses: then it is the order of the answer.
    list.sort(function (a, b) { return cy.nodes("[kind='observable']").length > 1 ? a.position("y") - b.position("y") : a.data("id").slice(1) - b.data("id").slice(1); });
    var rows = Math.ceil(list.length / columns);
    list.forEach(function (n, i) {
      var c = Math.floor(i / rows), r = i % rows;
      // Columns stand half a step apart, so that labels and edges miss each other.
      n.position({ x: x + side * c * wide, y: (r - (rows - 1) / 2 + (columns > 1 ? c / columns : 0)) * gap });
    });
  }

  // What a node is: on hover for as long as that lasts, on click for good.
  var kept = null;
  function show(n) {
    cy.elements().removeClass("on off at");
    if (!n) { said.innerHTML = nothing; return; }
    // What is one step away, where sightings are no step.
    var near = n.closedNeighborhood();
    near = near.union(near.nodes("[kind='sighting']").closedNeighborhood());
    cy.elements().difference(near).addClass("off");
    near.edges().addClass("on");
    n.addClass("on at");
    var d = n.data(), head = document.createElement("p"), name, kind = document.createElement("span"), list = document.createElement("dl");
    if (d.uri) {
      name = document.createElement("a");
      name.href = d.uri; name.rel = "noopener noreferrer"; name.target = "_blank";
    } else name = document.createElement("span");
    var strong = document.createElement("strong"), bdi = document.createElement("bdi");
    bdi.textContent = d.title;
    strong.append(bdi); name.append(strong);
    kind.className = "said-kind"; kind.textContent = words[d.kind] || d.kind;
    head.append(name, kind);
    (d.facts || []).forEach(function (f) {
      var div = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = f.name;
      if (f.time) {
        var time = document.createElement("time");
        time.dateTime = f.time; time.dataset.as = "exact";
        dd.append(time);
      } else dd.textContent = f.text;
      div.append(dt, dd); list.append(div);
    });
    said.replaceChildren(head, list);
    window.relay.times(said);
  }
  cy.on("mouseover", "node", function (e) { box.classList.add("pointing"); show(e.target); });
  cy.on("mouseout", "node", function () { box.classList.remove("pointing"); show(kept); });
  cy.on("tap", function (e) { box.focus({ preventScroll: true }); kept = e.target === cy || e.target.isEdge() ? null : e.target; show(kept); });

  // The keyboard: arrows go to the nearest node in their direction.
  var ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  var at = null;
  function go(way) {
    var from = at || cy.nodes("[kind='observable']").first(), best = null, least = Infinity;
    if (!at) { at = from; return; }
    var p = from.position();
    cy.nodes().forEach(function (n) {
      var x = n.position("x") - p.x, y = n.position("y") - p.y, ahead = x * way[0] + y * way[1], aside = Math.abs(x * way[1]) + Math.abs(y * way[0]);
      if (n.same(from) || ahead < 1) return;
      // Up and down stay in their column as long as they can.
      var cost = ahead + aside * (way[1] ? 6 : 1.5);
      if (cost < least) { least = cost; best = n; }
    });
    if (best) at = best;
  }
  box.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var way = ways[event.key];
    if (way) { go(way); show(at); seen(at); }
    else if (event.key === "Enter" || event.key === " ") { kept = at; show(at); }
    else if (event.key === "Escape") { kept = at = null; show(null); }
    else if (event.key === "+" || event.key === "=") zoom(1.3);
    else if (event.key === "-") zoom(1 / 1.3);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("blur", function () { at = null; show(kept); });
  function seen(n) {
    var p = n.renderedPosition(), edge = 30;
    if (p.x < edge || p.y < edge || p.x > cy.width() - edge || p.y > cy.height() - edge) cy.center(n);
  }
  function zoom(by) { cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }); }

  function save() {
    cy.elements().removeClass("on off at");
    Promise.resolve(cy.png({ output: "blob-promise", bg: colour("surface"), full: true, scale: 2, maxWidth: 6000, maxHeight: 6000 })).then(function (blob) {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = graph.name;
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    }, function () { window.relay.toast("error", "The browser could not make a picture of it."); }).then(function () { show(kept); });
  }
  var tools = { fit: fit, png: save, "in": function () { zoom(1.3); }, out: function () { zoom(1 / 1.3); } };
  document.querySelectorAll("[data-graph-do]").forEach(function (button) {
    button.addEventListener("click", function () { tools[button.dataset.graphDo](); });
  });

  // What is drawn for the dark is not for paper.
  function shade() { box.toggleAttribute("data-dark", getComputedStyle(document.documentElement).colorScheme === "dark"); }
  shade();
  arrange();
  box.dataset.drawn = String(cy.nodes().length);
  document.addEventListener("theme", function () { cy.style(style()); shade(); });
  var waiting;
  window.addEventListener("resize", function () { clearTimeout(waiting); waiting = setTimeout(arrange, still ? 0 : 150); });
})();
