import { expect, test } from 'vitest'
import { RtpCapabilities, Sha256 } from '#protocol'
import { joinParams, subprotocols, type Entrance } from '../../../client/sdk/entrance.ts'

const entrance: Entrance = {
  url: 'wss://calls.example/signal',
  token: 'aa.bb.cc',
  router: Sha256.parse('1'.repeat(64)),
  capabilities: RtpCapabilities.parse({ codecs: [], headerExtensions: [] }),
  capabilitiesSha256: Sha256.parse('2'.repeat(64)),
  name: 'Zoë 👋 ÿþ??>>',
  resume: null,
  freshMedia: false,
}

test('the token and the join are offered beside the protocol itself, in that order', () => {
  const [protocol, token, join = ''] = subprotocols(entrance)
  expect([protocol, token]).toEqual(['assent.v1', 'assent.jwt.aa.bb.cc'])
  // RFC 9110 §5.6.2: a subprotocol is a token; padding and slashes are none.
  expect(join).toMatch(/^assent\.join\.[A-Za-z0-9_-]+$/)
  const json = Buffer.from(join.slice('assent.join.'.length), 'base64url').toString('utf8')
  expect(JSON.parse(json)).toEqual({
    router: entrance.router,
    name: entrance.name,
    capabilities: entrance.capabilitiesSha256,
  })
})

test('every length of join survives without padding', () => {
  for (const name of ['a', 'ab', 'abc', 'abcd']) {
    const [, , join = ''] = subprotocols({ ...entrance, name })
    const json = Buffer.from(join.slice('assent.join.'.length), 'base64url').toString('utf8')
    expect(JSON.parse(json)).toMatchObject({ name })
  }
})

test('the first message carries the capabilities in full, and the secret of the connection before', () => {
  expect(joinParams({ ...entrance, name: null, resume: 'secret', freshMedia: true })).toEqual({
    router: entrance.router,
    resume: 'secret',
    freshMedia: true,
    capabilities: entrance.capabilities,
  })
})
