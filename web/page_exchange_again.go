package web

import (
	"net/http"
	"strconv"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// askAgain asks what an exchange asked, with the operator's key, and leads to the
// new exchange with the difference to the old one.
func (a *Admin) askAgain(w http.ResponseWriter, req *http.Request) error {
	x, err := a.exchangeOf(req)
	if err != nil {
		return err
	}
	if len(x.Results) == 0 {
		return errNothing
	}
	n, err := a.begin(req.Context(), a.again(x, relay.CallerOf(req.RemoteAddr)))
	if fault, ok := faultOf(err); ok {
		a.access.flash(req, view.KindError, fault)
		http.Redirect(w, req, exchangePath(x.ID), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	to := runPath(n)
	if s := n.state(); s.over && resultPath(n, s) != "" {
		to = resultPath(n, s)
	}
	http.Redirect(w, req, to, http.StatusSeeOther)
	return nil
}

// again is what an exchange asked.
func (a *Admin) again(x *store.Exchange, from string) asking {
	list := make([]ctim.Observable, len(x.Results))
	for i, r := range x.Results {
		list[i] = r.Observable
	}
	f := emptyTryForm("", a.cfg.Live.Settings().EntitiesMax)
	f.observe, f.refer = x.Endpoint != store.Refer, x.Endpoint != store.Observe
	if x.EntitiesLimit > 0 {
		f.limit = strconv.Itoa(x.EntitiesLimit)
	}
	return asking{observables: list, endpoint: x.Endpoint, limit: x.EntitiesLimit, from: from, before: x.ID, form: listed(list, f)}
}
