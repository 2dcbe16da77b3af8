import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkLog, erasuresFile, readErasures, replayErasuresIn, type LogReport } from '#audit'
import { CallError } from '#protocol'
import { readRemoved, removedFile, removeAgain, unsealStream } from '#recording'
import { explain, misuse, type Io } from './command.ts'
import { untar } from './tar.ts'

/**
 * `assent restore`: a backup into an empty folder, without what was erased since, and verified. Returns the exit code: 0
 * done, 1 it is older than the log was, 2 nothing was restored.
 */
export async function restoreCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options === null) {
      io.stdout.write(usage)
      return 0
    }
    const { text, isWhole } = await restore(options)
    io.stdout.write(text)
    return isWhole ? 0 : 1
  } catch (error) {
    io.stderr.write(explain('restore', error, usage))
    return 2
  }
}

type Options = {
  readonly file: string
  readonly identity: string
  readonly into: string
  readonly vaultKey: string
  /** Null: lost, and the operator says so. */
  readonly guard: string | null
}

/** Null when help was asked for. */
function parse(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      identity: { ...text, short: 'i' },
      into: text,
      'vault-key': text,
      guard: text,
      'without-guard': flag,
      help: { ...flag, short: 'h' },
    },
  })
  if (values.help) return null
  const [file, ...rest] = positionals
  if (file === undefined || rest.length > 0) throw misuse('name one backup')
  const { identity, into, guard, 'vault-key': vaultKey } = values
  if (identity === undefined) throw misuse('name the key file that opens the backup with --identity')
  if (into === undefined) throw misuse('name a new folder with --into')
  if (vaultKey === undefined) throw misuse('name the vault’s key, which is not in the backup, with --vault-key')
  if ((guard === undefined) !== values['without-guard'])
    throw misuse('name the log’s guard with --guard, or say --without-guard when it is lost')
  if (guard !== undefined && !existsSync(guard)) throw misuse(`there is no file ${guard}`)
  return { file, identity, into, vaultKey, guard: guard ?? null }
}

async function restore({ file, identity, into, vaultKey, guard }: Options) {
  if (existsSync(into) && (await readdir(into)).length > 0)
    throw misuse(`${into} is not empty; nothing is overwritten`)
  try {
    await unpack(await unsealStream(await readFile(identity, 'utf8'), createReadStream(file)), into)
    const vkey = readFileSync(join(into, 'log/vkey'), 'utf8').trim()
    const origin = vkey.slice(0, vkey.indexOf('+'))
    const again = guard === null ? null : await eraseAgain({ into, origin, guard, vaultKey })
    const report = await checkLog({
      log: join(into, 'log/log.db'),
      vault: join(into, 'log/vault.db'),
      keys: { keys: join(into, 'log/keys.db'), master: vaultKey },
      guard: guard ?? undefined,
      vkey,
    })
    refuseDamaged(report)
    const isWhole = report.findings.length === 0
    return { isWhole, text: isWhole ? done(into, report, again) : tooOld(into, report, again) }
  } catch (error) {
    // Half a copy would still be somebody's data, perhaps of who was erased meanwhile.
    await rm(into, { recursive: true, force: true })
    throw error
  }
}

/** Only what a backup holds, and only below the folder. */
async function unpack(archive: AsyncIterable<Uint8Array>, into: string): Promise<void> {
  await mkdir(into, { recursive: true, mode: 0o700 })
  for await (const { name, bytes } of untar(archive)) {
    if (!isOurs(name)) throw new CallError('BAD_REQUEST', 'the backup holds a file that is none of a backup')
    const path = join(into, name)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await using file = await open(path, 'wx', 0o600)
    for await (const piece of bytes) await file.writeFile(piece)
    await file.sync()
  }
  if (!existsSync(join(into, 'log/log.db')))
    throw new CallError('BAD_REQUEST', 'the backup holds no log')
}

const isOurs = (name: string): boolean =>
  /^(log|logs|policies|recordings)(\/[A-Za-z0-9_][\w.-]*)+$/.test(name)

type Again = { readonly entries: number; readonly held: number; readonly recordings: number }

/** Before anybody can be served from it. */
async function eraseAgain({
  into,
  origin,
  guard,
  vaultKey,
}: {
  readonly into: string
  readonly origin: string
  readonly guard: string
  readonly vaultKey: string
}): Promise<Again> {
  const missing = [erasuresFile(guard), removedFile(guard)].filter((file) => !existsSync(file))
  const erasures = readErasures(erasuresFile(guard), origin)
  if (erasures === undefined || missing.length > 0)
    throw misuse(
      `without ${missing.join(' and ')} nobody knows what was erased since; bring it, or say --without-guard`,
    )
  const removed = await readRemoved(removedFile(guard))
  const recordings = await removeAgain(join(into, 'recordings'), removed)
  return { ...replayErasuresIn(join(into, 'log'), vaultKey, erasures), recordings }
}

function refuseDamaged({ findings }: LogReport): void {
  const wrong = findings.filter(({ code }) => code !== 'guard-ahead')
  if (wrong.length === 0) return
  const lines = wrong.slice(0, 5).map(({ code, message }) => `${code}: ${message}`)
  throw new CallError('LOG_CORRUPT', `the backup does not verify, nothing is restored: ${lines.join('; ')}`)
}

const done = (into: string, report: LogReport, again: Again | null): string => `${what(into, report, again)}
It is all that the log ever was${again === null ? ', as far as anybody can tell without its guard' : ''}. Before you start a server on it, put back beside it, from where you keep them:
  ${join(into, 'log.key')}, ${join(into, 'statement.key')}, and vault.key where the settings expect it.
`

const tooOld = (into: string, report: LogReport, again: Again | null): string => `${what(into, report, again)}
But it is OLDER than the log was: ${report.findings.map(({ message }) => message).join('; ')}.
A server refuses to go on with it (LOG_ROLLED_BACK): whoever holds a receipt for one of the lost entries could prove that
this log was rewritten. Look for a newer backup, or for log.db and vault.db of the broken machine, first. If there is none,
give the old log up by its name, which begins a new one that says so:
  npx assent succeed --config FILE --give-up ${report.origin}
`

function what(into: string, { origin, size }: LogReport, again: Again | null): string {
  const erased =
    again === null
      ? 'Nobody can tell what was erased since it was made: without the guard’s lists it is all here again.'
      : `Erased again: ${again.entries} entries or names in them, ${again.recordings} recordings or parts. On hold: ${again.held} calls.`
  return `${into}: ${size} entries of ${origin}, verified.\n${erased}`
}

const usage = `Usage: npx assent restore BACKUP --identity KEY --into DIR --vault-key FILE --guard FILE
       npx assent restore BACKUP --identity KEY --into DIR --vault-key FILE --without-guard

Opens a backup into an empty folder, erases again what was erased since it was made, puts calls on hold that are on hold,
and proves the log, before any server runs on it.

  --identity KEY    the key file (age-keygen) of somebody the backup was sealed to
  --into DIR        a new or empty folder, to become the server's dataDir
  --vault-key FILE  the vault's key, which no backup holds
  --guard FILE      the guard of the log, with FILE.erasures and FILE.recordings beside it
  --without-guard   they are lost: what was erased since comes back, and nobody can tell what is missing

Exit code: 0 restored; 1 restored, but older than the log was, so that no server takes it as it is; 2 nothing was restored.
`
