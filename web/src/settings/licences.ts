/** What is bundled into the page, and on which terms: a test compares with the packages. */
export interface Bundled {
  readonly name: string;
  readonly licence: string;
  readonly home: string;
}

const github = (path: string): string => `https://github.com/${path}`;

export const BUNDLED: readonly Bundled[] = [
  { name: "@bufbuild/protobuf", licence: "Apache-2.0 AND BSD-3-Clause", home: github("bufbuild/protobuf-es") },
  { name: "@codemirror/commands", licence: "MIT", home: github("codemirror/commands") },
  { name: "@codemirror/lang-json", licence: "MIT", home: github("codemirror/lang-json") },
  { name: "@codemirror/lang-yaml", licence: "MIT", home: github("codemirror/lang-yaml") },
  { name: "@codemirror/language", licence: "MIT", home: github("codemirror/language") },
  { name: "@codemirror/search", licence: "MIT", home: github("codemirror/search") },
  { name: "@codemirror/state", licence: "MIT", home: github("codemirror/state") },
  { name: "@codemirror/view", licence: "MIT", home: github("codemirror/view") },
  { name: "@connectrpc/connect", licence: "Apache-2.0", home: github("connectrpc/connect-es") },
  { name: "@connectrpc/connect-web", licence: "Apache-2.0", home: github("connectrpc/connect-es") },
  { name: "@lezer/highlight", licence: "MIT", home: github("lezer-parser/highlight") },
  { name: "@tanstack/react-virtual", licence: "MIT", home: github("TanStack/virtual") },
  { name: "cmdk", licence: "MIT", home: github("pacocoursey/cmdk") },
  { name: "diff", licence: "BSD-3-Clause", home: github("kpdecker/jsdiff") },
  { name: "lucide-react", licence: "ISC", home: github("lucide-icons/lucide") },
  { name: "protobufjs", licence: "BSD-3-Clause", home: github("protobufjs/protobuf.js") },
  { name: "radix-ui", licence: "MIT", home: github("radix-ui/primitives") },
  { name: "react", licence: "MIT", home: github("facebook/react") },
  { name: "react-dom", licence: "MIT", home: github("facebook/react") },
  { name: "wouter", licence: "Unlicense", home: github("molefrog/wouter") },
];
