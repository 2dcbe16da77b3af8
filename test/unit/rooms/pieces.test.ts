import { describe, expect, test } from 'vitest'
import { createMetrics } from '#metrics'
import { RecorderTally } from '#rooms'
import { newId } from '#protocol'
import { Mailbox } from '../../../src/rooms/mailbox.ts'
import { Peer } from '../../../src/rooms/peer.ts'
import { showOnAllPages } from '../../../src/rooms/show.ts'
import { capabilities } from './fake-media.ts'
import { principal } from './page.ts'

describe('a mailbox', () => {
  test('does one thing at a time, in order, and a failure reaches its own caller alone', async () => {
    const mailbox = new Mailbox()
    const done: string[] = []
    const first = Promise.withResolvers<void>()
    const results = [
      mailbox.run(async () => {
        await first.promise
        done.push('first')
      }),
      mailbox.run(async () => {
        done.push('second')
        throw new Error('second')
      }),
      mailbox.run(async () => {
        done.push('third')
        return 3
      }),
    ]
    await new Promise(setImmediate)
    expect(done).toEqual([])
    first.resolve()
    expect((await Promise.allSettled(results)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(done).toEqual(['first', 'second', 'third'])
  })
})

describe('showing the mark', () => {
  const person = newId.person()
  type Answer = PromiseWithResolvers<object>
  /** A page that answers when told to. */
  function page(isIn = true): { peer: Peer; answer: Answer } {
    const answer = Promise.withResolvers<object>()
    const line = {
      event: () => undefined,
      close: () => answer.reject(new Error('closed')),
      request: () => answer.promise as Promise<never>,
    }
    const peer = new Peer({ person, name: 'Ann', principal: principal('ann'), capabilities, line })
    if (isIn) peer.welcome(() => ({}) as never)
    return { peer, answer }
  }
  async function show(pages: Peer[], act: (pages: Peer[]) => void): Promise<number> {
    let shown = 0
    showOnAllPages(
      [person],
      newId.request(),
      () => pages,
      () => {
        shown++
      },
    )
    act(pages)
    await new Promise(setImmediate)
    return shown
  }

  test('counts once, when all pages have answered', async () => {
    const [one, two] = [page(), page()]
    expect(await show([one.peer, two.peer], () => one.answer.resolve({}))).toBe(0)
    expect(await show([one.peer, two.peer], () => two.answer.resolve({}))).toBe(1)
  })

  test('does not count where a page refuses', async () => {
    const [one, two] = [page(), page()]
    expect(
      await show([one.peer, two.peer], () => {
        one.answer.resolve({})
        two.answer.reject(new Error('no'))
      }),
    ).toBe(0)
  })

  test('counts without a page that is gone', async () => {
    const [one, two] = [page(), page()]
    expect(
      await show([one.peer, two.peer], () => {
        one.answer.resolve({})
        two.peer.dismiss('REMOVED')
      }),
    ).toBe(1)
  })

  test('does not count where another page came meanwhile', async () => {
    const [one, two] = [page(), page()]
    expect(
      await show([one.peer], (pages) => {
        pages.push(two.peer)
        one.answer.resolve({})
      }),
    ).toBe(0)
  })

  test('does not count where no page is there at all', async () => {
    const one = page()
    one.peer.lose()
    expect(await show([one.peer], () => undefined)).toBe(0)
    expect(await show([], () => undefined)).toBe(0)
  })

  test('does not ask a page that is still entering, nor wait for it', async () => {
    const [one, entering] = [page(), page(false)]
    expect(await show([one.peer, entering.peer], () => one.answer.resolve({}))).toBe(1)
  })
})

test('the tally adds up what all recorders hold, and forgets those that ended', async () => {
  using metrics = createMetrics()
  const tally = new RecorderTally(metrics)
  const [one, two] = [{}, {}]
  tally.set(one, { streams: 2, withoutPermit: 0 })
  tally.set(two, { streams: 3, withoutPermit: 1 })
  const figure = async (name: string) =>
    new RegExp(`^${name} (\\d+)$`, 'm').exec((await metrics.expose()).text)?.[1]
  expect([
    await figure('assent_recorder_consumers'),
    await figure('assent_recorder_consumers_without_permit'),
  ]).toEqual(['5', '1'])
  tally.remove(two)
  expect([
    await figure('assent_recorder_streams'),
    await figure('assent_recorder_consumers_without_permit'),
  ]).toEqual(['2', '0'])
})
