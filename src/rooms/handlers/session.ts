import type { Handler } from './index.ts'

export const session = {
  'session.leave': async ({ room, peer }) => {
    room.leave(peer)
    return {}
  },
  'session.ping': async ({ now }) => ({ now }),
  'session.bind': async ({ room, peer }, params) => ({
    consistency: await room.evidence.bind(peer, params),
  }),
} satisfies {
  'session.leave': Handler<'session.leave'>
  'session.ping': Handler<'session.ping'>
  'session.bind': Handler<'session.bind'>
}
