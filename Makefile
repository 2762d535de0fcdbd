# What there is to do here. `make run` and `make test` are all that a newcomer
# needs. `make run` works with Go alone; for the browser tests `make test` also
# needs a Chromium, node and npm, which it installs where it may.
.PHONY: run build test race check generate bench fuzz e2e browser shots clean

BINARY := bin/pulsedive-relay
FUZZ   ?= 20s
SHOTS  ?= shots

# run starts the relay on embedded sample data.
run: build
	$(BINARY) demo

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o $(BINARY) ./cmd/pulsedive-relay

# TIMEOUT is for one package: the browser tests take minutes, more on a machine
# that is shared.
TIMEOUT := 30m

# The browser tests come by themselves, last: browsers take all the processor there
# is, and other tests have bounds of the product's to keep.
PACKAGES = $$(go list ./... | grep -v '/e2e$$')

# test is every test, those against the built binary included.
test: browser
	go test -shuffle=on -timeout $(TIMEOUT) $(PACKAGES)
	go test -shuffle=on -timeout $(TIMEOUT) ./e2e
	@$(LEFT_OUT)

# race is the same under the race detector, which needs a C compiler.
race: browser
	go test -race -shuffle=on -timeout $(TIMEOUT) $(PACKAGES)
	go test -race -shuffle=on -timeout $(TIMEOUT) ./e2e
	@$(LEFT_OUT)

# E2E_BROWSER=off leaves out the tests that need a browser; nobody is to miss that.
LEFT_OUT = test "$$E2E_BROWSER" != off || echo "LEFT OUT: the tests that need a browser, as E2E_BROWSER=off asks"

# browser makes ready what the browser tests need.
browser:
	@e2e/install.sh

# check is what must hold beside the tests: form, vet, dependencies, and that
# generated files are those that their sources make.
check:
	@test -z "$$(gofmt -l cmd relay static store web e2e)" || { echo "not in the form of gofmt:"; gofmt -l cmd relay static store web e2e; exit 1; }
	go vet ./...
	go mod tidy -diff
	go tool templ fmt -fail web
	@sum() { find web -name '*_templ.go' -exec sha256sum {} + | sort; }; before=$$(sum); go tool templ generate -log-level warn web; \
	test "$$before" = "$$(sum)" || { echo "web: *_templ.go were out of date; they are generated anew, commit them"; exit 1; }

# generate makes anew what is made from a source: pages, the README's table, and
# the golden files of tests. Look at the diff before you commit it.
generate:
	go tool templ generate web
	go test ./cmd/pulsedive-relay -run TestReadme -update
	go test ./web ./web/view ./relay -update

# bench prints ratios against floor programs in the same run, and how long pages
# take over a history of a million exchanges, which it makes once: some gigabytes
# in a folder for temporary files.
bench: build
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export MILLION="$$folder/million.db" && \
	go test ./relay ./relay/... ./store -run '^$$' -bench . -benchmem && \
	go test ./web -run '^$$' -bench . && \
	go test ./cmd/pulsedive-relay -run '^$$' -bench .

# fuzz searches with each fuzz test for a while: make fuzz FUZZ=5m
fuzz:
	@for p in $$(go list ./...); do for f in $$(go test $$p -list '^Fuzz' | grep '^Fuzz'); do \
		echo "$$p $$f"; go test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZ) -fuzzminimizetime 10x || exit 1; done; done

# e2e tests the built binary from outside.
e2e: browser
	go test -count=1 -timeout $(TIMEOUT) ./e2e
	@$(LEFT_OUT)

# shots takes pictures of all pages, to look at: make shots SHOTS=/tmp/shots
shots: browser
	@mkdir -p $(SHOTS)
	SHOTS=$(abspath $(SHOTS)) go test -count=1 -timeout $(TIMEOUT) ./e2e -run TestPages
	@ls $(SHOTS)/*.png

clean:
	rm -rf bin shots e2e/failures
	go clean -testcache
