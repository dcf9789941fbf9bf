// One PostgreSQL connection as a Tx: prepared statements by text, savepoints, types as the house wants them.

import { createHash } from 'node:crypto'
import pg from 'pg'
import { compile } from './sql.ts'
import type { Tx } from './tx.ts'

pg.types.setTypeParser(pg.types.builtins.INT8, Number)

const names = new Map<string, string>()

/** A statement is parsed once per connection: its name is the hash of its text. */
function statementName(text: string): string {
  let name = names.get(text)
  if (!name) {
    name = createHash('sha1').update(text).digest('base64url')
    names.set(text, name)
  }
  return name
}

export function connectionTx(client: pg.ClientBase): Tx {
  let depth = 0
  const query = (strings: TemplateStringsArray, values: unknown[]) => {
    const { text, parameters } = compile(strings, values)
    return client.query({ name: statementName(text), text, values: parameters })
  }
  return {
    async rows(strings, ...values) {
      return (await query(strings, values)).rows
    },
    async one(strings, ...values) {
      return (await query(strings, values)).rows[0]
    },
    async run(strings, ...values) {
      return (await query(strings, values)).rowCount ?? 0
    },
    async nested(work) {
      const savepoint = `s${++depth}`
      await client.query(`savepoint ${savepoint}`)
      try {
        const result = await work()
        await client.query(`release savepoint ${savepoint}`)
        return result
      } catch (error) {
        await client.query(`rollback to savepoint ${savepoint}`)
        throw error
      } finally {
        depth--
      }
    },
  }
}
