package pulsedivetest

import (
	"fmt"
	"net/http"
)

// fails draws whether the next call fails: the Nth call of a seed always draws
// the same.
func (f *Fake) fails() bool {
	if f.cfg.Failure <= 0 {
		return false
	}
	draw := mix(f.cfg.Seed + f.drawn.Add(1))
	return float64(draw>>11)/(1<<53) < f.cfg.Failure
}

// mix is splitmix64: neighbouring numbers come out unrelated.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// failure is the page of a gateway that did not reach Pulsedive.
func failure(status int) reply {
	switch {
	case status < 0:
		return reply{status: cut}
	case status == 0:
		status = http.StatusBadGateway
	}
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	page := "<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"
	return reply{status: status, ctype: typeHTML, body: newContent([]byte(page))}
}
