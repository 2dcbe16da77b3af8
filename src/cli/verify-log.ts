import { checkLog, type LogFiles, type LogFinding, type LogReport } from '#audit'
import { printable, type Io } from './command.ts'
import { logFilesOf, type LogPlaces } from './log-files.ts'
import { readKept, receiptsNamed } from './receipt-files.ts'

export type LogOptions = LogPlaces & {
  /** Receipts and checkpoints that someone kept. */
  readonly kept: readonly string[]
  readonly json: boolean
}

/** Checks a log on disk, without changing it and while its server may run. Returns 0 verified, 1 something is wrong. */
export async function verifyLog(options: LogOptions, { stdout }: Io): Promise<number> {
  const files: LogFiles = {
    ...(await logFilesOf(options)),
    kept: await Promise.all(receiptsNamed(options.kept).map(readKept)),
  }
  const report = await checkLog(files)
  // A guard that the settings name counts as given.
  const told = { ...options, guard: files.guard }
  stdout.write(options.json ? toJson(report, told) : toText(report, files, told))
  return report.findings.length === 0 ? 0 : 1
}

function toJson(report: LogReport, options: LogOptions): string {
  const verified = report.findings.length === 0
  return `${JSON.stringify({ verified, ...report, notProven: notProven(report, options) }, null, 2)}\n`
}

function toText(report: LogReport, files: LogFiles, options: LogOptions): string {
  const { origin, size, root, succeeds, checked, findings } = report
  const lines = [
    `Consent log  ${origin}`,
    `Entries      ${size}, root ${root}`,
    ...(succeeds === null
      ? []
      : [`In place of  ${succeeds.origin}, of ${succeeds.size} entries, root ${succeeds.root}`]),
    `Key          ${files.vkey}`,
    `Checked      ${size} leaves, ${checked.nodes} tree nodes, ${checked.checkpoints} signed checkpoints,`,
    `             ${entriesLine(checked.entries)}${keptLine(checked.kept)}`,
    '',
    ...verdict(findings, checked.entries),
    '',
    'What this does not prove',
    ...notProven(report, options).map((one) => `  - ${one}`),
  ]
  return `${lines.join('\n')}\n`
}

type Entries = LogReport['checked']['entries']

function entriesLine(entries: Entries): string {
  if (entries === null) return 'and nothing of what the entries say'
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

function verdict(findings: readonly LogFinding[], entries: Entries): string[] {
  if (findings.length === 0 && entries === null) {
    return [
      'VERIFIED, the tree alone. No entry was changed, removed or moved since it was signed. What',
      'the entries say was not read: that needs the vault’s key, and no --tree-only.',
    ]
  }
  if (findings.length === 0) {
    const erasedYeses = entries?.erasedYeses ?? 0
    return [
      'VERIFIED. No entry was changed, removed or moved since it was signed, and by these',
      'records nobody was recorded without an unexpired yes that their own key had signed.',
      ...(erasedYeses > 0 ? [`Erased since, and not among what was read: the yes of ${erasedYeses}.`] : []),
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

const notProven = (
  { checked: { entries } }: LogReport,
  { vkey, guard, kept }: LogOptions,
): readonly string[] => [
  ...(vkey === undefined ? [ownKey] : []),
  ...(guard === undefined ? [noGuard] : []),
  ...(kept.length === 0 ? [noneKept] : []),
  ...(entries !== null && entries.erasedEntries > 0 ? [erased(entries.erasedEntries)] : []),
  ...(entries !== null && entries.erasedYeses > 0 ? [erasedYes(entries.erasedYeses)] : []),
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
const erased = (count: number): string =>
  `What the erased entries said (${count}): nobody can tell any more, and a no or a withdrawal may be among them.`
const erasedYes = (count: number): string =>
  `That people who were erased since had agreed (${count}): recordings rest on their yes, and nobody can show it any more.`
/** More would hide the first. */
const maxShown = 20
