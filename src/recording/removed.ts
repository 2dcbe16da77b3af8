import { readFile } from 'node:fs/promises'
import { PersonId, RequestId } from '#protocol'
import { disk } from './disk.ts'
import { exists } from './folder.ts'
import { mendJournal } from './journal.ts'

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
