import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'
import { ensureClient } from './setup/client.mjs'
import { projectNode } from './setup/dependencies.mjs'
import { setUp } from './setup/index.mjs'
import { root } from './setup/places.mjs'
import { command, step } from './setup/say.mjs'

await command(async () => {
  const env = await setUp({ forTests: false })
  await step('Client', ensureClient, String)
  return serve(env, process.argv.slice(2))
})

/**
 * Hands over to the server: what it prints, how it ends and the signals it is sent are its own.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
function serve(env, args) {
  const main = ['src/main.ts', '--demo', ...args]
  const server = spawn(projectNode, main, { cwd: root, env, stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.removeAllListeners(signal)
    process.on(signal, () => {
      // Ctrl-C at a terminal reaches the server by itself; a second would cut its stop short.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) server.kill(signal)
    })
  }
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.on('exit', (code, signal) => {
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1))
    })
  })
}
