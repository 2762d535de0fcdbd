package web

import (
	"net/http"
	"time"
)

// downloadPatience is how long a download may stand still before it is cut.
const downloadPatience = time.Minute

// attach says that the answer is a file of this kind and name.
func attach(h http.Header, kind, name string) {
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// patient gives each write its time: a download takes as long as it takes, as long
// as somebody reads.
type patient struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func newPatient(w http.ResponseWriter) *patient {
	return &patient{w: w, control: http.NewResponseController(w)}
}

// Write sends a part.
func (p *patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(downloadPatience)) // where it cannot be set the server's own holds
	return p.w.Write(b)
}
