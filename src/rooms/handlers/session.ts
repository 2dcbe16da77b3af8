import type { Handler } from './index.ts'

export const session = {
  'session.leave': async ({ room, peer }) => {
    room.leave(peer)
    return {}
  },
  'session.ping': async ({ now }) => ({ now }),
} satisfies { 'session.leave': Handler<'session.leave'>; 'session.ping': Handler<'session.ping'> }
