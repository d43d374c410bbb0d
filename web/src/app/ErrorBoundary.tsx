import { Component, type ReactNode } from "react";
import { Button, EmptyState } from "../ui/index.ts";

/** A part that failed says so in its place; the rest of the page goes on. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <EmptyState
        title="This part of the page failed"
        actions={<Button onClick={() => this.setState({ error: undefined })}>Try again</Button>}
      >
        {error instanceof Error ? error.message : String(error)}
      </EmptyState>
    );
  }
}
