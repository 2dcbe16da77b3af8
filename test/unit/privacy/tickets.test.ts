import { expect, test } from 'vitest'
import { Private } from '#protocol'
import { Tickets } from '../../../src/privacy/tickets.ts'

const ticketOf = (account: string) => ({
  asking: {
    who: { issuer: 'https://id.example', subject: new Private(account) },
    actor: { how: 'page', by: null } as const,
  },
  lang: 'en' as const,
})
const whose = (ticket: ReturnType<Tickets['redeem']>) => ticket?.asking.who.subject.reveal()

test('a ticket is good once', () => {
  const tickets = new Tickets()
  const { ticket } = tickets.issue(ticketOf('alice'), 0)
  expect(whose(tickets.redeem(ticket, 1))).toBe('alice')
  expect(tickets.redeem(ticket, 2)).toBe(null)
})

test('for a minute and no longer', () => {
  const tickets = new Tickets()
  const { ticket, expiresInMs } = tickets.issue(ticketOf('alice'), 1000)
  expect(expiresInMs).toBe(60_000)
  expect(tickets.redeem(ticket, 61_000)).toBe(null)
  const { ticket: other } = tickets.issue(ticketOf('alice'), 1000)
  expect(whose(tickets.redeem(other, 60_999))).toBe('alice')
})

test('for who asked for it, whatever others ask for', () => {
  const tickets = new Tickets()
  const [a, b] = [tickets.issue(ticketOf('alice'), 0), tickets.issue(ticketOf('bob'), 0)]
  expect(whose(tickets.redeem(b.ticket, 1))).toBe('bob')
  expect(whose(tickets.redeem(a.ticket, 1))).toBe('alice')
})

test('cannot be guessed: 256 bits, and nothing else is taken for one', () => {
  const tickets = new Tickets()
  const issued = Array.from({ length: 50 }, () => tickets.issue(ticketOf('alice'), 0).ticket)
  expect(new Set(issued).size).toBe(50)
  for (const ticket of issued) expect(ticket).toMatch(/^[\w-]{43}$/)
  expect(tickets.redeem('', 0)).toBe(null)
  expect(tickets.redeem('constructor', 0)).toBe(null)
})

test('a thousand are open at most; the oldest goes', () => {
  const tickets = new Tickets()
  const first = tickets.issue(ticketOf('alice'), 0)
  const second = tickets.issue(ticketOf('bob'), 0)
  for (let i = 0; i < 999; i++) tickets.issue(ticketOf('eve'), 0)
  expect(tickets.redeem(first.ticket, 1)).toBe(null)
  expect(whose(tickets.redeem(second.ticket, 1))).toBe('bob')
})
