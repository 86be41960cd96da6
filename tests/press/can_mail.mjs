// Reads a mail's HTML on standard input; prints what caniemail's data says against it, as JSON:
// {feature: {level: "none" | "partial", clients: [...]}} for Gmail, Outlook, Apple Mail and Yahoo.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const need = createRequire(pathToFileURL(process.argv[2] + "/"));
const { caniemail } = await import(pathToFileURL(need.resolve("caniemail")).href);
const clients = ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*"];
const { issues } = caniemail({ clients, html: readFileSync(0, "utf8") });
const out = {};
for (const [level, byClient] of [["none", issues.errors], ["partial", issues.warnings]]) {
  for (const [client, found] of byClient) {
    for (const one of found) {
      const told = (out[one.title] ??= { level, clients: [] });
      if (!told.clients.includes(client)) told.clients.push(client);
    }
  }
}
process.stdout.write(JSON.stringify(out));
