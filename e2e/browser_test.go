package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// A browser test in short:
//
//	d := startDemo(t)
//	page := newPage(t, d.base, pageOptions{})
//	visit(t, page, "/admin/history")
//	must(t, page.GetByRole("link", playwright.PageGetByRoleOptions{Name: "Export"}).Click())
//	must(t, expect.Locator(page.GetByText("3 exchanges")).ToBeVisible())
//	noOverflow(t, page)
//	checkAccessible(t, page)
//
// Find by role and label, and let expect wait: it asks again until it is so. A
// test also fails by what nobody asked for: see watcher.

// expect waits for what a page should show, for as long as tests are patient.
var expect = playwright.NewPlaywrightAssertions(float64(patience.Milliseconds()))

// off is how tests that need a browser are left out on purpose.
const off = "E2E_BROWSER=off"

// failures is where failed tests of this run leave pictures and traces.
const failures = "failures"

// chromium is the one browser of a run, started by the first test that needs it.
var chromium oneBrowser

type oneBrowser struct {
	once    sync.Once
	driver  *playwright.Playwright
	browser playwright.Browser
	err     error
}

// get is the browser; a test fails where there is none, and says what to do.
func (b *oneBrowser) get(t testing.TB) playwright.Browser {
	t.Helper()
	if os.Getenv("E2E_BROWSER") == "off" {
		t.Skip(off + ": left out")
	}
	b.once.Do(func() { b.err = b.start() })
	if b.err != nil {
		t.Fatalf("no browser: %v\nrun \"make browser\" first, or leave such tests out with %s", b.err, off)
	}
	return b.browser
}

func (b *oneBrowser) start() error {
	options := &playwright.RunOptions{SkipInstallBrowsers: true, Stdout: os.Stderr, Stderr: os.Stderr}
	driver, err := playwright.NewDriver(options) // asked for the version that it wants
	if err != nil {
		return err
	}
	options.DriverDirectory = installed("playwright-core", driver.Version)
	program, err := os.ReadFile(filepath.Join(options.DriverDirectory, "chromium.path"))
	if err != nil {
		return err
	}
	if err := os.RemoveAll(failures); err != nil {
		return err
	}
	if b.driver, err = playwright.Run(options); err != nil {
		return err
	}
	b.browser, err = b.driver.Chromium.Launch(playwright.BrowserTypeLaunchOptions{
		ExecutablePath: playwright.String(strings.TrimSpace(string(program))),
		Args: []string{
			"--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync",
			// Nothing leaves the machine, whatever a page asks for.
			"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
		},
	})
	return err
}

// close ends browser and driver; called once, after all tests.
func (b *oneBrowser) close() error {
	var errs []error
	if b.browser != nil {
		errs = append(errs, b.browser.Close())
	}
	if b.driver != nil {
		errs = append(errs, b.driver.Stop())
	}
	return errors.Join(errs...)
}

// installed is where install.sh keeps a package of npm.
func installed(name, version string) string {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	return filepath.Join(cache, "pulsedive-relay", name+"-"+version)
}

// pageOptions says in what a test looks at pages. The zero value is a desktop in
// the light look with scripts.
type pageOptions struct {
	// Width and Height are the window's; zero: 1280 and 800.
	Width, Height int
	// Dark asks for the dark look.
	Dark bool
	// NoScript turns JavaScript off.
	NoScript bool
	// Zone is the viewer's time zone; empty: UTC.
	Zone string
	// Allow are parts of problems that the test brings about on purpose.
	Allow []string
}

// phone is the narrow window that all pages have to fit into.
var phone = pageOptions{Width: 375, Height: 812}

// newPage opens an empty page in a context of its own: no cookies, nothing kept.
// Paths are below base. When the test ends, problems on the way fail it; a failed
// test leaves a picture and a trace and says where.
func newPage(t testing.TB, base string, o pageOptions) playwright.Page {
	t.Helper()
	context := newContext(t, base, o)
	w := watch(context, base, o.Allow)
	must(t, context.Tracing().Start(playwright.TracingStartOptions{Screenshots: playwright.Bool(true), Snapshots: playwright.Bool(true)}))
	page, err := context.NewPage()
	must(t, err)
	t.Cleanup(func() {
		if problems := w.problems(); len(problems) > 0 {
			t.Errorf("problems on the way:\n\t%s", strings.Join(problems, "\n\t"))
		}
		if t.Failed() {
			t.Logf("see %s", keep(page, t.Name()))
		}
		if err := context.Close(); err != nil {
			t.Errorf("closing the page: %v", err)
		}
	})
	return page
}

func newContext(t testing.TB, base string, o pageOptions) playwright.BrowserContext {
	t.Helper()
	size := playwright.Size{Width: 1280, Height: 800}
	if o.Width > 0 {
		size.Width = o.Width
	}
	if o.Height > 0 {
		size.Height = o.Height
	}
	scheme := playwright.ColorSchemeLight
	if o.Dark {
		scheme = playwright.ColorSchemeDark
	}
	context, err := chromium.get(t).NewContext(playwright.BrowserNewContextOptions{
		BaseURL:           &base,
		Viewport:          &size,
		ColorScheme:       scheme,
		JavaScriptEnabled: playwright.Bool(!o.NoScript),
		ReducedMotion:     playwright.ReducedMotionReduce,
		Locale:            playwright.String("en-GB"),
		TimezoneId:        playwright.String(cmp.Or(o.Zone, "UTC")),
	})
	must(t, err)
	context.SetDefaultTimeout(float64(patience.Milliseconds()))
	return context
}

// unsafe is what no name of a file holds here.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// keep leaves a picture and a trace of a page and says where.
func keep(page playwright.Page, test string) string {
	folder := filepath.Join(failures, unsafe.ReplaceAllString(test, "-"))
	n := 1
	for ; ; n++ { // a test may have had more than one page
		if _, err := os.Stat(filepath.Join(folder, fmt.Sprintf("trace-%d.zip", n))); err != nil {
			break
		}
	}
	picture, trace := filepath.Join(folder, fmt.Sprintf("page-%d.png", n)), filepath.Join(folder, fmt.Sprintf("trace-%d.zip", n))
	_, err := page.Screenshot(playwright.PageScreenshotOptions{Path: &picture, FullPage: playwright.Bool(true)})
	err = errors.Join(err, page.Context().Tracing().Stop(trace))
	if err != nil {
		return fmt.Sprintf("e2e/%s, as far as it could be kept: %v", folder, err)
	}
	return fmt.Sprintf("e2e/%s and e2e/%s (a trace: playwright show-trace)", picture, trace)
}

// must ends a test where something it needs did not happen.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visit goes to a path below the page's base and is what it answered.
func visit(t testing.TB, page playwright.Page, path string) playwright.Response {
	t.Helper()
	response, err := page.Goto(path)
	if err != nil {
		t.Fatalf("visiting %s: %v", path, err)
	}
	return response
}
