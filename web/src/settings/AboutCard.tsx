import { Facts } from "../status/Facts.tsx";
import { BUNDLED } from "./licences.ts";
import { PAGE_VERSION } from "./version.ts";

/** Version, licence, and what the page is made of. */
export function AboutCard() {
  return (
    <section className="card" aria-label="About">
      <h2>About</h2>
      <Facts
        facts={[
          ["Page", `etcdlite ${PAGE_VERSION}`],
          ["Licence", "Apache-2.0"],
        ]}
      />
      <details>
        <summary>Bundled software and its licences</summary>
        <ul className="settings-licences">
          {BUNDLED.map(({ name, licence, home }) => (
            <li key={name}>
              <a href={home} target="_blank" rel="noreferrer">
                {name}
              </a>{" "}
              <span className="muted">{licence}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
