import { onOneLine, readRegistryError } from '../../src/engine/connection';
import { Failure } from '../../src/engine/errors';
import { markupOf, parseObject, records, texts } from '../../src/engine/json';

const read = (body: unknown, redact = (text: string) => text) =>
  readRegistryError(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), redact);
const error = (code: unknown, message?: unknown) => ({ errors: [{ code, message }] });

describe('the message of a rejected request has', () => {
  test.each<[string, unknown, object]>([
    ['the code and the message of the registry', error('DENIED', 'not allowed'), { code: 'DENIED', message: 'not allowed' }],
    ['the first error of several', { errors: [{ code: 'A' }, { code: 'B' }] }, { code: 'A', message: undefined }],
    ['no message that only repeats the code', error('NAME_UNKNOWN', 'name unknown'), { code: 'NAME_UNKNOWN', message: undefined }],
    ['a message that adds to the code', error('NAME_UNKNOWN', 'name unknown here'), { code: 'NAME_UNKNOWN', message: 'name unknown here' }],
    ['no code with other letters', error('denied', 'a'), { code: undefined, message: 'a' }],
    ['no code that is longer than 64 letters', error('A'.repeat(65)), { code: undefined, message: undefined }],
    ['a code of 64 letters', error('A'.repeat(64)), { code: 'A'.repeat(64), message: undefined }],
    ['no code with anything around it', error(' DENIED\n'), { code: undefined, message: undefined }],
    ['nothing that is not a text', error(403, ['a']), { code: undefined, message: undefined }],
    ['nothing of an empty message', error('DENIED', ''), { code: 'DENIED', message: undefined }],
    ['nothing of an invalid error', { errors: ['DENIED'] }, { code: undefined, message: undefined }],
    ['nothing of an invalid list', { errors: { code: 'DENIED' } }, { code: undefined, message: undefined }],
    ['nothing of a text that is not JSON', 'Forbidden', { code: undefined, message: undefined }],
    ['300 characters of a message', error('A', 'x'.repeat(301)), { code: 'A', message: 'x'.repeat(300) }],
    ['one line', error('A', ' a\r\n\u001bbä '), { code: 'A', message: 'a b' }],
  ])('%s', (_, body, reason) => {
    expect(read(body)).toEqual(reason);
  });

  test.each([
    ['see https://a.example/b?c=d now', 'see <address> now'], ['at a.example/b?X-Amz-Signature=c', 'at <address>'], ['at b?c&d=e', 'at <address>'],
    ['a=b is fine', 'a=b is fine'], ['what? nothing', 'what? nothing'], ['what?=', '<address>'], ['=a?', '=a?'], ['?=', '<address>'], ['ftp://a', '<address>'], ['1 :// 2', '1 <address> 2'],
    [`https://${'x'.repeat(1016)} later`, '<address>'],
  ])('no URL: %s', (message, shown) => {
    expect(read(error('A', message)).message).toBe(shown);
  });

  test('no secret, neither in the message nor as a code', () => {
    const redact = (text: string) => text.replaceAll('SECRET', '***');
    expect(read(error('SECRET', 'it is SECRET'), redact)).toEqual({ code: undefined, message: 'it is ***' });
    expect(read(error('A', `${'x'.repeat(298)}SECRET`), redact).message).toBe(`${'x'.repeat(298)}**`);
  });

  test('a hint if the answer is a web page, and the error code of a storage service', () => {
    expect(read('<!DOCTYPE html><title>x</title>')).toEqual({ message: 'a web page: is this the host of a registry?' });
    expect(read('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')).toEqual({ message: 'an XML document: AccessDenied' });
    expect(read('<Error><Code>Access Denied</Code></Error>')).toEqual({ message: 'an XML document' });
    expect(read(`<Error><Code>${'A'.repeat(65)}</Code></Error>`)).toEqual({ message: 'an XML document' });
    expect(read(`<Error>${' '.repeat(1024)}<Code>A</Code></Error>`)).toEqual({ message: 'an XML document' });
  });

  test('only printable ASCII', () => {
    expect(onOneLine('a\u0000\n\u007fbé~ \u{1f6a2}!')).toBe('a b ~  !');
  });
});

describe('a response that is not JSON', () => {
  test.each([
    ['<html>', 'a web page'], ['\ufeff \n<HTML lang="en">', 'a web page'], ['<!doctype  html>', 'a web page'], ['<head>', 'a web page'], ['<body>', 'a web page'], ['<!-- a -->\n<html>', 'a web page'],
    ['<!--', 'a web page'], ['<?xml', 'an XML document'], ['<Error>', 'an XML document'], ['<Errors>', undefined], ['<error>', undefined], ['x<html>', undefined], ['<\ufeffhtml>', undefined], ['', undefined], ['{}', undefined],
    [`${' '.repeat(1020)}<html>`, undefined], [`${' '.repeat(1019)}<html>`, 'a web page'],
  ])('%j is %s', (text, kind) => {
    expect(markupOf(Buffer.from(text))).toBe(kind);
  });

  const failureOf = (text: string) => {
    try {
      return parseObject(Buffer.from(text), 'the list', 'corrupt');
    } catch (thrown) {
      return thrown;
    }
  };

  test('is named, and retried only if it could be truncated', () => {
    expect(failureOf('{"a":1}')).toEqual({ a: 1 });
    expect(failureOf('<html>')).toMatchObject({ reason: 'the list is a web page: is this the host of a registry?', retry: undefined });
    expect(failureOf('{"a":')).toMatchObject({ reason: 'the list is not a JSON object', retry: 'corrupt' });
    expect(failureOf('[]')).toMatchObject({ reason: 'the list is not a JSON object', retry: 'corrupt' });
    expect(failureOf('{"a":1,"a":1}')).toEqual(new Failure('the list has the same name twice in one object'));
  });

  test('has no objects or texts instead of a list', () => {
    expect([records([{ a: 1 }, [], null, 'a']), records({ a: {} }), texts(['a', 1, null]), texts('a')]).toEqual([[{ a: 1 }], [], ['a'], []]);
  });
});
