// `node projenrc/changelog.mjs v0.1.0`: prints the changes since the previous tag, from the subjects of conventional commits.
import { execFileSync } from 'node:child_process';

const [tag = 'HEAD'] = process.argv.slice(2);
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const HEADINGS = { breaking: 'Breaking changes', feat: 'Features', fix: 'Bug fixes', perf: 'Performance' };

/** The last tag before this one, if there is one. */
function previous() {
  try {
    return git('describe', '--tags', '--abbrev=0', '--match', 'v*', `${tag}^`);
  } catch {
    return undefined;
  }
}

const from = previous();
const changes = { breaking: [], feat: [], fix: [], perf: [] };
for (const line of git('log', '--no-merges', '--format=%s', from ? `${from}..${tag}` : tag).split('\n')) {
  const [, type, scope, breaking, subject] = /^(\w+)(?:\(([^)]*)\))?(!)?: (.+)$/.exec(line) ?? [];
  const list = changes[breaking ? 'breaking' : type];
  if (list) list.push(`* ${scope ? `**${scope}:** ` : ''}${subject}`);
}
console.log(`## ${tag.replace(/^v/, '')}\n`);
for (const [kind, heading] of Object.entries(HEADINGS)) {
  if (changes[kind].length > 0) console.log(`### ${heading}\n\n${changes[kind].join('\n')}\n`);
}
