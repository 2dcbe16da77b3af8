import type { LogKeys, Tree } from '#protocol'
import type { HeldReceipt } from './receipt.ts'

/** A log as this browser knows it: the keys it saw first, and the largest tree that was proven to it. */
export interface KnownLog {
  readonly keys: LogKeys
  readonly seen: Tree
}

/**
 * What a browser keeps of calls, for one purpose each: a key, to come back as the same person; what logs looked like, to
 * notice when they are rewritten; receipts, which belong to the person. Nothing of it is sent anywhere.
 */
export interface Keeper {
  keyOf(session: string): Promise<CryptoKeyPair | undefined>
  keepKey(session: string, pair: CryptoKeyPair): Promise<void>
  forgetKey(session: string): Promise<void>
  log(origin: string): Promise<KnownLog | undefined>
  keepLog(log: KnownLog): Promise<void>
  /** Newest first. */
  receipts(): Promise<readonly HeldReceipt[]>
  keepReceipt(receipt: HeldReceipt): Promise<void>
  forgetReceipt(id: string): Promise<void>
}

/** Keeps it as long as this page: for programs, and browsers that refuse storage. */
export function memoryKeeper(): Keeper {
  const keys = new Map<string, CryptoKeyPair>()
  const logs = new Map<string, KnownLog>()
  const receipts = new Map<string, HeldReceipt>()
  return {
    keyOf: async (session) => keys.get(session),
    keepKey: async (session, pair) => void keys.set(session, pair),
    forgetKey: async (session) => void keys.delete(session),
    log: async (origin) => logs.get(origin),
    keepLog: async (log) => void logs.set(log.keys.origin, log),
    receipts: async () => newestFirst([...receipts.values()]),
    keepReceipt: async (receipt) => void receipts.set(receipt.id, receipt),
    forgetReceipt: async (id) => void receipts.delete(id),
  }
}

/** Keeps it in this browser, until the person clears it. Falls back on memory where storage is refused. */
export function browserKeeper(): Keeper {
  const memory = memoryKeeper()
  const database = open().catch(() => null)
  const via = async <T>(
    store: Store,
    mode: IDBTransactionMode,
    act: (objects: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | null> => {
    const opened = await database
    return opened === null ? null : done(act(opened.transaction(store, mode).objectStore(store)))
  }
  return {
    keyOf: async (session) =>
      (await via<CryptoKeyPair | undefined>('keys', 'readonly', (keys) => keys.get(session))) ??
      memory.keyOf(session),
    keepKey: async (session, pair) => {
      await memory.keepKey(session, pair)
      await via('keys', 'readwrite', (keys) => keys.put(pair, session))
    },
    forgetKey: async (session) => {
      await memory.forgetKey(session)
      await via('keys', 'readwrite', (keys) => keys.delete(session))
    },
    log: async (origin) =>
      (await via<KnownLog | undefined>('logs', 'readonly', (logs) => logs.get(origin))) ??
      memory.log(origin),
    keepLog: async (log) => {
      await memory.keepLog(log)
      await via('logs', 'readwrite', (logs) => logs.put(log, log.keys.origin))
    },
    receipts: async () =>
      newestFirst(
        (await via<HeldReceipt[]>('receipts', 'readonly', (all) => all.getAll())) ??
          (await memory.receipts()),
      ),
    keepReceipt: async (receipt) => {
      await memory.keepReceipt(receipt)
      await via('receipts', 'readwrite', (all) => all.put(receipt, receipt.id))
    },
    forgetReceipt: async (id) => {
      await memory.forgetReceipt(id)
      await via('receipts', 'readwrite', (all) => all.delete(id))
    },
  }
}

type Store = (typeof stores)[number]
const stores = ['keys', 'logs', 'receipts'] as const

async function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open('assent', 1)
  opening.addEventListener('upgradeneeded', () => {
    for (const store of stores) opening.result.createObjectStore(store)
  })
  return done(opening)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () =>
      reject(request.error ?? new Error('storage refused it')),
    )
  })
}

const newestFirst = (receipts: readonly HeldReceipt[]): readonly HeldReceipt[] =>
  receipts.toSorted((a, b) => b.time - a.time)
