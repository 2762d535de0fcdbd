package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// root is where Handler is to be mounted.
const root = "/static/"

// Two answers about keeping: an address with the right hash never means anything
// else, one without is asked for again and answered 304 where nothing changed.
const (
	forGood   = "public, max-age=31536000, immutable"
	askAlways = "no-cache"
)

// types are the kinds of assets there may be. The system's own table is not
// asked: it differs between machines.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// asset is one file, ready to be sent.
type asset struct {
	body []byte
	kind string
	hash string
	// packed is the body by gzip, made when it is first asked for; nil where that
	// makes it no smaller. All of them together are smaller than the binary's own
	// copies, so they are kept.
	packed func() []byte
}

// assets are all files by name, read when first asked for.
var assets = sync.OnceValue(func() map[string]*asset {
	all := map[string]*asset{}
	fs.WalkDir(Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(Files, name)
		if err == nil {
			all[name] = newAsset(name, body)
		}
		return err
	}) // an embedded file cannot fail to be read
	return all
})

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	return &asset{
		body:   body,
		kind:   types[path.Ext(name)],
		hash:   hex.EncodeToString(sum[:6]),
		packed: sync.OnceValue(func() []byte { return pack(body) }),
	}
}

func pack(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	w.Write(body)                                         // a buffer takes all
	w.Close()
	if b.Len() >= len(body) {
		return nil
	}
	return bytes.Clone(b.Bytes())
}

// URL is the address of an asset, /static/name?v=hash. Of a name that there is
// not it is the address without a hash, which answers 404.
func URL(name string) string {
	if a := assets()[name]; a != nil {
		return root + name + "?v=" + a.hash
	}
	return root + name
}

// Handler answers GET and HEAD below /static/, with the path as the browser sent
// it: it is mounted there, prefix and all. With names it serves only those.
func Handler(only ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		name, ok := strings.CutPrefix(req.URL.Path, root)
		a := assets()[name]
		if !ok || len(only) > 0 && !slices.Contains(only, name) {
			a = nil
		}
		serve(w, req, a)
	})
}

// serve answers with an asset; nil: there is none.
func serve(w http.ResponseWriter, req *http.Request, a *asset) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if a == nil {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	h.Set("Cache-Control", askAlways)
	if req.URL.Query().Get("v") == a.hash {
		h.Set("Cache-Control", forGood)
	}
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.body, `"`+a.hash+`"`
	if takesGzip(req.Header) && a.packed() != nil {
		body, tag = a.packed(), `"`+a.hash+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip says whether a request accepts gzip (RFC 9110: Accept-Encoding).
func takesGzip(h http.Header) bool {
	for coding := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, weight, weighed := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return !weighed || err == nil && q > 0
	}
	return false
}
