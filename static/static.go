// Package static holds the assets that pages load, embedded into the binary, and
// serves them: our own at its top, those of others in lib, as they were published
// and with their licences, by lib/manifest.json.
//
// An address made by URL names its content by a hash, so browsers keep what it
// answers for good and still see a new version at once. It knows no page and
// nobody's rights: what is in here, anybody may read.
package static

import "embed"

// Files are the assets, by name.
//
//go:embed *.css *.js *.svg
//go:embed lib/*.js lib/*.css lib/*.json lib/*.txt
var Files embed.FS
