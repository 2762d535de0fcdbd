package web

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// confirmDelete asks before an exchange is deleted.
func (a *Admin) confirmDelete(w http.ResponseWriter, req *http.Request) error {
	x, err := a.exchangeOf(req)
	if err != nil {
		return err
	}
	return render(w, req, http.StatusOK, view.DeleteExchange(view.DeletePage{
		Shell: a.shell(req), Now: a.cfg.Now(), Row: rowOf(&x.Summary, store.Filter{}), Action: exchangePath(x.ID) + "/delete",
		Back: backTo(req.FormValue("back"), x.ID),
	}))
}

// deleteExchange deletes an exchange and goes back to where that was asked.
func (a *Admin) deleteExchange(w http.ResponseWriter, req *http.Request) error {
	id := place(chi.URLParam(req, "id"))
	if err := a.cfg.Store.Delete(id); err != nil {
		return err
	}
	a.cfg.Log.Info("an exchange was deleted", "exchange", id, "caller", addressOf(req.RemoteAddr).Addr())
	if isPart(req) { // the row goes
		w.WriteHeader(http.StatusOK)
		return nil
	}
	a.access.flash(req, view.KindOK, "The exchange is deleted.")
	http.Redirect(w, req, backTo(req.PostFormValue("back"), id), http.StatusSeeOther)
	return nil
}

// backTo is where to go after an exchange was deleted: not to the exchange.
func backTo(path string, id uint64) string {
	own := exchangePath(id)
	if path == "" || path == own || strings.HasPrefix(path, own+"?") || strings.HasPrefix(path, own+"/") {
		return historyPath(nil)
	}
	return target(path)
}
