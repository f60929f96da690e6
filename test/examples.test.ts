import { exampleApp, examples } from './helpers/examples';

test('there are examples', () => {
  expect(examples).toContain('hello');
});

test.each(examples)('examples/%s synthesizes', name => {
  expect(exampleApp(name).synth().stacks.length).toBeGreaterThan(0);
});
