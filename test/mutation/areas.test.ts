import { spawnSync } from 'child_process';
import * as path from 'path';
import { pathToFileURL } from 'url';
import { projectFiles } from '../helpers/project-files';

interface Area {
  readonly folder: string;
  readonly tests: readonly string[];
}

/** Throws if a test is listed that does not exist. */
function areas(): { readonly [name: string]: Area } {
  const program = `import { AREAS } from ${JSON.stringify(pathToFileURL(path.join(__dirname, 'areas.mjs')))}; console.log(JSON.stringify(AREAS));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('mutation tests cover the engine, the lifecycle rules, the policies, the templates and the functions, and run existing tests', () => {
  const files = projectFiles();
  expect(Object.values(areas()).map(({ folder }) => folder).sort()).toEqual([
    'src/custom-resource', 'src/engine', 'src/private/template', 'src/repository/access', 'src/repository/lifecycle', 'src/scanning/handler', 'src/traffic-shift/handler',
  ]);
  for (const { folder, tests } of Object.values(areas())) {
    expect(files.filter(file => file.startsWith(`${folder}/`)).length).toBeGreaterThan(3);
    expect(tests.length).toBeGreaterThan(2);
    expect(files).toEqual(expect.arrayContaining([...tests]));
  }
});
