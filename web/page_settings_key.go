package web

import (
	"context"
	"net/http"

	"pulsedive-relay/relay"
	"pulsedive-relay/web/view"
)

// testKey makes one call to Pulsedive with the key that was typed, or else the
// stored one, and says what came of it. Nothing is saved.
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

// tryKey is a health check with a form's key.
func (a *Admin) tryKey(ctx context.Context, f *settingsForm) view.KeyTestView {
	if err := f.faults[keyField]; err != nil {
		return view.KeyTestView{Outcome: view.Hint{Kind: view.KindError, Text: sentence(err)}}
	}
	key, which := f.key, "The key that you typed"
	if key == "" {
		key, which = a.cfg.Live.Settings().PulsediveKey, "The stored key"
	}
	if key == "" {
		return view.KeyTestView{Outcome: view.Hint{Kind: view.KindInfo, Text: "There is no key to test: type one, or save one first."}}
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Live.Settings().UpstreamTimeout)
	defer cancel()
	h := a.cfg.Live.Relay().Health(ctx, relay.Caller{Key: key})
	test := view.KeyTestView{Quotas: quotaViews(h)}
	if fault := h.Fault(); fault != nil {
		test.Outcome = view.Hint{Kind: view.KindError, Title: which + " does not work now.", Text: fault.Message + " (" + fault.Code + ")"}
		return test
	}
	test.Outcome = view.Hint{Kind: view.KindOK, Title: which + " works.", Text: "Pulsedive answered."}
	if f.key != "" {
		test.Outcome.Text += " It is not saved yet."
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
