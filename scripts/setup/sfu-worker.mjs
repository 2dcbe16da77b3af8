import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { buildWorker, recipe } from '../sfu-worker/build.mjs'
import { ensurePackages, packagesFor } from './debian.mjs'
import { fingerprint } from './fingerprint.mjs'
import { holdLock } from './lock.mjs'
import { cacheFolder, inRoot, logFile, root } from './places.mjs'
import { downloadWorker } from './prebuilt-worker.mjs'
import { run } from './run.mjs'
import { SetupError } from './say.mjs'

/**
 * Brings the SFU worker: the user's own (MEDIASOUP_WORKER_BIN), the one in the user's cache,
 * mediasoup's prebuilt one, or one built here from Debian's packages. Whichever it is, it has been
 * seen to start.
 *
 * @param {(progress: string) => void} report
 * @returns {Promise<{ path: string, origin: string }>}
 */
export async function ensureWorker(report) {
  const own = process.env['MEDIASOUP_WORKER_BIN']
  if (own) {
    if (await isWorker(own)) return { path: own, origin: 'from MEDIASOUP_WORKER_BIN' }
    throw new SetupError('MEDIASOUP_WORKER_BIN does not start as an SFU worker', 'correct it')
  }

  const path = join(cacheFolder(), 'sfu-worker', workerKey(), 'mediasoup-worker')
  if (await isWorker(path)) return { path, origin: 'from the cache' }

  const release = await holdLock(`${dirname(path)}.lock`, report)
  try {
    // Whoever held the lock before may have built it meanwhile.
    if (await isWorker(path)) return { path, origin: 'from the cache' }
    return { path, origin: await bringInto(path, report) }
  } finally {
    release()
  }
}

/** Another mediasoup, processor or recipe is another worker, kept beside this one. */
export function workerKey(
  version = mediasoupVersion(),
  arch = process.arch,
  recipeHash = fingerprint(root, recipe),
) {
  return `${version}-${arch}-${recipeHash.slice(0, 12)}`
}

/**
 * A worker that is started by hand refuses with code 41 (mediasoup's main.cpp). A missing library,
 * another processor or a truncated file ends otherwise.
 *
 * @param {string} path
 */
export async function isWorker(path) {
  if (!existsSync(path)) return false
  const { code } = await run(path, [], { env: {}, timeoutMs: 10_000 })
  return code === 41
}

/**
 * @param {string} path
 * @param {(progress: string) => void} report
 */
async function bringInto(path, report) {
  mkdirSync(dirname(path), { recursive: true })
  // We hold the lock: such folders are what an interrupted build left.
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith('building-')) rmSync(join(dirname(path), name), { recursive: true })
  }
  const folder = mkdtempSync(join(dirname(path), 'building-'))
  try {
    const downloaded = await downloadWorker(report)
    if (downloaded && (await isWorker(downloaded))) {
      publish(downloaded, path)
      return 'downloaded'
    }
    report('the prebuilt one cannot be had: building it')
    await ensurePackages(packagesFor.worker, report)
    const built = await buildWorker(folder, report)
    if (!(await isWorker(built))) {
      throw new SetupError('the built worker does not start', `report it with ${logFile('build')}`)
    }
    publish(built, path)
    return 'built'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * By a rename, so that no other process ever sees half a worker.
 *
 * @param {string} from
 * @param {string} to
 */
function publish(from, to) {
  const half = `${to}.${process.pid}`
  copyFileSync(from, half)
  chmodSync(half, 0o755)
  renameSync(half, to)
}

function mediasoupVersion() {
  const manifest = inRoot('node_modules', 'mediasoup', 'package.json')
  return String(JSON.parse(readFileSync(manifest, 'utf8')).version)
}
