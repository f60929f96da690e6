import * as fs from 'fs';
import * as path from 'path';
import { projectFiles } from '../helpers/project-files';

const PROJECT = path.join(__dirname, '..', '..');
const LISTS = ['local/codebuild/requirements.txt', 'local/requirements.txt', 'test/templates/requirements.txt'];

/** The requirements of a list, one text each, without comments. */
function requirements(file: string): string[] {
  return fs.readFileSync(path.join(PROJECT, file), 'utf8').replace(/\\\n/g, '').split('\n').filter(line => line !== '' && !line.startsWith('#'));
}

/** Name and version, as both kinds of list write them. */
const pin = (requirement: string) => /^[\w.-]+==[\w.]+/.exec(requirement)?.[0];

test('these are all lists of Python packages, so the checks miss none', () => {
  expect(projectFiles().filter(file => /requirements.*\.txt$|pyproject\.toml$|Pipfile|setup\.(py|cfg)$/.test(file))).toEqual(LISTS);
});

describe.each(LISTS)('%s', file => {
  test('pins every package to one version and to the SHA-256 hashes of its files', () => {
    expect(requirements(file).length).toBeGreaterThan(8);
    for (const requirement of requirements(file)) {
      expect(requirement).toMatch(/^[\w.-]+==[\w.]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+$/);
    }
  });

  test('has a version of every package for each Python version from 3.10', () => {
    const byName = new Map<string, string[]>();
    for (const requirement of requirements(file)) {
      const [, name, marker = ''] = /^([\w.-]+)==[\w.]+(?: ; (.+?))? +--hash/.exec(requirement) ?? [];
      byName.set(name, [...byName.get(name) ?? [], marker]);
    }
    const several = [...byName.values()].filter(markers => markers.length > 1);
    for (const markers of several) {
      const [below, from, ...others] = markers.sort().map(marker => /^python_full_version (<|>=) '(3\.11(?:\.\d+)?)'$/.exec(marker)?.slice(1));
      expect(others).toEqual([]);
      expect(below).toEqual(['<', expect.any(String)]);
      expect(from).toEqual(['>=', below?.[1]]);
    }
  });

  test('has the packages of its requirements.in, in the same versions', () => {
    const asked = requirements(file.replace(/txt$/, 'in'));

    expect(asked.map(pin)).not.toContain(undefined);
    expect(requirements(file).map(pin)).toEqual(expect.arrayContaining(asked.map(pin)));
  });
});
