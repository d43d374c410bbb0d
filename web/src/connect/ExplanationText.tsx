import { Button, CopyButton } from "../ui/index.ts";
import type { Explanation } from "./explain.ts";

interface Props {
  readonly explanation: Explanation;
  readonly onTry: (url: string) => void;
}

/** What to do about a connection that failed. */
export function ExplanationText({ explanation, onTry }: Props) {
  const { detail, command, tryUrl, openUrl } = explanation;
  return (
    <>
      <p>{detail}</p>
      {command !== undefined && (
        <div className="row connect-command">
          <code>{command}</code>
          <CopyButton text={command} label="Copy the command" />
        </div>
      )}
      <div className="row row-wrap">
        {tryUrl !== undefined && (
          <Button small onClick={() => onTry(tryUrl)}>
            Use {tryUrl}
          </Button>
        )}
        {openUrl !== undefined && (
          <a href={openUrl} target="_blank" rel="noreferrer">
            Open {openUrl} in another tab
          </a>
        )}
      </div>
    </>
  );
}
