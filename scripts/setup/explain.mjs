import { logFile } from './places.mjs'
import { SetupError } from './say.mjs'

/**
 * What the output of a failed program means and what to do about it. The first match counts.
 *
 * @typedef {readonly [sign: RegExp, what: string, whatToDo: string]} Explanation
 */

const again = 'then run the command again'

/** @type {readonly Explanation[]} */
const npm = [
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b/,
    'the npm registry cannot be reached',
    `check the network (npm ping), ${again}`,
  ],
  [
    /\b(ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/,
    'the npm registry cannot be reached',
    `check the network (npm ping), ${again}`,
  ],
  [/\bENOSPC\b/, 'the disk is full', `free 2 GB, ${again}`],
  [/\b(EACCES|EPERM|EROFS)\b/, 'npm may not write', "make the checkout and npm's cache writable"],
  [
    /\bEINTEGRITY\b/,
    'a downloaded package is not the locked one',
    `run npm cache clean --force, ${again}`,
  ],
  [
    /\bE404\b|\bETARGET\b/,
    'the npm registry lacks a locked package',
    `see which in ${logFile('npm')}`,
  ],
  [
    /can only install packages when your package\.json and package-lock\.json/,
    'package.json and package-lock.json disagree',
    'run npm install and commit the lock',
  ],
  [/spawn npm ENOENT/, 'npm is missing', `install npm 10 or later, ${again}`],
]

/** @type {readonly Explanation[]} */
const apt = [
  [
    /Could not get lock|Unable to acquire the dpkg/,
    'another program is installing packages',
    `wait until it is done, ${again}`,
  ],
  [
    /Temporary failure resolving|Could not (resolve|connect)|Failed to fetch|is unreachable/,
    "Debian's packages cannot be reached",
    `check the network and /etc/apt/sources.list, ${again}`,
  ],
  [
    /Unable to locate package|has no installation candidate/,
    'a package is unknown here',
    'Debian 12 has all of them; elsewhere install the tools yourself',
  ],
  [/No space left|enough free space/, 'the disk is full', `free 2 GB, ${again}`],
  [
    /dpkg was interrupted/,
    'an earlier installation was interrupted',
    `run dpkg --configure -a as root, ${again}`,
  ],
]

/** @type {readonly Explanation[]} */
const build = [
  [
    /Killed|out of memory|virtual memory exhausted/i,
    'there is too little memory to build the SFU worker',
    'give the machine 1 GB for each core',
  ],
  [/No space left/, 'the disk is full', `free 2 GB, ${again}`],
  [
    /(meson|ninja) ENOENT/,
    'the tools to build the SFU worker are missing',
    'install meson, ninja and g++',
  ],
]

/** @type {readonly Explanation[]} */
const client = [[/No space left|ENOSPC/, 'the disk is full', `free 2 GB, ${again}`]]

const known = { npm, apt, build, client }

/**
 * @param {keyof typeof known} tool
 * @param {string} output
 * @returns {SetupError} when nothing is known, it names the file that holds the whole output
 */
export function explain(tool, output) {
  const found = known[tool].find(([sign]) => sign.test(output))
  if (found) return new SetupError(found[1], found[2])
  const error = /^.*?\b(?:error|E):? +(.*)$/im.exec(output)?.[1]?.trim().slice(0, 120)
  return new SetupError(
    `${tool} failed${error ? ` (${error})` : ''}`,
    `its output is in ${logFile(tool)}`,
  )
}
