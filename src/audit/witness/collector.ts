import { CallError } from '#protocol'
import { parseCheckpoint } from '../checkpoint.ts'
import { Flaw } from '../flaw.ts'
import { parseNote } from '../note.ts'
import { platformSha256 } from '../platform-sha256.ts'
import { parseWitnessKey } from '../verifier-key.ts'
import { Submitter, type SubmitterOptions } from './submitter.ts'

export type WitnessAddress = {
  /** The prefix before `/add-checkpoint`. */
  readonly url: string
  readonly vkey: string
}

export type CollectorOptions = Omit<SubmitterOptions, 'witness'> & {
  readonly witnesses: readonly WitnessAddress[]
}

/** Dispose of it to stop; what is under way is aborted. */
export interface CosignatureCollector extends AsyncDisposable {
  /** The log's newest checkpoint, signed. Only the newest matters: an older one that still waits is let go. */
  submit(note: string): void
}

/**
 * Has a log's checkpoints cosigned by each of its witnesses, in the background and for as long as it takes: nothing of
 * the log waits for them. Throws CONFIG_INVALID for an address or a key that is none.
 */
export async function startCollector(options: CollectorOptions): Promise<CosignatureCollector> {
  const { witnesses, ...each } = options
  const known = await Promise.all(
    witnesses.map(async ({ url, vkey }) => ({ url: addressOf(url), key: await keyOf(vkey) })),
  )
  const submitters = known.map((witness) => new Submitter({ ...each, witness }))
  return {
    submit: (note) => {
      const { size } = parseCheckpoint(parseNote(note).text)
      for (const submitter of submitters) submitter.submit({ size, note })
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(submitters.map((one) => one[Symbol.asyncDispose]()))
    },
  }
}

function addressOf(url: string): string {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url
  throw new CallError(
    'CONFIG_INVALID',
    `the witness's address is no http or https URL: ${url.slice(0, 200)}`,
  )
}

async function keyOf(vkey: string): ReturnType<typeof parseWitnessKey> {
  try {
    return await parseWitnessKey(platformSha256, vkey)
  } catch (cause) {
    if (!(cause instanceof Flaw)) throw cause
    throw new CallError(
      'CONFIG_INVALID',
      `this is no witness's key (${cause.message}): ${vkey.slice(0, 200)}`,
      { cause },
    )
  }
}
