#!/usr/bin/env bash
# Unit tests of the last commit against the newest aws-cdk-lib, in a throw-away copy.
set -euo pipefail
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar --extract --directory "$copy"
cd "$copy"
npm ci --no-audit --no-fund
npm install --no-save --no-audit --no-fund aws-cdk-lib@latest
npx projen bundle
npx jest --ci
