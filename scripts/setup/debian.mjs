import { existsSync } from 'node:fs'
import process from 'node:process'
import { explain } from './explain.mjs'
import { logFile } from './places.mjs'
import { run } from './run.mjs'
import { SetupError } from './say.mjs'

/** What each purpose needs. The built worker's libraries come with their -dev packages. */
export const packagesFor = {
  node: ['libatomic1', 'libstdc++6'],
  certificate: ['openssl'],
  worker: [
    'flatbuffers-compiler',
    'g++',
    'libabsl-dev',
    'libflatbuffers-dev',
    'libsrtp2-dev',
    'libssl-dev',
    'libuv1-dev',
    'meson',
    'ninja-build',
    'pkg-config',
  ],
  // Go and its sumdb: a verifier of another make for the consent log.
  tests: [
    'age',
    'chromium',
    'ffmpeg',
    'fonts-liberation',
    'gcc',
    'golang-go',
    'golang-golang-x-mod-dev',
    'libc6-dev',
    'openssl',
    'strace',
  ],
}

/**
 * Installs those of the packages that are missing, as root or by a sudo that asks for no password.
 *
 * @param {readonly string[]} wanted
 * @param {(progress: string) => void} report
 * @returns {Promise<readonly string[]>} what was installed
 */
export async function ensurePackages(wanted, report) {
  if (!existsSync('/usr/bin/dpkg-query')) throw notDebian(wanted)
  const format = '${Package} ${db:Status-Status}\n'
  const query = await run('dpkg-query', ['--show', '--showformat', format, ...wanted])
  const missing = missingPackages(wanted, query.output)
  if (missing.length === 0) return missing

  const asRoot = await waysToRoot()
  if (!asRoot) {
    throw new SetupError('Debian packages are missing', `run ${aptCommand(missing)}`)
  }
  await apt(asRoot, ['update'], report)
  await apt(asRoot, ['install', '--yes', '--no-install-recommends', ...missing], report)
  return missing
}

/**
 * @param {readonly string[]} wanted
 * @param {string} queryOutput one `name status` per line; a package dpkg never saw has no line
 */
export function missingPackages(wanted, queryOutput) {
  const installed = new Set(
    queryOutput
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  )
  return wanted.filter((name) => !installed.has(name))
}

/**
 * The one command that a person without root asks their administrator for.
 *
 * @param {readonly string[]} missing
 */
export function aptCommand(missing) {
  const install = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`
  return `sudo sh -c 'apt-get update && ${install}'`
}

/** @returns {Promise<readonly string[] | undefined>} what goes before a command that needs root */
async function waysToRoot() {
  if (process.getuid?.() === 0) return []
  const sudo = await run('sudo', ['-n', 'true'])
  return sudo.code === 0 ? ['sudo', '-n'] : undefined
}

/**
 * @param {readonly string[]} asRoot
 * @param {readonly string[]} args
 * @param {(progress: string) => void} report
 */
async function apt(asRoot, args, report) {
  // sudo clears the environment: the variables go through env.
  const [program, ...before] = [...asRoot, 'env']
  const variables = ['DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C']
  const { code, output } = await run(
    program,
    [...before, ...variables, 'apt-get', '-o', 'DPkg::Lock::Timeout=60', ...args],
    { logFile: logFile('apt'), onLine: report },
  )
  // `update` answers 0 though a list could not be fetched; `install` then tells.
  if (code !== 0) throw explain('apt', output)
}

/** @param {readonly string[]} wanted */
function notDebian(wanted) {
  return new SetupError(
    'this is not Debian, whose packages the set-up knows',
    `install what these stand for and run the command again: ${wanted.join(' ')}`,
  )
}
