// Package view holds what pages are made of: the layouts, the parts, and one
// component for each page, all with plain view models. It knows no store, no
// request and no session; texts that come from outside go through SafeText.
//
// Layouts, around their children:
//
//	Layout(Page)                     the shell under /admin: navigation, foot, flash, hints
//	Plain(PlainPage)                 a centered card: signing in, setup, errors
//
// The head and the frame of a page:
//
//	PageHead(PageHeadView){actions}  title, sentence, crumbs; children are buttons
//	Card(CardView){body}             surface with heading and actions; Pad for text and forms
//	Facts([]FactView)                strip of facts
//	Stat(StatView)                   one number; Max > 0 draws a bar
//	Tabs(label, []TabView)           links, the current one marked
//	HintBanner(Hint)                 info, ok, warning, error with link
//	FlashBanner(Flash)               the same, can be put away (Layout does it)
//	Empty(EmptyView)                 icon, sentence, next step
//	Progress(label, value, max)      bar
//	Confirm(ConfirmView)             a POST that asks first, also without scripts
//
// Badges:
//
//	VerdictBadge(v), VerdictBadgeLarge(v)   VerdictOf(disposition), Worst(verdicts...)
//	OutcomeBadge("ok"|"partial"|"error")
//	SeverityChip(word)                      critical, high, medium, low, none, unknown
//	TypeChip(text)                          quiet: domain, cache, +2
//	StatusRows([]StatusRowView)             rows with a dot: the chain, checks
//	HealthBadge(h)                          a check's state in colour, shape and word
//	Icon(name)                              the names are in icons.templ
//
// Foreign text:
//
//	SafeText(s)                      text with hidden characters as escapes
//	Observable(value)                monospace, one line, clipped, whole in title
//	ObservableLink(value, href)      the same as a link to a page of ours
//	ObservableWhole(value)           wraps: for titles
//	CopyButton(text)                 copies
//	External(address, text)          link to another site; text alone if it is no web address
//	PulsediveButton(address, label)  button, only for https://pulsedive.com/
//	BlockText(BlockView)             a text as it is; JSON is coloured
//	BlockTools(BlockView)            its buttons, for the head of the card: download, copy
//	Visible(s), Clip(s, n)           the same for attributes; SafeLink(s), OnPulsedive(s)
//
// Times and numbers:
//
//	Time(t)                          exact, in the viewer's zone once scripts run
//	Ago(t, now)                      3 days ago; exact on hover; kept fresh
//	Clock(t, now)                    14:32:11 today, else 24 Nov 08:32: for lists
//	AgoText, StampText               the same as text
//	Took(d) Span(d) Bytes(n) Count(n) Percent(part, whole) Plural(n, one, many)
//
// Forms and lists:
//
//	Field(FieldView)                 text, number, password, select (Options), text area (Rows)
//	Check(CheckView)                 box to tick
//	Button(ButtonView)               Kind primary, danger; Small; Icon; Href makes a link
//	Table(label){thead, tbody}       scrolls in its card; TableTall keeps its head; TableStacked
//	                                 becomes a list when narrow (td needs data-label)
//	Pager(PagerView)                 newer, older
//	ExchangeTable(label, rows, now)  exchanges, a list where it is narrow (exchanges.css)
//	FilterChips(list, remove)        the filters that hold (history.css)
//	LiveButton()                     pauses what fetches itself anew (live.js, exchanges.css)
//
// Classes for arranging: cols (equal cards), split (7 to 4), duo (5 to 7),
// halves, spread, actions, inline, filters (a row of Fields above a table),
// rows, card-foot, form, form wide; in tables td.clip (takes the room,
// clips), td.num, nowrap; muted, note, mono, sr (for screen readers), needs-js.
//
// Attributes that admin.js reads: data-confirm (with data-yes) on a form or its
// button, data-copy, data-copy-from, data-open (a dialog's id),
// data-dismiss, data-close-details, data-key on the links of the navigation, data-try
// on the box that / focuses. Scripts of pages find window.relay: on(event, selector,
// act), two(n) for 07, colour(name), toast(kind, text), times(element), copy(text);
// the event "theme" on the document says that colours changed.
package view
