package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// The groups of checks.
const (
	groupAddress   = "Address"
	groupKeyHosts  = "Key hosts"
	groupPulsedive = "Pulsedive"
	groupDatabase  = "Database"
)

// Times and bounds of checks.
const (
	keyHostTime = 6 * time.Second
	writeTime   = 5 * time.Second
	// warnClock and failClock are how far our clock may be off. Tokens are taken
	// 60 s before and after their time.
	warnClock, failClock = 20 * time.Second, 50 * time.Second
)

// checks are all that a run looks at, by the settings that hold now.
func (a *Admin) checks() []check {
	s := a.cfg.Live.Settings()
	list := a.addressChecks(s.PublicURL)
	list = append(list, a.keyHostChecks(s.JWKSHosts)...)
	list = append(list, a.pulsediveChecks(s)...)
	return append(list, a.databaseChecks(s)...)
}

func (a *Admin) addressChecks(urls []string) []check {
	if len(urls) == 0 {
		return []check{{group: groupAddress, name: "Public URL", about: "Whether it is set, and leads here.", limit: reachTime, run: func(context.Context) finding {
			return warn("No public URL is set: tokens are checked against whatever host a request names.", "Set the address that Cisco XDR reaches this relay by.").
				at("/admin/settings#public-url", "Set it in Settings")
		}}}
	}
	var list []check
	client := ownClient(a.cfg.HTTP)
	for _, address := range urls[:min(len(urls), mostAddresses)] {
		list = append(list, check{groupAddress, address, "Whether this relay answers there.", reachTime, func(ctx context.Context) finding {
			return checkReach(ctx, client, address)
		}})
		list = append(list, check{groupAddress, "Certificate of " + siteOf(address), "How many days it has left.", reachTime, func(ctx context.Context) finding {
			if strings.HasPrefix(address, "https://") {
				return checkCertificate(ctx, client, address, a.cfg.Now())
			}
			if a.cfg.Demo {
				return unchecked("The demo's address is not https, so there is no certificate.")
			}
			return warn("The address is not https, so there is no certificate.", "Tokens hold Pulsedive keys: put the relay behind https, and name that address.").at("/admin/settings#public-url", "Change it in Settings")
		}})
	}
	return append(list, leftOut(groupAddress, "public URLs", len(urls))...)
}

// leftOut tells of addresses beyond those that are looked at.
func leftOut(group, what string, n int) []check {
	if n <= mostAddresses {
		return nil
	}
	return []check{{group: group, name: "Further " + what, limit: writeTime, run: func(context.Context) finding {
		return unchecked(fmt.Sprintf("%d more are set. The first %d are looked at.", n-mostAddresses, mostAddresses))
	}}}
}

// siteOf is an address's host, with its port.
func siteOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

func (a *Admin) keyHostChecks(hosts []string) []check {
	var list []check
	for _, host := range hosts[:min(len(hosts), mostAddresses)] {
		list = append(list, check{groupKeyHosts, host, "Whether it answers with keys, and what time it has.", keyHostTime, func(ctx context.Context) finding {
			return a.checkKeyHost(ctx, host)
		}})
	}
	return append(list, leftOut(groupKeyHosts, "key hosts", len(hosts))...)
}

func (a *Admin) checkKeyHost(ctx context.Context, host string) finding {
	p, err := a.cfg.Live.Relay().ProbeKeyHost(ctx, host)
	const without = "Tokens of its region are refused without it. Open the way to its port 443, or take the host off the list if you do not use its region."
	switch {
	case err != nil:
		return broken(probeText(err), without).at("/admin/settings#jwks-hosts", "Key hosts in Settings")
	case p.Keys == 0:
		return broken("It answered, but publishes no key of use.", "Is it a key host? Look at its name.").at("/admin/settings#jwks-hosts", "Key hosts in Settings")
	}
	text := "Answered with " + view.Plural(p.Keys, "usable key", "usable keys") + "."
	const mend = "Let the relay's host keep its time, by NTP: tokens are valid for a time."
	switch off := p.Ahead.Abs(); {
	case !p.Dated:
		return fine(text + " It told no time, so the clock was not compared.")
	case off >= failClock:
		return broken(text+" "+clockText(p.Ahead), mend)
	case off >= warnClock:
		return warn(text+" "+clockText(p.Ahead), mend)
	case off > 0:
		return fine(text + " " + clockText(p.Ahead))
	}
	return fine(text + " Our clock agrees with its.")
}

func clockText(ahead time.Duration) string {
	if ahead < 0 {
		return "Our clock is " + view.Span(-ahead) + " behind."
	}
	return "Our clock is " + view.Span(ahead) + " ahead."
}

func (a *Admin) databaseChecks(s store.Settings) []check {
	before := a.cfg.Store.Status() // a write that works wipes what went wrong
	return []check{
		{groupDatabase, "Database", "Whether it can be written, and its size.", writeTime, func(context.Context) finding { return a.checkDatabase() }},
		{groupDatabase, "Disk", "What is left of it.", writeTime, func(context.Context) finding { return checkDisk(a.cfg.Store.Status().Free) }},
		{groupDatabase, "History", "Whether exchanges were lost.", writeTime, func(context.Context) finding { return checkHistory(before, s.HistoryMax) }},
	}
}

func (a *Admin) checkDatabase() finding {
	err, state := a.cfg.Store.CheckWritable(), a.cfg.Store.Status()
	if err != nil {
		return broken("It cannot be written: "+err.Error()+".", "Answers go on, history and settings do not. Look at the disk, and at the rights of the file "+state.Path+" and its folder.")
	}
	size := "of unknown size"
	if state.Bytes >= 0 {
		size = view.Bytes(state.Bytes)
	}
	return fine("A write worked. " + size + ", " + view.Plural(state.Exchanges, "exchange", "exchanges") + ".")
}

func checkDisk(free int64) finding {
	text := view.Bytes(free) + " are left."
	const advice = "Make room, or let the history keep less. Without room no history is written; answers go on."
	switch state := diskState(free); {
	case state == view.HealthIdle:
		return unchecked("It cannot be told here how much is left.")
	case isBad(state):
		return finding{state: state, text: text, advice: advice}.at("/admin/settings#group-history", "History in Settings")
	}
	return fine(text)
}

// warnFree and failFree are how much of the disk is left at least, in bytes.
const warnFree, failFree = 1_000_000_000, 100_000_000

// diskState is how a disk does that has so many bytes left; idle: that cannot be told.
func diskState(free int64) view.Health {
	switch {
	case free < 0:
		return view.HealthIdle
	case free < failFree:
		return view.HealthFail
	case free < warnFree:
		return view.HealthWarn
	}
	return view.HealthOK
}

// isBad says whether there is something to do about what does so.
func isBad(h view.Health) bool { return h == view.HealthWarn || h == view.HealthFail }

func checkHistory(s store.Status, most int) finding {
	switch {
	case s.Err != "":
		return broken("Writing it fails: "+s.Err+".", "Answers go on; what they are is lost until the disk works again.")
	case s.Unwritten > 0:
		return warn(view.Plural(int(s.Unwritten), "exchange was", "exchanges were")+" lost since the start, because writing failed. It works again.", "Look at the disk, and at the log of that time.")
	case most == 0:
		return warn("The settings keep no history.", "What is answered is not found again.").at("/admin/settings#history-max", "History in Settings")
	}
	return fine("No exchange was lost since the start.")
}
