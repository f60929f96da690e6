import * as path from 'path';
import { App, IgnoreMode, Stack } from 'aws-cdk-lib';
import { ImageRepository } from '../../src';
import { ImageSourceDirectoryOptions } from '../../src/image/image-source-config';
import { DockerIgnore } from '../../src/image/sources/docker-ignore';
import { appWith, folderOf, publish, Tree, treeOf } from '../helpers/build-context';
import { entriesIn } from '../helpers/files';

/** The files that CDK passes to Docker. */
const stagedFiles = (directory: string, options?: ImageSourceDirectoryOptions) => Object.keys(treeOf(publish(directory, options).staged[0])).sort();

describe('the build receives the same files as docker build:', () => {
  test.each<[string, Tree, string[], ImageSourceDirectoryOptions?]>([
    ['a Dockerfile in a directory, all of whose files are ignored', { '.dockerignore': '*\n!app.js\n', 'app.js': '', 'docker/Dockerfile': '', 'docker/notes.txt': '' },
      ['.dockerignore', 'Dockerfile', 'app.js', 'docker/Dockerfile'], { file: 'docker/Dockerfile' }],
    ['a Dockerfile in an ignored directory', { '.dockerignore': 'docker\n', 'app.js': '', 'docker/Dockerfile': '', 'docker/notes.txt': '' },
      ['.dockerignore', 'Dockerfile', 'app.js', 'docker/Dockerfile'], { file: './docker/Dockerfile' }],
    ['a Dockerfile that is ignored itself', { '.dockerignore': '**/Dockerfile\nDockerfile\n', 'app.js': '' }, ['.dockerignore', 'Dockerfile', 'app.js']],
    ['a Dockerfile with another name', { '.dockerignore': '*\n', 'web.Dockerfile': '' }, ['.dockerignore', 'web.Dockerfile'], { file: 'web.Dockerfile' }],
    ['a Dockerfile with letters that mean something in a pattern', { '.dockerignore': '*\n', 'web[1]/Dockerfile': '' },
      ['.dockerignore', 'Dockerfile', 'web[1]/Dockerfile'], { file: 'web[1]/Dockerfile' }],
    ['names that differ only in case from an ignored one', { '.dockerignore': 'BUILD\nTest\n', 'build/app.js': '', 'test/app.js': '' }, ['.dockerignore', 'Dockerfile', 'build/app.js', 'test/app.js']],
    ['names with parentheses', { '.dockerignore': '*\n!app/(shop)/page.js\n', 'app/(shop)/page.js': '', 'app/other/page.js': '' }, ['.dockerignore', 'Dockerfile', 'app/(shop)/page.js']],
    ['names with a line break', { '.dockerignore': '*\n!keep*\n', 'keep\nme': '' }, ['.dockerignore', 'Dockerfile', 'keep\nme']],
    ['files of an ignore file with CRLF', { '.dockerignore': '*\r\n!app.js\r\n', 'app.js': '', 'other.js': '' }, ['.dockerignore', 'Dockerfile', 'app.js']],
    ['files of an ignore file with a BOM', { '.dockerignore': '\uFEFFother.js\n', 'app.js': '', 'other.js': '' }, ['.dockerignore', 'Dockerfile', 'app.js']],
    ['files of an ignore file with a BOM before an exception', { '.dockerignore': '\uFEFF*\n!app.js', 'app.js': '', 'other.js': '' }, ['.dockerignore', 'Dockerfile', 'app.js']],
    ['files of an ignore file with comments and empty lines', { '.dockerignore': '# app.js\n\n  \n#*\nother.js', 'app.js': '', 'other.js': '' }, ['.dockerignore', 'Dockerfile', 'app.js']],
    ['exceptions with **', { '.dockerignore': '**\n!**/keep.txt\n', 'a/b/keep.txt': '', 'a/b/other.txt': '', 'keep.txt': '' }, ['.dockerignore', 'Dockerfile', 'a/b/keep.txt', 'keep.txt']],
    ['exceptions in a directory with a slash at its end', { '.dockerignore': 'deep/\n!deep/keep/\n', 'deep/keep/a.txt': '', 'deep/other.txt': '' }, ['.dockerignore', 'Dockerfile', 'deep/keep/a.txt']],
    ['patterns with a slash or a dot at the beginning', { '.dockerignore': '/a.txt\n./b.txt\nc/../d.txt\n', 'a.txt': '', 'b.txt': '', 'd.txt': '', 'e.txt': '' }, ['.dockerignore', 'Dockerfile', 'e.txt']],
    ['an exception and then a stronger rule', { '.dockerignore': '*.md\n!README*.md\nREADME-secret.md\n', 'README.md': '', 'README-secret.md': '', 'a.md': '' }, ['.dockerignore', 'Dockerfile', 'README.md']],
    ['an ignore file of the Dockerfile instead of the common one', { '.dockerignore': '*\n', 'Dockerfile.dockerignore': 'other.js\n', 'app.js': '', 'other.js': '' },
      ['.dockerignore', 'Dockerfile', 'Dockerfile.dockerignore', 'app.js']],
    ['an ignore file of a Dockerfile in an ignored directory', { '.dockerignore': 'app.js\n', 'docker/Dockerfile': '', 'docker/Dockerfile.dockerignore': '*\n!app.js\n', 'app.js': '', 'other.js': '' },
      ['.dockerignore', 'Dockerfile', 'app.js', 'docker/Dockerfile', 'docker/Dockerfile.dockerignore'], { file: 'docker/Dockerfile' }],
  ])('%s', (...[, tree, files, options = {}]) => {
    expect(stagedFiles(appWith(tree), options)).toEqual([...files].sort());
  });

  test.each<[string, IgnoreMode]>(Object.values(IgnoreMode).map(mode => [mode, mode]))('the Dockerfile in an ignored directory, with the ignore mode %s', (_, ignoreMode) => {
    const files = stagedFiles(appWith({ '.dockerignore': '*\n', 'docker/Dockerfile': '', 'docker/notes.txt': '' }), { file: 'docker/Dockerfile', ignoreMode });

    expect(files).toContain('docker/Dockerfile');
    expect(files).not.toContain('docker/notes.txt');
  });
});

test('exclude takes precedence over the ignore file', () => {
  const tree = { '.dockerignore': '*\n!**/*.js\n', 'app.js': '', 'secret.js': '', 'deep/secret.js': '' };

  expect(stagedFiles(appWith(tree), { exclude: ['SECRET.js', 'deep'] })).toEqual(['.dockerignore', 'Dockerfile', 'app.js']);
});

test('a file that Docker does not read can be passed, but not one in the output of the synthesis', () => {
  const app = appWith({ '.dockerignore': 'BUILD\n!build\n' });
  const outdir = path.join(app, 'build', 'c(1)');
  for (let round = 0; round < 2; round++) {
    const stack = new Stack(new App({ outdir }), 'Stack');
    new ImageRepository(stack, 'Repository').buildAndPushImage(app);
  }

  expect(entriesIn(outdir).filter(({ parentPath }) => path.relative(outdir, parentPath).split('asset.').length > 2)).toEqual([]);
});

describe('a pattern that CDK cannot read is named in the error:', () => {
  test('in the ignore file', () => {
    expect(() => publish(appWith({ '.dockerignore': 'c++\n' }))).toThrow(
      "Stack/Repository/Images/web: 'directory' must have files and patterns whose names CDK can read as regular expressions, got \"c++\". "
      + 'Write letters such as "+", "(" and ")" in brackets: "[+]".',
    );
    expect(stagedFiles(appWith({ '.dockerignore': 'c[+][+]\n', 'c++': '', 'a.js': '' }))).toEqual(['.dockerignore', 'Dockerfile', 'a.js']);
  });

  test('in the path of the output', () => {
    const stack = new Stack(new App({ outdir: path.join(folderOf({ 'c++/x': '' }), 'c++', 'cdk.out') }), 'Stack');

    expect(() => new ImageRepository(stack, 'Repository').buildAndPushImage(appWith({}))).toThrow('Synthesize into a folder without such letters in its path.');
  });
});

test('a circular link is named in the error, with its target', () => {
  const app = appWith({ 'node_modules/root': { to: '../..' } });

  expect(() => publish(app, { followSymlinks: 'always' as never })).toThrow('The link is "node_modules/root", and leads to "../..".');
  expect(stagedFiles(app)).toEqual(['Dockerfile', 'node_modules/root']);
});

test('a deep tree is read completely', () => {
  const deep = Array(400).fill('d').join('/');
  expect(stagedFiles(appWith({ [`${deep}/x`]: '' }))).toEqual(['Dockerfile', `${deep}/x`]);
});

// https://github.com/moby/patternmatcher/blob/main/patternmatcher_test.go
describe('patterns have the same meaning as in Docker:', () => {
  test.each<[string, string, boolean]>([
    ['**', 'file', true], ['**', 'dir/file', true], ['**/', 'file', true], ['**/**', 'dir/file', true], ['dir/**', 'dir/file', true], ['dir/**', 'dir/dir2/file', true],
    ['**/dir', 'dir', true], ['**/dir', 'a/dir/file', true], ['**/dir2/*', 'dir/dir2/file', true], ['**/dir2/*', 'dir/dir2/dir2/file', true],
    ['**/file', 'file', true], ['**/file', 'dir/file', true], ['**/file*.txt', 'dir/dir/file.txt', true], ['**/**/*.txt', 'dir/dir/file.txt', true],
    ['a**/*.txt', 'a/file.txt', true], ['a**/*.txt', 'a/dir/file.txt', true], ['a/*.txt', 'a/dir/file.txt', false], ['a/**/*.txt', 'a/dir/dir/file.txt', true],
    ['.*', '.foo', true], ['.*', 'foo', false], ['abc.def', 'abcdef', false], ['abc.def', 'abc.def', true], ['abc?def', 'abcZdef', true], ['abc?def', 'abc/def', false],
    ['a\\*b', 'a*b', true], ['a\\*b', 'axb', false], ['a(b)c/def', 'a(b)c/def', true], ['a(b)c/def', 'abc/def', false], ['a.|)$(}+{bc', 'a.|)$(}+{bc', true],
    ['[a-c]', 'b', true], ['[^a]', 'b', true], ['[', 'x', false], ['dist/', 'dist/x', true], ['*', 'a/b', true], ['a', 'b/a', false], ['!', 'a', false], ['x', 'X', false],
    ['**.txt', 'a.txt', true], ['**.txt', 'b/a.txt', true], ['**.txt', 'a.txt2', false], ['**foo', 'xfoo', true], ['**foo', 'x/foo', true], ['**foo*', 'xfoo', false],
    ['?.txt', '😀.txt', true], ['[^a].txt', '😀.txt', true], ['a^b', 'a^b', true], ['[[:digit:]].txt', '1.txt', true], ['[[:digit:]].txt', 'a.txt', false],
    ['[[:alpha:]_]', '_', true], ['[[:punct:]]', '!', true], ['[[:nothing:]].txt', '1.txt', false],
  ])('%j and %j: %s', (pattern, place, expected) => {
    expect(new DockerIgnore([pattern]).ignores(place)).toBe(expected);
  });

  test.each<[string[], string, boolean]>([
    [['docs', '!docs/README.md'], 'docs/README.md', false], [['docs', '!docs/README.md'], 'docs/other', true], [['*', '!a', 'a/b'], 'a/b', true], [['*', '!a', 'a/b'], 'a/c', false],
    [['!a', 'a'], 'a', true], [[' a '], 'a', true], [['! a', 'b'], 'b', true], [['#a'], '#a', false], [['\\#a'], '#a', true], [['a', '!A'], 'a', true],
  ])('%j and %j: %s', (lines, place, expected) => {
    expect(new DockerIgnore(lines).ignores(place)).toBe(expected);
  });

  test('ignored directories without exceptions are not read', () => {
    const ignore = new DockerIgnore(['node_modules', 'docs', '!docs/a/README.md']);

    expect(['node_modules', 'docs', 'docs/a', 'docs/b', 'src'].map(place => ignore.ignoresAllIn(place))).toEqual([true, false, false, true, false]);
    expect(new DockerIgnore(['node_modules', '!**/keep']).ignoresAllIn('node_modules')).toBe(false);
  });
});

