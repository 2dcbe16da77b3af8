import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkLog, type LogFiles, type LogFinding, type LogReport } from '#audit'
import { CallError } from '#protocol'

/** Where a command writes; `process` fits. */
export type Io = {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/**
 * `assent verify`: proves or refutes a consent log on disk, without changing it and while its server may run. Returns
 * the exit code: 0 verified, 1 something is wrong with the log, 2 it could not be tried.
 */
export async function verifyCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options.help) {
      io.stdout.write(usage)
      return 0
    }
    const files = filesOf(options)
    const report = await checkLog(files)
    io.stdout.write(options.json ? toJson(report) : toText(report, files, options))
    return report.findings.length === 0 ? 0 : 1
  } catch (error) {
    io.stderr.write(explain(error))
    return 2
  }
}

type Options = {
  readonly data: string | undefined
  readonly log: string | undefined
  readonly vault: string | undefined
  readonly guard: string | undefined
  readonly vkey: string | undefined
  readonly keys: string | undefined
  readonly vaultKey: string | undefined
  readonly json: boolean
  readonly help: boolean
}

function parse(args: readonly string[]): Options {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: text,
      log: text,
      vault: text,
      guard: text,
      vkey: text,
      keys: text,
      'vault-key': text,
      json: flag,
      help: { ...flag, short: 'h' },
    },
  })
  const { data, log, vault, guard, vkey, keys, 'vault-key': vaultKey, json, help } = values
  return { data, log, vault, guard, vkey, keys, vaultKey, json, help }
}

function filesOf({ data, log, vault, guard, vkey, keys, vaultKey }: Options): LogFiles {
  if (data === undefined && (log === undefined || vault === undefined))
    throw misuse('name --data DIR, or --log and --vault')
  const dir = folderOf(data ?? '.')
  return {
    log: log ?? join(dir, 'log.db'),
    vault: vault ?? join(dir, 'vault.db'),
    keys: keysOf(keys ?? join(dir, 'keys.db'), vaultKey ?? join(dir, '..', 'vault.key'), vaultKey),
    guard,
    vkey: readKey(vkey ?? (data === undefined ? undefined : join(dir, 'vkey'))),
  }
}

/** The log's own folder, also when the server's data folder was named, which holds it. */
function folderOf(data: string): string {
  const inner = join(data, 'log')
  return !existsSync(join(data, 'log.db')) && existsSync(join(inner, 'log.db')) ? inner : data
}

/** Without the vault's key the tree alone can be checked; one that was named must be there. */
function keysOf(keys: string, master: string, named: string | undefined): LogFiles['keys'] {
  if (named !== undefined && !existsSync(named)) throw misuse(`there is no key file ${named}`)
  return existsSync(keys) && existsSync(master) ? { keys, master } : undefined
}

/** A key given as text, or the file that holds it. */
function readKey(vkey: string | undefined): string {
  if (vkey === undefined) throw misuse('name the key with --vkey KEY or --vkey FILE')
  if (existsSync(vkey)) return readFileSync(vkey, 'utf8').trim()
  if (!vkey.includes('+'))
    throw misuse(`there is no key file ${vkey}; name the key with --vkey KEY or --vkey FILE`)
  return vkey
}

function toJson(report: LogReport): string {
  const verified = report.findings.length === 0
  return `${JSON.stringify({ verified, ...report, notProven }, null, 2)}\n`
}

function toText(report: LogReport, files: LogFiles, options: Options): string {
  const { origin, size, root, checked, findings } = report
  const lines = [
    `Consent log  ${origin}`,
    `Entries      ${size}, root ${root}`,
    `Key          ${files.vkey}`,
    `Checked      ${size} leaves, ${checked.nodes} tree nodes, ${checked.checkpoints} signed checkpoints,`,
    `             ${entriesLine(checked.entries)}`,
    '',
    ...verdict(findings, checked.entries !== null),
    '',
    'What this does not prove',
    ...[
      ...(options.vkey === undefined ? [ownKey] : []),
      ...(options.guard === undefined ? [noGuard] : []),
      ...notProven,
    ].map((one) => `  - ${one}`),
  ]
  return `${lines.join('\n')}\n`
}

function entriesLine(entries: LogReport['checked']['entries']): string {
  if (entries === null) return 'and nothing of what the entries say: the vault’s key is not here'
  const { openings, notices, records, signed, attested, erasedEntries, erasedGroups } = entries
  const gone = [
    ...(erasedEntries > 0 ? [`, ${erasedEntries} erased entries`] : []),
    ...(erasedGroups > 0 ? [`, ${erasedGroups} erased parts`] : []),
  ].join('')
  return (
    `${openings} openings${gone}, ${notices} notices, ${records} records and their order,\n` +
    `             ${signed} decisions signed by the people themselves, ${attested} attested by the server alone`
  )
}

function verdict(findings: readonly LogFinding[], isOpened: boolean): string[] {
  if (findings.length === 0 && !isOpened) {
    return [
      'VERIFIED, the tree alone. No entry was changed, removed or moved since it was signed. What',
      'the entries say was not read: give --vault-key with the vault’s key.',
    ]
  }
  if (findings.length === 0) {
    return [
      'VERIFIED. No entry was changed, removed or moved since it was signed, and by these',
      'records nobody was recorded without an unexpired yes that their own key had signed.',
    ]
  }
  const shown = findings
    .slice(0, maxShown)
    .map(
      ({ code, index, message }) =>
        `  ${index === null ? 'the log' : `entry ${index}`}: ${message}  [${code}]`,
    )
  const rest = findings.length - shown.length
  return [
    `NOT VERIFIED. ${findings.length === 1 ? 'One thing is wrong' : `${findings.length} things are wrong`}:`,
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more; --json lists all`] : []),
  ]
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const isMisuse =
    error instanceof CallError
      ? error.code === 'BAD_REQUEST'
      : error instanceof TypeError && 'code' in error
  return isMisuse
    ? `assent verify: ${message}.\n\n${usage}`
    : `assent verify could not run: ${message}.\n`
}

/** A mistake in the command itself. */
const misuse = (message: string): CallError => new CallError('BAD_REQUEST', message)

const usage = `Usage: assent verify --data DIR [--vkey KEY|FILE] [--guard FILE] [--vault-key FILE] [--json]
       assent verify --log log.db --vault vault.db --keys keys.db --vault-key FILE --vkey KEY|FILE …

Checks a consent log without changing it; its server may go on running.
Exit code: 0 verified, 1 something is wrong with the log, 2 it could not be checked.
`

const notProven = [
  'Who sat at a device: a signature is by the key that a page made for one call, tied to the token that it joined with.',
  "That nothing was recorded outside this server, or on a participant's own device.",
  'That others were shown this same log: compare its entries and root with a receipt or checkpoint that someone kept.',
  "Times: they are the server's clock.",
]
const ownKey =
  'Whose log this is: the key was read beside the log. Give --vkey with the key you got elsewhere.'
const noGuard =
  "That the newest entries are all here: give --guard with the server's guard file, or a kept checkpoint."
/** More would hide the first. */
const maxShown = 20
