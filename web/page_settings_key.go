package web

import (
	"context"
	"net/http"

	"pulsedive-relay/relay"
	"pulsedive-relay/web/view"
)

// testKey makes one call to the form's endpoint with the key that was typed, or
// else the stored one, and says what came of it. Nothing is saved.
func (a *Admin) testKey(w http.ResponseWriter, req *http.Request) error {
	f, err := a.readSettings(req)
	if err != nil {
		return err
	}
	test := a.tryKey(req.Context(), f)
	if isPart(req) {
		return render(w, req, http.StatusOK, view.KeyTest(test))
	}
	return a.showSettings(w, req, http.StatusOK, f, settingsNote{test: &test})
}

// tryKey is a health check with a form's key at its endpoint.
func (a *Admin) tryKey(ctx context.Context, f *settingsForm) view.KeyTestView {
	if hint := a.notTried(f); hint != nil {
		return view.KeyTestView{Outcome: *hint}
	}
	key, which := f.key, "The key that you typed"
	if key == "" {
		key, which = f.before.PulsediveKey, "The stored key"
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Live.Settings().UpstreamTimeout)
	defer cancel()
	h, err := a.cfg.Live.HealthAt(ctx, f.next.PulsediveURL, relay.Caller{Key: key})
	if err != nil {
		return view.KeyTestView{Outcome: view.Hint{Kind: view.KindError, Title: "The endpoint is not right.", Text: sentence(err)}}
	}
	return keyTestView(f, which, h)
}

// notTried says why a form's key is not tested; nil: it is.
func (a *Admin) notTried(f *settingsForm) *view.Hint {
	from, to := hostOf(f.before.PulsediveURL), hostOf(f.next.PulsediveURL)
	switch origin, pinned := a.cfg.Store.Pinned(keyField); {
	case f.faults[keyField] != nil:
		return &view.Hint{Kind: view.KindError, Text: sentence(f.faults[keyField])}
	case f.faults[endpointField] != nil:
		return &view.Hint{Kind: view.KindError, Title: "The endpoint is not right.", Text: sentence(f.faults[endpointField])}
	case f.key == "" && f.before.PulsediveKey == "":
		return &view.Hint{Kind: view.KindInfo, Text: "There is no key to test: type one, or save one first."}
	case f.key != "" || from == to:
		return nil
	case pinned:
		return &view.Hint{Kind: view.KindWarning, Title: "The key was not sent.", Text: shorter(view.Capital(origin) + " fixes it for " + from + "; have the endpoint set there, too, to send it to " + to + ".")}
	default:
		return &view.Hint{Kind: view.KindWarning, Title: "The stored key was not sent.", Text: shorter("It is for " + from + "; type it again to test it at " + to + ".")}
	}
}

// keyTestView is what came of a test with a key.
func keyTestView(f *settingsForm, which string, h relay.Health) view.KeyTestView {
	test := view.KeyTestView{Quotas: quotaViews(h)}
	at, other := "Pulsedive", f.next.PulsediveURL != f.before.PulsediveURL
	if other {
		at = shorter(hostOf(f.next.PulsediveURL))
	}
	if fault := h.Fault(); fault != nil {
		test.Outcome = view.Hint{Kind: view.KindError, Title: which + " does not work now.", Text: fault.Message + " (" + fault.Code + ")"}
		if other {
			test.Outcome.Text += " This was asked at " + at + "."
		}
		return test
	}
	test.Outcome = view.Hint{Kind: view.KindOK, Title: which + " works.", Text: at + " answered."}
	switch {
	case f.key != "" && other:
		test.Outcome.Text += " Key and endpoint are not saved yet."
	case f.key != "":
		test.Outcome.Text += " It is not saved yet."
	case other:
		test.Outcome.Text += " The endpoint is not saved yet."
	}
	if len(test.Quotas) == 0 {
		test.Outcome.Text += " It told of no limits."
	}
	return test
}

func quotaViews(h relay.Health) []view.QuotaView {
	var list []view.QuotaView
	for _, q := range h.Quotas {
		list = append(list, view.QuotaView{Period: q.Period.String(), Left: q.Left, Limit: q.Limit})
	}
	return list
}
