import { join } from 'node:path'
import { userInfo } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog, startOperatorSocket } from '#server'
import { sweepCommand } from '../../../src/cli/sweep.ts'
import { dayMs } from '../../../src/privacy/retention.ts'
import type { Sweeper } from '../../../src/privacy/sweeper.ts'
import { run, type Said } from './backed-up.ts'
import { answering } from '../../support/operator-handlers.ts'
import { SweptFolder } from './swept.ts'

let at: SweptFolder
let sweeper: Sweeper
let socket: AsyncDisposable
beforeEach(async () => {
  at = await SweptFolder.open()
  sweeper = at.sweeper()
  await at.pass(0, sweeper)
  socket = await startOperatorSocket({
    path: join(at.dir, 'operator.sock'),
    log: createLog('silent'),
    archive: async () => null,
    handlers: answering({
      'sweep.run': ({ isDry }, entity) => sweeper.run({ cause: 'operator', entity }, { isDry }),
    }),
  })
})
afterEach(async () => {
  await socket[Symbol.asyncDispose]()
  await sweeper[Symbol.asyncDispose]()
  await at[Symbol.asyncDispose]()
})

const sweep = (...args: string[]): Promise<Said> => run(sweepCommand, args)

test('an operator sees what would go, has it removed, and is named in the log', async () => {
  const [due, held] = [await at.call(['Anna']), await at.call(['Ben'])]
  await at.log.ask({ what: 'hold', session: held.session, isHeld: true })
  at.clock.now = due.endedMs + 31 * dayMs
  const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  const counted = ({ endedMs }: typeof due) =>
    `counted from ${date(endedMs)}, kept 30 days, until ${date(endedMs + 30 * dayMs)}`
  const dry = await sweep('--data', at.dir, '--dry-run')
  expect(dry).toEqual({
    exit: 0,
    err: '',
    out: [
      ...[
        `Due      recording       ${due.requestId}  ${counted(due)}`,
        `On hold  recording       ${held.requestId}  ${counted(held)}`,
      ].toSorted((a, b) => (a.slice(25) < b.slice(25) ? -1 : 1)),
      'recording:       0 removed, 1 due, 1 kept on hold, 0 failed',
      'In all: 0 removed, 1 due, 1 kept on hold, 0 failed.',
      '',
    ].join('\n'),
  })
  expect(at.recordings()).toHaveLength(2)

  const { exit, out } = await sweep('--data', at.dir, '--json')
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    things: expect.arrayContaining([
      expect.objectContaining({ id: due.requestId, state: 'removed' }),
      expect.objectContaining({ id: held.requestId, state: 'held' }),
    ]),
  })
  expect(at.recordings()).toEqual([held.requestId])
  expect(await at.cores(null)).toMatchObject([
    { event: { cause: 'operator', entity: userInfo().username } },
  ])
})

test('what cannot be removed is told, with exit code 1', async () => {
  const call = await at.call(['Anna'])
  await sweeper[Symbol.asyncDispose]()
  const erase = () => Promise.reject(new Error('EIO'))
  sweeper = at.sweeper({ vault: { list: () => at.vault.list(), erase } })
  at.clock.now += 31 * dayMs
  const { exit, out } = await sweep('--data', at.dir)
  expect(exit).toBe(1)
  expect(out).toContain(`FAILED   recording       ${call.requestId}`)
  expect(out).toContain(': see the server’s log\n')
})

test.each([
  [[], 'name the server’s data folder with --data'],
  [['--data', 'a', '--config', 'b'], 'name --data or --config, not both'],
  [['--data', '/nonexistent'], 'no server listens at /nonexistent/operator.sock'],
  [['--dry'], "Unknown option '--dry'"],
])('with %j it says what is missing', async (args, message) => {
  const { exit, out, err } = await sweep(...args)
  expect(exit).toBe(2)
  expect(out).toBe('')
  expect(err).toContain(message)
  expect(err).toMatch(/^assent sweep(:| could not run:) /)
})
