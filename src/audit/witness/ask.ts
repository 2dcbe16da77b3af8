import { fromUtf8 } from '../bytes.ts'
import { collectCosignatures } from '../cosignature.ts'
import { Flaw } from '../flaw.ts'
import { claimedKey, parseNote, signatureLine } from '../note.ts'
import type { Verifier } from '../verifier-key.ts'
import { formatAddCheckpoint, type AddCheckpoint } from '../witness.ts'

/** What a witness, or the way to it, can do wrong. */
export type WitnessFault =
  | 'unreachable'
  | 'timeout'
  | 'answer-too-long'
  | 'answer-malformed'
  | 'not-cosigned'
  | 'signature-wrong'
  | 'log-unknown'
  | 'log-key-unknown'
  | 'request-refused'
  | 'witness-failed'

export type Answer =
  /** `line` is checked: put behind the note that was sent, it is one more signature of it. */
  | { readonly state: 'cosigned'; readonly line: string }
  /** The witness is elsewhere than the log believed. */
  | { readonly state: 'conflict'; readonly size: number }
  /** What was sent does not continue what the witness has seen. */
  | { readonly state: 'inconsistent'; readonly message: string }
  | { readonly state: 'fault'; readonly code: WitnessFault; readonly message: string }

/** One `POST add-checkpoint`. Rejects with the reason of `stop`, once that is aborted, and with nothing else. */
export async function askWitness(
  { url, key }: { readonly url: string; readonly key: Verifier<'cosignature'> },
  request: AddCheckpoint,
  { stop, timeLimitMs }: { readonly stop: AbortSignal; readonly timeLimitMs: number },
): Promise<Answer> {
  const late = AbortSignal.timeout(timeLimitMs)
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: formatAddCheckpoint(request),
      // What another address answers, this witness did not say.
      redirect: 'error',
      signal: AbortSignal.any([stop, late]),
    })
    const body = await readText(response)
    if (body === undefined)
      return fault('answer-too-long', `an answer over ${maxAnswerBytes} bytes`)
    return await understand(response, body, key, request.checkpoint)
  } catch (error) {
    stop.throwIfAborted()
    if (late.aborted) return fault('timeout', `no whole answer within ${timeLimitMs} ms`)
    if (error instanceof Flaw) return fault('answer-malformed', error.message)
    return fault('unreachable', reasonOf(error))
  }
}

async function understand(
  response: Response,
  body: string,
  key: Verifier<'cosignature'>,
  note: string,
): Promise<Answer> {
  const said = body.trim().slice(0, 200)
  switch (response.status) {
    case 200:
      return await checkLines(body, key, note)
    case 409: {
      const [, size] = /^(0|[1-9][0-9]{0,15})\n$/.exec(body) ?? []
      const type = response.headers.get('content-type')
      return type === 'text/x.tlog.size' && Number.isSafeInteger(Number(size))
        ? { state: 'conflict', size: Number(size) }
        : fault('answer-malformed', 'a conflict without a size')
    }
    case 422:
      return { state: 'inconsistent', message: said }
    case 400:
      return fault('request-refused', said)
    case 403:
      return fault('log-key-unknown', said)
    case 404:
      return fault('log-unknown', said)
    default:
      return fault('witness-failed', `status ${response.status}`)
  }
}

/** The witness's line among those it answered; others it may add are not this one's word. */
async function checkLines(
  body: string,
  key: Verifier<'cosignature'>,
  note: string,
): Promise<Answer> {
  // Apart from the log's own lines: what the witness says is judged alone.
  const { text } = parseNote(note)
  const answered = `${text}\n${body}`
  const { text: same, signatures } = parseNote(answered)
  if (same !== text) return fault('answer-malformed', 'more than signature lines')
  try {
    await collectCosignatures(answered, [key])
  } catch (error) {
    if (!(error instanceof Flaw)) throw error
    return fault('signature-wrong', error.message)
  }
  const mine = signatures.find((one) => claimedKey(one, [key]) !== undefined)
  if (mine === undefined) return fault('not-cosigned', "no cosignature by the witness's key")
  const keyId = Uint8Array.fromHex(mine.keyId)
  return { state: 'cosigned', line: signatureLine({ name: mine.name, keyId }, mine.signature) }
}

/** Undefined for one that is longer than any answer; the rest is not waited for. */
async function readText(response: Response): Promise<string | undefined> {
  if (response.body === null) return ''
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body) {
    length += piece.length
    if (length > maxAnswerBytes) return undefined
    pieces.push(piece)
  }
  return fromUtf8(Buffer.concat(pieces))
}

/** `fetch failed` says nothing; what it was caused by does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message : String(cause)
}

const fault = (code: WitnessFault, message: string): Answer => ({ state: 'fault', code, message })

/** A few cosignatures, also post-quantum ones. */
const maxAnswerBytes = 65_536
