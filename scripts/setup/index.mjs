import { ensureCertificate } from './certificate.mjs'
import { ensurePackages, packagesFor } from './debian.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { checkNode } from './node.mjs'
import { projectEnvironment } from './places.mjs'
import { stopChildrenOnSignal } from './run.mjs'
import { step } from './say.mjs'
import { ensureWorker } from './sfu-worker.mjs'

/**
 * Everything that running and testing have in common. A step that was done before costs nothing.
 *
 * @param {{ forTests: boolean }} options
 * @returns {Promise<NodeJS.ProcessEnv>} the environment for the server and the tests
 */
export async function setUp({ forTests }) {
  checkNode()
  stopChildrenOnSignal()
  await step('Dependencies', ensureDependencies, String)
  if (forTests) {
    await step(
      "Debian's packages for the tests",
      (report) => ensurePackages(packagesFor.tests, report),
      (installed) => (installed.length === 0 ? 'present' : `installed ${installed.join(' ')}`),
    )
  }
  const worker = await step('SFU worker', ensureWorker, ({ origin }) => origin)
  await step('Certificate', ensureCertificate, String)
  return { ...projectEnvironment(), MEDIASOUP_WORKER_BIN: worker.path }
}
