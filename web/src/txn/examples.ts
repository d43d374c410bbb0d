/** Transactions to start from, as etcdctl's text. */
export interface Example {
  readonly title: string;
  readonly hint: string;
  readonly text: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    title: "Compare and swap",
    hint: "Change a value only if it is what you think it is; otherwise read what it is.",
    text: `value("/config/mode") = "blue"

put "/config/mode" "green"

get "/config/mode"

`,
  },
  {
    title: "Create if absent",
    hint: "A key that does not exist has create revision 0.",
    text: `create("/locks/job") = "0"

put "/locks/job" "me"

get "/locks/job"

`,
  },
  {
    title: "Atomic move",
    hint: "The value goes from one key to another, and nobody sees both or none.",
    text: `value("/inbox/1") = "letter"
create("/archive/1") = "0"

put "/archive/1" "letter"
del "/inbox/1"

get "/inbox/1"
get "/archive/1"

`,
  },
  {
    title: "Write only if unchanged",
    hint: "The mod revision that was read guards everything under a key that changes with it.",
    text: `mod("/app/version") < "100"

put "/app/version" "2"
put "/app/flags/new" "on"
get --prefix "/app/"

get "/app/version"

`,
  },
];
