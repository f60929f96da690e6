// Required into every handler process of the local cloud (NODE_OPTIONS): what would go to ECR's registry or to
// CloudFormation's answer URL over https goes to the emulator on loopback. The handlers know nothing of it.
'use strict';
const http = require('node:http');
const https = require('node:https');

const emulator = process.env.AWS_ENDPOINT_URL && new URL(process.env.AWS_ENDPOINT_URL);
const isLocal = (host) => /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com$/.test(host) || /^(localhost|127\.0\.0\.1)$/.test(host);

const request = https.request;
https.request = function (...args) {
  const url = typeof args[0] === 'string' ? new URL(args[0]) : args[0];
  const host = url.hostname ?? url.host;
  if (!emulator || !isLocal(host)) return request.apply(this, args);
  const options = typeof args[1] === 'object' ? args[1] : {};
  const path = url instanceof URL ? url.pathname + url.search : url.path;
  const { agent, ...plain } = { ...(url instanceof URL ? {} : url), ...options };
  return http.request(
    {
      ...plain, path: plain.path ?? path, protocol: 'http:', hostname: emulator.hostname, host: emulator.hostname, port: emulator.port,
      headers: { ...plain.headers, host },
    },
    args.find((arg) => typeof arg === 'function'),
  );
};
https.get = (...args) => https.request(...args).end();
