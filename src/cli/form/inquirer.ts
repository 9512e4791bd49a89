/** The prompts that we use, and not all: the editor's would bring every character set there is into the bundle. */
export {confirm, search, select} from '@inquirer/prompts'
export {textPrompt} from './text-prompt.ts'
