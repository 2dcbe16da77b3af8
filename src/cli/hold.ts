import { parseArgs } from 'node:util'
import { OperatorName, SessionId } from '#protocol'
import { askServer } from './ask-server.ts'
import { explain, misuse, type Io } from './command.ts'
import { dataFolder } from './data-folder.ts'

/** `assent hold`: keeps a call's evidence for a claim, or no longer. Returns the exit code: 0 done, 2 it was not. */
export async function holdCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options === null) {
      io.stdout.write(usage)
      return 0
    }
    const { dataDir, act, by } = options
    const { held } =
      act === 'list'
        ? await askServer(dataDir, 'hold.list', {}, by)
        : await askServer(dataDir, `hold.${act}`, { session: options.session }, by)
    io.stdout.write(held.length === 0 ? 'No call is on hold.\n' : `On hold:\n  ${held.join('\n  ')}\n`)
    return 0
  } catch (error) {
    io.stderr.write(explain('hold', error, usage))
    return 2
  }
}

type Options = { readonly dataDir: string; readonly by: OperatorName | undefined } & (
  | { readonly act: 'list' }
  | { readonly act: 'place' | 'lift'; readonly session: SessionId }
)

/** Null when help was asked for. */
function parse(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { data: text, config: text, by: text, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help === true) return null
  const [act, name, ...more] = positionals
  const by = OperatorName.optional().safeParse(values.by)
  if (!by.success) throw misuse('--by is a name of letters, digits and ._-')
  const { dataDir } = dataFolder({ data: values.data, config: values.config })
  if (act === 'list' && name === undefined) return { act, dataDir, by: by.data }
  if ((act !== 'place' && act !== 'lift') || more.length > 0)
    throw misuse('say place, lift or list, and of which call')
  const session = SessionId.safeParse(name)
  if (!session.success) throw misuse('name the call as receipts and the log do')
  return { act, session: session.data, dataDir, by: by.data }
}

const usage = `Usage: npx assent hold place CALL --data DIR [--by NAME]
       npx assent hold lift CALL --data DIR [--by NAME]
       npx assent hold list --data DIR

Keeps the recordings and the evidence of one call from being removed, by any rule and whoever asks, until it is lifted: for
a claim that is made or fought. CALL is its id, as receipts, manifests and \`assent sweep\` name it.

  --data DIR     the server's data folder
  --config FILE  the server's settings instead, which name it
  --by NAME      who does it, as the log shall say; the system account unless told

Placing and lifting are in the log. What somebody has demanded to be erased meanwhile is erased when the hold is lifted.
Exit code: 0 done, 2 it was not.
`
