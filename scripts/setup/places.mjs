import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The checkout these scripts are part of. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** @param {readonly string[]} parts */
export const inRoot = (...parts) => join(root, ...parts)

/**
 * What is kept per user, beyond one checkout: the SFU worker, and the logs of the last set-up.
 *
 * @param {NodeJS.ProcessEnv} [env]
 */
export function cacheFolder(env = process.env) {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'assent')
}

/** @param {string} name */
export const logFile = (name) => join(cacheFolder(), 'logs', `${name}.log`)

/**
 * The environment in which the project's own programs run: its Node and its tools come first.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function projectEnvironment(env = process.env) {
  const folders = [inRoot('node_modules', '.bin'), ...pathWithoutProject(env)]
  return { ...env, PATH: folders.join(delimiter) }
}

/**
 * npm scripts put node_modules/.bin first; what replaces node_modules must not run from inside it.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function systemEnvironment(env = process.env) {
  return { ...env, PATH: pathWithoutProject(env).join(delimiter) }
}

/** @param {NodeJS.ProcessEnv} env */
function pathWithoutProject(env) {
  const ofAProject = join('node_modules', '.bin')
  return (env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.endsWith(ofAProject))
}
