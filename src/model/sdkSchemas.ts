// Loads only the Smithy schemas of an SDK package, not its client: a tenth of the time and a third of the memory.

import { readdirSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * Everything that the schema files of `@aws-sdk/client-...` export, by name (`CreateBranch$`, `BranchInfo$` ...).
 * They are ES modules with extensionless imports, made for bundlers: a resolve hook, in place only during the load, adds the `.js`.
 */
export function loadSdkSchemas(packageName: string): Record<string, unknown> {
  const folder = join(dirname(require.resolve(`${packageName}/package.json`)), 'dist-es', 'schemas')
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const bare = specifier.startsWith('.') && !specifier.endsWith('.js')
      return next(bare && context.parentURL?.includes('/dist-es/') ? `${specifier}.js` : specifier, context)
    },
  })
  try {
    const files = readdirSync(folder).filter(file => /^schemas_\d+\.js$/.test(file))
    return Object.assign({}, ...files.map(file => require(join(folder, file))))
  } finally {
    hooks.deregister()
  }
}
