import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'

/** The rows of the architecture: an arrow only goes down, and modules of one row never import each other. */
const rows = [
  ['src/main.ts', 'src/cli'],
  ['src/config'],
  ['src/server'],
  ['src/rooms'],
  ['src/privacy'],
  ['src/recording'],
  ['src/consent', 'src/auth', 'src/audit', 'src/media'],
  ['client/verifier'],
  ['client/web'],
  ['client/sdk'],
  // Above the protocol, whose closed sets of methods and codes are its labels.
  ['src/metrics'],
  ['src/protocol'],
] as const

/** What each module may import from outside its own folder. */
const mayImport: Record<string, readonly (string | RegExp)[]> = {
  'src/main.ts': [
    '#audit',
    '#auth',
    '#config',
    '#consent',
    '#media',
    '#metrics',
    '#privacy',
    '#protocol',
    '#recording',
    '#rooms',
    '#server',
    /^node:/,
  ],
  'src/cli': [
    '#audit',
    '#audit/verify',
    '#auth',
    '#config',
    '#privacy',
    '#protocol',
    '#recording',
    '#rooms',
    '#server',
    /^node:/,
  ],
  'src/server': [
    '#audit',
    '#auth',
    '#metrics',
    '#privacy',
    '#protocol',
    '#rooms',
    'ws',
    'pino',
    /^node:/,
  ],
  'src/rooms': [
    '#audit',
    '#auth',
    '#consent',
    '#media',
    '#metrics',
    '#protocol',
    '#recording',
    'node:crypto',
  ],
  'src/privacy': ['#audit', '#auth', '#protocol', '#recording', /^node:/],
  'src/recording': [
    '#consent',
    '#media',
    '#protocol',
    'werift-rtp',
    'mediabunny',
    'age-encryption',
    /^node:/,
  ],
  'src/consent': ['#protocol'],
  'src/auth': ['#protocol', 'jose', /^node:/],
  'src/audit': ['#protocol', /^node:/],
  'src/media': ['#protocol', 'mediasoup', /^node:/],
  'src/config': ['#auth', '#protocol', 'zod', 'age-encryption', /^node:/],
  'src/metrics': ['#protocol', 'prom-client', /^node:/],
  'src/protocol': ['zod'],
  'client/sdk': ['#protocol', '#audit/verify', 'mediasoup-client'],
  'client/verifier': [
    '#audit/verify',
    // The words of a receipt are the page's own, so that both tell it alike.
    /^client\/web\/(?:language|receipt|record|styles)\//,
    'react',
    'react-dom/client',
    'vite',
    '@vitejs/plugin-react',
    'node:crypto',
    'node:url',
  ],
  'client/web': [
    '#sdk',
    'react',
    'react-dom',
    'react-dom/client',
    'vite',
    '@vitejs/plugin-react',
    'node:url',
  ],
}

/** Each package has one owner, so that replacing it touches one folder; zod has two, for the wire and for the configuration, and there are two pages. */
const owners: Record<string, readonly string[]> = {
  zod: ['src/protocol', 'src/config'],
  'age-encryption': ['src/recording', 'src/config'],
  react: ['client/verifier', 'client/web'],
  'react-dom': ['client/verifier', 'client/web'],
  vite: ['client/verifier', 'client/web'],
  '@vitejs/plugin-react': ['client/verifier', 'client/web'],
}

const maxLines = 300
const moduleOf = (path: string): string =>
  path === 'src/main.ts'
    ? path
    : path.split(sep).slice(0, 2).join('/').replace('src/config.ts', 'src/config')
const nameOf = (module: string): string =>
  `#${module.replace(/^src\//, '').replace(/^client\//, '')}`

const importsOf = (source: string): string[] => {
  // Comments may speak of imports; strings in code never do.
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return [...code.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g)].map(
    ([, name]) => name!,
  )
}

/** Types are gone when it runs. */
const withoutTypes = (source: string): string =>
  source.replace(/^import type [\s\S]*?from '[^']+'$/gm, '')

/** The specifier as the table names it, or undefined when it stays inside the module. */
function crossing(file: string, name: string): string | undefined {
  if (!name.startsWith('.')) return name
  const target = relative('.', join(dirname(file), name))
  return moduleOf(target) === moduleOf(file) ? undefined : target
}

const files = globSync(['src/**/*.ts', 'client/**/*.{ts,tsx}']).filter(
  (file) => !file.endsWith('.d.ts'),
)
const modules = [...new Set(files.map(moduleOf))]
const isAllowed = (module: string, name: string): boolean =>
  mayImport[module]!.some((allowed) =>
    typeof allowed === 'string' ? allowed === name : allowed.test(name),
  )

test('every module is in the table, and the table names no other', () => {
  expect(new Set(modules)).toEqual(new Set(Object.keys(mayImport)))
  expect(new Set(rows.flat())).toEqual(new Set(modules))
})

test.each(files)('%s imports what its module may, and is short enough to be read', (file) => {
  const source = readFileSync(file, 'utf8')
  const crossings = importsOf(source)
    .map((name) => crossing(file, name))
    .filter((name) => name !== undefined)
  const styles = (name: string) => name.endsWith('.css') && !name.startsWith('..')
  expect(
    crossings.filter((name) => !styles(name) && !isAllowed(moduleOf(file), name)),
    'not in the table',
  ).toEqual([])
  expect(source.split('\n').length, 'split this file').toBeLessThanOrEqual(maxLines)
})

test('arrows go down: no module may import one of its own row or above', () => {
  const upward = Object.entries(mayImport).flatMap(([module, allowed]) => {
    const row = rows.findIndex((names) => (names as readonly string[]).includes(module))
    return allowed
      .filter((name) => {
        const target = modules.find(
          (other) => nameOf(other) === (typeof name === 'string' ? name.split('/')[0] : ''),
        )
        return (
          target !== undefined &&
          rows.findIndex((names) => (names as readonly string[]).includes(target)) <= row
        )
      })
      .map((name) => `${module} -> ${String(name)}`)
  })
  // The exceptions: the page's kit and the verifier check the log's proofs with the very code that the command runs.
  const shared = ['client/sdk -> #audit/verify', 'client/verifier -> #audit/verify']
  expect(upward.filter((arrow) => !shared.includes(arrow))).toEqual([])
})

test('each npm package has one owner', () => {
  const packages = new Map<string, Set<string>>()
  for (const [module, allowed] of Object.entries(mayImport)) {
    for (const name of allowed) {
      if (typeof name !== 'string' || name.startsWith('#') || name.startsWith('node:')) continue
      const owner = name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/')
      packages.set(owner, (packages.get(owner) ?? new Set()).add(module))
    }
  }
  for (const [name, used] of packages)
    expect([...used].sort(), name).toEqual([...(owners[name] ?? [...used].slice(0, 1))].sort())
})

test.each([
  ['what the verifier shares with the browser', 'src/audit/verify.ts'],
  ['what exports a decision', 'src/audit/exports/index.ts'],
])('%s stands alone: it needs no package and no other module', (_what, entry) => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const name of importsOf(withoutTypes(readFileSync(file, 'utf8')))) {
      expect(crossing(file, name), `${file} imports ${name}`).toBeUndefined()
      visit(join(dirname(file), name))
    }
  }
  visit(entry)
  expect(seen.size).toBeGreaterThan(10)
})

test.each([
  ['what the verifier shares with the browser', 'src/audit/verify.ts'],
  ['what exports a decision', 'src/audit/exports/index.ts'],
  ['the protocol', 'src/protocol/index.ts'],
  ['the consent machine', 'src/consent/index.ts'],
])('%s needs no Node', (_what, entry) => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const name of importsOf(withoutTypes(readFileSync(file, 'utf8')))) {
      expect(name.startsWith('node:'), `${file} imports ${name}`).toBe(false)
      if (name.startsWith('.')) visit(join(dirname(file), name))
    }
  }
  visit(entry)
  expect(seen.size).toBeGreaterThan(1)
})
