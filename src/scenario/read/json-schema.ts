/** JSON Schema of what a person writes (the input side of a schema), for editors. */
import { z } from 'zod';

/** Names a JSON Schema. */
export interface JsonSchemaNames {
  /** Absolute URI of the schema. */
  readonly id: string;
  readonly title: string;
  readonly description?: string;
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** `schema` as JSON Schema, draft 2020-12; the same schema gives the same text. Throws if it cannot be expressed. */
export function toJsonSchema(schema: z.ZodType, names: JsonSchemaNames): Record<string, unknown> {
  const body = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  const { $schema: _, id: __, title: ___, description, ...rest } = JSON.parse(JSON.stringify(body));
  const about = names.description ?? description;
  return {
    $schema: DIALECT,
    $id: names.id,
    title: names.title,
    ...(about === undefined ? {} : { description: about }),
    ...rest,
  };
}
