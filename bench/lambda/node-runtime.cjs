// A minimal Node.js runtime of Lambda: load the handler, request an event, call the handler, respond, and repeat.
const http = require('node:http');
const path = require('node:path');

const { AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: root, _HANDLER: name } = process.env;
const [file, exported] = name.split('.');
const handler = require(path.join(root, file))[exported];
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, action, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(`http://${api}/2018-06-01/runtime/invocation/${action}`, { method, agent, headers }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', chunk => { text += chunk; }).on('end', () => resolve({ headers: response.headers, text })).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

async function serve() {
  for (;;) {
    const { headers, text } = await call('GET', 'next', '');
    const id = headers['lambda-runtime-aws-request-id'];
    const deadline = Number(headers['lambda-runtime-deadline-ms']);
    try {
      const result = await handler(JSON.parse(text), { awsRequestId: id, getRemainingTimeInMillis: () => deadline - Date.now() });
      await call('POST', `${id}/response`, JSON.stringify(result ?? null));
    } catch (error) {
      await call('POST', `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    }
  }
}

serve();
