import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordHeader, type CoreRecord, type RecordOf } from '#audit'
import { formatReceipt, hashOf, sha256 } from '#audit/verify'
import { encodeCore } from '../../src/audit/entry.ts'
import { encodeProof, type Proof } from '../../src/audit/proof.ts'
import type { Arriving } from '../../src/audit/seal.ts'
import { writeManifest, type Manifest, type ManifestTrack } from '../../src/recording/manifest.ts'
import { newId } from '#protocol'
import { CallLog, type Call } from './call-log.ts'
import { asked, PersonKey } from './person-key.ts'
import { decisionOf, receiptOf } from './receipts.ts'

/** Where each entry of the scene stands. The withdrawal is the deed that an operator would like undone. */
export const at = {
  early: { requests: [1, 2], yeses: [3, 4], stopped: 8 },
  late: { requests: [10, 11], yeses: [12, 13], withdrawal: 16, finished: 19 },
  next: { yes: 22 },
  size: 27,
} as const

export type AttackScene = {
  readonly calls: CallLog
  readonly early: Call
  readonly late: Call
  /** Of the late call's recording, as the log names it. */
  readonly manifestSha256: string
  /** The folder of what others have. */
  readonly kept: string
}

/**
 * An honest log with three calls: two agree and are recorded; two agree and one withdraws; somebody else agrees on the
 * next day. And what the people took home: receipts, and checkpoints of the sizes that their pages saw.
 */
export async function attackScene(root: string): Promise<AttackScene> {
  const dir = join(root, 'honest')
  const kept = join(root, 'kept')
  mkdirSync(kept)
  const keep = (name: string, text: string): void => writeFileSync(join(kept, name), text)
  await using calls = await CallLog.open(dir)
  const early = await calls.call([
    { name: 'Maya', account: 'maya' },
    { name: 'Tomas', account: 'tomas' },
  ])
  const late = await calls.call(
    [
      { name: 'Maya', account: 'maya' },
      { name: 'Ines', account: 'ines' },
    ],
    { withdraws: true },
  )
  const manifestSha256 = await writeRecording(dir, late)
  await calls.append('finished', finishedOf(late, manifestSha256))
  keep('checkpoint-20', calls.log.checkpoint)
  await calls.call([{ name: 'Omar', account: 'omar' }])
  keep('checkpoint-27', calls.log.checkpoint)
  for (const [name, index] of [
    ['maya.json', at.early.yeses[0]],
    ['ines-yes.json', at.late.yeses[1]],
    ['ines-withdrawal.json', at.late.withdrawal],
  ] as const)
    keep(name, formatReceipt(await receiptOf(calls.log, index)))
  return { calls, early, late, manifestSha256, kept }
}

/** The manifest of a call's recording, as its recorder would write it, with tracks of the times given. */
export async function writeRecording(
  dir: string,
  call: Call,
  tracks: readonly (readonly [person: string, from: number, to: number])[] = call.parties.map(
    ({ ref }) => [ref, call.recorded.from, call.recorded.to] as const,
  ),
  change: { readonly requestId?: string; readonly replaces?: readonly string[] } = {},
): Promise<string> {
  const { requestId = call.requestId, replaces = [] } = change
  const folder = join(dir, 'recordings', requestId)
  mkdirSync(folder, { recursive: true })
  return writeManifest(folder, {
    schema: 'assent/recording/v1',
    requestId,
    session: call.session,
    noticeSha256: hashOf(sha256, call.text),
    laterNotices: [],
    startedAt: call.recorded.from,
    state: 'finished',
    readers: [],
    log: { origin: null, indexes: [] },
    tracks: tracks.map(([person, startedAt, stoppedAt], n) => {
      return { ...track, n, person, startedAt, stoppedAt }
    }),
    replaces,
  } as unknown as Manifest)
}

const track = {
  source: 'microphone',
  codec: 'opus',
  width: null,
  height: null,
  mediaSha512: 'b'.repeat(128),
  destroyedAt: null,
  segments: [],
  gaps: [],
} as const satisfies Partial<ManifestTrack>

/** The record that names a recording's manifest. */
export const finishedOf = (
  { session, requestId, recorded }: Call,
  manifestSha256: string,
): RecordOf<'effect-stopped'> => ({
  ...recordHeader('effect-stopped', session),
  event: { state: 'stopped', time: recorded.to },
  requestId,
  recordingId: requestId,
  tracks: [],
  mediaSha512: [],
  manifestSha256,
})

/** An entry that no server would take, made from one that it took: its place in the vault stays that of the first. */
export const forged = (like: Arriving, core: CoreRecord, proof: Proof | ''): Arriving => ({
  ...like,
  key: core.recordId,
  core: encodeCore(core),
  proof: proof === '' ? '' : encodeProof(proof),
  notice: undefined,
})

/** Somebody who was asked in a call that is over, and never answered; and every way to answer in their name. */
export function inventions({ calls, early }: AttackScene) {
  const ref = newId.person()
  const model = early.parties[0]!.request
  const time = early.recorded.to + 60_000
  const request: RecordOf<'request'> = {
    ...model,
    ...recordHeader('request', early.session),
    subject: { ref },
    event: { ...model.event, time },
  }
  const like = (index: number): Arriving => {
    const arrival = calls.arrivals[index]!
    return { ...arrival, subject: '', about: { ...arrival.about, ref, account: null } }
  }
  const [real, fresh] = [new PersonKey(), new PersonKey()]
  const { statements, log } = calls
  const some = 'A'.repeat(43)
  const { session } = early.notice
  const askedBy = ({ jkt }: PersonKey): string =>
    statements.signRequest({ ...asked(request, log), session, jkt, nonce: some })
  const join = (key: PersonKey, sid = early.session): string =>
    key.join({ ath: some, nonce: some, sid, sub: ref })
  const requestJws = askedBy(real)
  const yes = real.decide(requestJws, 'given')
  const askedFresh = askedBy(fresh)
  const freshly = {
    requestJws: askedFresh,
    decisionJws: fresh.decide(askedFresh, 'given'),
    jwk: fresh.jwk,
  }
  const answered = (proof: Proof | ''): Arriving[] => [
    forged(like(at.early.requests[0]), request, ''),
    forged(like(at.early.yeses[0]), decisionOf(request, { decision: 'given' }, time + 1000), proof),
  ]
  return {
    unsigned: answered(''),
    byAnotherKey: answered({
      requestJws,
      decisionJws: fresh.decide(requestJws, 'given'),
      jwk: fresh.jwk,
      joinJws: join(real),
    }),
    underTheirKey: answered({
      requestJws,
      decisionJws: fresh.sign(yes.slice(0, yes.lastIndexOf('.'))),
      jwk: real.jwk,
      joinJws: join(real),
    }),
    byUnboundKey: answered(freshly),
    byKeyThatNeverJoined: answered({ ...freshly, joinJws: join(real) }),
    byKeyOfAnotherCall: answered({ ...freshly, joinJws: join(fresh, newId.session()) }),
    refused: [
      forged(like(at.early.requests[0]), request, ''),
      forged(like(at.early.yeses[0]), decisionOf(request, { decision: 'refused' }, time + 1000), ''),
    ],
    ref,
    time,
  }
}
