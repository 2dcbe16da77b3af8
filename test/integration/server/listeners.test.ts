import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startWorld, writeCertificate, type World } from '../../support/edge.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const handshake = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = connect({
    port: world.server.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket
}
const served = async (): Promise<string> => {
  const socket = await handshake()
  const { fingerprint } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint
}
const messages = () => world.logged.map(({ message }) => message)

test('TLS 1.3 is spoken, 1.2 refused unless the operator lowers it, 1.1 always', async () => {
  const socket = await handshake()
  expect(socket.getProtocol()).toBe('TLSv1.3')
  socket.destroy()
  await expect(handshake({ maxVersion: 'TLSv1.2' })).rejects.toMatchObject({
    code: expect.stringMatching(/PROTOCOL_VERSION/),
  })
  await world[Symbol.asyncDispose]()
  world = await startWorld({ tls: { minVersion: 'TLSv1.2' } })
  const older = await handshake({ maxVersion: 'TLSv1.2' })
  expect(older.getProtocol()).toBe('TLSv1.2')
  older.destroy()
  await expect(
    handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  ).rejects.toThrow()
})

test('plain HTTP on the TLS port gets no answer', async () => {
  await expect(fetch(`http://127.0.0.1:${world.server.port}/`)).rejects.toThrow()
})

test('a new certificate serves whoever comes next; who is connected stays', async () => {
  const client = await world.open(await world.token()).opened()
  const before = await served()
  await writeCertificate(world.folder, 'renewed')
  world.server.reloadCertificate()
  expect(await served()).not.toBe(before)
  expect(messages()).toEqual(['certificate reloaded'])
  expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  world.server.reloadCertificate()
  expect(messages()).toEqual(['certificate reloaded'])
})

test('a certificate that is half replaced or broken changes nothing until it is whole', async () => {
  const before = await served()
  await writeCertificate(world.folder, 'renewed')
  writeFileSync(join(world.folder, 'cert.pem'), 'half')
  world.server.reloadCertificate()
  world.server.reloadCertificate()
  expect(messages()).toEqual(
    Array.from({ length: 2 }, () => 'new certificate not usable; the old one holds'),
  )
  expect(await served()).toBe(before)
  await writeCertificate(world.folder, 'renewed again')
  world.server.reloadCertificate()
  expect(messages().at(-1)).toBe('certificate reloaded')
  expect(await served()).not.toBe(before)
})

test('a port that is taken stops the start with its name, and what was open is closed', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(
    startWorld({ config: { metrics: { host: '127.0.0.1', port } } }),
  ).rejects.toMatchObject({ code: 'PORT_TAKEN', message: `metrics: port ${port} is in use` })
  other.close()
})

test.each([
  [
    'an address that is not ours',
    { listen: { host: '203.0.113.1', port: 0 } },
    /^listen: cannot listen there/,
  ],
  [
    'a certificate that is missing',
    { tls: { certificateFile: '/nowhere', keyFile: '/nowhere', minVersion: 'TLSv1.3' as const } },
    /^tls: /,
  ],
])('%s stops the start with CONFIG_INVALID', async (_, config, message) => {
  await expect(startWorld({ config })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(message),
  })
})
