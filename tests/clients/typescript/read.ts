// Reads the status, a page of variants and a refusal with types that were generated from the schema.

import createClient from "openapi-fetch";
import type { components, paths } from "./build/schema.js";

declare const process: { argv: string[] };

type Variant = components["schemas"]["Variant"];

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

function summary({ label, permalink, positions }: Variant): string {
  const names = (positions ?? []).map(({ member, grouping, stance }) => `${member ?? grouping} ${stance}`);
  return `${label}: ${names.join(", ")} (${permalink})`;
}

const status = await client.GET("/api/v1/status/");
const variants = await client.GET("/api/v1/variants/", { params: { query: { state: "open", page_size: 1 } } });
const refusal = await client.GET("/api/v1/variants/", { params: { query: { member: ["NOBODY"] } } });

console.log(
  JSON.stringify({
    groups: status.data?.small_groups?.map((group) => [group.slug, group.stated?.status_slug]),
    variants: variants.data?.results?.map(summary),
    next: variants.data?.next,
    refusal: [refusal.error?.code, refusal.error?.errors[0]?.field],
  }),
);
