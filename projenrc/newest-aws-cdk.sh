#!/usr/bin/env bash
# Unit tests of the last commit against the newest aws-cdk-lib, in a throw-away copy.
# The newest version is not in the lock file, so no hash pins it. Its install scripts do not run.
set -euo pipefail
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar --extract --directory "$copy"
cd "$copy"
node projenrc/check-lock.mjs
npm ci --no-audit --no-fund
npm install --no-save --ignore-scripts --no-audit --no-fund aws-cdk-lib@latest
npx --no-install projen bundle
npx --no-install jest --ci
