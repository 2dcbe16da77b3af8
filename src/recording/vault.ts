import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CallError, RequestId } from '#protocol'
import type { Destroyed, NewRecording, Recording, Recovered, Vault } from './contract.ts'
import { remove } from './disk.ts'
import { exists } from './folder.ts'
import { mendJournal } from './journal.ts'
import { completeFolder } from './manifest.ts'
import { journalName, manifestName } from './names.ts'
import { RunningRecording } from './recording.ts'
import { destroyIn } from './removal.ts'
import { noteRemoved, prepareRemoved } from './removed.ts'
import { Turns } from './turns.ts'

export interface VaultOptions {
  /** For recordings alone; created with the first of them. */
  readonly folder: string
  /** The consent log's name, for the manifests. */
  readonly logOrigin: string | null
  /** Remembers what was removed, for a restore; best on another volume. `recover` makes it. */
  readonly removedFile: string
}

/** Opens nothing yet. Disposing it ends what is running; `recover` completes that at the next start. */
export function openVault({ folder, logOrigin, removedFile }: VaultOptions): Vault {
  const running = new Map<RequestId, RunningRecording>()
  /** Two people who have their parts destroyed at once both change the one manifest. */
  const turns = new Turns<RequestId>()
  const folderOf = (requestId: RequestId): string => join(folder, requestId)

  function newRecording(about: NewRecording): Recording {
    if (running.has(about.requestId))
      throw new CallError('RECORDER_FAILED', 'this request is being recorded already')
    const recording = new RunningRecording({
      ...about,
      folder: folderOf(about.requestId),
      logOrigin,
    })
    running.set(about.requestId, recording)
    return {
      apply: (permit) => recording.apply(permit),
      changeNotice: (notice, sha256) => recording.changeNotice(notice, sha256),
      revoke: (person) => recording.revoke(person),
      endInterval: () => recording.endInterval(),
      tapped: () => recording.tapped(),
      async finish(logIndexes) {
        try {
          return await recording.finish(logIndexes)
        } finally {
          running.delete(about.requestId)
        }
      },
    }
  }

  async function destroy(
    requestId: RequestId,
    person: Parameters<Vault['destroy']>[1],
  ): Promise<Destroyed> {
    const live = running.get(requestId)
    if (live === undefined) await mustExist(requestId)
    await noteRemoved(removedFile, { requestId, person })
    if (live !== undefined) return live.destroy(person)
    return turns.run(requestId, () => destroyIn(folderOf(requestId), person, Date.now()))
  }

  async function erase(requestId: RequestId, said?: () => Promise<unknown>): Promise<void> {
    if (running.has(requestId)) throw new CallError('BAD_REQUEST', 'requestId: still running')
    await mustExist(requestId)
    await noteRemoved(removedFile, { requestId, person: null })
    await turns.run(requestId, async () => {
      for (const name of await readdir(folderOf(requestId)))
        if (name !== manifestName) await remove(join(folderOf(requestId), name))
      await said?.()
      await remove(folderOf(requestId))
    })
  }

  async function list(): Promise<RequestId[]> {
    if (!(await exists(folder))) return []
    const names = await readdir(folder)
    return names
      .map((name) => RequestId.safeParse(name))
      .flatMap(({ data }) => (data === undefined || running.has(data) ? [] : [data]))
  }

  async function recover(): Promise<Recovered[]> {
    const recovered: Recovered[] = []
    await prepareRemoved(removedFile)
    for (const requestId of await list()) {
      const lost = folderOf(requestId)
      if (await exists(join(lost, manifestName))) continue
      recovered.push(await complete(requestId, lost))
    }
    return recovered
  }

  async function complete(requestId: RequestId, lost: string): Promise<Recovered> {
    try {
      if (!(await exists(join(lost, journalName)))) {
        // It had not got as far as its first line.
        await remove(lost)
        return { requestId, state: 'empty' }
      }
      await mendJournal(join(lost, journalName))
      const log = { origin: logOrigin, indexes: [] }
      const manifestSha256 = await completeFolder(lost, { state: 'interrupted', log })
      return manifestSha256 === null
        ? { requestId, state: 'empty' }
        : { requestId, state: 'completed', manifestSha256 }
    } catch (cause) {
      return { requestId, state: 'failed', cause }
    }
  }

  async function mustExist(requestId: RequestId): Promise<void> {
    if (!(await exists(folderOf(requestId))))
      throw new CallError('NOT_FOUND', 'requestId: no such recording')
  }

  return {
    newRecording,
    destroy,
    erase,
    list,
    recover,
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map((recording) => recording.abandon()))
      running.clear()
    },
  }
}
