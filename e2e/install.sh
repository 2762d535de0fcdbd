#!/usr/bin/env bash
# Makes ready what the browser tests need: a Chromium, node, the driver that the
# module playwright-go wants, and axe-core. Quick where all is there already.
#
#   E2E_BROWSER=off         leave the browser tests out; nothing is installed
#   E2E_CHROMIUM=/path/to   take this browser
#   XDG_CACHE_HOME          where driver and axe-core are kept, else ~/.cache
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${E2E_BROWSER:-}" = off ]; then
	echo "E2E_BROWSER=off: nothing is made ready for the browser tests"
	exit 0
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulsedive-relay
module=github.com/playwright-community/playwright-go

find_chromium() {
	local name
	if [ -n "${E2E_CHROMIUM:-}" ]; then
		command -v "$E2E_CHROMIUM" || true
		return
	fi
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		if command -v "$name"; then return; fi
	done
}

# lacking names Debian's packages for what is not there.
lacking() {
	[ -n "$(find_chromium)" ] || [ -n "${E2E_CHROMIUM:-}" ] || printf '%s\n' chromium fonts-dejavu-core
	command -v node >/dev/null || echo nodejs
	command -v npm >/dev/null || echo npm
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
	command -v apt-get >/dev/null && as_root true 2>/dev/null || return 0
	echo "browser tests: installing $*"
	as_root apt-get update -qq &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null || true
}

give_up() {
	cat >&2 <<-END

	The browser tests cannot run: $1

	  $2
	  or leave them out:   E2E_BROWSER=off make test

	END
	exit 1
}

# fetch keeps a package of npm, unpacked, as cache/NAME-VERSION/package.
fetch() {
	local name=$1 version=$2 dir=$cache/$1-$2 work
	if [ -e "$dir" ]; then return; fi
	echo "browser tests: fetching $name $version"
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/new-XXXXXX")
	if ! (cd "$work" && npm pack --loglevel=error --ignore-scripts "$name@$version" >/dev/null && tar -xzf ./*.tgz && rm ./*.tgz); then
		rm -rf "$work"
		give_up "npm does not fetch $name $version (see above)." "mend npm's access to its registry, then:   make browser"
	fi
	[ "$name" != playwright-core ] || patch_driver "$work/package/lib/coreBundle.js"
	# Renamed when complete: another run of this may do the same just now.
	node -e 'fs.renameSync(process.argv[1], process.argv[2])' "$work" "$dir" 2>/dev/null || rm -rf "$work"
}

# patch_driver does to the driver what the module's own download would: errors
# without a place in a source would end the driver.
patch_driver() {
	sed -e 's/pageError\.location\.url/pageError.location?.url || ""/' \
		-e 's/pageError\.location\.lineNumber/pageError.location?.lineNumber || 0/' \
		-e 's/pageError\.location\.columnNumber/pageError.location?.columnNumber || 0/' "$1" >"$1.new"
	mv "$1.new" "$1"
}

mapfile -t packages < <(lacking)
if [ ${#packages[@]} -gt 0 ]; then
	install_packages "${packages[@]}"
	mapfile -t packages < <(lacking)
fi
[ ${#packages[@]} -eq 0 ] || give_up "this machine lacks ${packages[*]}." "install them, on Debian as root:   apt-get install ${packages[*]}"
[ -n "$(find_chromium)" ] || give_up "E2E_CHROMIUM=$E2E_CHROMIUM is no program." "name a Chromium, or unset it"

go mod download "$module"
driver=$(sed -n 's/^const playwrightCliVersion = "\(.*\)"$/\1/p' "$(go list -m -f '{{.Dir}}' "$module")/run.go")
axe=$(sed -n 's/^const axeVersion = "\(.*\)"$/\1/p' e2e/browser_checks_test.go)
fetch playwright-core "$driver"
fetch axe-core "$axe"
# The driver's folder also says which node and which browser to start.
ln -sfn "$(command -v node)" "$cache/playwright-core-$driver/node"
find_chromium >"$cache/playwright-core-$driver/chromium.path"
