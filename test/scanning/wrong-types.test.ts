import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AcceptedFinding, ImageRepository, ScanGate, ScanGateFailOnOptions, Severity } from '../../src';
import { APP, newStack } from '../helpers/stack';
import { messageOf, toldIn as told, wrong } from '../helpers/wrong-input';

let stack: Stack;
let repository: ImageRepository;
beforeEach(() => {
  stack = newStack();
  repository = new ImageRepository(stack, 'Repository');
});

const publish = (scanGate: unknown) => messageOf(() => repository.buildAndPushImage(APP, { scanGate: wrong(scanGate) }));
const withOptions = (options: unknown) => publish(ScanGate.failOn(Severity.HIGH, wrong<ScanGateFailOnOptions>(options)));
const accepting = (name: unknown, lastDay: unknown, reason: unknown) => withOptions({
  accept: [AcceptedFinding.until(wrong(name), wrong(lastDay), wrong(reason))],
});

describe('wrong types from JavaScript are reported with path, property, rule, value and fix, never with a TypeError:', () => {
  test.each<[string, unknown]>([['null', null], ['a text', 'HIGH'], ['a severity', Severity.HIGH], ['a factory', ScanGate.failOn], ['an object', {}], ['a list', []]])('%s as a gate', (_, value) => {
    expect(publish(value)).toMatch(told('scanGate'));
  });

  test.each<unknown>([undefined, null, 'high', 1, {}, 'UNDEFINED'])('%j as a severity', value => {
    expect(publish(ScanGate.failOn(wrong(value)))).toMatch(told('scanGate.severity'));
  });

  test.each<unknown>([null, 'x', []])('%j as options', value => {
    expect(withOptions(value)).toMatch(told('scanGate'));
  });

  test.each<unknown>([null, 'CVE-1', {}, [null], ['CVE-1'], [{}], [AcceptedFinding.until]])('%j as accepted findings', accept => {
    expect(withOptions({ accept })).toMatch(told('scanGate.accept'));
  });

  test.each<unknown>([null, 15, '15', {}, Duration.minutes(4), Duration.minutes(51), Duration.seconds(330), Duration.minutes(Lazy.number({ produce: () => 6 }))])('%j as the waiting time', waitAtMost => {
    expect(withOptions({ waitAtMost })).toMatch(told('scanGate.waitAtMost'));
  });

  test.each<unknown>([undefined, null, '', 1, 'CVE 1'])('%j as the name of a finding', name => {
    expect(accepting(name, '2026-12-31', 'why')).toMatch(told('scanGate.accept.name'));
  });

  test.each<unknown>([undefined, null, '', 2026, new Date(0), '2026-02-30', '2026-13-01', '2026-1-1', '31.12.2026', '2026-12-31T00:00:00Z'])('%j as a date', day => {
    expect(accepting('CVE-2025-1', day, 'why')).toMatch(told('scanGate.accept.lastDay'));
  });

  test.each<unknown>([undefined, null, '', ' ', 1, 'two\nlines', 'x'.repeat(201)])('%j as a reason', reason => {
    expect(accepting('CVE-2025-1', '2026-12-31', reason)).toMatch(told('scanGate.accept.reason'));
  });

  const target = () => new SnsTopic(new Topic(newStack(), 'Topic'));
  const onFinding = (options: unknown, id: unknown = 'Findings') => messageOf(() => repository.onFinding(wrong(id), wrong(options)));

  test('onFinding reports wrong options', () => {
    expect(onFinding(undefined)).toMatch(told('onFinding'));
    expect(onFinding({ severity: 'high', target: target() })).toMatch(told('onFinding.severity'));
    expect(onFinding({ severity: Severity.HIGH, target: SnsTopic })).toMatch(told('onFinding.target'));
    expect(onFinding({ severity: Severity.HIGH, target: target() }, Severity)).toMatch(told('id'));
  });

  test.each<[string, unknown]>([['null', null], ['a text', 'x'], ['an app', new App()], ['a class', Stack]])('%s as the scope of onFinding', (_, scope) => {
    expect(onFinding({ severity: Severity.HIGH, target: target(), scope })).toMatch(told('scope'));
  });
});

test('a finding can be accepted once, because two dates would be a contradiction', () => {
  expect(withOptions({ accept: ['CVE-2025-1', 'cve-2025-1'].map(name => AcceptedFinding.until(name, '2026-12-31', 'why')) })).toBe(
    "Stack/Repository: 'scanGate.accept' must name each finding once, got \"CVE-2025-1\". Keep one of the two, with the correct day.",
  );
});

test('a rejected gate creates nothing: neither a copy nor its function, and id and tags stay available', () => {
  const before = repository.node.findAll().length;
  const badGate = ScanGate.failOn(Severity.HIGH, { waitAtMost: Duration.minutes(1) });
  expect(messageOf(() => repository.buildAndPushImage(APP, { tags: ['v1'], scanGate: badGate }))).toMatch(/^Stack\/Repository: 'scanGate.waitAtMost' must /);
  expect(repository.node.findAll()).toHaveLength(before);

  expect(messageOf(() => repository.buildAndPushImage(APP, { tags: ['v1'], scanGate: ScanGate.failOn(Severity.HIGH) }))).toBe('accepted');
});

test('tokens are accepted', () => {
  const token = Lazy.string({ produce: () => 'x' });

  expect(accepting(token, token, token)).toBe('accepted');
});

test.each(['CVE-2025-1234', 'GHSA-jfh8-c2jp-5v3q', 'ALAS2-2021-1704', 'RHSA-2021:1234'])('the finding %s can be accepted', name => {
  expect(accepting(name, '2024-02-29', 'why')).toBe('accepted');
});

test.each([5, 50])('a gate can wait %i minutes', minutes => {
  expect(withOptions({ waitAtMost: Duration.minutes(minutes) })).toBe('accepted');
});
