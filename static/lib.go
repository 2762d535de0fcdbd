package static

// Names of what others made, for URL. The version is part of the file's name, so
// that pages name none.
const (
	// HTMX lets links and forms swap parts of a page. It needs the meta tag
	// htmx-config with includeIndicatorStyles and allowEval set to false.
	HTMX = "lib/htmx-2.0.11.min.js"
	// UPlot draws time series; it is the global uPlot.
	UPlot = "lib/uplot-1.6.32.min.js"
	// UPlotStyle belongs to UPlot.
	UPlotStyle = "lib/uplot-1.6.32.min.css"
	// Cytoscape draws graphs; it is the global cytoscape. It writes a style of its
	// own into the page, which our policy refuses, unless the page's stylesheet
	// link has the id __________cytoscape_stylesheet.
	Cytoscape = "lib/cytoscape-3.34.4.min.js"
	// CytoscapeDagre is the layout dagre for Cytoscape, dagre included. Loaded
	// after Cytoscape it registers itself.
	CytoscapeDagre = "lib/cytoscape-dagre-4.0.1.min.js"
)
