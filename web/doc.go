// Package web is what people see in a browser: the small page at the relay's
// address (page_home.go), and the admin UI under /admin.
//
// A page is in the files page_NAME.go: its handlers, which read a request, ask the
// store or the relay, and make the view model that package view renders. A handler
// returns its error; errors.go has the one table of what people see of errors, and
// the one adapter. admin.go has the routes, render.go what every answer is held to.
//
// Beside the pages: who may come in, with the model of security (access.go,
// throttle.go); what goes on when nobody looks, bounded and in memory (run.go and
// runs.go for tries, purge.go for deletions, selftest*.go for checks, held.go for
// keys that wait to be saved); what several pages show (rows.go for lists of
// exchanges, answer.go for answers that are taken apart again, regions.go).
//
// It knows no bbolt, and decides nothing of how requests of Cisco XDR are answered.
// It does not trust what it shows: intelligence is hostile text, also where it comes
// out of our own history.
package web
