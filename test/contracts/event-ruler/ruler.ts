import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { ask, install, run, say } from '../../../local/process';

const FOLDER = path.join(__dirname, '..', '..', '..', '.local-cloud', 'event-ruler');
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';

/** The SHA-256 of each archive that is used. After a change of the version in pom.xml, the error shows the new ones. */
const ARCHIVES: Readonly<Record<string, string>> = {
  'event-ruler-1.8.1.jar': 'cec3fc54e85d27904b053a159553039a861b08e574d813cf74c47deb277ec432',
  'jackson-databind-2.18.0.jar': '2bf1927b7f3224683ed0157a1ec3b0ede75179da3e597d78c572d56ed00f9f3c',
  'jackson-annotations-2.18.0.jar': 'a09367d2eeb526873abf737ff754c5085f82073a382ee72c3bbe15412217671f',
  'jackson-core-2.18.0.jar': '215bbd7c8fd65be504cb92ff3aa1c4b790fc7b14cca72f4546aac4143c101bb5',
  'fastdoubleparser-2.0.0.jar': 'bd7d695c336843f75477767a59cfdf909c0c6aa5fde2b9f4f021c9f30974ea08',
  'jsr305-3.0.2.jar': '766ad2a0783f2687962c8ad74ceecc38a28b9f72a2d085ee438b7813e928d0c7',
};

/**
 * Provides the event ruler, and returns its class path. Installs Java and Maven if possible. Otherwise it throws with the command: this
 * check is never skipped.
 */
export async function eventRuler(): Promise<string> {
  const file = path.join(FOLDER, 'classpath');
  if (!ask('javac', ['-version']).ok || !ask('mvn', ['--version']).ok) {
    await install('No Java development kit with Maven', ['default-jdk-headless', 'maven'], 'Install both, on macOS with: brew install openjdk maven');
  }
  if (!fs.existsSync(file)) {
    say(`  bringing the event ruler of AWS into ${FOLDER}`);
    const pom = path.join(__dirname, 'pom.xml');
    fs.mkdirSync(FOLDER, { recursive: true });
    await run('mvn', ['-q', '-B', '-C', '-f', pom, `-Dmaven.repo.local=${path.join(FOLDER, 'm2')}`, PLUGIN, `-Dmdep.outputFile=${file}.new`]);
    fs.renameSync(`${file}.new`, file);
  }
  const classPath = fs.readFileSync(file, 'utf8').trim();
  const found = Object.fromEntries(classPath.split(path.delimiter).map(archive => [
    path.basename(archive), createHash('sha256').update(fs.readFileSync(archive)).digest('hex'),
  ]));
  for (const [name, hash] of Object.entries(found)) {
    if (ARCHIVES[name] !== hash) throw new Error(`${name} has the SHA-256 ${hash}, which test/contracts/event-ruler/ruler.ts does not name`);
  }
  return classPath;
}

/** Whether each event matches its pattern, by the rules of EventBridge. */
export async function match(classPath: string, pairs: readonly (readonly [pattern: object, event: object])[]): Promise<boolean[]> {
  const child = spawn('java', ['-cp', classPath, path.join(__dirname, 'Match.java')]);
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64');
  child.stdin.on('error', () => undefined).end(pairs.map(([pattern, event]) => `${encoded(event)} ${encoded(pattern)}\n`).join(''));
  const [out, trouble, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const lines = out.trim().split('\n');
  if (code !== 0 || lines.length !== pairs.length) throw new Error(`the event ruler ended with ${code}: ${trouble.slice(0, 2000)}`);
  return lines.map(line => line === 'true');
}
