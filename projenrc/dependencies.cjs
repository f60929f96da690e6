// `npx projen dependencies`: no import cycles, and imports in one direction only. Type imports count.

/** Each folder of src, and the folders that it may import. */
const ALLOWED = {
  'engine': [],
  'private': [],
  'custom-resource': ['engine'],
  'federation': ['engine', 'custom-resource', 'private'],
  'azure': ['engine', 'custom-resource', 'federation', 'private'],
  'google': ['engine', 'custom-resource', 'federation', 'private'],
  'copy': ['engine', 'custom-resource', 'federation', 'azure', 'google', 'image-check', 'private'],
  'build': ['engine', 'custom-resource', 'copy', 'federation', 'image-check', 'private'],
  'direct': ['private'],
  'image-check': ['engine', 'custom-resource', 'private'],
  'scanning': ['engine', 'custom-resource', 'private'],
  'image': ['engine', 'azure', 'copy', 'federation', 'google', 'build', 'direct', 'image-check', 'scanning', 'private'],
  'repository': ['copy', 'build', 'direct', 'image', 'scanning', 'private'],
  'registry': ['engine', 'custom-resource', 'repository', 'private'],
  'traffic-shift': ['engine', 'custom-resource', 'private'],
  'service': ['image', 'image-check', 'traffic-shift', 'private'],
  'one-off-task': ['engine', 'custom-resource', 'service', 'private'],
  'express': ['service', 'private'],
  'scheduled-task': ['service', 'private'],
  'kubernetes': ['image', 'service', 'private'],
  'migration': ['repository', 'service', 'private'],
  'migration-check': [],
};

/** The parts of src/service, each of which may import the parts before it. Files directly in src/service import all of them. */
const SERVICE = ['exposure', 'containers', 'capacity', 'scaling', 'deployment', 'launch', 'monitoring'];

const folders = Object.keys(ALLOWED);

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'folder-is-listed', severity: 'error', from: { path: '^src/', pathNot: `^src/(${folders.join('|')}|index\\.ts$)` }, to: {} },
    {
      // The npm package contains the handlers as bundles, and of the engine only the platform names.
      name: 'constructs-import-what-is-published',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(engine|custom-resource)/|/handler/|\\.lambda\\.ts$' },
      to: { path: '^src/(engine|custom-resource)/|/handler/|\\.lambda\\.ts$', pathNot: '^src/engine/platforms\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    ...folders.map(folder => ({
      name: `imports-of-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/(${[folder, ...ALLOWED[folder]].join('|')})/` },
    })),
    ...SERVICE.map((part, index) => ({
      name: `imports-of-service-${part}`,
      severity: 'error',
      from: { path: `^src/service/${part}/` },
      to: { path: '^src/service/', pathNot: `^src/service/(${SERVICE.slice(0, index + 1).join('|')})/` },
    })),
  ],
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, doNotFollow: { path: 'node_modules' } },
};
