import { createHash, hash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  recordHeader,
  requestTerms,
  shownNotice,
  type ConsentLog,
  type CoreRecord,
  type StatementKey,
} from '#audit'
import { newId, Notice, ReaderId, Sha256, type PersonId, type RequestId, type SessionId } from '#protocol'
import type { NewRecording } from '#recording'
import { disk } from '../../src/recording/disk.ts'
import { sealPerson, startFolder } from '../../src/recording/folder.ts'
import { lineOf } from '../../src/recording/journal.ts'
import { completeFolder } from '../../src/recording/manifest.ts'
import { journalName, segmentPath, trackFolder } from '../../src/recording/names.ts'
import { sealTo } from '../../src/recording/seal.ts'
import { noticeOf } from './notice-text.ts'
import { SignedStory } from './signed-story.ts'

export type Caller = { readonly ref: PersonId; readonly name: string; readonly account: string }

/** A call of which a recording was made, as the server leaves it behind: in the log, and in a folder. */
export type RecordedCall = {
  readonly session: SessionId
  readonly requestId: RequestId
  readonly people: readonly Caller[]
  readonly notice: string
  readonly folder: string
  /** Index of each person's yes. */
  readonly yeses: ReadonlyMap<PersonId, number>
  /** When the last track ended. */
  readonly endedMs: number
}

export type Stage = {
  readonly log: ConsentLog
  readonly statements: StatementKey
  readonly recordingsDir: string
  /** Whom recordings are sealed to. */
  readonly recipient: string
  /** The log's clock, which this moves. */
  readonly clock: { now: number }
}

/** Everyone in it agrees, a minute is recorded, and all go. The first of them is the host. */
export async function recordCall(
  { log, statements, recordingsDir, recipient, clock }: Stage,
  {
    names,
    recordingDays = 30,
    evidenceDays = 365,
  }: { names: readonly string[]; recordingDays?: number; evidenceDays?: number },
): Promise<RecordedCall> {
  const session = newId.session()
  const requestId = newId.request()
  const people = names.map((name) => ({
    ref: newId.person(),
    name,
    account: `${name.toLowerCase().replaceAll(' ', '.')}@example.org`,
  }))
  const host = people[0]!
  const text = noticeOf(requestId)
  const notice = JSON.stringify({
    ...text,
    session: { id: session, startedAt: clock.now },
    askedBy: { name: host.name, at: clock.now },
    retention: { ...text.retention, recordingDays, evidenceDays },
    validity: { from: clock.now, until: 'end-of-session' },
  } satisfies Notice)
  const noticeSha256 = Sha256.parse(hash('sha256', notice))
  const story = new SignedStory(statements, log)
  let acts = 0
  const say = async (core: CoreRecord, about?: Caller): Promise<number> => {
    const entry = story.entry(`${session}/${acts++}`, core)
    const { index } = await log.append({
      ...entry,
      ...(about && { subject: subjectOf(about, clock.now) }),
      ...(core.type === 'request' && { notice }),
    })
    return index
  }
  const at = <const S extends string>(state: S) => ({ state, time: clock.now })

  await say({ ...recordHeader('session-open', session), event: at('opened') })
  const validity = { from: clock.now, until: 'end-of-session' } as const
  for (const caller of people)
    await say(
      {
        ...recordHeader('request', session),
        event: { ...at('requested'), entity: host.ref, validity },
        requestId,
        subject: { ref: caller.ref },
        policy: 'everyone',
        notice: shownNotice(Notice.parse(JSON.parse(notice)), noticeSha256, null),
        ...requestTerms(Notice.parse(JSON.parse(notice))),
      },
      caller,
    )
  const yeses = new Map<PersonId, number>()
  const present = people.map(({ ref }) => ref)
  for (const caller of people) {
    const yes = await say(
      {
        ...recordHeader('decision', session),
        event: { ...at('given'), cause: 'click', validity },
        requestId,
        subject: { ref: caller.ref },
        noticeSha256,
        present,
      },
      caller,
    )
    yeses.set(caller.ref, yes)
  }
  await say({
    ...recordHeader('gate-open', session),
    event: at('opened'),
    requestId,
    policy: 'everyone',
    decisions: [...yeses.values()].map((index): [string, number] => [log.origin, index]),
    present,
  })
  const run = { requestId, recordingId: requestId }
  const tracks = people.map(({ ref }) => ({ subject: { ref }, source: 'microphone' as const }))
  await say({ ...recordHeader('effect-started', session), event: at('started'), ...run, tracks })
  const startedAt = clock.now + 10
  clock.now += 60_000
  const endedMs = clock.now - 10
  const { folder, sealed, manifestSha256 } = await writeFolder(
    { requestId, session, notice, noticeSha256, startedAt, recipient, recordingsDir, endedMs },
    people,
  )
  await say({
    ...recordHeader('gate-closed', session),
    event: { ...at('closed'), cause: 'stopped' },
    requestId,
  })
  await say({
    ...recordHeader('effect-stopped', session),
    event: at('stopped'),
    ...run,
    tracks: tracks.map((track) => ({ ...track, startedAt, stoppedAt: endedMs })),
    mediaSha512: sealed,
    manifestSha256,
  })
  await say({
    ...recordHeader('request-over', session),
    event: { ...at('over'), cause: 'stopped' },
    requestId,
  })
  await say({
    ...recordHeader('session-close', session),
    event: { ...at('closed'), cause: 'empty' },
  })
  return { session, requestId, people, notice, folder, yeses, endedMs }
}

const subjectOf = ({ name, account }: Caller, time: number) => ({
  name,
  account,
  auth: { method: 'jwt', issuer: 'https://id.example.org', time },
})

/** A recording as the recorder leaves it, of one sealed segment for each person. */
async function writeFolder(
  about: {
    requestId: RequestId
    session: SessionId
    notice: string
    noticeSha256: Sha256
    startedAt: number
    endedMs: number
    recipient: string
    recordingsDir: string
  },
  people: readonly Caller[],
) {
  const { startedAt, endedMs, recipient, requestId } = about
  const folder = join(about.recordingsDir, requestId)
  const readers: NewRecording['readers'] = [
    { readerId: ReaderId.parse('archive'), name: 'Archive', recipient },
  ]
  await startFolder({ ...about, folder, readers })
  const sealer = sealTo([recipient])
  const hashes: string[] = []
  for (const [n, { ref, name }] of people.entries()) {
    await sealPerson(folder, ref, name, readers)
    const track = { n, source: 'microphone' } as const
    const media = await sealer.seal(randomBytes(2000))
    const mediaSha512 = createHash('sha512').update(media).digest('hex')
    hashes.push(mediaSha512)
    await mkdir(join(folder, trackFolder(track)))
    await writeFile(join(folder, segmentPath(track, 0)), media)
    const lines = [
      lineOf({ type: 'track', ...track, person: ref, codec: 'opus', width: null, height: null }),
      lineOf({
        type: 'segment',
        n,
        i: 0,
        bytes: media.length,
        sha256: Sha256.parse(hash('sha256', media)),
        from: startedAt,
        to: endedMs,
      }),
      lineOf({ type: 'closed', n, mediaSha512 }),
    ]
    await disk.append(join(folder, journalName), lines.join(''))
  }
  const manifestSha256 = await completeFolder(folder, {
    state: 'finished',
    log: { origin: null, indexes: [] },
  })
  return { folder, sealed: hashes, manifestSha256: manifestSha256! }
}
