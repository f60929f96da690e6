import * as fc from 'fast-check';
import { Exposure, HttpRoute } from '../../../../src';
import { mayOverlap, patternsMeet, priorityOf, rangeOf, Band, specificityOf } from '../../../../src/service/exposure/rules/rule-priority';
import { runsOf } from '../../../helpers/exhaustive';
import { exposed, newRegionalStack, propertiesOf, sharedListener } from '../../../helpers/http-exposure';
import { newStack } from '../../../helpers/stack';
import { messageOf } from '../../../helpers/wrong-input';

const stack = newStack();
const label = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 });
const host = fc.tuple(fc.constantFrom('', '*.'), label, label).map(([star, one, two]) => `${star}${one}.${two}.com`);
const path = fc.tuple(fc.array(label, { maxLength: 4 }), fc.constantFrom('', '*', '/*')).map(([labels, end]) => `/${labels.join('/')}${end}`);
const parts = fc.record({
  hosts: fc.array(host, { maxLength: 2 }), paths: fc.array(path, { maxLength: 2 }), version: fc.option(fc.constantFrom('1', '2')),
}).filter(({ hosts, paths, version }) => hosts.length + paths.length > 0 || version !== null);

type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

function routeOf({ hosts, paths, version }: Parts): HttpRoute {
  const withHost = hosts.length > 0 ? HttpRoute.host(...hosts) : undefined;
  const withPath = paths.length > 0 ? withHost?.andPath(...paths) ?? HttpRoute.path(...paths) : withHost;
  return version === null ? withPath as HttpRoute : withPath?.andHeader('X-Version', version) ?? HttpRoute.header('X-Version', version);
}

const regexOf = (pattern: string) => new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);

test('every route has a valid priority, and the first 999 and the last 1000 stay free for your own rules', () => {
  fc.assert(fc.property(parts, each => {
    const priority = priorityOf(stack, routeOf(each));
    expect(Number.isInteger(priority)).toBe(true);
    expect(priority).toBeGreaterThanOrEqual(1000);
    expect(priority).toBeLessThan(48_960);
  }));
});

test('routes of different specificity have priorities in different ranges', () => {
  const ranges = new Map<number, number>();
  for (const band of [Band.HOST_AND_PATH, Band.HOST, Band.WILDCARD_HOST_AND_PATH, Band.WILDCARD_HOST, Band.PATH, Band.OTHER]) {
    for (let level = 0; level <= 260; level++) {
      for (const others of [0, 1, 5]) {
        const { from, width } = rangeOf({ band, level, others, fine: [] });
        ranges.set(from, width);
      }
    }
  }
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  sorted.forEach(([from, width], index) => expect(from + width).toBeLessThanOrEqual(sorted[index + 1]?.[0] ?? 48_960));
  expect(sorted[0][0]).toBe(1000);
});

test('a longer path has precedence over a shorter one, up to 32 characters', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), label, label, (length, one, two) => {
    const of = (text: string, size: number) => HttpRoute.path(`/${text.repeat(size).slice(0, size)}*`);
    expect(priorityOf(stack, of(one, length + 1))).toBeLessThan(priorityOf(stack, of(two, length)));
  }));
});

test('a route with one more condition has precedence over the route without it', () => {
  fc.assert(fc.property(host, path, (name, pattern) => {
    const both = rangeOf(specificityOf(HttpRoute.host(name).andPath(pattern))).from;
    expect(both).toBeLessThanOrEqual(rangeOf(specificityOf(HttpRoute.host(name))).from);
    expect(both).toBeLessThanOrEqual(rangeOf(specificityOf(HttpRoute.path(pattern))).from);
    expect(rangeOf(specificityOf(HttpRoute.path(pattern).andHeader('X-Version', '1'))).from)
      .toBeLessThan(rangeOf(specificityOf(HttpRoute.path(pattern))).from);
  }));
});

test('routes keep their priorities in new versions of this package, because a rule that moves could collide with another during a deployment', () => {
  const known: [HttpRoute, number][] = [
    [HttpRoute.host('app.example.com').andPath('/api/*'), 17271],
    [HttpRoute.host('app.example.com'), 22564],
    [HttpRoute.host('*.example.com').andPath('/api/*'), 26411],
    [HttpRoute.host('*.example.com'), 28606],
    [HttpRoute.path('/api/*'), 45373],
    [HttpRoute.path('/api/*').andHeader('X-Version', '2'), 45100],
    [HttpRoute.method('GET'), 48713],
    [HttpRoute.path('/*'), 48959],
  ];
  expect(known.map(([route]) => priorityOf(stack, route))).toEqual(known.map(([, priority]) => priority));
});

test('the order of values and the case of hosts do not change the priority', () => {
  fc.assert(fc.property(fc.array(host, { minLength: 2, maxLength: 3 }), fc.array(path, { minLength: 1, maxLength: 2 }), (hosts, paths) => {
    expect(priorityOf(stack, HttpRoute.host(...hosts).andPath(...paths)))
      .toBe(priorityOf(stack, HttpRoute.path(...[...paths].reverse()).andHost(...hosts.map(name => name.toUpperCase()).reverse())));
  }));
});

test('two patterns overlap exactly if a text matches both', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
  const texts = ['', ...Array.from({ length: 8 }, (_, length) => everyText(length + 1)).flat()];
  const found = new Map<string, string[]>();
  const matches = (one: string) => found.get(one) ?? found.set(one, texts.filter(text => regexOf(one).test(text))).get(one) as string[];
  fc.assert(fc.property(pattern, pattern, (one, other) => {
    const others = new Set(matches(other));
    expect(patternsMeet(one, other)).toBe(matches(one).some(text => others.has(text)));
  }), runsOf(500));
});

function everyText(length: number): string[] {
  return length === 0 ? [''] : everyText(length - 1).flatMap(text => [`${text}a`, `${text}b`]);
}

test('if one of two overlapping routes is more specific, it is evaluated first', () => {
  let judged = 0;
  fc.assert(fc.property(host, path, path, fc.boolean(), (name, outer, inner, withHost) => {
    // The inner path is derived from the outer path: the wildcard is replaced by a text that it matches.
    fc.pre(outer.endsWith('*'));
    const nested = `${outer.slice(0, -1)}${inner.slice(1)}`;
    fc.pre(nested !== outer && patternsMeet(outer, nested));
    const wide = HttpRoute.path(outer);
    const narrow = withHost ? HttpRoute.path(nested).andHost(name) : HttpRoute.path(nested);
    expect(mayOverlap(wide, narrow)).toBe(true);
    judged++;
    const both = newRegionalStack();
    const listener = sharedListener(both);
    const message = messageOf(() => {
      exposed(Exposure.onListener(listener, wide), { stack: both, id: 'Wide' });
      exposed(Exposure.onListener(listener, narrow), { stack: both, id: 'Narrow' });
    });
    if (message === 'accepted') {
      const [first, second] = ['Narrow', 'Wide'].map(id => propertiesOf(both, 'AWS::ElasticLoadBalancingV2::ListenerRule')
        .find(({ Actions }) => JSON.stringify(Actions).includes(id))?.Priority);
      expect(first).toBeLessThan(second);
    } else {
      expect(message).toMatch(/'exposure\.priority' must .* Write priority: \d+\.$/);
    }
  }), runsOf(25));
  expect(judged).toBeGreaterThan(0);
});

describe('two overlapping routes', () => {
  const api = HttpRoute.path('/api/*');

  test.each<[string, HttpRoute, HttpRoute, boolean]>([
    ['by method', api.andMethod('GET', 'HEAD'), api.andMethod('POST', 'HEAD'), true],
    ['not by method', api.andMethod('GET'), api.andMethod('POST', 'PUT'), false],
    ['not by method, which is case-sensitive', api.andMethod('GET'), api.andMethod('get'), false],
    ['by method where one of them takes all methods', api.andMethod('GET'), api, true],
    ['not by path, in spite of the method', api.andMethod('GET'), HttpRoute.path('/web/*').andMethod('GET'), false],
    ['not by path, which is case-sensitive', api, HttpRoute.path('/API/*'), false],
    ['by host, without regard to case', HttpRoute.host('app.example.com'), HttpRoute.host('APP.example.com'), true],
    ['not by host', HttpRoute.host('a.example.com').andPath('/*'), HttpRoute.host('b.example.com').andPath('/*'), false],
    ['by host where one of them takes all hosts', HttpRoute.host('a.example.com').andPath('/api/*'), api, true],
  ])('%s', (_, one, other, overlap) => {
    expect([mayOverlap(one, other), mayOverlap(other, one)]).toEqual([overlap, overlap]);
  });

  test('do not overlap if they have no method in common: the order of two services with different methods does not matter', () => {
    const added = (first: HttpRoute, second: HttpRoute) => messageOf(() => {
      const both = newRegionalStack();
      const listener = sharedListener(both);
      exposed(Exposure.onListener(listener, first), { stack: both, id: 'First' });
      exposed(Exposure.onListener(listener, second), { stack: both, id: 'Second' });
    });
    // Apart from the number of methods, both are equally specific, so their order is random. Here it is the wrong one.
    const wide = (index: number) => HttpRoute.path(`/a${index}*`).andMethod('GET', 'HEAD');
    const narrow = (index: number, method: string) => HttpRoute.path(`/a${index}*`).andMethod(method);
    const isWrong = (index: number, method: string) => priorityOf(stack, wide(index)) < priorityOf(stack, narrow(index, method));
    const index = Array.from({ length: 90 }, (_, each) => each + 10).find(each => isWrong(each, 'GET') && isWrong(each, 'PUT')) ?? NaN;

    expect(added(wide(index), narrow(index, 'GET'))).toMatch(/overlaps with .+, which would have the wrong order/);
    expect(added(wide(index), narrow(index, 'PUT'))).toBe('accepted');
  });
});
