/**
 * Packages: reading them from folders and archives, their manifest, their templates, lint, and rendering to Kubernetes objects.
 */
export {buildArchive, digestOf} from './archive.ts'
export {checkTemplates} from './check-templates.ts'
export type {EndpointAddress, ResolvedEndpoint} from './endpoints.ts'
export {resolveEndpoints} from './endpoints.ts'
export {initPackage} from './init.ts'

export {limits as packageLimits} from './limits.ts'
export {lintPackage} from './lint.ts'
export {loadArchive, loadFolder, packageFromFiles} from './load.ts'
export type {ParsedManifest} from './manifest.ts'
export {parseManifest} from './manifest.ts'
export {manifestSchema} from './manifest-schema.ts'
export type {Reach} from './needs.ts'
export {findReaches} from './needs.ts'

export {renderPackage} from './render.ts'
export {revealSecret} from './secrets.ts'
export type {ShownTexts} from './shown.ts'
export {evaluateTaskCondition, renderShown} from './shown.ts'
export type * from './types.ts'
