import process from 'node:process'
import { ensureClient } from './setup/client.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { checkNode } from './setup/node.mjs'
import { stopChildrenOnSignal } from './setup/run.mjs'
import { command, step } from './setup/say.mjs'
import { ensureWorker } from './setup/sfu-worker.mjs'

/**
 * What a server needs that is not in git, for an image or a machine that is set up by hand:
 * `node scripts/build.mjs [worker] [client]`, both unless told.
 */
await command(async () => {
  const wanted = process.argv.slice(2)
  checkNode()
  stopChildrenOnSignal()
  await step('Dependencies', ensureDependencies, String)
  if (wanted.length === 0 || wanted.includes('worker')) {
    await step('SFU worker', ensureWorker, ({ path, origin }) => `${path}, ${origin}`)
  }
  if (wanted.length === 0 || wanted.includes('client')) await step('Client', ensureClient, String)
  return 0
})
