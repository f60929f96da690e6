/**
 * Runs one invocation of a bundled handler, like Lambda. Every connection goes to the stub, for any host, with the original headers.
 *
 * Time passes faster by a factor, so that the handlers do not wait for long. They see only the fast clock.
 */
const http = require('node:http');
const https = require('node:https');
const { readFileSync } = require('node:fs');

const [bundle, port, speed] = process.argv.slice(2);
const SPEED = Number(speed);

const started = Date.now();
const { now } = Date;
const RealDate = Date;
global.Date = class extends RealDate {
  constructor(...args) { super(...args.length === 0 ? [global.Date.now()] : args); }
  static now() { return started + (now() - started) * SPEED; }
};
const { setTimeout: wait } = global;
global.setTimeout = (work, milliseconds = 0, ...args) => wait(work, milliseconds / SPEED, ...args);

for (const module of [http, https]) {
  const protocol = module === http ? 'http:' : 'https:';
  module.request = (url, options, callback) => {
    const { agent, lookup, ...others } = options;
    const headers = { ...others.headers };
    if (!Object.keys(headers).some(name => name.toLowerCase() === 'host')) headers.host = url.host;
    return new http.ClientRequest({ ...others, headers: { ...headers, 'x-contract-origin': `${protocol}//${url.host}` }, host: '127.0.0.1', port, path: url.pathname + url.search }, callback);
  };
}

const { event, milliseconds } = JSON.parse(readFileSync(0, 'utf8'));
require(bundle).handler(event, { getRemainingTimeInMillis: () => milliseconds }).then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
