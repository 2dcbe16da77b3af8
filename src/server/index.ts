export { createLog, type Log } from './log.ts'
export { startServer, type Server, type ServerOptions } from './start.ts'
export { type Limits, type ServerConfig } from './settings.ts'
export { type Health } from './health.ts'
