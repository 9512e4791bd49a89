/** Made by `build/bundle.ts`: the manifest inlined, each command behind a dynamic import. */
declare module 'berth:program' {
  export const program: import('../src/cli/plugin.ts').Program
}
