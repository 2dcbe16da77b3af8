import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '#protocol'
import { openVault, readRemoved, type Vault } from '#recording'

let dir: string
let vault: Vault
const requestId = newId.request()
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'assent-removed-'))
  vault = openVault({
    folder: join(dir, 'recordings'),
    logOrigin: null,
    removedFile: join(dir, 'removed'),
  })
})
afterEach(() => rm(dir, { recursive: true }))

/** As after a crash: begun, and never ended. */
async function unfinished(): Promise<string> {
  const folder = join(dir, 'recordings', requestId)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'journal.jsonl'), '')
  return folder
}

test('what is removed is remembered before it is gone', async () => {
  const folder = await unfinished()
  await rm(join(dir, 'removed'), { force: true })
  await mkdir(join(dir, 'removed'))
  await expect(vault.erase(requestId)).rejects.toMatchObject({ code: 'EISDIR' })
  expect(existsSync(folder)).toBe(true)
  await rm(join(dir, 'removed'), { recursive: true })
  await vault.erase(requestId)
  expect(existsSync(folder)).toBe(false)
  expect(await readRemoved(join(dir, 'removed'))).toEqual([{ requestId, person: null }])
})

test('of a recording that is not there nothing is remembered', async () => {
  await vault.recover()
  await expect(vault.erase(requestId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(vault.destroy(requestId, newId.person())).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await readRemoved(join(dir, 'removed'))).toEqual([])
})

test('a line that a crash tore off is left out, and cut off before more is written', async () => {
  const file = join(dir, 'removed')
  const person = newId.person()
  await appendFile(file, `${requestId} ${person}\n${requestId.slice(0, 9)}`)
  expect(await readRemoved(file)).toEqual([{ requestId, person }])
  await vault.recover()
  expect(await readFile(file, 'utf8')).toBe(`${requestId} ${person}\n`)
})

test('a list that is none is not read as an empty one', async () => {
  const file = join(dir, 'removed')
  await writeFile(file, 'something else\n')
  await expect(readRemoved(file)).rejects.toThrow()
  await rm(file)
  await expect(readRemoved(file)).rejects.toMatchObject({ code: 'ENOENT' })
})
