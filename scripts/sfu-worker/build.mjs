import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '../setup/explain.mjs'
import { inRoot, logFile, systemEnvironment } from '../setup/places.mjs'
import { run } from '../setup/run.mjs'
import { SetupError } from '../setup/say.mjs'
import { applyPatch, patches } from './patches.mjs'

/** What decides what is built; a change in it is another worker. */
export const recipe = ['build.mjs', 'patches.mjs', 'subprojects'].map(
  (name) => `scripts/sfu-worker/${name}`,
)

const subprojects = inRoot('scripts', 'sfu-worker', 'subprojects')

/**
 * Builds the worker from the sources in the npm package. Takes some minutes; downloads nothing.
 *
 * @param {string} folder an empty folder to build in; the caller removes it
 * @param {(progress: string) => void} report
 * @returns {Promise<string>} the path of the binary, inside the folder
 */
export async function buildWorker(folder, report) {
  const sources = join(folder, 'worker')
  const build = join(folder, 'build')
  copySources(sources)

  report('configuring')
  const options = ['--buildtype', 'release', '-Db_ndebug=true', '--wrap-mode', 'nodownload']
  await compile('meson', ['setup', ...options, build, sources], () => {})
  await compile('ninja', ['-C', build, 'mediasoup-worker'], (line) => {
    report(ninjaProgress(line) ?? 'compiling')
  })
  return join(build, 'mediasoup-worker')
}

/** @param {string} line of ninja's output, such as `[12/263] Compiling C++ object …` */
export function ninjaProgress(line) {
  const counted = /^\[(\d+)\/(\d+)\]/.exec(line)
  return counted ? `compiled ${counted[1]} of ${counted[2]}` : undefined
}

/** @param {string} sources */
function copySources(sources) {
  cpSync(inRoot('node_modules', 'mediasoup', 'worker'), sources, { recursive: true })
  rmSync(join(sources, 'subprojects'), { recursive: true })
  cpSync(subprojects, join(sources, 'subprojects'), { recursive: true })
  for (const patch of patches) {
    const file = join(sources, patch.file)
    const patched = applyPatch(readFileSync(file, 'utf8'), patch)
    if (patched === undefined) {
      throw new SetupError(
        `mediasoup's ${patch.file} is not the one that scripts/sfu-worker/patches.mjs knows`,
        'install the locked mediasoup (npm ci), or adapt the patch to the new one',
      )
    }
    writeFileSync(file, patched)
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {(line: string) => void} onLine
 */
async function compile(program, args, onLine) {
  const { code, output } = await run(program, args, {
    // Debian's libraries, whatever the user's environment says of others.
    env: {
      ...systemEnvironment(),
      CFLAGS: undefined,
      CXXFLAGS: undefined,
      LDFLAGS: undefined,
      PKG_CONFIG_PATH: undefined,
    },
    logFile: logFile('build'),
    onLine,
  })
  if (code !== 0) throw explain('build', output)
}
