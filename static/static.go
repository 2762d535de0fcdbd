// Package static holds the assets that pages load, embedded into the binary.
package static

import "embed"

// Files are the assets, by name.
//
//go:embed *.css *.svg
var Files embed.FS
