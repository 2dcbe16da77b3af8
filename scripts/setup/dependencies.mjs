import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { ensurePackages, packagesFor } from './debian.mjs'
import { explain } from './explain.mjs'
import { fingerprint } from './fingerprint.mjs'
import { inRoot, logFile, root, systemEnvironment } from './places.mjs'
import { run } from './run.mjs'
import { SetupError } from './say.mjs'

/** The locked Node: everything but the set-up itself runs on it. */
export const projectNode = inRoot('node_modules', '.bin', 'node')

const stamp = inRoot('node_modules', '.assent-lock')

/**
 * Installs what package-lock.json names, and nothing else. Costs nothing when that was done before.
 *
 * @param {(progress: string) => void} report
 * @returns {Promise<'installed' | 'as locked'>}
 */
export async function ensureDependencies(report) {
  const locked = fingerprint(root, ['package-lock.json'])
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === locked
  if (done && existsSync(projectNode)) return 'as locked'

  report('npm ci')
  // npm's own waits between attempts add up to more than a minute before it says "no network".
  const retries = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000']
  const { code, output } = await run('npm', ['ci', '--loglevel=http', ...retries], {
    cwd: root,
    env: {
      ...systemEnvironment(),
      // Should scripts be allowed after all, mediasoup's would build a worker; this stops it.
      MEDIASOUP_WORKER_BIN: 'brought by the set-up',
    },
    logFile: logFile('npm'),
    onLine: (line) => report(npmProgress(line)),
  })
  if (code !== 0) throw explain('npm', output)
  linkNode()
  await checkNodeRuns(report)
  writeFileSync(stamp, locked)
  return 'installed'
}

/** @param {string} line of npm's log, such as `npm http fetch GET 200 <package's address> 120ms` */
export function npmProgress(line) {
  const fetched = /fetch GET \d+ \S*\/([^/\s]+?)(?:\.tgz)? /.exec(line)
  return fetched ? `fetched ${fetched[1]}` : line.replace(/^npm (http|info|warn|error) ?/, '')
}

/** npm 10 installs the package that holds Node for this processor, and leaves its command out. */
function linkNode() {
  const packaged = `node-${process.platform}-${process.arch}`
  if (!existsSync(inRoot('node_modules', packaged, 'bin', 'node'))) {
    throw new SetupError(
      `npm installed no Node for ${process.platform} on ${process.arch}`,
      'Linux on x64 or arm64 is needed, and a registry that has it',
    )
  }
  if (!existsSync(projectNode)) symlinkSync(`../${packaged}/bin/node`, projectNode)
}

/** @param {(progress: string) => void} report */
async function checkNodeRuns(report) {
  let check = await run(projectNode, ['--version'])
  if (/error while loading shared libraries/.test(check.output)) {
    // A bare Debian lacks libatomic, which Node's own builds link.
    await ensurePackages(packagesFor.node, report)
    check = await run(projectNode, ['--version'])
  }
  if (check.code !== 0) {
    const [first] = check.output.split('\n')
    throw new SetupError(`the locked Node does not run here (${first})`, 'use Debian 12 or later')
  }
}
