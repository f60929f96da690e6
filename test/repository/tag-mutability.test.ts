import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { DirectPushSynthesizer, ImageRepository, ImageRoute, ImageSource, ImageTagMutability } from '../../src';
import { decodeCopy } from '../../src/copy/handler/decode';
import { APP, Match, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const wildcard = (filter: string) => ({ ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue: filter });
const created = (imageTagMutability?: ImageTagMutability) => messageOf(() => new ImageRepository(newStack(), 'Repository', { imageTagMutability }));

function mutability(imageTagMutability?: ImageTagMutability): unknown {
  const stack = newStack();
  new ImageRepository(stack, 'Repository', { imageTagMutability });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  return [Properties.ImageTagMutability, Properties.ImageTagMutabilityExclusionFilters];
}

describe('tags', () => {
  test.each<[string, ImageTagMutability | undefined, unknown[]]>([
    ['by default', undefined, ['IMMUTABLE', undefined]],
    ['when asked for', ImageTagMutability.immutable(), ['IMMUTABLE', undefined]],
    ['except for those of a filter', ImageTagMutability.immutableExcept('latest', 'dev-*'), ['IMMUTABLE_WITH_EXCLUSION', [wildcard('latest'), wildcard('dev-*')]]],
  ])('never move, %s', (_, tags, expected) => {
    expect(mutability(tags)).toEqual(expected);
  });

  test('can all move except those of a filter, and except those of deployed images and their signatures', () => {
    expect(mutability(ImageTagMutability.mutableExcept('v*')))
      .toEqual(['MUTABLE_WITH_EXCLUSION', [wildcard('live-*'), wildcard('sha256-*'), wildcard('v*')]]);
  });

  test('of deployed images are protected once, even if you protect them too', () => {
    expect(mutability(ImageTagMutability.mutableExcept('live-*'))).toEqual(['MUTABLE_WITH_EXCLUSION', [wildcard('live-*'), wildcard('sha256-*')]]);
  });
});

describe('a tag of an image', () => {
  function tagsOf(imageTagMutability: ImageTagMutability | undefined, tags: string[]): { fixed?: unknown; floating?: unknown } {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { imageTagMutability }).publish('web', ImageSource.directory(APP), { tags });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
    return { fixed: Properties.Tags, floating: Properties.FloatingTags };
  }

  test.each<[string, ImageTagMutability | undefined, string[], string[] | undefined, string[] | undefined]>([
    ['by default', undefined, ['latest', 'v1'], ['latest', 'v1'], undefined],
    ['that matches no filter', ImageTagMutability.immutableExcept('latest'), ['v1', 'latest-1', 'Latest'], ['v1', 'latest-1', 'Latest'], undefined],
    ['that is protected', ImageTagMutability.mutableExcept('v*'), ['v1'], ['v1'], undefined],
  ])('%s cannot move', (_, choice, tags, fixed, floating) => {
    expect(tagsOf(choice, tags)).toEqual({ fixed, floating });
  });

  test.each<[string, ImageTagMutability, string[], string[] | undefined, string[]]>([
    ['by its name', ImageTagMutability.immutableExcept('latest'), ['latest'], undefined, ['latest']],
    ['by a filter', ImageTagMutability.immutableExcept('cache-*', 'a*-*z'), ['cache-', 'cache-x.y', 'a1-2z', 'v1'], ['v1'], ['cache-', 'cache-x.y', 'a1-2z']],
    ['where a dot is a dot', ImageTagMutability.immutableExcept('1.x'), ['1.x', '12x'], ['12x'], ['1.x']],
    ['where only some are protected', ImageTagMutability.mutableExcept('v*'), ['main', 'v1'], ['v1'], ['main']],
  ])('%s can move', (_, choice, tags, fixed, floating) => {
    expect(tagsOf(choice, tags)).toEqual({ fixed, floating });
  });

  test('that is a token cannot move, because its value is unknown', () => {
    const stack = newStack();
    const tag = new CfnParameter(stack, 'Tag').valueAsString;
    const list = Token.asList(new CfnParameter(stack, 'Tags', { type: 'CommaDelimitedList' }).value);
    const repository = new ImageRepository(stack, 'Repository', { imageTagMutability: ImageTagMutability.mutableExcept('v*') });
    repository.publish('one', ImageSource.directory(APP), { tags: [tag] });
    repository.publish('many', ImageSource.directory(APP), { tags: list });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::ContainerImageCopy', { Tags: [{ Ref: 'Tag' }], FloatingTags: Match.absent() });
    template.hasResourceProperties('Custom::ContainerImageCopy', { Tags: { Ref: 'Tags' }, FloatingTags: Match.absent() });
  });

  test('in an imported repository cannot move', () => {
    const stack = newStack();
    ImageRepository.fromRepositoryName(stack, 'Repository', 'web').publish('web', ImageSource.directory(APP), { tags: ['latest'] });

    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', { Tags: ['latest'], FloatingTags: Match.absent() });
  });

  test('that can move is passed to the copy function as one to overwrite, and another as one to keep', () => {
    const { fixed, floating } = tagsOf(ImageTagMutability.immutableExcept('latest'), ['v1', 'latest']);

    expect(decodeCopy({
      SchemaVersion: '1', Source: 'example.com/a:1', Destination: 'example.com/b', LiveTagPrefix: 'live-web.', Tags: fixed, FloatingTags: floating,
    }).tags).toEqual([{ name: 'v1', onOtherDigest: 'fail' }, { name: 'latest', onOtherDigest: 'move' }]);
  });

  test('belongs to one image of a repository, even if it can move', () => {
    const repository = new ImageRepository(newStack(), 'Repository', { imageTagMutability: ImageTagMutability.immutableExcept('latest') });
    repository.publish('web', ImageSource.directory(APP), { tags: ['latest'] });

    expect(messageOf(() => repository.publish('admin', ImageSource.directory(APP), { tags: ['latest'] })))
      .toBe("Stack/Repository: 'tags' must name one image each, got \"latest\". Give the second image another tag, e.g. with the name of the image in it.");
  });

  test.each([ImageTagMutability.immutable(), ImageTagMutability.immutableExcept('latest'), ImageTagMutability.mutableExcept('v*')])('with the direct route never moves, so the route stays available', imageTagMutability => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'web', imageTagMutability });
    const image = repository.publish('web', ImageSource.directory(APP), { scope: new Stack(app, 'Web') });

    expect(image.route).toBe(ImageRoute.DIRECT);
    expect(imageTagMutability._moves(image.imageTag)).toBe(false);
    Annotations.fromStack(repository.stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('no filter allows moving a tag that identifies a deployed image:', () => {
  // Letters of the prefixes, so that filters match or almost match.
  const filter = fc.array(fc.constantFrom('l', 'i', 'v', 'e', '-', 'live-', 'sha256-', 'sha', '*', '*', 'a', '.'), { minLength: 1, maxLength: 6 }).map(parts => parts.join(''));
  const rest = fc.stringMatching(/^[a-z.-]{0,8}$/);

  test.each(['live-', 'sha256-'])('%s', prefix => {
    let refused = 0;
    fc.assert(fc.property(filter, rest, (text, tail) => {
      const tags = ImageTagMutability.immutableExcept(text);
      const message = created(tags);
      refused += message === 'accepted' ? 0 : 1;
      expect(message === 'accepted' && tags._moves(prefix + tail)).toBe(false);
      expect(ImageTagMutability.mutableExcept(text)._moves(prefix + tail)).toBe(false);
    }), { numRuns: 300, seed: 20261122 });
    expect(refused).toBeGreaterThan(30);
  });

  test('and no filter is rejected without such a match', () => {
    fc.assert(fc.property(filter, text => {
      const message = created(ImageTagMutability.immutableExcept(text));
      if (!message.includes('match no tag that starts with')) return;
      const prefix = /starts with "([^"]+)"/.exec(message)?.[1] ?? '';
      const [beginning, ...others] = text.split('*');
      // The tag that the filter would match.
      const tag = others.length === 0 ? text : (prefix.startsWith(beginning) ? prefix : beginning) + others.join('');
      expect(tag.startsWith(prefix) && ImageTagMutability.immutableExcept(text)._moves(tag)).toBe(true);
    }), { numRuns: 300, seed: 20261122 });
  });
});

describe('wrong filters are rejected with path, property, limit, value and fix:', () => {
  const IMMUTABLE = "Stack/Repository: 'imageTagMutability.immutableExcept' must";
  const MUTABLE = "Stack/Repository: 'imageTagMutability.mutableExcept' must";
  const JOIN = (max: number) => `Write 1 to ${max} filters. Use a wildcard to join some, e.g. "dev-*".`;
  const TEXT = 'be 1 to 128 letters, digits, ".", "_", "-" or "*", got';
  const WRITE = 'Write the tag itself, or a filter such as "dev-*".';
  const STEADY = (prefix: string, got: string) =>
    `match no tag that starts with "${prefix}": deployed images and their signatures are found by such tags, got "${got}". Begin the filter with letters of your own`;

  test.each<[string, ImageTagMutability, string]>([
    ['none', ImageTagMutability.immutableExcept(), `${IMMUTABLE} have at least 1 item, got []. ${JOIN(5)}`],
    ['six', ImageTagMutability.immutableExcept('a', 'b', 'c', 'd', 'e', 'f'), `${IMMUTABLE} have at most 5 items, got ["a","b","c","d","e","f"]. ${JOIN(5)}`],
    ['no protected tag', ImageTagMutability.mutableExcept(), `${MUTABLE} have at least 1 item, got []. ${JOIN(3)}`],
    ['four protected tags, where two of five are taken', ImageTagMutability.mutableExcept('a', 'b', 'c', 'd'), `${MUTABLE} have at most 3 items, got ["a","b","c","d"]. ${JOIN(3)}`],
    ['an empty one', ImageTagMutability.immutableExcept(''), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} "". ${WRITE}`],
    ['one of 129 characters', ImageTagMutability.immutableExcept('a'.repeat(129)), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} "${'a'.repeat(129)}". ${WRITE}`],
    ['a space', ImageTagMutability.immutableExcept('a b'), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} "a b". ${WRITE}`],
    ['a question mark', ImageTagMutability.immutableExcept('dev-?'), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} "dev-?". ${WRITE}`],
    ['a slash', ImageTagMutability.mutableExcept('team/v*'), `${MUTABLE.replace("' must", "[0]' must")} ${TEXT} "team/v*". ${WRITE}`],
    ['an umlaut', ImageTagMutability.immutableExcept('m\u00e4rz'), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} "m\u00e4rz". ${WRITE}`],
    ['a list', ImageTagMutability.immutableExcept(wrong(['latest'])), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} ["latest"]. ${WRITE}`],
    ['null', ImageTagMutability.immutableExcept(wrong(null)), `${IMMUTABLE.replace("' must", "[0]' must")} ${TEXT} null. ${WRITE}`],
    ['a number', ImageTagMutability.mutableExcept(wrong(1)), `${MUTABLE.replace("' must", "[0]' must")} ${TEXT} 1. ${WRITE}`],
    ['three wildcards', ImageTagMutability.immutableExcept('a*b*c*'), `${IMMUTABLE} have at most 2 wildcards in a filter, got "a*b*c*". Use two filters.`],
    ['three wildcards that protect', ImageTagMutability.mutableExcept('***'), `${MUTABLE} have at most 2 wildcards in a filter, got "***". Use two filters.`],
    ['the same twice', ImageTagMutability.immutableExcept('latest', 'latest'), `${IMMUTABLE} name each filter once, got ["latest","latest"]. Remove the repeated filter.`],
    ['all tags', ImageTagMutability.immutableExcept('*'), `${IMMUTABLE} ${STEADY('live-', '*')}`],
    ['tags of deployed images', ImageTagMutability.immutableExcept('latest', 'live-*'), `${IMMUTABLE} ${STEADY('live-', 'live-*')}`],
    ['a tag of a deployed image', ImageTagMutability.immutableExcept('live-web.0123456789ab'), `${IMMUTABLE} ${STEADY('live-', 'live-web.0123456789ab')}`],
    ['tags that may be such', ImageTagMutability.immutableExcept('l*'), `${IMMUTABLE} ${STEADY('live-', 'l*')}`],
    ['tags with any beginning', ImageTagMutability.immutableExcept('*-dev'), `${IMMUTABLE} ${STEADY('live-', '*-dev')}`],
    ['tags of signatures', ImageTagMutability.immutableExcept('sha*.sig'), `${IMMUTABLE} ${STEADY('sha256-', 'sha*.sig')}`],
  ])('%s', (_, tags, message) => {
    expect(created(tags).slice(0, message.length)).toBe(message);
  });

  test('a token, because the filters decide at synthesis which tags can move', () => {
    const filter = Token.asString({ Ref: 'Filter' });

    expect(created(ImageTagMutability.immutableExcept('latest', filter)))
      .toBe(`${IMMUTABLE} be known at synthesis, to find out which tags can move, got "a token". Write the filter as plain text.`);
    expect(created(ImageTagMutability.mutableExcept(filter))).toMatch(told('imageTagMutability.mutableExcept'));
  });

  test.each([null, 'IMMUTABLE', true, {}, ImageTagMutability, ImageTagMutability.immutable, ImageSource.directory(APP)])('a value of another type: %p', value => {
    expect(created(wrong(value))).toMatch(told('imageTagMutability'));
    expect(created(wrong(value))).toContain("Call the factory, e.g. ImageTagMutability.immutableExcept('latest').");
  });
});

describe('valid filters are accepted:', () => {
  test.each<[string, ImageTagMutability]>([
    ['one', ImageTagMutability.immutableExcept('latest')],
    ['five', ImageTagMutability.immutableExcept('a', 'b', 'c', 'd', 'e')],
    ['three that protect', ImageTagMutability.mutableExcept('a', 'b', 'c')],
    ['all that protect', ImageTagMutability.mutableExcept('*')],
    ['two wildcards', ImageTagMutability.immutableExcept('pr-*-*')],
    ['128 characters', ImageTagMutability.immutableExcept('a'.repeat(128))],
    ['one character', ImageTagMutability.immutableExcept('a')],
    ['every character that ECR takes', ImageTagMutability.immutableExcept('aZ09._-*')],
    ['the beginning of a protected name, and no more', ImageTagMutability.immutableExcept('live')],
    ['a name like a protected one', ImageTagMutability.immutableExcept('livelier-*')],
    ['capitals', ImageTagMutability.immutableExcept('LIVE-*')],
    ['the beginning of a digest, and no more', ImageTagMutability.immutableExcept('sha256')],
  ])('%s', (_, tags) => {
    expect(created(tags)).toBe('accepted');
  });

  test('the same setting for several repositories', () => {
    const [stack, imageTagMutability] = [newStack(), ImageTagMutability.immutableExcept('latest')];
    new ImageRepository(stack, 'One', { imageTagMutability });
    new ImageRepository(stack, 'Two', { imageTagMutability });

    Template.fromStack(stack).resourcePropertiesCountIs('AWS::ECR::Repository', { ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }, 2);
  });
});

describe('the tag latest', () => {
  const warnings = (imageTagMutability?: ImageTagMutability, tags = ['latest']) => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { imageTagMutability }).publish('web', ImageSource.directory(APP), { tags });
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-container-delivery:latest'));
  };

  test('causes a warning if it cannot move, because it can be published only once', () => {
    expect(warnings()).toHaveLength(1);
  });

  test('causes no warning if it can move, and other tags cause none', () => {
    expect(warnings(ImageTagMutability.immutableExcept('latest'))).toEqual([]);
    expect(warnings(undefined, ['v1'])).toEqual([]);
  });
});
