import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The few things the recorder does with a disk; tests put failing ones in its place. */
export interface Disk {
  /** Creates a folder with its missing parents, durably. */
  folder(path: string): Promise<void>
  /** The whole file or nothing, durable on return: temporary name, fsync, rename, fsync of the folder. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Adds to the end of a file, durable on return. */
  append(path: string, text: string): Promise<void>
}

export const disk: Disk = {
  async folder(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 })
    for (let made = path; first !== undefined; made = dirname(made)) {
      await syncFolder(dirname(made))
      if (made === first) break
    }
  },
  async write(path, bytes) {
    const temporary = `${path}.tmp`
    try {
      await using file = await open(temporary, 'w', 0o600)
      await file.writeFile(bytes)
      await file.sync()
    } catch (error) {
      // What was written of it takes up room that the next try may need.
      await rm(temporary, { force: true })
      throw error
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  },
  async append(path, text) {
    await using file = await open(path, 'a', 0o600)
    await file.writeFile(text)
    await file.datasync()
  },
}

/** A name is durable only once its folder is (fsync(2)). */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY)
  await folder.sync()
}

/** Deletes a file or folder, durably. */
export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await syncFolder(dirname(path))
}
