import { cloudUrl } from '../../src/federation/handler/cloud-api';

test.each([
  ['https://attacker.example/poll'], ['//attacker.example/poll'], ['http://management.azure.com/'], ['\\\\attacker.example'], ['/\\attacker.example'],
  ['https://management.azure.com:8443/'], ['https://management.azure.com@attacker.example/'],
])('a path never leads to another host or port: %s', path => {
  expect(() => cloudUrl({ host: 'management.azure.com', path }, {})).toThrow('a request to management.azure.com has an address on another host');
});

test('a path is part of the address of the host, or of its origin in a local cloud', () => {
  const request = { host: 'management.azure.com', path: '/a?b=c' };
  expect(cloudUrl(request, {}).href).toBe('https://management.azure.com/a?b=c');
  expect(cloudUrl(request, { CLOUD_ORIGINS: '{"management.azure.com":"http://127.0.0.1:80"}' }).href).toBe('http://127.0.0.1/a?b=c');
});
