import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  checkLog,
  erasuresFile,
  nameOfLog,
  nextName,
  readErasures,
  writeSuccession,
  type LogReport,
} from '#audit'
import { loadConfig } from '#config'
import { CallError } from '#protocol'
import { explain, misuse, type Io } from './command.ts'
import { readKey } from './trust.ts'

/** `assent succeed`: gives up a log of which the newest part is lost. Returns the exit code: 0 done, 2 nothing was changed. */
export async function succeedCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    io.stdout.write(options === null ? usage : await succeed(options))
    return 0
  } catch (error) {
    io.stderr.write(explain('succeed', error, usage))
    return 2
  }
}

type Options = {
  readonly dataDir: string
  readonly guardFile: string
  readonly vaultKeyFile: string
  readonly giveUp: string
}

/** Null when help was asked for. */
function parse(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { config: text, 'give-up': text, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help === true) return null
  if (values.config === undefined) throw misuse('name the server’s settings with --config')
  const { dataDir, guardFile, vaultKeyFile } = loadConfig({ file: values.config, env: process.env })
  const giveUp = values['give-up']
  if (giveUp === undefined) throw misuse('name the log that is given up with --give-up')
  return { dataDir, guardFile, vaultKeyFile, giveUp }
}

async function succeed({ dataDir, guardFile, vaultKeyFile, giveUp }: Options): Promise<string> {
  const dir = join(dataDir, 'log')
  const origin = nameOfLog(dir)
  if (origin !== giveUp) throw misuse(`the log in ${dir} is called ${String(origin)}`)
  const report = await checkLog({
    log: join(dir, 'log.db'),
    vault: join(dir, 'vault.db'),
    keys: { keys: join(dir, 'keys.db'), master: vaultKeyFile },
    guard: guardFile,
    vkey: readKey(join(dir, 'vkey')),
  })
  refuseOthers(report)
  const name = nextName(origin)
  const kept = join(dataDir, 'logs', basename(origin))
  if (existsSync(kept)) throw misuse(`${kept} is there already`)
  const held = readErasures(erasuresFile(guardFile), origin)?.held ?? []
  const next = join(dataDir, 'log.next')
  await mkdir(next, { recursive: true, mode: 0o700 })
  await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
  await putAside(guardFile, `${guardFile}.${basename(origin)}`)
  await putAside(erasuresFile(guardFile), `${erasuresFile(guardFile)}.${basename(origin)}`)
  const { size, root } = report
  writeSuccession(next, { name, origin, size, root: Buffer.from(root, 'base64') }, { guardFile, held })
  await rename(dir, kept)
  await putAside(join(dataDir, 'log.key'), join(kept, 'log.key'))
  await rename(next, dir)
  return `${origin} is given up at ${size} entries and lies in ${kept}: nothing is added to it any more.
The next start begins ${name}, with a key of its own; its first leaf names the old one, its size and its root.
Tell your witnesses and whoever pins the key. Calls on hold stay on hold: ${held.length}.
`
}

/** Only a log that is whole, and older than its guard, is given up: a running server's never is. */
function refuseOthers({ findings }: LogReport): void {
  const wrong = findings.filter(({ code }) => code !== 'guard-ahead')
  if (wrong.length > 0)
    throw new CallError('LOG_CORRUPT', `this log does not verify: ${wrong[0]!.message}; run assent verify`)
  if (findings.length === 0) throw misuse('this log is as new as its guard: there is nothing to give up')
}

async function putAside(path: string, to: string): Promise<void> {
  if (existsSync(path)) await rename(path, to)
}

const usage = `Usage: npx assent succeed --config FILE --give-up NAME-OF-THE-LOG

For a log that is older than its guard, because a backup was restored or an old copy put in place, and of which the newest
part is lost for good. A server that went on with it could be shown to have rewritten it; so it refuses, and this begins a
new log in its place, which says by its first leaf what it follows. Stop the server first.

  --config FILE   the server's settings
  --give-up NAME  the old log's name, as the server and assent restore tell it
`
