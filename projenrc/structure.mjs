// `npx projen structure`: the shape of the source in numbers, for docs/architecture.md.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const SOURCE = 'src';
const SMALL = 30;

const files = new Map(readdirSync(SOURCE, { recursive: true })
  .filter(name => name.endsWith('.ts'))
  .map(name => path.join(SOURCE, name))
  .sort()
  .map(file => [file, read(file)]));

/** Lines of a file, and the files that it imports (types too). `index.ts` only exports. */
function read(file) {
  const text = readFileSync(file, 'utf8');
  const names = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName).filter(name => name.startsWith('.'));
  const imports = names.map(name => path.join(path.dirname(file), `${name}.ts`));
  return { lines: text.trimEnd().split('\n').length, imports };
}

/** Groups of files that import each other (Tarjan). */
function cycles() {
  const state = new Map();
  const stack = [];
  const found = [];
  const visit = file => {
    const own = { index: state.size, low: state.size, isOpen: true };
    state.set(file, own);
    stack.push(file);
    for (const next of files.get(file)?.imports ?? []) {
      const seen = state.get(next) ?? visit(next);
      if (seen.isOpen) own.low = Math.min(own.low, seen.low);
    }
    if (own.low === own.index) {
      const group = stack.splice(stack.indexOf(file));
      group.forEach(each => { state.get(each).isOpen = false; });
      if (group.length > 1) found.push(group.sort());
    }
    return own;
  };
  [...files.keys()].filter(file => !state.has(file)).forEach(visit);
  return found;
}

const sizes = [...files.values()].map(({ lines }) => lines).sort((one, other) => one - other);
const importers = file => [...files].filter(([name, { imports }]) => name !== path.join(SOURCE, 'index.ts') && imports.includes(file)).length;
const lonely = [...files].filter(([file, { lines }]) => lines < SMALL && importers(file) === 1).map(([file]) => file);
const largest = [...files].sort(([, one], [, other]) => other.lines - one.lines)[0];
const imports = [...files.values()].reduce((sum, each) => sum + each.imports.length, 0);
const lines = sizes.reduce((sum, each) => sum + each, 0);
const rings = cycles();

console.log(`| files | lines | median | largest | single importer, under ${SMALL} lines | import cycles (files) | relative imports per 1,000 lines |`);
console.log('|---|---|---|---|---|---|---|');
console.log(`| ${[
  files.size, lines, sizes[Math.floor(sizes.length / 2)], `${largest[1].lines} (${largest[0]})`, lonely.length,
  `${rings.length} (${rings.flat().length})`, Math.round(imports / lines * 1000),
].join(' | ')} |`);
if (process.argv.includes('--list')) {
  lonely.forEach(file => console.log(`single importer: ${file}`));
  rings.forEach(ring => console.log(`cycle: ${ring.join(', ')}`));
}
