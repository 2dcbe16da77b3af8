import { expect, test } from 'vitest'
import { givenTrust, type GivenTrust } from '../../../client/verifier/given-trust.ts'

const page = (textContent: string | null) => ({
  getElementById: (id: string) =>
    id === 'trust' && textContent !== null ? ({ textContent } as HTMLElement) : null,
})

test.each<[string, string | null, GivenTrust | null]>([
  ['given out by a server', '{"host":"a.example","policy":"log x\\n"}', { host: 'a.example', policy: 'log x\n' }],
  ['as it was built', 'null', null],
  ['without the block', null, null],
  ['with half of it', '{"host":"a.example"}', null],
  ['with something else in it', '{"host":1,"policy":"log x\\n"}', null],
  ['with a list in it', '[]', null],
])('a page %s', (_what, block, trust) => {
  expect(givenTrust(page(block))).toEqual(trust)
})
