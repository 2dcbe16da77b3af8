import { z } from 'zod'

// A page's content policy forbids code made from text, and reports even the attempt. Set before any schema is made: every
// file of the protocol takes `z` from here.
if ('document' in globalThis) z.config({ jitless: true })

export { z }
