import {errorCodes} from '../src/lib/error-codes.ts'

const MEANING: Record<number, string> = {
  0: 'done; for `--check` commands: nothing to do',
  1: 'a defect of berth: please report it, the message says where the crash report is',
  2: 'usage or validation: your input',
  3: 'not found',
  4: 'refused: in use, locked, forbidden, policy, consent or confirmation missing',
  5: 'cluster, registry or store unreachable: try again',
  6: 'the operation failed; state is as the error says',
  7: 'integrity: digest, signature, backup verification',
  8: '`--check`: there is something to do (updates, drift, backups due)',
  9: 'gave up waiting; the operation goes on or can be resumed',
  130: 'interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP',
}

/** docs/errors.md, from the one table of the code. */
export function errorTable(): string {
  const rows = Object.entries(errorCodes).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    '# Errors and exit codes',
    '',
    '<!-- Made from src/lib/error-codes.ts by `make schemas`. -->',
    '',
    'Every failure has a code that stays. With `--json` it is `error.code` of the one document on stdout; without, it stands at the end of the',
    'message on stderr. Wrong fields are listed in `error.details`, each as `{field, code, message, expected, got}`.',
    '',
    '| exit | meaning |',
    '| --- | --- |',
    ...Object.entries(MEANING).map(([exit, meaning]) => `| ${exit} | ${meaning} |`),
    '',
    '| code | exit | meaning |',
    '| --- | --- | --- |',
    ...rows.map(([code, {exit, summary}]) => `| \`${code}\` | ${exit} | ${summary} |`),
    '',
  ].join('\n')
}
