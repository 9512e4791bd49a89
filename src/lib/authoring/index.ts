/** What authors of packages do: begin one, look at what it would make, build its archive. Needs no cluster. */
export {type BuiltPackage, buildPackage} from './build.ts'
export {type CreatedPackage, createPackage, type InitForm, initForm} from './create.ts'
export {type DevelopedPackage, developPackage} from './develop.ts'
export {fixPackage} from './fix.ts'
export {type LintedPackage, lint, servedKinds} from './lint.ts'
export {type Preview, type PreviewOptions, previewPackage} from './preview.ts'
export {checksSchema} from './test-cases.ts'
export {type TestedPackage, testPackage} from './test-package.ts'
