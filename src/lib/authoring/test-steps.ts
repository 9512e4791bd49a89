import {BerthError} from '../errors.ts'
import type {Report} from '../progress.ts'

export interface TestStep {
  title: string
  passed: boolean
  /** Why it failed. */
  message: string | null
}

/** False where it failed as something of the package's can; an interruption and a defect go on up. */
export type Step = (title: string, work: () => Promise<void>) => Promise<boolean>

/** Carries out the steps of a test, tells them, and keeps how each went. */
export function stepsOf(test: string, {report, signal}: {report: Report; signal: AbortSignal}) {
  const steps: TestStep[] = []
  const step: Step = async (title, work) => {
    const named = `${test}: ${title}`
    report({type: 'step-started', step: named, title: named})
    try {
      await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof BerthError)) throw error
      report({type: 'step-failed', step: named, title: named, message: error.message})
      steps.push({title, passed: false, message: error.message})
      return false
    }
    report({type: 'step-done', step: named, title: named})
    steps.push({title, passed: true, message: null})
    return true
  }
  return {steps, step}
}
