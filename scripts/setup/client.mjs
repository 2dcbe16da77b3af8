import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { explain } from './explain.mjs'
import { fingerprint } from './fingerprint.mjs'
import { inRoot, logFile, projectEnvironment, root } from './places.mjs'
import { run } from './run.mjs'
import { SetupError } from './say.mjs'

/** The page first: it empties the folder. */
const configs = ['client/web/vite.config.ts', 'client/verifier/vite.config.ts']
const sources = ['client', 'src/protocol', 'src/audit', 'package.json', 'package-lock.json']
const stamp = inRoot('dist', 'web.fingerprint')

/**
 * Builds the page and the verifier into dist/web, unless what is there was built from these very sources.
 *
 * @param {(progress: string) => void} report
 * @returns {Promise<'built' | 'unchanged'>}
 */
export async function ensureClient(report) {
  const wanted = fingerprint(root, sources)
  const isBuilt = existsSync(stamp) && existsSync(inRoot('dist', 'web', 'verify.html'))
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return 'unchanged'
  for (const config of configs) {
    if (!existsSync(inRoot(config))) {
      throw new SetupError(`${config} is missing`, 'restore it from git')
    }
    const { code, output } = await run('vite', ['build', '--config', config], {
      cwd: root,
      env: projectEnvironment(),
      logFile: logFile('client'),
      onLine: report,
    })
    if (code !== 0) throw explain('client', output)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  return 'built'
}
