import { partitionOf } from '../../src/custom-resource/aws';
import { parseEcrHost, decodeRepository } from '../../src/custom-resource/ecr';
import { resourceHash } from '../../src/custom-resource/protocol';
import { propertyText, messageOf, oneLine, externalText, shortText, truncateUtf8 } from '../../src/custom-resource/text';
import { isObject, records, texts } from '../../src/engine/json';
import { waitAfter } from '../../src/engine/retry';
import { TestClock } from '../helpers/registry-clock';

const ACCOUNT = '111122223333';

describe('the host of a private ECR registry', () => {
  test.each([
    ['dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', 'api.ecr.eu-west-1.amazonaws.com'], ['dkr.ecr-fips.us-east-1.amazonaws.com', 'us-east-1', 'ecr-fips.us-east-1.amazonaws.com'],
    ['dkr-ecr.eu-west-1.on.aws', 'eu-west-1', 'api.ecr.eu-west-1.amazonaws.com'], ['dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'api.ecr.us-gov-west-1.amazonaws.com'],
    ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'api.ecr.cn-north-1.amazonaws.com.cn'], ['dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1', 'api.ecr.cn-north-1.amazonaws.com.cn'],
    ['dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'api.ecr.us-iso-east-1.c2s.ic.gov'], ['dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', 'api.ecr.us-isob-east-1.sc2s.sgov.gov'],
    ['dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1', 'api.ecr.us-isof-south-1.csp.hci.ic.gov'], ['dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1', 'api.ecr.eu-isoe-west-1.cloud.adc-e.uk'],
    ['dkr.ecr.eu-west-10.amazonaws.com', 'eu-west-10', 'api.ecr.eu-west-10.amazonaws.com'],
    ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'api.ecr.eusc-de-east-1.amazonaws.eu'],
  ])('%s', (host, region, apiHost) => {
    expect(parseEcrHost(`${ACCOUNT}.${host}`)).toEqual({ account: ACCOUNT, region, apiHost });
  });

  test.each([
    '11112222333.dkr.ecr.eu-west-1.amazonaws.com', '1111222233334.dkr.ecr.eu-west-1.amazonaws.com', `x${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`, `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.evil.example`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.evil.example`, `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.cn`, `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com`, `${ACCOUNT}.dkr_ecr.eu-west-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west.amazonaws.com`, `${ACCOUNT}.dkr.ecr.e-west-1.amazonaws.com`, `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com:443`, `${ACCOUNT}.dkr.ecr.EU-WEST-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com\n`, `${ACCOUNT}.dkr.ecr.x/eu-west-1.amazonaws.com`, '',
  ])('is not %j', host => {
    expect(parseEcrHost(host)).toBeUndefined();
  });
});

test('regions whose names only start like another partition are commercial', () => {
  expect(partitionOf('x-cn-north-1').services).toBe('amazonaws.com');
  expect(partitionOf('us-isolated-1').services).toBe('amazonaws.com');
});

test('a repository consists of its registry and its name, which can contain slashes', () => {
  expect(decodeRepository({ Repository: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/team/web` })).toEqual({ repositoryName: 'team/web', registry: expect.objectContaining({ account: ACCOUNT }) });
  expect(() => decodeRepository({ Repository: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com` })).toThrow("the property 'Repository' must be a repository of ECR, not '111122223333");
  expect(() => decodeRepository({ Repository: 'docker.io/nginx' })).toThrow("the property 'Repository' is not a repository of ECR");
});

describe('a property', () => {
  test.each([undefined, null, '', 7, ['a'], 'wrong'])('with a wrong value is reported: %j', value => {
    expect(() => propertyText({ A: value }, 'A', text => text !== 'wrong', 'right')).toThrow(`the property 'A' must be right, not '${value}'`);
  });

  test('with a right value is accepted, and can be missing', () => {
    expect(propertyText({ A: 'x' }, 'A', () => true, 'right')).toBe('x');
    expect(() => propertyText(undefined, 'A', () => true, 'right')).toThrow("not 'undefined'");
  });

  test('is shown on one line, and shortened', () => {
    expect(() => propertyText({ A: `a\n${'b'.repeat(1000)}` }, 'A', () => false, 'right')).toThrow(new RegExp(`not 'a ${'b'.repeat(145)}…'$`));
  });
});

test('all kinds of JSON values are distinguished', () => {
  expect([{}, { a: 1 }].every(isObject)).toBe(true);
  expect([null, undefined, [], 'a', 1, true].some(isObject)).toBe(false);
  expect(records([{ a: 1 }, null, [], 'a', {}])).toEqual([{ a: 1 }, {}]);
  expect(texts(['a', 1, null, 'b'])).toEqual(['a', 'b']);
  expect([records('a'), records({ 0: {} }), texts({}), texts('a')]).toEqual([[], [], [], []]);
});

test('a resource has the same hash for each of its events, and another one in another stack or with another logical id', () => {
  const of = (StackId: string, LogicalResourceId: string, RequestId = 'r') => resourceHash({ RequestType: 'Create', ResponseURL: '', StackId, LogicalResourceId, RequestId });
  expect(of('a', 'b')).toMatch(/^[0-9a-f]{16}$/);
  expect(of('a', 'b')).toBe(of('a', 'b', 'another'));
  expect(new Set([of('a', 'b'), of('a', 'c'), of('c', 'b'), of('', 'a|b')]).size).toBe(4);
});

test.each([[0, 1, 500], [0, 2, 1000], [0.5, 1, 750], [0, 4, 2500], [0.5, 10, 3750]])('with random number %d the wait after try %i is %i ms', (chance, tries, milliseconds) => {
  expect(waitAfter(tries, new TestClock(chance), { first: 1000, longest: 5000, jitter: 0.5 })).toBe(milliseconds);
});

describe('a text', () => {
  test.each([['abc', 3, 'abc'], ['abcd', 3, '…'], ['abcdefg', 6, 'abc…'], ['aéé', 4, 'a…'], ['aÀÀÀ', 5, 'a…'], ['aéé', 5, 'aéé'], ['ééé', 5, 'é…'], ['🚢🚢', 7, '🚢…'], ['🚢🚢', 6, '…']])('%s is cut to %i bytes: %s', (text, bytes, cut) => {
    expect(truncateUtf8(text, bytes)).toBe(cut);
  });

  test('becomes one line without characters that XML forbids, and everything else stays', () => {
    expect(oneLine('a\r\n\t\u0000b\u007f\u0085c\ud800d\ufffee\uffff')).toBe('a b c d e ');
    expect(oneLine('grün 日本 🚢 "x" \u200b')).toBe('grün 日本 🚢 "x" \u200b');
  });

  test.each([[undefined], [null], [7], [''], ['  \n ']])('is undefined for %j', value => {
    expect([shortText(value), externalText(value)]).toEqual([undefined, undefined]);
  });

  test('is shortened', () => {
    expect(shortText(' a\nb ')).toBe('a b');
    expect(Buffer.byteLength(shortText('x'.repeat(1000)) ?? '')).toBe(80);
    expect(Buffer.byteLength(shortText('x'.repeat(1000), 20) ?? '')).toBe(20);
    expect(Buffer.byteLength(externalText('x'.repeat(1000)) ?? '')).toBe(500);
  });

  test('of an error is its message, and other thrown values are not shown', () => {
    expect([messageOf(new TypeError('m')), messageOf('secret'), messageOf({ message: 'secret' })]).toEqual(['m', 'unknown failure', 'unknown failure']);
  });
});
