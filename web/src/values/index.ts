/** What a value is, and how it is shown and typed. The editor, protobuf and hex views are fetched when they are needed. */
export { type Detection, detect, type ValueKind } from "./detect.ts";
export { FORM_LABELS, FORMS, type Form, fromForm, type Parsed, toForm } from "./forms.ts";
export { jsonError } from "./json.ts";
export { ValueReader } from "./ValueReader.tsx";
export { ValueView } from "./ValueView.tsx";
export { type Language, VIEW_LABELS, type View, viewsOf } from "./views.ts";
