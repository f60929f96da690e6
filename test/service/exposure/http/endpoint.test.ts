import { CfnParameter } from 'aws-cdk-lib';
import { urlOf } from '../../../../src/service/exposure/http/http-listener';
import { newStack } from '../../../helpers/stack';

test.each([
  ['HTTP', 80, 'http://host'], ['HTTP', 443, 'http://host:443'], ['HTTPS', 443, 'https://host'], ['HTTPS', 8443, 'https://host:8443'],
])('the endpoint of %s on port %i is %s', (protocol, port, url) => {
  expect(urlOf(protocol, 'host', port)).toBe(url);
});

test('a port that is a token is part of the URL', () => {
  const stack = newStack();
  const { valueAsNumber } = new CfnParameter(stack, 'Port', { type: 'Number' });
  expect(stack.resolve(urlOf('HTTP', 'host', valueAsNumber))).toEqual({ 'Fn::Join': ['', ['http://host:', { Ref: 'Port' }]] });
});
