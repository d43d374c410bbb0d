/** The state as a colour, beside the word that says it. */
export function PhaseDot({ phase }: { readonly phase: string }) {
  return <span className="watch-dot" data-phase={phase} aria-hidden />;
}
