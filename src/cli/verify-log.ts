import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkLog,
  type FoundRecording,
  type LogFiles,
  type LogFinding,
  type LogReport,
} from '#audit'
import { misuse, printable, type Io } from './command.ts'
import { readKept, receiptsNamed } from './receipt-files.ts'
import { readKey } from './trust.ts'

export type LogOptions = {
  readonly data: string | undefined
  readonly log: string | undefined
  readonly vault: string | undefined
  readonly guard: string | undefined
  readonly vkey: string | undefined
  readonly keys: string | undefined
  readonly vaultKey: string | undefined
  readonly recordings: string | undefined
  /** Receipts and checkpoints that someone kept. */
  readonly kept: readonly string[]
  readonly json: boolean
}

/** Checks a log on disk, without changing it and while its server may run. Returns 0 verified, 1 something is wrong. */
export async function verifyLog(options: LogOptions, { stdout }: Io): Promise<number> {
  const files: LogFiles = {
    ...filesOf(options),
    kept: await Promise.all(receiptsNamed(options.kept).map(readKept)),
    recordings: await recordingsOf(options),
  }
  const report = await checkLog(files)
  stdout.write(options.json ? toJson(report, options) : toText(report, files, options))
  return report.findings.length === 0 ? 0 : 1
}

function filesOf({ data, log, vault, guard, vkey, keys, vaultKey }: LogOptions): LogFiles {
  if (data === undefined && (log === undefined || vault === undefined))
    throw misuse('name --data DIR, or --log and --vault')
  const dir = folderOf(data ?? '.')
  return {
    log: log ?? join(dir, 'log.db'),
    vault: vault ?? join(dir, 'vault.db'),
    keys: keysOf(keys ?? join(dir, 'keys.db'), vaultKey ?? join(dir, '..', 'vault.key'), vaultKey),
    guard,
    vkey: keyOf(vkey ?? (data === undefined ? undefined : join(dir, 'vkey'))),
  }
}

/** Those that were named must be there; beside the log they may be. */
async function recordingsOf({ data, recordings }: LogOptions): Promise<readonly FoundRecording[]> {
  const beside = data === undefined ? undefined : join(data, 'recordings')
  const folder = recordings ?? (beside !== undefined && existsSync(beside) ? beside : undefined)
  if (folder === undefined) return []
  return (await import('./found-recordings.ts')).recordingsIn(folder)
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

function keyOf(vkey: string | undefined): string {
  if (vkey === undefined) throw misuse('name the key with --vkey KEY or --vkey FILE')
  return readKey(vkey)
}

function toJson(report: LogReport, options: LogOptions): string {
  const verified = report.findings.length === 0
  return `${JSON.stringify({ verified, ...report, notProven: notProven(options) }, null, 2)}\n`
}

function toText(report: LogReport, files: LogFiles, options: LogOptions): string {
  const { origin, size, root, checked, findings } = report
  const lines = [
    `Consent log  ${origin}`,
    `Entries      ${size}, root ${root}`,
    `Key          ${files.vkey}`,
    `Checked      ${size} leaves, ${checked.nodes} tree nodes, ${checked.checkpoints} signed checkpoints,`,
    `             ${entriesLine(checked.entries)}${keptLine(checked.kept)}`,
    '',
    ...verdict(findings, checked.entries !== null),
    '',
    'What this does not prove',
    ...notProven(options).map((one) => `  - ${one}`),
  ]
  return `${lines.join('\n')}\n`
}

function entriesLine(entries: LogReport['checked']['entries']): string {
  if (entries === null) return 'and nothing of what the entries say: the vault’s key is not here'
  const { openings, notices, records, signed, attested, erasedEntries, erasedGroups, recordings } =
    entries
  const gone = [
    ...(erasedEntries > 0 ? [`, ${erasedEntries} erased entries`] : []),
    ...(erasedGroups > 0 ? [`, ${erasedGroups} erased parts`] : []),
  ].join('')
  return (
    `${openings} openings${gone}, ${notices} notices, ${records} records and their order,\n` +
    `             ${signed} decisions signed by the people themselves, ${attested} attested by the server alone` +
    (recordings === 0 ? '' : `,\n             ${recordings} recordings and when they were made`)
  )
}

const keptLine = (kept: number): string =>
  kept === 0 ? '' : `,\n             ${kept} receipts and checkpoints that someone kept`

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
        `  ${index === null ? 'the log' : `entry ${index}`}: ${printable(message)}  [${code}]`,
    )
  const rest = findings.length - shown.length
  return [
    `NOT VERIFIED. ${findings.length === 1 ? 'One thing is wrong' : `${findings.length} things are wrong`}:`,
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more; --json lists all`] : []),
  ]
}

const notProven = ({ vkey, guard, kept }: LogOptions): readonly string[] => [
  ...(vkey === undefined ? [ownKey] : []),
  ...(guard === undefined ? [noGuard] : []),
  ...(kept.length === 0 ? [noneKept] : []),
  "Who sat at a device: a signature is by the key that a page made for one call; whose sign-in it came with is the server's word.",
  "That nothing was recorded outside this server, or on a participant's own device.",
  "Times: they are the server's clock.",
]
const noneKept =
  'That others were shown this same log: name receipts or checkpoints that someone kept, to compare.'
const ownKey =
  'Whose log this is: the key was read beside the log. Give --vkey with the key you got elsewhere.'
const noGuard =
  "That the newest entries are all here: give --guard with the server's guard file, or a kept checkpoint."
/** More would hide the first. */
const maxShown = 20
