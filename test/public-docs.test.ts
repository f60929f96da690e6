import { Documented, documented } from './helpers/documented';

const all = documented();
const namesOf = (those: Documented[]) => those.map(({ name }) => name);

test('every export has a description, including inherited members', () => {
  expect(namesOf(all)).toEqual(expect.arrayContaining(['ImageRepository', 'ImageRepository.publish', 'FargateService.metricCpuUtilization', 'ImageRoute.COPY']));
  expect(namesOf(all.filter(({ kind, summary }) => kind !== 'parameter' && summary === ''))).toEqual([]);
});

test('every optional property documents its default', () => {
  expect(namesOf(all.filter(({ mayBeLeftOut }) => mayBeLeftOut))).toContain('ContainerServiceProps.desiredCount');
  expect(namesOf(all.filter(({ mayBeLeftOut, tags }) => mayBeLeftOut && !tags.get('default')))).toEqual([]);
});

test('every parameter of a public method or constructor is documented there, because jsii looks nowhere else', () => {
  const parameters = all.filter(({ kind }) => kind === 'parameter');
  expect(namesOf(parameters)).toEqual(expect.arrayContaining(['ImageRepository.publish(source)', 'PublishedImage.bind(containerDefinition)']));
  expect(namesOf(parameters.filter(({ summary }) => summary === ''))).toEqual([]);
});

test('every parameter has a name, so that Python users can give it by name', () => {
  const nameless = namesOf(all.filter(({ kind, name }) => kind === 'parameter' && !/\([a-zA-Z]\w*\)$/.test(name)));
  // CDK uses this name too.
  expect(nameless).toEqual(['PublishedImage.bind(_scope)']);
});

test('every class has a link for further reading', () => {
  expect(namesOf(all.filter(({ kind, tags }) => kind === 'class' && !tags.get('see')?.startsWith('http')))).toEqual([]);
});
