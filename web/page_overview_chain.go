package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// chain is the state of what an answer needs, one row each.
func (a *Admin) chain(s *seen) []view.StatusRowView {
	rows := []view.StatusRowView{pulsediveRow(s)}
	rows = append(rows, hostRows(a.cfg.Live.Relay().KeyHosts(), s.now)...)
	public := view.StatusRowView{State: view.HealthOK, Label: "Public URL", Note: strings.Join(s.settings.PublicURL, ", ")}
	if len(s.settings.PublicURL) == 0 {
		public.State, public.Note, public.Link = view.HealthWarn, "not set", view.Link{Href: "/admin/settings#public-url", Label: "Set it"}
	}
	version := view.StatusRowView{State: view.HealthOK, Label: "Relay", Note: relay.Version + ", up " + view.Span(s.now.Sub(a.started))}
	return append(rows, databaseRow(s.status), public, version)
}

// pulsediveRow tells by Pulsedive's last word how it does.
func pulsediveRow(s *seen) view.StatusRowView {
	row := view.StatusRowView{State: view.HealthIdle, Label: "Pulsedive", Note: "not asked lately"}
	switch w := &s.word; {
	case w.outcome == "":
	case w.outcome == "ok" || w.outcome == "not found":
		row.State, row.NoteBody = view.HealthOK, view.ChainNote("answered", w.at, s.now, ", "+view.Took(w.took))
	case w.outcome == "refused key":
		row.State, row.NoteBody = view.HealthWarn, view.ChainNote("refused a key", w.at, s.now, "")
	case strings.HasPrefix(w.outcome, "limit"):
		row.State, row.NoteBody = view.HealthWarn, view.ChainNote(w.outcome+" reached", w.at, s.now, "")
	case slices.Contains([]string{"timeout", "connection", "certificate", "unavailable"}, w.outcome):
		row.State, row.NoteBody = view.HealthFail, view.ChainNote(w.outcome, w.at, s.now, "")
	default: // it answered, but with nothing of use
		row.State, row.NoteBody = view.HealthWarn, view.ChainNote(w.outcome, w.at, s.now, "")
	}
	return row
}

// hostRows are the key hosts, with those that were never asked in one row.
func hostRows(list []auth.HostState, now time.Time) []view.StatusRowView {
	var rows []view.StatusRowView
	var idle []string
	for _, h := range list {
		name := cmp.Or(regionOf(h.Host), h.Host)
		row := view.StatusRowView{State: view.HealthOK, Label: "Key host " + name}
		switch {
		case h.Err == "" && h.Fetched.IsZero():
			idle = append(idle, name)
			continue
		case h.Err == "":
			row.NoteBody = view.ChainNote("fetched", h.Fetched, now, "")
		case h.Keys > 0:
			row.State, row.NoteBody = view.HealthWarn, view.ChainNote("keys of", h.Fetched, now, "; then: "+h.Err)
		default:
			row.State, row.Note = view.HealthFail, h.Err
		}
		rows = append(rows, row)
	}
	if len(idle) > 0 {
		label := "Key host "
		if len(idle) > 1 {
			label = "Key hosts "
		}
		rows = append(rows, view.StatusRowView{State: view.HealthIdle, Label: label + strings.Join(idle, ", "), Note: "not used yet"})
	}
	return rows
}

func databaseRow(st store.Status) view.StatusRowView {
	row := view.StatusRowView{State: view.HealthOK, Label: "Database", Note: view.Plural(st.Exchanges, "exchange", "exchanges")}
	if st.Bytes >= 0 {
		row.Note = view.Bytes(st.Bytes) + ", " + row.Note
	}
	switch {
	case !st.Writable:
		row.State, row.Note = view.HealthFail, "read-only: answers go on, history does not"
	case st.Err != "":
		row.State, row.Note = view.HealthFail, "the last write failed: "+st.Err
	case isBad(diskState(st.Free)):
		row.State, row.Note = diskState(st.Free), "the disk has "+view.Bytes(st.Free)+" left"
	case st.Unwritten > 0:
		row.State, row.Note = view.HealthWarn, view.Plural(int(st.Unwritten), "exchange was", "exchanges were")+" not written since the start"
	}
	return row
}
