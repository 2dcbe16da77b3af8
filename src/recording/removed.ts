import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PersonId, RequestId } from '#protocol'
import { disk, remove } from './disk.ts'
import { exists } from './folder.ts'
import { mendJournal } from './journal.ts'
import { destroyIn } from './removal.ts'

/** A whole recording, or one person's part of it. */
export interface Removed {
  readonly requestId: RequestId
  readonly person: PersonId | null
}

/**
 * Remembers, apart from the recordings, which of them were removed: whoever puts back a backup from before then removes
 * them again. Random ids alone, which name nothing once it is gone. Called once at start, before anything is noted.
 */
export async function prepareRemoved(file: string): Promise<void> {
  if (await exists(file)) await mendJournal(file)
  else await disk.write(file, new Uint8Array())
}

/** Durable on return. Before the removal, so that a crash in between leaves too much noted, never too little. */
export function noteRemoved(file: string, { requestId, person }: Removed): Promise<void> {
  return disk.append(file, person === null ? `${requestId}\n` : `${requestId} ${person}\n`)
}

/** Removes from a restored folder what had been removed before. Answers of how many it found something. */
export async function removeAgain(folder: string, all: readonly Removed[]): Promise<number> {
  let found = 0
  for (const { requestId, person } of all) {
    const recording = join(folder, requestId)
    if (!(await exists(recording))) continue
    if (person === null) await remove(recording)
    else if ((await destroyIn(recording, person, Date.now())).tracks.length === 0) continue
    found += 1
  }
  return found
}

/** Where a server notes it, beside the file that notes the size of its log. */
export const removedFile = (guardFile: string): string => `${guardFile}.recordings`

/** A line that a crash tore off is left out: nothing had been removed yet. Throws when there is no such file. */
export async function readRemoved(file: string): Promise<Removed[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  return lines.map((line) => {
    const [requestId, person] = line.split(' ')
    return {
      requestId: RequestId.parse(requestId),
      person: person === undefined ? null : PersonId.parse(person),
    }
  })
}
