import { operatorMethods } from '#protocol'
import type { OperatorHandlers } from '#server'

/** What a server answers to its operator; a method that a test does not name is one that it does not ask. */
export const answering = (some: Partial<OperatorHandlers>): OperatorHandlers => {
  const notAsked = () => Promise.reject(new Error('not asked'))
  const all = Object.fromEntries(Object.keys(operatorMethods).map((name) => [name, notAsked]))
  return { ...(all as unknown as OperatorHandlers), ...some }
}
