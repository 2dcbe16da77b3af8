import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CallError, Notice, type PersonId } from '#protocol'
import type { NewRecording } from './contract.ts'
import { disk } from './disk.ts'
import { lineOf } from './journal.ts'
import { journalName, noticeName, personPath, reserveName } from './names.ts'
import { sealTo } from './seal.ts'

type Start = Pick<NewRecording, 'requestId' | 'session' | 'notice' | 'noticeSha256' | 'readers'> & {
  readonly folder: string
  readonly startedAt: number
}

/**
 * A recording's folder with all that stands before any media: the sealed notice and the journal's first line. When it
 * cannot be had whole, nothing of it is left; one that is there already is not touched.
 */
export async function startFolder(start: Start): Promise<void> {
  if (await exists(start.folder))
    throw new CallError('RECORDER_FAILED', 'a recording of this request is there already')
  try {
    await fill(start)
  } catch (error) {
    // What hinders the removal has hindered the start.
    await Promise.allSettled([rm(start.folder, { recursive: true, force: true })])
    throw error
  }
}

async function fill({
  folder,
  requestId,
  session,
  notice,
  noticeSha256,
  readers,
  startedAt,
}: Start): Promise<void> {
  const sealer = sealTo(readers.map(({ recipient }) => recipient))
  await disk.folder(join(folder, 'tracks'))
  await disk.folder(join(folder, 'people'))
  await disk.write(join(folder, reserveName), new Uint8Array(reserveBytes))
  await disk.write(join(folder, noticeName(1)), await sealer.seal(Buffer.from(notice)))
  await disk.append(
    join(folder, journalName),
    lineOf({
      type: 'recording',
      requestId,
      session,
      noticeSha256,
      startedAt,
      retentionDays: Notice.parse(JSON.parse(notice)).retention.recordingDays,
      readers: readers.map(({ readerId, recipient }) => ({ readerId, recipient })),
    }),
  )
}

/** Keeps the notice that people are shown from now on, for the readers. `n`: how many there are with it. */
export async function addNotice(
  folder: string,
  n: number,
  { notice, noticeSha256, readers }: Pick<NewRecording, 'notice' | 'noticeSha256' | 'readers'>,
  now: number,
): Promise<void> {
  const sealer = sealTo(readers.map(({ recipient }) => recipient))
  await disk.write(join(folder, noticeName(n)), await sealer.seal(Buffer.from(notice)))
  await disk.append(
    join(folder, journalName),
    lineOf({ type: 'notice', sha256: noticeSha256, at: now }),
  )
}

/** What the readers shall see this person called. */
export async function sealPerson(
  folder: string,
  person: PersonId,
  name: string,
  readers: NewRecording['readers'],
): Promise<void> {
  const sealer = sealTo(readers.map(({ recipient }) => recipient))
  await disk.write(
    join(folder, personPath(person)),
    await sealer.seal(Buffer.from(JSON.stringify({ name }))),
  )
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** Kept so that a disk that media has filled still takes the manifest: eight hours of one track, an hour of eight. */
const reserveBytes = 4 * 1024 * 1024
