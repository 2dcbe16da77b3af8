/**
 * A personal value that cannot slip into a log line, a metric or a JSON body by accident: every implicit conversion
 * shows `[private]`, and each explicit `reveal()` can be searched for and reviewed.
 */
export class Private<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return '[private]'
  }

  toJSON(): string {
    return '[private]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[private]'
  }
}
