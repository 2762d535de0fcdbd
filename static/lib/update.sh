#!/usr/bin/env bash
# Fetches the files that manifest.json names, and writes into it what npm calls
# the packages' integrity and the files' own sums. To take a newer version:
# change version and file names in the manifest (and in static/lib.go), remove
# the old files, run this, and look at the diff before you commit it.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node - "$work" <<'SCRIPT'
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const work = process.argv[2];
const manifest = JSON.parse(fs.readFileSync('manifest.json'));
for (const lib of manifest) {
  const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', work, `${lib.name}@${lib.version}`]);
  const tarball = `${work}/${packed.toString().trim()}`;
  lib.integrity = 'sha512-' + createHash('sha512').update(fs.readFileSync(tarball)).digest('base64');
  for (const f of lib.files) {
    const body = execFileSync('tar', ['-xzOf', tarball, `package/${f.source}`], { maxBuffer: 1 << 26 });
    f.sha256 = createHash('sha256').update(body).digest('hex');
    fs.writeFileSync(f.file, body);
    fs.chmodSync(f.file, 0o644);
  }
}
fs.writeFileSync('manifest.json', JSON.stringify(manifest, null, 2) + '\n');
SCRIPT
