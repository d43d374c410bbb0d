/**
 * `<etcd-playground>`: an etcd and a console for pages that explain or demonstrate something. See element.tsx for
 * its attributes.
 */
import { EtcdPlayground } from "./element.tsx";

if (customElements.get("etcd-playground") === undefined) customElements.define("etcd-playground", EtcdPlayground);
