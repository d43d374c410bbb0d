import module from "node:module";
import { join } from "node:path";

/**
 * Has Node keep what it compiles for the next start, which it then begins with: in the user's own folder, as what is
 * kept is run, and anybody may write to the system's for temporary files. Where there is none, or it cannot be
 * written, all is as it would be without. Who says NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE is heeded by Node.
 */
export function rememberCompiled({ env, platform }: Pick<NodeJS.Process, "env" | "platform">): void {
  const cache = cacheFolder(env, platform);
  // Only Node has it.
  if (cache === undefined || module.enableCompileCache === undefined) return;
  const folder = join(cache, "etcdlite");
  module.enableCompileCache(folder);
  // For the threads, which look there as they start.
  env.NODE_COMPILE_CACHE ??= folder;
}

function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA, HOME }: NodeJS.ProcessEnv, platform: string): string | undefined {
  if (platform === "win32") return LOCALAPPDATA;
  return XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
}
