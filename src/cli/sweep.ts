import { parseArgs } from 'node:util'
import type { OperatorResult } from '#protocol'
import { askServer } from './ask-server.ts'
import { explain, type Io } from './command.ts'
import { dataFolder } from './data-folder.ts'

/**
 * `assent sweep`: has the running server remove what has reached the end of its life. Returns the exit code: 0 done, 1
 * something could not be removed, 2 it could not be tried.
 */
export async function sweepCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options.help) {
      io.stdout.write(usage)
      return 0
    }
    const { dataDir } = dataFolder(options)
    const swept = await askServer(dataDir, 'sweep.run', { isDry: options['dry-run'] })
    io.stdout.write(options.json ? `${JSON.stringify(swept, null, 2)}\n` : toText(swept))
    const isWhole = swept.unread.length === 0 && swept.things.every(({ state }) => state !== 'failed')
    return isWhole ? 0 : 1
  } catch (error) {
    io.stderr.write(explain('sweep', error, usage))
    return 2
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: text,
      config: text,
      'dry-run': flag,
      json: flag,
      help: { ...flag, short: 'h' },
    },
  })
  return { ...values, data: values.data, config: values.config }
}

type Swept = OperatorResult<'sweep.run'>

function toText({ things, unread, said }: Swept): string {
  const lines = [
    ...things.map(
      ({ kind, id, endedMs, endsMs, state, problem }) =>
        `${words[state].padEnd(8)} ${kind.padEnd(15)} ${id}  counted from ${date(endedMs)}, kept ${days(endsMs - endedMs)}, until ${date(endsMs)}${problem === null ? '' : `: ${problem}`}`,
    ),
    ...unread.map((kind) => `FAILED   ${kind.padEnd(15)} could not be looked into; see the server’s log`),
    ...[...Map.groupBy(things, ({ kind }) => kind)].map(
      ([kind, ofKind]) => `${`${kind}:`.padEnd(16)} ${countsIn(ofKind)}`,
    ),
    `In all: ${countsIn(things)}${unread.length === 0 ? '' : `, ${unread.length} not looked into`}.`,
    ...(said === 0 ? [] : [`The log’s tree now tells of ${said} erasures.`]),
  ]
  return `${lines.join('\n')}\n`
}

function countsIn(things: Swept['things']): string {
  const count = (state: Swept['things'][number]['state']): number =>
    things.filter((thing) => thing.state === state).length
  return `${count('removed')} removed, ${count('due')} due, ${count('held')} kept on hold, ${count('failed')} failed`
}

const words = { removed: 'Removed', due: 'Due', held: 'On hold', failed: 'FAILED' } as const
const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const days = (ms: number): string => `${Math.round(ms / 86_400_000)} days`

const usage = `Usage: npx assent sweep --data DIR [--dry-run] [--json]
       npx assent sweep --config FILE [--dry-run] [--json]

Has the running server remove what has reached the end of its life: recordings, what the log can say of calls, backups.
The server does so by itself at each start and once a day.

  --data DIR     the server's data folder
  --config FILE  the server's settings instead, which name it
  --dry-run      remove nothing; show what is due, and what is past its end and kept because of a hold
  --json         for programs

Each line: what became of it, its kind, its name, from when its life counts, and when it was over. What could not be
removed is tried again by every sweep. Exit code: 0 done, 1 something could not be removed, 2 the server could not be asked.
`
