import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backupName, backupShelf } from '#privacy'
import { dayMs } from '../../../src/privacy/retention.ts'

const lives = { recording: 1, evidence: 1, 'rights-request': 1, backup: 14 }
const madeAt = Date.UTC(2026, 2, 4, 5, 6, 7)

test('a backup goes to the second that its name says, one that was never finished as well, and nothing else', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'assent-backups-'))
  const [old, young] = [backupName(madeAt), backupName(madeAt + 1000)]
  expect(old).toBe('assent-20260304T050607Z.backup.age')
  const others = ['diary.age', 'assent-2026.backup.age', `${old}.txt`, `my-${old}`]
  for (const name of [old, young, `${old}.new`, ...others]) await writeFile(join(dir, name), '')
  const shelf = backupShelf(dir, lives)
  const at = madeAt + 14 * dayMs
  expect(await shelf.due(at - 1)).toEqual([])
  const due = await shelf.due(at)
  expect(due.map(({ id }) => id).toSorted()).toEqual([old, `${old}.new`])
  for (const { id } of due) await shelf.remove(id)
  expect((await readdir(dir)).toSorted()).toEqual([young, ...others].toSorted())
  await rm(dir, { recursive: true })
})

test('a folder that is not there is told, not taken for an empty one', async () => {
  await expect(backupShelf('/nonexistent', lives).due(0)).rejects.toMatchObject({ code: 'ENOENT' })
})
