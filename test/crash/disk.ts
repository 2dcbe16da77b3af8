import { dirname } from 'node:path'
import type { Operation } from './journal.ts'

/** The bytes of each file by its path, null for a folder. */
export type Image = ReadonlyMap<string, Uint8Array | null>

/** What a power cut leaves of all that was never synced. Disks write sectors of 512 bytes whole or not at all. */
export type Cut = {
  readonly unit: 'write' | 'sector'
  /** Whether one such thing is there all the same; asked once for each. */
  readonly isKept: () => boolean
}

export const nothing: Cut = { unit: 'write', isKept: () => false }
export const everything: Cut = { unit: 'write', isKept: () => true }

/**
 * A disk as POSIX promises it, and no better: bytes and sizes last once their file was synced, names once their folder
 * was. Bytes that waited for a sync that failed are never written again, though they can still be read; so does Linux.
 */
export class Disk {
  readonly #root: string
  readonly #byInode = new Map<bigint, Node>()
  /** By path, as processes see it. */
  readonly #seen = new Map<string, Node>()

  /** All that is found is durable; folders come before what is in them, the first is the root. */
  constructor(found: readonly Found[]) {
    this.#root = found[0]!.path
    for (const { path, inode, bytes } of found) {
      const node = bytes === null ? newFolder() : newFile(bytes)
      this.#byInode.set(inode, node)
      this.#seen.set(path, node)
      if (path !== this.#root) this.#folderOf(path).base.set(path, node)
    }
  }

  apply(operation: Operation): void {
    switch (operation.type) {
      case 'created':
        return this.#create(operation.path, operation.inode, newFile(new Uint8Array()))
      case 'mkdir':
        return this.#create(operation.path, operation.inode, newFolder())
      case 'written':
      case 'truncated': {
        const file = this.#node(operation.inode)
        if (file.type === 'file') file.changes.push({ what: operation, state: 'waiting' })
        return
      }
      case 'synced':
        return sync(this.#node(operation.inode), operation.isFailed)
      case 'renamed':
        return this.#rename(operation.to, [
          [operation.to, this.#seen.get(operation.from)],
          [operation.from, undefined],
        ])
      case 'linked':
        return this.#rename(operation.to, [[operation.to, this.#seen.get(operation.from)]])
      case 'unlinked':
        return this.#rename(operation.path, [[operation.path, undefined]])
      case 'said':
      case 'faulted':
    }
  }

  has(path: string): boolean {
    return this.#seen.has(path)
  }

  pathOf(inode: bigint): string | undefined {
    const node = this.#node(inode)
    return this.#seen.entries().find(([, one]) => one === node)?.[0]
  }

  /** Whether there is anything that a sync of it would make durable. */
  isWaiting(inode: bigint): boolean {
    return this.#node(inode).changes.some(({ state }) => state === 'waiting')
  }

  /** As the next start finds it. */
  after(cut: Cut): Image {
    const image = new Map<string, Uint8Array | null>()
    // A file may have two names.
    const bytes = new Map<Node, Uint8Array>()
    const visit = (path: string, node: Node): void => {
      if (node.type === 'file') {
        const its = bytes.get(node) ?? bytesAfter(node, cut)
        bytes.set(node, its)
        image.set(path, its)
      } else {
        image.set(path, null)
        for (const [inner, its] of namesAfter(node, cut)) visit(inner, its)
      }
    }
    visit(this.#root, this.#seen.get(this.#root)!)
    return image
  }

  #create(path: string, inode: bigint, node: Node): void {
    // The file system gives the number of a deleted file to a new one.
    this.#byInode.set(inode, node)
    this.#rename(path, [[path, node]])
  }

  #rename(path: string, what: Names): void {
    for (const [name, node] of what) {
      if (node === undefined) this.#seen.delete(name)
      else this.#seen.set(name, node)
    }
    this.#folderOf(path).changes.push({ what, state: 'waiting' })
  }

  #node(inode: bigint): Node {
    const node = this.#byInode.get(inode)
    if (node === undefined) throw new Error(`nothing has the inode ${inode}`)
    return node
  }

  #folderOf(path: string): Folder {
    const node = this.#seen.get(dirname(path))
    if (node?.type !== 'folder') throw new Error(`${dirname(path)} is no folder`)
    return node
  }
}

export type Found = {
  readonly path: string
  readonly inode: bigint
  readonly bytes: Uint8Array | null
}

/** `forsaken`: the sync of it failed. */
type Change<T> = { readonly what: T; state: 'waiting' | 'durable' | 'forsaken' }
type Names = readonly (readonly [path: string, node: Node | undefined])[]
type Content = Extract<Operation, { readonly type: 'written' | 'truncated' }>
/** `base` is durable; the changes come on top of it, in their order. */
type File = { readonly type: 'file'; base: Uint8Array; changes: Change<Content>[] }
type Folder = { readonly type: 'folder'; base: Map<string, Node>; changes: Change<Names>[] }
type Node = File | Folder

const newFile = (base: Uint8Array): File => ({ type: 'file', base, changes: [] })
const newFolder = (): Folder => ({ type: 'folder', base: new Map(), changes: [] })

function sync(node: Node, isFailed: boolean): void {
  if (isFailed && node.type === 'folder') return
  for (const change of node.changes)
    if (change.state === 'waiting') change.state = isFailed ? 'forsaken' : 'durable'
  if (node.changes.some(({ state }) => state === 'forsaken')) return
  // Only to save time: with the same bytes behind it, the list may be forgotten.
  if (node.type === 'file') node.base = bytesAfter(node, nothing)
  else node.base = namesAfter(node, nothing)
  node.changes = []
}

function namesAfter({ base, changes }: Folder, { isKept }: Cut): Map<string, Node> {
  const names = new Map(base)
  for (const { what, state } of changes) {
    if (state !== 'durable' && !isKept()) continue
    for (const [path, node] of what) {
      if (node === undefined) names.delete(path)
      else names.set(path, node)
    }
  }
  return names
}

function bytesAfter({ base, changes }: File, { unit, isKept }: Cut): Uint8Array {
  // Not `slice`, which of a Buffer is no copy.
  let bytes: Uint8Array = new Uint8Array(base)
  for (const { what, state } of changes) {
    const parts = state === 'waiting' && unit === 'sector' ? sectors(what) : [what]
    for (const part of parts) if (state === 'durable' || isKept()) bytes = changed(bytes, part)
  }
  return bytes
}

function changed(bytes: Uint8Array, change: Content): Uint8Array {
  const isWrite = change.type === 'written'
  const size = isWrite ? Math.max(bytes.length, change.offset + change.bytes.length) : change.size
  if (size < bytes.length) return bytes.subarray(0, size)
  const next = size === bytes.length ? bytes : new Uint8Array(size)
  if (next !== bytes) next.set(bytes)
  if (isWrite) next.set(change.bytes, change.offset)
  return next
}

function sectors(change: Content): Content[] {
  if (change.type === 'truncated') return [change]
  const { inode, offset, bytes } = change
  const parts: Content[] = []
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + sectorBytes - ((offset + from) % sectorBytes))
    parts.push({ type: 'written', inode, offset: offset + from, bytes: bytes.subarray(from, to) })
    from = to
  }
  return parts
}

const sectorBytes = 512
