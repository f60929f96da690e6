import { CopyHooks } from '../../src/engine/contract';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, live, passwordFor } from '../helpers/registry-copy';
import { image } from '../helpers/registry-images';
import { expectWhole } from '../helpers/registry-laws';
import { arrive, originsOf } from '../helpers/registry-names';
import { hub } from '../helpers/registry-profiles';

const registries = new Registries();
afterEach(async () => {
  jest.restoreAllMocks();
  await registries.stop();
});

const web = image('web');
const clock = new TestClock();
let plain: TestRegistry;
beforeEach(async () => { plain = await registries.start(); });

describe('a registry whose tokens come from another host', () => {
  let tokens: TestRegistry;
  let vendor: TestRegistry;
  beforeEach(async () => {
    tokens = await registries.start({ profile: hub({ clock }) });
    vendor = await registries.start({ profile: hub({ clock, tokenService: 'https://tokens.vendor.example' }) });
    arrive('tokens.vendor.example', tokens);
  });

  const mirror = async (hooks: Partial<CopyHooks>) => registries.copy(vendor.add('library/web', web, 'abc'), plain, {
    clock, origins: originsOf({}, vendor, tokens, plain), ...hooks,
  });
  const shown = () => tokens.requests.map(({ headers }) => headers.authorization?.split(' ')[0]);

  test('gives them to strangers, because there is nothing to betray', async () => {
    await mirror({});

    expectWhole(plain.repository('team/web'), web, live(web.digest)[0].name);
    expect(shown()).toEqual([undefined]);
  });

  test('does not get the password there', async () => {
    await expect(mirror({ credentials: passwordFor(vendor.host, 'me:hub-canary') })).rejects
      .toThrow('its token endpoint is on another host (tokens.vendor.example); it gets the password only when it is given as tokenHost');
    expect(shown()).toEqual([]);
  });

  test('gets it there when the user says so', async () => {
    await mirror({ credentials: passwordFor(vendor.host, 'me:hub-canary'), tokenHosts: { source: 'tokens.vendor.example' } });

    expectWhole(plain.repository('team/web'), web, live(web.digest)[0].name);
    expect(shown()).toEqual(['Basic']);
  });

  test('does not get it there when the user says so of the other side', async () => {
    await expect(mirror({ credentials: passwordFor(vendor.host, 'me:hub-canary'), tokenHosts: { destination: 'tokens.vendor.example' } })).rejects
      .toThrow('its token endpoint is on another host (tokens.vendor.example)');
    expect(shown()).toEqual([]);
  });
});
