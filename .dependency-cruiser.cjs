// Who may import whom: canonical <- adapter-kit <- adapters/x <- registry <- outbound; persistence <- outbound, events;
// the apps on top. A whitelist: an arrow that is not drawn here is refused, so a new one is a decision.

// A library is entered by its face alone.
const canonical = '^libs/canonical/src/index\\.ts$';
const kit = '^libs/adapter-kit/src/index\\.ts$';
const kitTesting = '^libs/adapter-kit/src/testing/index\\.ts$';
const registry = '^libs/adapters/registry\\.ts$';
const persistence = '^libs/persistence/src/index\\.ts$';
const embedded = '^libs/persistence/src/embedded/index\\.ts$';
const outbound = '^libs/outbound/src/index\\.ts$';
const events = '^libs/events/src/index\\.ts$';

const ours = '^(apps|libs|test)/';
// Tests, and what the tests of one part share.
const spec = '\\.(spec|testing)\\.ts$';
const simulators = '^libs/adapters/[^/]+/simulator(\\.ts$|/)';

const arrow = (from, ...to) => ({ from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'typeorm-in-persistence-only',
      comment: 'Stores are what the rest of the system knows of the database.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/persistence/', spec] },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm)/' },
    },
    {
      name: 'resolvable',
      comment: 'It does not exist, or package.json does not name it.',
      severity: 'error',
      from: {},
      // Benchmarks run what was built; a fresh clone has not built yet.
      to: { couldNotResolve: true, pathNot: '/dist/' },
    },
  ],
  allowedSeverity: 'error',
  allowed: [
    // Packages and Node's own modules; the linter says which of them an adapter may not touch.
    { from: {}, to: { pathNot: ours } },
    // Inside one library, one adapter or one app.
    arrow('^libs/(canonical|adapter-kit|persistence|outbound|events|client)/', '^libs/$1/'),
    arrow('^libs/adapters/([^/]+)/', '^libs/adapters/$1/'),
    arrow('^apps/([^/]+)/', '^apps/$1/'),

    arrow('^libs/adapter-kit/', canonical),
    arrow('^libs/adapters/', canonical, kit),
    arrow(simulators, kitTesting),
    arrow(registry, '^libs/adapters/([^/]+)/(\\1\\.adapter|simulator)\\.ts$', kitTesting),
    arrow('^libs/persistence/', canonical),
    arrow('^libs/outbound/', canonical, kit, registry, persistence),
    arrow('^libs/events/', canonical, persistence, outbound),
    arrow('^apps/(gateway|worker)/', canonical, kit, registry, persistence, embedded, outbound, events),
    // Both processes read one set of settings, write one kind of log, say in one way why they cannot start, or work, stop in one way and are watched alike.
    arrow(
      '^apps/worker/',
      '^apps/gateway/src/(settings|settings-rules|log|start-fault|stop-on-signal|stores-watch|metrics/process-metrics)\\.ts$',
    ),
    arrow('^apps/sandbox/', canonical, kit, kitTesting, registry),

    // A test of one part may stand on any other, by its face; a story in test/ may look everywhere.
    arrow(
      spec,
      canonical,
      kit,
      kitTesting,
      registry,
      persistence,
      embedded,
      outbound,
      events,
      '^test/support/',
    ),
    arrow('^(test|vitest\\.config\\.ts)', ours),
  ],
  options: {
    // What was built from these sources is not looked at again.
    doNotFollow: { path: ['node_modules', '^dist/'] },
    // Types count as arrows too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
