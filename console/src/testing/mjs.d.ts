declare module "*/check-lock.mjs" {
  export function problemsOf(lock: unknown): string[];
}

declare module "*/check-files.mjs" {
  export function problemsOf(path: string, text: string): string[];
}
