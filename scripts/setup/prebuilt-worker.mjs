import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { projectNode } from './dependencies.mjs'
import { inRoot, logFile, projectEnvironment } from './places.mjs'
import { run } from './run.mjs'

const patienceMs = 20_000

/**
 * Asks mediasoup's own installer for its prebuilt worker: it knows the address, the name for this
 * machine and how to unpack it. Its own switch, MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD, goes
 * straight to the build.
 *
 * @param {(progress: string) => void} report
 * @returns {Promise<string | undefined>} the path of what was unpacked
 */
export async function downloadWorker(report) {
  if (process.env['MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD']) return undefined
  report('looking for the prebuilt one')
  const mediasoup = inRoot('node_modules', 'mediasoup')
  await run(projectNode, ['npm-scripts.mjs', 'postinstall'], {
    cwd: mediasoup,
    env: {
      ...projectEnvironment(),
      // When the download fails the installer turns to pip, by $PYTHON. It must fail at once there:
      // we build without pip.
      PYTHON: 'false',
      MEDIASOUP_WORKER_BIN: undefined,
      MEDIASOUP_LOCAL_DEV: undefined,
    },
    logFile: logFile('download'),
    timeoutMs: patienceMs,
  })
  const unpacked = join(mediasoup, 'worker', 'out', 'Release', 'mediasoup-worker')
  return existsSync(unpacked) ? unpacked : undefined
}
