import { readFileSync } from 'node:fs'

/** What a process did to its files, and said, in the order in which it did. Inodes are the file system's numbers. */
export type Operation =
  | { readonly type: 'created' | 'mkdir'; readonly inode: bigint; readonly path: string }
  | {
      readonly type: 'written'
      readonly inode: bigint
      readonly offset: number
      readonly bytes: Uint8Array
    }
  | { readonly type: 'truncated'; readonly inode: bigint; readonly size: number }
  | {
      readonly type: 'synced'
      readonly inode: bigint
      readonly isFailed: boolean
      readonly isFolder: boolean
    }
  | { readonly type: 'renamed' | 'linked'; readonly from: string; readonly to: string }
  | { readonly type: 'unlinked'; readonly path: string }
  | { readonly type: 'said'; readonly text: string }
  /** The fault that was asked for comes now, at this file; 0 for one that is made, renamed or deleted. */
  | { readonly type: 'faulted'; readonly inode: bigint }

/** The whole operations in the file; a process that was killed may have begun one more. */
export function readJournal(path: string): Operation[] {
  const file = readFileSync(path)
  const operations: Operation[] = []
  for (let at = 0; at + headBytes <= file.length;) {
    const pathAt = at + headBytes
    const dataAt = pathAt + file.readUInt32LE(at + 20)
    const end = dataAt + file.readUInt32LE(at + 24)
    if (end > file.length) break
    operations.push(
      operation(file.readUInt32LE(at + 16), {
        inode: file.readBigUInt64LE(at),
        offset: Number(file.readBigUInt64LE(at + 8)),
        path: file.toString('utf8', pathAt, dataAt),
        data: file.subarray(dataAt, end),
      }),
    )
    at = end
  }
  return operations
}

/** `struct head` in faults.c. */
const headBytes = 32

type Parts = {
  readonly inode: bigint
  readonly offset: number
  readonly path: string
  readonly data: Buffer
}

/** The numbers are those of `enum entry`. */
function operation(entry: number, { inode, offset, path, data }: Parts): Operation {
  switch (entry) {
    case 0:
      return { type: 'created', inode, path }
    case 1:
      return { type: 'mkdir', inode, path }
    case 2:
      return { type: 'written', inode, offset, bytes: data }
    case 3:
      return { type: 'truncated', inode, size: offset }
    case 4:
      return { type: 'synced', inode, isFailed: false, isFolder: offset === 1 }
    case 5:
      return { type: 'synced', inode, isFailed: true, isFolder: offset === 1 }
    case 6:
      return { type: 'renamed', from: path, to: data.toString() }
    case 7:
      return { type: 'linked', from: path, to: data.toString() }
    case 8:
      return { type: 'unlinked', path }
    case 9:
      return { type: 'said', text: data.toString() }
    case 10:
      return { type: 'faulted', inode }
    default:
      throw new Error(`the journal holds an entry of kind ${entry}`)
  }
}
