package web

import "net/http"

var errStub = &problem{http.StatusNotImplemented, "This page is being built", ""}

type runs struct{}

func newRuns(Config) *runs { return &runs{} }

func (a *Admin) try(http.ResponseWriter, *http.Request) error             { return errStub }
func (a *Admin) startRun(http.ResponseWriter, *http.Request) error        { return errStub }
func (a *Admin) findObservables(http.ResponseWriter, *http.Request) error { return errStub }
func (a *Admin) run(http.ResponseWriter, *http.Request) error             { return errStub }
func (a *Admin) cancelRun(http.ResponseWriter, *http.Request) error       { return errStub }
func (a *Admin) exchange(http.ResponseWriter, *http.Request) error        { return errStub }
func (a *Admin) downloadAnswer(http.ResponseWriter, *http.Request) error  { return errStub }
func (a *Admin) askAgain(http.ResponseWriter, *http.Request) error        { return errStub }
func (a *Admin) module(http.ResponseWriter, *http.Request) error          { return errStub }
func (a *Admin) downloadModule(http.ResponseWriter, *http.Request) error  { return errStub }
func (a *Admin) selfTest(http.ResponseWriter, *http.Request) error        { return errStub }
func (a *Admin) runSelfTest(http.ResponseWriter, *http.Request) error     { return errStub }
func (a *Admin) settings(http.ResponseWriter, *http.Request) error        { return errStub }
func (a *Admin) saveSettings(http.ResponseWriter, *http.Request) error    { return errStub }
func (a *Admin) testKey(http.ResponseWriter, *http.Request) error         { return errStub }
func (a *Admin) downloadBackup(http.ResponseWriter, *http.Request) error  { return errStub }
